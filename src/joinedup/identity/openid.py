"""Signing in through an OpenID provider: the relying party's side, the same for citizens and for staff.

Authorization code flow with PKCE (RFC 7636), state, nonce and a checked issuer (RFC 9207); the code is
exchanged with a private key or a secret. one_login and staff_openid put their own rules on top.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast
from urllib.parse import parse_qsl, quote_plus, urlencode

from joinedup.errors import ServiceError, UsageError
from joinedup.ports.clock import Clock
from joinedup.ports.http import HttpAnswer, HttpClient

from . import tokens
from .checks import ReplayGuard
from .claims import Subject
from .documents import Documents
from .faults import FaultCode, IdentityFault
from .id_token import CODES as ID_TOKEN
from .id_token import check_id_token
from .logout import LogoutNotice, LogoutStart, check_logout_token, logout_start
from .pending import PendingSignIn, PendingSignIns
from .provider import ClientAuthentication, Endpoints, Provider, endpoints, published_keys
from .tokens import Claims, Json, SigningKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME = timedelta(minutes=5)

# What a provider may answer in place of a code (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6).
_ERRORS = {
    "access_denied": FaultCode.ACCESS_DENIED,
    "temporarily_unavailable": FaultCode.TEMPORARILY_UNAVAILABLE,
    "server_error": FaultCode.PROVIDER_SERVER_ERROR,
    "login_required": FaultCode.LOGIN_REQUIRED,
    "interaction_required": FaultCode.INTERACTION_REQUIRED,
    "account_selection_required": FaultCode.INTERACTION_REQUIRED,
    "consent_required": FaultCode.INTERACTION_REQUIRED,
    "invalid_request": FaultCode.REQUEST_REJECTED,
    "invalid_scope": FaultCode.REQUEST_REJECTED,
    "unauthorized_client": FaultCode.REQUEST_REJECTED,
    "unsupported_response_type": FaultCode.REQUEST_REJECTED,
    "request_not_supported": FaultCode.REQUEST_REJECTED,
}


@dataclass(frozen=True)
class Ask:
    """What to ask of the provider. extra: further parameters (vtr, claims, ui_locales, prompt).

    max_age: how many seconds ago the person may have signed in at most. expected_subject: who must come back.
    purpose and return_to: kept with the pending sign-in for the caller.
    """

    scopes: Sequence[str] = ("openid",)
    extra: Mapping[str, str] = field(default_factory=dict)
    max_age: int | None = None
    expected_subject: str = field(default="", repr=False)
    purpose: str = ""
    return_to: str = field(default="", repr=False)


@dataclass(frozen=True)
class SignInStart:
    """Where to send the browser, and what to keep until it is back."""

    url: str = field(repr=False)
    pending: PendingSignIn


@dataclass(frozen=True)
class SignedIn:
    """A sign-in of which everything was checked.

    id_token: kept for logout alone. access_token: for userinfo, within minutes; not kept. session_id: the
    provider's own (`sid`), empty where it has none.
    """

    subject: Subject
    claims: Claims = field(repr=False)
    id_token: str = field(repr=False)
    access_token: str = field(repr=False)
    pending: PendingSignIn
    session_id: str = field(default="", repr=False)


class RelyingParty:
    """Us, as one provider's client. Holds no state of its own; may be shared by threads.

    signing_key: gives the key to sign assertions with, each time anew, so that a rotation needs no restart;
    needed for private_key_jwt. random: gives that many bytes as text fit for a URL.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        http: HttpClient,
        documents: Documents,
        clock: Clock,
        signing_key: Callable[[], SigningKey] | None = None,
        random: Callable[[int], str] = secrets.token_urlsafe,
    ) -> None:
        if provider.authentication is ClientAuthentication.PRIVATE_KEY_JWT and signing_key is None:
            raise UsageError(
                what="no key to sign with", where=provider.issuer, mend="give the key store's client key"
            )
        self.provider, self.documents, self.clock = provider, documents, clock
        self._http, self._signing_key, self._random = http, signing_key, random

    def endpoints(self) -> Endpoints:
        """Where the provider is to be asked, as it says itself."""
        return endpoints(self.provider, self.documents)

    def begin(self, ask: Ask) -> SignInStart:
        """Where to send the browser. Keep `pending` in that browser's own store before sending it.

        Raises IdentityFault: discovery_unavailable, discovery_malformed, request_too_long.
        """
        pending = PendingSignIn(
            issuer=self.provider.issuer,
            state=self._random(32),
            nonce=self._random(32),
            code_verifier=self._random(48),
            started_at=self.clock.now(),
            purpose=ask.purpose,
            max_age=ask.max_age,
            expected_subject=ask.expected_subject,
            return_to=ask.return_to,
        )
        query = {
            **ask.extra,
            "response_type": "code",
            "scope": " ".join(ask.scopes),
            "client_id": self.provider.client_id,
            "redirect_uri": self.provider.redirect_uri,
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": code_challenge(pending.code_verifier),
            "code_challenge_method": "S256",
        }
        if ask.max_age is not None:
            query["max_age"] = str(ask.max_age)
        text = urlencode(query)
        if self.provider.longest_request is not None and len(text) >= self.provider.longest_request:
            raise IdentityFault(FaultCode.REQUEST_TOO_LONG, what="the request to the provider is too long")
        return SignInStart(url=_with_query(self.endpoints().authorization, text), pending=pending)

    def finish(self, query: str, pendings: PendingSignIns) -> SignedIn:
        """The sign-in that the browser brings back. query: as it stands in the address, undecoded.

        The pending sign-in is taken out first, so that the same answer cannot be brought twice.
        Raises IdentityFault; every code of the first, second, third and fourth group may come.
        """
        answer = _parameters(query)
        pending = pendings.take(answer.get("state", ""))
        if pending is None or not hmac.compare_digest(
            pending.state.encode(), answer.get("state", "").encode()
        ):
            raise IdentityFault(FaultCode.STATE_UNKNOWN, what="this browser did not begin that sign-in")
        try:
            return self._judge(answer, pending)
        except IdentityFault as fault:
            fault.purpose = pending.purpose
            raise

    def userinfo(self, signed_in: SignedIn) -> Claims:
        """What the provider tells of the person. IdentityFault with a userinfo code."""
        url = self.endpoints().userinfo
        if not url:
            raise IdentityFault(FaultCode.USERINFO_UNAVAILABLE, what="the provider has no userinfo")
        try:
            answer = self._http.get(url, headers={"Authorization": f"Bearer {signed_in.access_token}"})
        except ServiceError as error:
            raise IdentityFault(FaultCode.USERINFO_UNAVAILABLE, where=error.where) from error
        if answer.status >= 500:
            raise IdentityFault(FaultCode.USERINFO_UNAVAILABLE, where=f"status {answer.status}")
        if answer.status != 200:
            raise IdentityFault(FaultCode.USERINFO_REFUSED, where=f"status {answer.status}")
        told = _object(answer, FaultCode.USERINFO_MALFORMED)
        if told.get("sub") != signed_in.subject.value:
            raise IdentityFault(FaultCode.USERINFO_BAD_SUBJECT, what="the provider told of somebody else")
        return told

    def logout(self, id_token: str) -> LogoutStart:
        """Where to send the browser after our own session is closed. The token may be past its time.

        Raises IdentityFault: logout_unsupported, logout_too_long, or the description's.
        """
        return logout_start(
            self.provider,
            end_session=self.endpoints().end_session,
            id_token=id_token,
            state=self._random(16),
        )

    def read_logout_token(self, text: str, *, replays: ReplayGuard) -> LogoutNotice:
        """Whose sessions to close, all of them, from a logout token that the provider posted.

        Raises IdentityFault with a logout_token code; answer that with 400, and success with 200.
        """
        return check_logout_token(
            text,
            provider=self.provider,
            keys_naming=lambda kid: published_keys(self.provider, self.documents, naming=kid),
            replays=replays,
            now=self.clock.now(),
        )

    def _judge(self, answer: Mapping[str, str], pending: PendingSignIn) -> SignedIn:
        if pending.issuer != self.provider.issuer:
            raise IdentityFault(FaultCode.RESPONSE_BAD_ISSUER, what="the sign-in was begun elsewhere")
        if self.clock.now() > pending.started_at + self.provider.longest_sign_in:
            raise IdentityFault(FaultCode.SIGN_IN_TOO_OLD, what="the sign-in took too long")
        described = self.endpoints()
        if answer.get("iss", None if described.says_issuer else pending.issuer) != pending.issuer:
            raise IdentityFault(FaultCode.RESPONSE_BAD_ISSUER, what="the answer is from another provider")
        if "error" in answer:
            code = _ERRORS.get(answer["error"], FaultCode.PROVIDER_ERROR_UNKNOWN)
            raise IdentityFault(code, what=_ERROR_WORDS.get(code, "the provider refused the sign-in"))
        if not answer.get("code"):
            raise IdentityFault(FaultCode.RESPONSE_MALFORMED, what="the provider's answer holds no code")
        return self._exchange(answer["code"], pending, described)

    def _exchange(self, code: str, pending: PendingSignIn, described: Endpoints) -> SignedIn:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.provider.redirect_uri,
            "code_verifier": pending.code_verifier,
        }
        proof, headers = self._proof(described)
        try:
            answer = self._http.post_form(described.token, {**form, **proof}, headers=headers)
        except ServiceError as error:
            raise IdentityFault(FaultCode.TOKEN_UNAVAILABLE, where=error.where) from error
        if answer.status != 200:
            raise _refusal(answer)
        told = _object(answer, FaultCode.TOKEN_ANSWER_MALFORMED)
        access_token, id_token = told.get("access_token"), told.get("id_token")
        kind = told.get("token_type")
        if (
            not isinstance(access_token, str)
            or not access_token
            or not isinstance(id_token, str)
            or not isinstance(kind, str)
            or kind.lower() != "bearer"
        ):
            raise IdentityFault(FaultCode.TOKEN_ANSWER_MALFORMED, what="the provider's tokens are lacking")
        return self._signed_in(id_token, access_token, pending)

    def _signed_in(self, id_token: str, access_token: str, pending: PendingSignIn) -> SignedIn:
        kid = tokens.header_of(id_token, codes=ID_TOKEN).get("kid")
        token = check_id_token(
            id_token,
            provider=self.provider,
            keys=published_keys(self.provider, self.documents, naming=kid),
            pending=pending,
            access_token=access_token,
            now=self.clock.now(),
        )
        subject, session_id = cast("str", token.claims["sub"]), token.claims.get("sid")
        if pending.expected_subject and subject != pending.expected_subject:
            raise IdentityFault(FaultCode.SUBJECT_CHANGED, what="somebody else came back from the provider")
        return SignedIn(
            subject=Subject(issuer=self.provider.issuer, value=subject),
            claims=token.claims,
            id_token=id_token,
            access_token=access_token,
            pending=pending,
            session_id=session_id if isinstance(session_id, str) else "",
        )

    def _proof(self, described: Endpoints) -> tuple[dict[str, str], dict[str, str]]:
        """What proves who we are: form fields and headers (OpenID Connect Core 9)."""
        provider = self.provider
        if provider.authentication is ClientAuthentication.CLIENT_SECRET_POST:
            return {"client_id": provider.client_id, "client_secret": provider.client_secret}, {}
        if provider.authentication is ClientAuthentication.CLIENT_SECRET_BASIC:
            pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret)}"
            return {}, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        assert self._signing_key is not None  # held by __init__
        assertion = client_assertion(
            client_id=provider.client_id,
            audience=described.token,
            key=self._signing_key(),
            issued=int(self.clock.now().timestamp()),
            jti=self._random(24),
        )
        return {
            "client_id": provider.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }, {}


def code_challenge(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier (RFC 7636 4.2).

    >>> code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def client_assertion(*, client_id: str, audience: str, key: SigningKey, issued: int, jti: str) -> str:
    """A private_key_jwt (RFC 7523) that lives five minutes. issued: seconds since 1970; jti: used once."""
    claims: dict[str, Json] = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": issued,
        "exp": issued + int(ASSERTION_LIFETIME.total_seconds()),
        "jti": jti,
    }
    return tokens.sign(claims, key=key)


_ERROR_WORDS = {
    FaultCode.ACCESS_DENIED: "the sign-in was not completed",
    FaultCode.TEMPORARILY_UNAVAILABLE: "the provider is not available at the moment",
    FaultCode.PROVIDER_SERVER_ERROR: "the provider had a fault of its own",
    FaultCode.LOGIN_REQUIRED: "the provider's session is over",
    FaultCode.INTERACTION_REQUIRED: "the provider needs to ask the person something",
    FaultCode.REQUEST_REJECTED: "the provider did not take our request",
}


def _parameters(query: str) -> dict[str, str]:
    """The answer's parameters. One given twice is refused: two readers could take different ones."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=50, errors="strict")
    except ValueError as error:
        raise IdentityFault(FaultCode.RESPONSE_MALFORMED, what="the answer cannot be read") from error
    if len({name for name, _ in pairs}) != len(pairs):
        raise IdentityFault(FaultCode.RESPONSE_MALFORMED, what="the answer says something twice")
    return dict(pairs)


def _refusal(answer: HttpAnswer) -> IdentityFault:
    where = f"status {answer.status}"
    if answer.status >= 500 or answer.status == 429:
        return IdentityFault(FaultCode.TOKEN_UNAVAILABLE, where=where)
    if answer.status == 403:
        return IdentityFault(FaultCode.TOKEN_FORBIDDEN, where=where)
    try:
        told = answer.json()
    except ServiceError:
        told = None
    error = told.get("error") if isinstance(told, dict) else None
    if error == "invalid_grant":
        return IdentityFault(FaultCode.CODE_REFUSED, what="the provider did not take the code", where=where)
    return IdentityFault(
        FaultCode.CLIENT_REFUSED, what="the provider did not take us as its client", where=where
    )


def _object(answer: HttpAnswer, code: FaultCode) -> Mapping[str, Json]:
    try:
        told = answer.json()
    except ServiceError as error:
        raise IdentityFault(code, what="the provider's answer cannot be read") from error
    if not isinstance(told, dict):
        raise IdentityFault(code, what="the provider's answer cannot be read")
    return told


def _with_query(url: str, query: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{query}"
