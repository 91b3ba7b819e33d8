"""Other systems asking us for a token: OAuth 2 client credentials, the server's side, as rules over values.

A client proves itself by a signed assertion (private_key_jwt, RFC 7523) or by a secret, and gets a short
opaque token for scopes among its own. Who keeps clients, tokens and used assertions is the caller's matter.

Secrets are of 256 bits from us, never chosen by people, so they are kept as SHA-256: there is nothing to
guess, and argon2, which makes guessing slow, would only make each request slow and the endpoint easy to
exhaust. The same holds for the tokens.

Rotation: a client may have several secrets and keys, each with the time in which it is good. Add the new,
let the client move, end the old; in between both work.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from urllib.parse import unquote_plus

from . import tokens
from .checks import SKEW, ReplayGuard, check_audience, check_issuer, check_times, replay_key, seconds
from .faults import FaultCode, IdentityFault, TokenCodes
from .openid import ASSERTION_TYPE
from .tokens import Jwk

CODES = TokenCodes.of("assertion")
ALGORITHMS = frozenset({"RS256", "PS256", "ES256"})
LONGEST_ASSERTION = timedelta(minutes=5)
TOKEN_LIFETIME = timedelta(minutes=10)
SECRET_BYTES = 32
SECRET_PREFIX = "jus_"  # noqa: S105 - so that a secret that leaks into a repository can be searched for
TOKEN_PREFIX = "jut_"  # noqa: S105 - likewise


class ClientMethod(Enum):
    """How a client proves itself."""

    SECRET = "client_secret"  # noqa: S105 - a method's name
    KEY = "private_key_jwt"


@dataclass(frozen=True)
class ClientSecret:
    """One secret of a client, as kept: its SHA-256 in hex, and from when until when it is good."""

    digest: str = field(repr=False)
    valid_from: datetime
    valid_until: datetime | None = None

    def is_good(self, *, on: datetime) -> bool:
        """Whether that moment is within its time."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True)
class ClientKey:
    """One public key of a client, as a JWK with `kid`, and from when until when it is good."""

    jwk: Jwk
    valid_from: datetime
    valid_until: datetime | None = None

    def is_good(self, *, on: datetime) -> bool:
        """Whether that moment is within its time."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True)
class MachineClient:
    """A system that may ask. scopes: all that it may ever have. One with keys may not use a secret as well."""

    client_id: str
    organisation: str
    scopes: frozenset[str]
    secrets: tuple[ClientSecret, ...] = ()
    keys: tuple[ClientKey, ...] = ()

    @property
    def method(self) -> ClientMethod:
        """How it must prove itself: by key as soon as it has one, so that nobody can fall back to a secret."""
        return ClientMethod.KEY if self.keys else ClientMethod.SECRET


@dataclass(frozen=True)
class TokenRequest:
    """What a client sent to the token endpoint, read but not judged. secret and assertion: empty if not sent."""

    client_id: str
    secret: str = field(repr=False)
    assertion: str = field(repr=False)
    scopes: frozenset[str]


@dataclass(frozen=True)
class IssuedToken:
    """A new access token. token: told once, to the client; digest: what is kept."""

    token: str = field(repr=False)
    digest: str
    client_id: str
    scopes: frozenset[str]
    expires_at: datetime
    lifetime: timedelta

    def as_answer(self) -> dict[str, str | int]:
        """The token endpoint's answer (RFC 6749 5.1); to be sent with `Cache-Control: no-store`."""
        return {
            "access_token": self.token,
            "token_type": "Bearer",
            "expires_in": int(self.lifetime.total_seconds()),
            "scope": " ".join(sorted(self.scopes)),
        }


def new_secret(*, random: Callable[[int], str] = secrets.token_urlsafe) -> tuple[str, str]:
    """A new client secret, told once, and its digest, which is kept."""
    secret = SECRET_PREFIX + random(SECRET_BYTES)
    return secret, digest(secret)


def digest(secret: str) -> str:
    """What is kept of a secret or a token: SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def read_token_request(form: Iterable[tuple[str, str]], *, authorization: str = "") -> TokenRequest:
    """The request, from the form's fields in order and the Authorization header.

    Raises IdentityFault client_request_malformed: a field twice, two ways of proving at once, none, or no
    client id; client_grant_unsupported for any other grant.
    """
    pairs = list(form)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _malformed("a field was sent twice")
    if fields.get("grant_type") != "client_credentials":
        raise IdentityFault(
            FaultCode.CLIENT_GRANT_UNSUPPORTED, what="only client_credentials is granted here"
        )
    basic_id, basic_secret = _basic(authorization)
    secret, assertion = fields.get("client_secret", ""), fields.get("client_assertion", "")
    if sum(map(bool, (basic_secret, secret, assertion))) != 1:
        raise _malformed("send one proof: a secret or an assertion")
    if assertion and fields.get("client_assertion_type") != ASSERTION_TYPE:
        raise _malformed("the assertion's type is not that of a JWT")
    named = {each for each in (basic_id, fields.get("client_id", "")) if each}
    if assertion and not named:
        # RFC 7521 4.2: the id may be left out, for the assertion has it; it is checked there.
        claimed = tokens.claims_unproved(assertion, codes=CODES).get("sub")
        named = {claimed} if isinstance(claimed, str) and claimed else set()
    if len(named) != 1:
        raise _malformed("name one client")
    return TokenRequest(
        client_id=named.pop(),
        secret=basic_secret or secret,
        assertion=assertion,
        scopes=frozenset(fields.get("scope", "").split()),
    )


def authenticate(
    client: MachineClient | None,
    request: TokenRequest,
    *,
    audiences: Iterable[str],
    replays: ReplayGuard,
    now: datetime,
    skew: timedelta = SKEW,
) -> ClientMethod:
    """How the client proved itself. client: the one that the request names, or None where there is none.

    audiences: the names that an assertion may be meant for: our token endpoint's URL and our issuer.
    Raises IdentityFault client_unknown, client_method_not_allowed, client_bad_secret or an assertion code.
    """
    if client is None or client.client_id != request.client_id:
        raise IdentityFault(FaultCode.CLIENT_UNKNOWN, what="no such client")
    method = ClientMethod.KEY if request.assertion else ClientMethod.SECRET
    if method is not client.method:
        raise IdentityFault(
            FaultCode.CLIENT_METHOD_NOT_ALLOWED, what=f"this client uses {client.method.value}"
        )
    if method is ClientMethod.SECRET:
        _check_secret(client, request.secret, now=now)
    else:
        _check_assertion(client, request.assertion, audiences=audiences, replays=replays, now=now, skew=skew)
    return method


def narrow_scopes(client: MachineClient, asked: frozenset[str]) -> frozenset[str]:
    """What the token is for: what was asked, all of it; or all that the client may have, if nothing was.

    Raises IdentityFault client_scope_not_allowed where anything asked is not the client's: a token with less
    than asked would fail later, and elsewhere.
    """
    if asked - client.scopes:
        raise IdentityFault(
            FaultCode.CLIENT_SCOPE_NOT_ALLOWED,
            what="a scope was asked that this client may not have",
            mend="ask for scopes that the client was given",
        )
    return asked or client.scopes


def issue_token(
    client: MachineClient,
    scopes: frozenset[str],
    *,
    now: datetime,
    lifetime: timedelta = TOKEN_LIFETIME,
    random: Callable[[int], str] = secrets.token_urlsafe,
) -> IssuedToken:
    """A new opaque token; keep its digest, scopes and end, and tell the token once."""
    token = TOKEN_PREFIX + random(SECRET_BYTES)
    return IssuedToken(
        token=token,
        digest=digest(token),
        client_id=client.client_id,
        scopes=narrow_scopes(client, scopes),
        expires_at=now + lifetime,
        lifetime=lifetime,
    )


def check_access(kept: IssuedToken | None, *, scope: str, now: datetime) -> None:
    """Nothing, if the token kept under the sent one's digest gives that scope now.

    Raises IdentityFault access_token_unknown (None was kept), access_token_expired, access_token_lacks_scope.
    """
    if kept is None:
        raise IdentityFault(FaultCode.ACCESS_TOKEN_UNKNOWN, what="the access token is not one of ours")
    if now >= kept.expires_at:
        raise IdentityFault(FaultCode.ACCESS_TOKEN_EXPIRED, what="the access token's time is over")
    if scope not in kept.scopes:
        raise IdentityFault(FaultCode.ACCESS_TOKEN_LACKS_SCOPE, what="the access token is not for this")


def oauth_error(code: FaultCode) -> tuple[str, int]:
    """What OAuth calls the refusal, and its HTTP status (RFC 6749 5.2, RFC 6750 3.1).

    Every failed proof is the same invalid_client, so that nobody learns which clients there are.
    """
    return _OAUTH.get(code, ("invalid_client", 401))


_OAUTH: Mapping[FaultCode, tuple[str, int]] = {
    FaultCode.CLIENT_REQUEST_MALFORMED: ("invalid_request", 400),
    FaultCode.CLIENT_GRANT_UNSUPPORTED: ("unsupported_grant_type", 400),
    FaultCode.CLIENT_SCOPE_NOT_ALLOWED: ("invalid_scope", 400),
    FaultCode.ACCESS_TOKEN_UNKNOWN: ("invalid_token", 401),
    FaultCode.ACCESS_TOKEN_EXPIRED: ("invalid_token", 401),
    FaultCode.ACCESS_TOKEN_LACKS_SCOPE: ("insufficient_scope", 403),
}


def _check_secret(client: MachineClient, secret: str, *, now: datetime) -> None:
    told = digest(secret)
    # Every one is compared, so that time does not tell which.
    matches = [hmac.compare_digest(each.digest, told) and each.is_good(on=now) for each in client.secrets]
    if not any(matches):
        raise IdentityFault(FaultCode.CLIENT_BAD_SECRET, what="the secret is not one of this client's")


def _check_assertion(
    client: MachineClient,
    assertion: str,
    *,
    audiences: Iterable[str],
    replays: ReplayGuard,
    now: datetime,
    skew: timedelta,
) -> None:
    keys = [key.jwk for key in client.keys if key.is_good(on=now)]
    claims = tokens.read(assertion, keys=keys, algorithms=ALGORITHMS, codes=CODES).claims
    check_issuer(claims, issuer=client.client_id, codes=CODES)
    if claims.get("sub") != client.client_id:
        raise IdentityFault(FaultCode.ASSERTION_BAD_ISSUER, what="the assertion speaks for somebody else")
    wanted = tuple(audiences)
    told = claims.get("aud")
    meant = next((each for each in wanted if told == each or told == [each]), wanted[0])
    check_audience(claims, audience=meant, codes=CODES)
    check_times(claims, now=now, codes=CODES, skew=skew)
    ends = seconds(claims, "exp", codes=CODES)
    longest = LONGEST_ASSERTION.total_seconds()
    if (
        ends > now.timestamp() + longest + skew.total_seconds()
        or ends > seconds(claims, "iat", codes=CODES) + longest
    ):
        raise IdentityFault(
            FaultCode.ASSERTION_LIVES_TOO_LONG, what="an assertion lives five minutes at most"
        )
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise IdentityFault(FaultCode.ASSERTION_MALFORMED, what="the assertion has no id of its own")
    until = datetime.fromtimestamp(ends, tz=UTC) + skew
    if not replays.is_first(replay_key("assertion", client.client_id, jti), until=until):
        raise IdentityFault(FaultCode.ASSERTION_REPLAYED, what="the assertion was used before")


def _basic(authorization: str) -> tuple[str, str]:
    if not authorization:
        return "", ""
    scheme, _, text = authorization.partition(" ")
    try:
        pair = base64.b64decode(text.strip(), validate=True).decode()
    except ValueError:  # not base64, not ASCII, not UTF-8
        pair = ""
    if scheme.lower() != "basic" or ":" not in pair:
        # From nothing: the cause would hold what was sent.
        raise _malformed("the Authorization header cannot be read")
    name, _, secret = pair.partition(":")
    return unquote_plus(name), unquote_plus(secret)


def _malformed(what: str) -> IdentityFault:
    return IdentityFault(FaultCode.CLIENT_REQUEST_MALFORMED, what=what, mend="see RFC 6749, section 4.4")
