"""Leaving: the address that ends the session at the provider, and the provider's notice that a person left.

RP-initiated logout and back-channel logout of OpenID Connect, with what GOV.UK One Login asks on top: a
subject in every notice, no `jti` twice within three minutes, and ALL sessions of the subject closed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from . import tokens
from .checks import ReplayGuard, check_audience, check_issuer, check_times, replay_key, seconds
from .claims import Subject
from .faults import FaultCode, IdentityFault, TokenCodes
from .provider import Provider
from .tokens import Jwk

CODES = TokenCodes.of("logout_token")
EVENT = "http://schemas.openid.net/event/backchannel-logout"
REMEMBERED = timedelta(minutes=3)


@dataclass(frozen=True)
class LogoutStart:
    """Where to send the browser; state comes back with it."""

    url: str = field(repr=False)
    state: str = field(repr=False)


@dataclass(frozen=True)
class LogoutNotice:
    """Whose sessions to close: every one of the subject's. session_id: the provider's own, if it says it."""

    subject: Subject
    session_id: str = field(default="", repr=False)


def logout_start(provider: Provider, *, end_session: str, id_token: str, state: str) -> LogoutStart:
    """The address that ends the provider's session too. IdentityFault logout_unsupported, logout_too_long."""
    if not end_session:
        raise IdentityFault(FaultCode.LOGOUT_UNSUPPORTED, what="the provider has no logout address")
    query = {"id_token_hint": id_token}
    if provider.post_logout_redirect_uri:
        query |= {"post_logout_redirect_uri": provider.post_logout_redirect_uri, "state": state}
    text = urlencode(query)
    if provider.longest_logout is not None and len(text) >= provider.longest_logout:
        raise IdentityFault(FaultCode.LOGOUT_TOO_LONG, what="the logout request is too long")
    return LogoutStart(url=f"{end_session}{'&' if '?' in end_session else '?'}{text}", state=state)


def check_logout_token(
    text: str,
    *,
    provider: Provider,
    keys_naming: Callable[[object], Sequence[Jwk]],
    replays: ReplayGuard,
    now: datetime,
) -> LogoutNotice:
    """Whose sessions to close. keys_naming: the provider's keys, given the key id that must be among them.

    Raises IdentityFault with a logout_token code. The `jti` is remembered last, once all else is proved.
    """
    kid = tokens.header_of(text, codes=CODES).get("kid")
    token = tokens.read(
        text,
        keys=keys_naming(kid),
        algorithms=provider.id_token_algorithms,
        codes=CODES,
        key_must_say=provider.keys_say_algorithm,
    )
    claims, kind = token.claims, token.header.get("typ", "JWT")
    check_issuer(claims, issuer=provider.issuer, codes=CODES)
    check_audience(claims, audience=provider.client_id, codes=CODES)
    check_times(claims, now=now, codes=CODES, skew=provider.skew)
    if not isinstance(kind, str) or kind.lower() not in ("jwt", "logout+jwt"):
        raise IdentityFault(FaultCode.LOGOUT_TOKEN_MALFORMED, what="the token is not a logout token")
    subject, jti = claims.get("sub"), claims.get("jti")
    if not isinstance(subject, str) or not subject:
        raise IdentityFault(FaultCode.LOGOUT_TOKEN_NO_SUBJECT, what="the notice does not say who left")
    if claims.get("events") != {EVENT: {}}:
        raise IdentityFault(FaultCode.LOGOUT_TOKEN_BAD_EVENTS, what="the token is not a logout notice")
    if "nonce" in claims:
        # Back-channel Logout 2.4: so that an ID token can never be taken for a notice.
        raise IdentityFault(FaultCode.LOGOUT_TOKEN_HAS_NONCE, what="the token is not a logout notice")
    if not isinstance(jti, str) or not jti:
        raise IdentityFault(FaultCode.LOGOUT_TOKEN_MALFORMED, what="the notice has no id of its own")
    ends = datetime.fromtimestamp(min(seconds(claims, "exp", codes=CODES), 4e9), tz=UTC) + provider.skew
    until = max(ends, now + REMEMBERED)
    if not replays.is_first(replay_key("logout", provider.issuer, jti), until=until):
        raise IdentityFault(FaultCode.LOGOUT_TOKEN_REPLAYED, what="the notice came before")
    session_id = claims.get("sid")
    return LogoutNotice(
        subject=Subject(issuer=provider.issuer, value=subject),
        session_id=session_id if isinstance(session_id, str) else "",
    )
