"""A browser and a relying party for tests: they sign in at the provider of openid_provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from joinedup.identity import (
    Documents,
    IdentityAnswer,
    MemoryPendingSignIns,
    OneLogin,
    OneLoginClient,
    OneLoginEnvironment,
    SignedIn,
    SignInStart,
)
from joinedup.ports import HttpxClient, SetClock
from support.openid_provider import TestProvider
from support.signing_keys import rsa_key

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@dataclass
class Browser:
    """One browser: follows where it is sent, and holds the sign-ins that it began."""

    http: HttpxClient
    pendings: MemoryPendingSignIns = field(default_factory=MemoryPendingSignIns)

    def go(self, start: SignInStart) -> str:
        """Keep the sign-in, go to the provider, and come back with the query of its answer."""
        self.pendings.put(start.pending)
        answer = self.http.get(start.url)
        assert answer.status == 302, answer.body
        return urlsplit(answer.headers["location"]).query


@dataclass
class Citizen:
    """A browser and our side of One Login, against one provider."""

    op: TestProvider
    one_login: OneLogin
    browser: Browser
    clock: SetClock

    def sign_in(self) -> SignedIn:
        """The first step, both ways."""
        return self.one_login.finish(self.browser.go(self.one_login.begin_sign_in()), self.browser.pendings)

    def prove(self) -> IdentityAnswer:
        """Both steps."""
        return self.prove_after(self.sign_in())

    def prove_after(self, signed_in: SignedIn) -> IdentityAnswer:
        """The second step, by one who is signed in."""
        start = self.one_login.begin_identity(subject=signed_in.subject)
        return self.one_login.identity(self.one_login.finish(self.browser.go(start), self.browser.pendings))


def citizen(op: TestProvider, *, http: HttpxClient, clock: SetClock) -> Citizen:
    """A citizen of a provider that runs with the client's key `client-1`."""
    client = OneLoginClient(
        client_id=op.client.client_id,
        redirect_uri=next(iter(op.client.redirect_uris)),
        post_logout_redirect_uri=next(iter(op.client.post_logout_redirect_uris)),
    )
    environment = OneLoginEnvironment(
        issuer=op.issuer,
        identity_issuer=op.provider.identity_issuer,
        did_url=op.did_url,
        trustmark_url=op.provider.url("trustmark"),
    )
    one_login = OneLogin(
        client,
        environment,
        http=http,
        documents=Documents(http=http, clock=clock),
        clock=clock,
        signing_key=lambda: rsa_key("client-1"),
    )
    return Citizen(op=op, one_login=one_login, browser=Browser(http), clock=clock)
