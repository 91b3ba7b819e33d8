"""Staff who can really sign in, for tests of the pages of signing in."""

from __future__ import annotations

import pyotp
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from joinedup_web.accounts.actions.sign_in import app_context
from joinedup_web.accounts.keys import sealed
from joinedup_web.accounts.models import AuthenticatorApp, StaffUser
from joinedup_web.audit.models import Event

PASSWORD = "correct horse battery staple"
_HASHED: list[str] = []


def with_password(user: StaffUser) -> StaffUser:
    """Give somebody the password of these tests."""
    if not _HASHED:
        _HASHED.append(make_password(PASSWORD))
    user.password = _HASHED[0]
    user.save()
    return user


def with_app(user: StaffUser) -> str:
    """Give somebody an authenticator app that counts; returns its secret."""
    secret = pyotp.random_base32()
    AuthenticatorApp.objects.create(
        user=user, secret=sealed(secret, context=app_context(user.id)), confirmed_at=timezone.now()
    )
    return secret


def code_of(secret: str, *, steps: int = 0) -> str:
    """The code that the app shows now, or some steps of 30 seconds from now."""
    return pyotp.TOTP(secret).at(timezone.now(), counter_offset=steps)


def give_password(client: Client, email: str, password: str = PASSWORD, **more: str):
    """Fill in the first page of signing in."""
    return client.post("/staff/sign-in", {"email": email, "password": password, **more})


def open_link(client: Client, path: str):
    """Open a link out of a message; the token goes into the session and the browser to an address without it."""
    first = client.get(path)
    assert first.status_code == 302
    assert path.rsplit("/", 1)[1] not in first["Location"]
    return client.get(first["Location"])


def kinds(*names: str) -> list[str]:
    """The kinds of all events so far, or of those named, in order."""
    rows = Event.objects.order_by("number")
    return list((rows.filter(kind__in=names) if names else rows).values_list("kind", flat=True))


def last_event(kind: str) -> dict:
    """The fields of the last event of a kind."""
    return Event.objects.filter(kind=kind).order_by("-number").first().fields
