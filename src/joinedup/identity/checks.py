"""The checks that every token goes through after its signature: whose, for whom, and when.

Times are seconds since 1970, as tokens have them. The skew is how far two honest clocks may differ; it is
allowed at both ends and nowhere else.
"""

from __future__ import annotations

import hashlib
import threading
from datetime import datetime, timedelta
from typing import Protocol

from joinedup.ports.clock import Clock

from .faults import FaultCode, IdentityFault, TokenCodes
from .tokens import Claims, Json

SKEW = timedelta(seconds=30)
# In the year 9999, where calendars end. Not-a-number and infinity are not below it either.
LATEST = 253_402_300_800


class ReplayGuard(Protocol):
    """Remembers what may come only once. Shared by all processes that answer, or a replay finds the other."""

    def is_first(self, key: str, *, until: datetime) -> bool:
        """Whether the key was not known; it is from now on, at least until then. One step, not two."""
        ...


class MemoryReplayGuard:
    """Remembers in this process: for one process, tests and demonstrations."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._until: dict[str, datetime] = {}

    def is_first(self, key: str, *, until: datetime) -> bool:
        """Whether the key was not known; it is from now on, until then."""
        now = self._clock.now()
        with self._lock:
            self._until = {known: end for known, end in self._until.items() if end > now}
            if key in self._until:
                return False
            self._until[key] = until
            return True


def replay_key(kind: str, issuer: str, jti: str) -> str:
    """What a replay guard remembers of a token: of one length, and without what the token says."""
    return hashlib.sha256("\0".join((kind, issuer, jti)).encode()).hexdigest()


def check_issuer(claims: Claims, *, issuer: str, codes: TokenCodes) -> None:
    """`iss` is exactly the issuer, to the last slash."""
    if claims.get("iss") != issuer:
        raise IdentityFault(codes.bad_issuer, what="the token is not from the issuer that was agreed")


def check_audience(
    claims: Claims, *, audience: str, codes: TokenCodes, bad_party: FaultCode | None = None
) -> None:
    """`aud` is, or holds, the audience; where it holds others, or names a party (`azp`), that is the audience.

    bad_party: the code for a wrong `azp`; without it, the audience's.
    """
    told = claims.get("aud")
    if not (told == audience or (isinstance(told, list) and audience in told)):
        raise IdentityFault(codes.bad_audience, what="the token is meant for somebody else")
    party = claims.get("azp")
    shared = isinstance(told, list) and any(each != audience for each in told)
    if (party is not None or shared) and party != audience:
        raise IdentityFault(bad_party or codes.bad_audience, what="the token was given to another client")


def check_times(claims: Claims, *, now: datetime, codes: TokenCodes, skew: timedelta = SKEW) -> None:
    """`iat` is past, `nbf` too where there is one, and `exp` is still to come; each give or take the skew."""
    at, slack = now.timestamp(), skew.total_seconds()
    issued, ends = seconds(claims, "iat", codes=codes), seconds(claims, "exp", codes=codes)
    begins = seconds(claims, "nbf", codes=codes) if "nbf" in claims else issued
    if at >= ends + slack:
        raise IdentityFault(codes.expired, what="the token's time is over")
    if max(issued, begins) > at + slack:
        raise IdentityFault(codes.not_yet_valid, what="the token's time has not begun")


def seconds(claims: Claims, name: str, *, codes: TokenCodes) -> float:
    """A claim that is a time. IdentityFault `malformed` where it is lacking or no number a calendar could hold."""
    value: Json = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LATEST:
        raise IdentityFault(codes.malformed, what=f"the token does not say `{name}`")
    return float(value)
