"""Organisations, staff and their sessions for tests of the website."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.test import Client
from django.utils import timezone

from joinedup_web.accounts.models import (
    Membership,
    Organisation,
    Role,
    SignInMethod,
    StaffSession,
    StaffUser,
)
from joinedup_web.accounts.sessions import AUTHENTICATED, ORGANISATION, USER, actor_of
from joinedup_web.accounts.tokens import digest_of
from joinedup_web.gate.actor import Actor


def organisation(name: str = "Northshire Council", kind: str = "council") -> Organisation:
    """An organisation, made once by its name."""
    return Organisation.objects.get_or_create(name=name, defaults={"kind": kind})[0]


def staff(*roles: str, where: Organisation | None = None, email: str | None = None) -> StaffUser:
    """A member of staff with shipped roles: platform roles over all, others in `where` (Northshire by default)."""
    number = StaffUser.objects.count() + 1
    user = StaffUser.objects.create_user(email or f"person{number}@example.test", f"Person {number}")
    place = where or organisation()
    for code in roles:
        role = Role.objects.get(code=code, organisation=None)
        Membership.objects.create(user=user, organisation=None if role.platform else place, role=role)
    return user


def acting(user: StaffUser, where: Organisation | None = None) -> Actor:
    """The same person as an actor in an organisation."""
    actor = actor_of(user.id, organisation_id=(where or organisation()).id)
    assert actor is not None
    return actor


def sign_in(
    client: Client, user: StaffUser, where: Organisation | None = None, *, at: datetime | None = None
) -> UUID:
    """Give the client this person's staff session, without the pages of signing in. Returns the organisation."""
    from django.contrib.sessions.backends.db import SessionStore

    place = (where or organisation()).id
    now = timezone.now()
    session = SessionStore()
    session[USER], session[ORGANISATION] = str(user.id), str(place)
    session[AUTHENTICATED] = (at or now).isoformat()
    session.save()
    StaffSession.objects.create(
        user=user,
        key_digest=digest_of(session.session_key),
        method=SignInMethod.PASSKEY,
        browser="Firefox on Linux",
        started_at=now,
        last_seen_at=now,
    )
    client.cookies["joinedup_staff"] = session.session_key
    return place
