"""The staff OpenID Connect provider of the settings, as `joinedup.identity` speaks to it."""

from __future__ import annotations

import re
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from joinedup import ports
from joinedup.identity import (
    ClientAuthentication,
    Documents,
    PendingSignIn,
    Provider,
    RelyingParty,
    SigningKey,
)
from joinedup_web.audit.keys import key_store
from joinedup_web.gate.network import http_client

KEY = "staff_provider_sign_ins"
MOST = 5
_ENTRA = re.compile(r"https://login\.microsoftonline\.com/([0-9a-f-]{36})/v2\.0")


@cache
def relying_party() -> RelyingParty:
    """Return ourselves as the provider's client. Only where settings.JOINEDUP.staff_provider is set."""
    chosen = settings.JOINEDUP.staff_provider
    secret = chosen.client_secret or ""
    way = ClientAuthentication.CLIENT_SECRET_POST if secret else ClientAuthentication.PRIVATE_KEY_JWT
    provider = Provider(
        issuer=chosen.issuer,
        client_id=chosen.client_id,
        redirect_uri=f"{settings.JOINEDUP.url}{reverse('accounts:provider_return')}",
        authentication=way,
        client_secret=secret,
        id_token_algorithms=frozenset({"RS256", "PS256", "ES256"}),
    )
    http, clock = http_client(), ports.SystemClock()
    return RelyingParty(
        provider,
        http=http,
        documents=Documents(http=http, clock=clock),
        clock=clock,
        signing_key=None if secret else _signing_key,
    )


def tenant() -> str:
    """The tenant where the provider is Entra ID, whose people are known by their object id; else nothing."""
    found = _ENTRA.fullmatch(settings.JOINEDUP.staff_provider.issuer)
    return found[1] if found else ""


class SessionSignIns:
    """Sign-ins that this browser began, kept in its session; each is taken once."""

    def __init__(self, request: HttpRequest) -> None:
        self._session = request.session

    def put(self, pending: PendingSignIn) -> None:
        """Keep it; the oldest goes where there are more than five."""
        kept = dict(list(self._session.get(KEY, {}).items())[-(MOST - 1) :])
        kept[pending.state] = pending.as_dict()
        self._session[KEY] = kept

    def take(self, state: str) -> PendingSignIn | None:
        """Remove it and give it, durably before anything else happens; None where there is none."""
        kept = dict(self._session.get(KEY, {}))
        found = kept.pop(state, None)
        if found is None:
            return None
        self._session[KEY] = kept
        self._session.save()
        return PendingSignIn.from_dict(found)


def _signing_key() -> SigningKey:
    store = key_store()
    if isinstance(store, ports.FileKeyStore):
        ports.make_missing_keys(store, on=timezone.now(), purposes=(ports.KeyPurpose.STAFF_CLIENT,))
    return store.current(ports.KeyPurpose.STAFF_CLIENT)
