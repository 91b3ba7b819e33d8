"""Citizens for tests of the website: a browser (Django's test client) that signs in at a provider of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.utils import timezone

from joinedup.ports import HttpxClient, KeyPurpose, make_missing_keys
from joinedup.settings import OneLogin
from joinedup_web.audit.keys import key_store
from joinedup_web.audit.models import Event
from support.openid_provider import TestProvider, running_provider


@dataclass
class CitizenBrowser:
    """One browser, and the provider that it is sent to."""

    op: TestProvider
    http: HttpxClient
    client: Client = field(default_factory=Client)

    def leave(self, address: str = "/account/sign-in/start") -> str:
        """Go to the provider, sign in there, and return the address on our side that it leads back to."""
        begun = self.client.get(address)
        assert begun.status_code == 302, begun.status_code
        answer = self.http.get(begun["Location"])
        assert answer.status == 302, answer.body
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    def sign_in(self) -> Any:
        """The first step; returns our answer to coming back."""
        return self.client.get(self.leave())

    def prove(self) -> Any:
        """The second step, for one who is signed in."""
        return self.client.get(self.leave("/account/identity/start"))

    def page(self, address: str = "/account/") -> str:
        """A page's text."""
        return self.client.get(address).content.decode()

    def is_signed_in(self) -> bool:
        """Whether the account page opens."""
        return self.client.get("/account/").status_code == 200


@contextmanager
def provider_of(settings: Any) -> Iterator[TestProvider]:
    """A provider at which this site is registered, and the site's settings pointing to it."""
    make_missing_keys(key_store(), on=timezone.now(), purposes=(KeyPurpose.ONE_LOGIN_CLIENT,))
    url = settings.JOINEDUP.url
    with running_provider(
        redirect_uri=f"{url}/account/return",
        post_logout_redirect_uri=f"{url}/account/signed-out",
        client_keys=key_store().all(KeyPurpose.ONE_LOGIN_CLIENT),
    ) as op:
        settings.JOINEDUP = replace(
            settings.JOINEDUP,
            one_login=OneLogin(
                client_id=op.client.client_id,
                issuer=op.issuer,
                identity_issuer=op.provider.identity_issuer,
                did_url=op.did_url,
            ),
        )
        yield op


def citizen_events() -> list[tuple[str, dict[str, Any]]]:
    """Kind and fields of every event about citizens, in the order of writing."""
    rows = Event.objects.filter(kind__startswith="citizen.").order_by("number")
    return [(row.kind, row.fields) for row in rows]
