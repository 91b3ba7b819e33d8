"""GOV.UK One Login as this site uses it: the library's `OneLogin`, made once a process from the settings.

In a demonstration it is the built-in provider of this very site (demonstration/one_login.py), over HTTP like any
other. Without a client id there is no sign-in for citizens.
"""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from joinedup import ports
from joinedup.identity import Documents, Language, OneLogin, OneLoginClient, OneLoginEnvironment, SigningKey
from joinedup.settings import OneLogin as Chosen
from joinedup_web.audit.keys import key_store
from joinedup_web.gate.network import http_client
from joinedup_web.identity.stores import DatabaseDocuments

DEMONSTRATION_CLIENT = "joinedup-demonstration"
DEMONSTRATION_PATH = "/demonstration/one-login/"


def chosen() -> Chosen | None:
    """The provider that citizens sign in with; None where they cannot."""
    if settings.JOINEDUP.is_demonstration:
        issuer = f"{settings.JOINEDUP.url}{DEMONSTRATION_PATH}"
        return Chosen(
            client_id=DEMONSTRATION_CLIENT,
            issuer=issuer,
            identity_issuer=f"{issuer}identity/",
            did_url=f"{issuer}.well-known/did.json",
        )
    found: Chosen | None = settings.JOINEDUP.one_login
    return found


def one_login() -> OneLogin:
    """The relying party. Only where `chosen` is one."""
    where = chosen()
    assert where is not None
    return _made(where, settings.JOINEDUP.url)


def origin() -> str:
    """Scheme and host of the provider, which forms that lead there must be allowed to send to; "" for none."""
    where = chosen()
    if where is None:
        return ""
    parts = urlsplit(where.issuer)
    return f"{parts.scheme}://{parts.netloc}"


def language_of(request: HttpRequest) -> Language:
    """The language of the provider's pages: that of ours."""
    return Language.WELSH if getattr(request, "LANGUAGE_CODE", "") == "cy" else Language.ENGLISH


def client_keys() -> tuple[SigningKey, ...]:
    """Our keys that others may know: next, current, and previous while they last. Made first where we may."""
    purposes = []
    if chosen() is not None:
        purposes.append(ports.KeyPurpose.ONE_LOGIN_CLIENT)
    staff = settings.JOINEDUP.staff_provider
    if staff is not None and not staff.client_secret:
        purposes.append(ports.KeyPurpose.STAFF_CLIENT)
    now, store = timezone.now(), _store(*purposes)
    return tuple(key for purpose in purposes for key in store.all(purpose) if key.is_usable(on=now))


@cache
def _made(where: Chosen, url: str) -> OneLogin:
    clock, http = ports.SystemClock(), _http()
    return OneLogin(
        OneLoginClient(
            client_id=where.client_id,
            redirect_uri=f"{url}{reverse('identity:come_back')}",
            post_logout_redirect_uri=f"{url}{reverse('identity:signed_out')}",
        ),
        OneLoginEnvironment(
            issuer=where.issuer,
            identity_issuer=where.identity_issuer,
            did_url=where.did_url,
            trustmark_url=f"{where.issuer.rstrip('/')}/trustmark",
        ),
        http=http,
        documents=Documents(http=http, clock=clock, cache=DatabaseDocuments()),
        clock=clock,
        signing_key=_signing_key,
    )


@cache
def _http() -> ports.HttpxClient:
    return http_client()


def _signing_key() -> SigningKey:
    return _store(ports.KeyPurpose.ONE_LOGIN_CLIENT).current(ports.KeyPurpose.ONE_LOGIN_CLIENT)


def _store(*purposes: ports.KeyPurpose) -> ports.KeyStore:
    """The site's keys; in a folder of our own, those purposes' keys are made where they are lacking."""
    store = key_store()
    if isinstance(store, ports.FileKeyStore):
        ports.make_missing_keys(store, on=timezone.now(), purposes=purposes)
    return store
