"""The ID token: every check of OpenID Connect Core 3.1.3.7, each with its own refusal."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime

from . import tokens
from .checks import check_audience, check_issuer, check_times, seconds
from .faults import FaultCode, IdentityFault, TokenCodes
from .pending import PendingSignIn
from .provider import Provider
from .tokens import Jwk, Token

CODES = TokenCodes.of("id_token")
LONGEST_SUBJECT = 255


def check_id_token(
    text: str,
    *,
    provider: Provider,
    keys: Sequence[Jwk],
    pending: PendingSignIn,
    access_token: str,
    now: datetime,
) -> Token:
    """The token, once all is proved: key, algorithm, signature, issuer, audience, times, nonce, subject.

    at_hash is checked where there is one; auth_time where the sign-in asked for a max_age.
    Raises IdentityFault with an id_token code.
    """
    token = tokens.read(
        text,
        keys=keys,
        algorithms=provider.id_token_algorithms,
        codes=CODES,
        key_must_say=provider.keys_say_algorithm,
    )
    claims = token.claims
    check_issuer(claims, issuer=provider.issuer, codes=CODES)
    check_audience(
        claims,
        audience=provider.client_id,
        codes=CODES,
        bad_party=FaultCode.ID_TOKEN_BAD_AUTHORISED_PARTY,
    )
    check_times(claims, now=now, codes=CODES, skew=provider.skew)
    if not _same(claims.get("nonce"), pending.nonce):
        raise IdentityFault(FaultCode.ID_TOKEN_BAD_NONCE, what="the token answers another request")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise IdentityFault(FaultCode.ID_TOKEN_NO_SUBJECT, what="the token does not say who signed in")
    if "at_hash" in claims and not _same(claims["at_hash"], tokens.half_hash(access_token)):
        raise IdentityFault(
            FaultCode.ID_TOKEN_BAD_ACCESS_TOKEN_HASH, what="the access token is not the one that belongs here"
        )
    if pending.max_age is not None:
        signed_in = seconds(claims, "auth_time", codes=CODES)
        # 0 asks for a new sign-in: one since we asked, however long the person took to come back.
        oldest = now.timestamp() - pending.max_age if pending.max_age else pending.started_at.timestamp()
        if signed_in < oldest - provider.skew.total_seconds():
            raise IdentityFault(FaultCode.ID_TOKEN_SIGN_IN_TOO_OLD, what="the sign-in was too long ago")
    return token


def _same(told: object, expected: str) -> bool:
    return isinstance(told, str) and hmac.compare_digest(told.encode(), expected.encode())
