"""What a provider publishes (discovery, keys, DID document), kept as long as it says, and longer in an outage.

GOV.UK One Login asks for both: "cache by Cache-Control", and "continue to trust the cached version until you
are able to refresh it". A document that cannot be read counts as an outage too, so that a bad answer never
takes the place of a good one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar, cast

from joinedup.errors import ServiceError
from joinedup.ports.clock import Clock
from joinedup.ports.http import HttpAnswer, HttpClient

from .faults import FaultCode, IdentityFault
from .tokens import Json

log = logging.getLogger(__name__)

Read = TypeVar("Read")

# What a document without Cache-Control is kept for, and the most that any is: a week's silence hides a rotation.
UNSAID = timedelta(minutes=5)
MOST = timedelta(days=7)
# How soon we ask again: after a failure, or where a token names a key that the document lacks.
PAUSE = timedelta(seconds=60)


@dataclass(frozen=True)
class Kept:
    """A document as kept. fetched_at: when it came; fresh_until: as it said; asked_at: when we last tried."""

    body: bytes
    fetched_at: datetime
    fresh_until: datetime
    asked_at: datetime


class DocumentCache(Protocol):
    """Where documents are kept between sign-ins; shared by processes where it can be."""

    def get(self, url: str) -> Kept | None:
        """What was kept under the URL, or None."""
        ...

    def put(self, url: str, kept: Kept) -> None:
        """Keep it under the URL, in place of what was there."""
        ...


class MemoryCache:
    """Keeps documents in this process."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def get(self, url: str) -> Kept | None:
        """What was kept under the URL, or None."""
        return self._kept.get(url)

    def put(self, url: str, kept: Kept) -> None:
        """Keep it under the URL, in place of what was there."""
        self._kept[url] = kept


@dataclass(frozen=True)
class DocumentKind:
    """The name a log line gives a document, and the faults it can give."""

    name: str
    unavailable: FaultCode
    malformed: FaultCode


DISCOVERY = DocumentKind("discovery", FaultCode.DISCOVERY_UNAVAILABLE, FaultCode.DISCOVERY_MALFORMED)
KEYS = DocumentKind("keys", FaultCode.KEYS_UNAVAILABLE, FaultCode.KEYS_MALFORMED)
DID = DocumentKind("DID", FaultCode.DID_UNAVAILABLE, FaultCode.DID_MALFORMED)


class Documents:
    """Fetches documents and keeps them.

    longest_stale: how long past its time a document is used in an outage; None: as long as the outage lasts,
    which is what One Login asks.
    """

    def __init__(
        self,
        *,
        http: HttpClient,
        clock: Clock,
        cache: DocumentCache | None = None,
        longest_stale: timedelta | None = None,
    ) -> None:
        self._http, self._clock, self._longest_stale = http, clock, longest_stale
        self._cache: DocumentCache = cache if cache is not None else MemoryCache()

    def read(
        self, url: str, *, kind: DocumentKind, parse: Callable[[Json], Read], refresh: bool = False
    ) -> Read:
        """The document, parsed: the kept one while fresh, else a new one, else the kept one past its time.

        parse: raises ValueError for a document that is not what it should be. refresh: ask again although it
        is fresh (a token names an unknown key), but not within a minute of the last time: otherwise anyone
        could make us ask by sending tokens.

        Raises IdentityFault where there is neither: the kind's `unavailable` or `malformed`.
        """
        now, kept = self._clock.now(), self._cache.get(url)
        due = kept is None or (now >= kept.fresh_until or refresh)
        resting = kept is not None and kept.asked_at <= now < kept.asked_at + PAUSE
        if kept is not None and (not due or (resting and not self._is_too_old(kept, now))):
            return parse(_json(kept.body))
        try:
            return self._fetch(url, kind=kind, parse=parse, now=now)
        except IdentityFault as fault:
            if kept is None or self._is_too_old(kept, now):
                raise
            log.warning("%s document not refreshed (%s); the kept one is used", kind.name, fault.code.value)
            self._cache.put(url, replace(kept, asked_at=now))
            return parse(_json(kept.body))

    def _fetch(self, url: str, *, kind: DocumentKind, parse: Callable[[Json], Read], now: datetime) -> Read:
        try:
            answer = self._http.get(url, headers={"Accept": "application/json"})
        except ServiceError as error:
            raise IdentityFault(kind.unavailable, where=error.where) from error
        if answer.status != 200:
            raise IdentityFault(kind.unavailable, where=f"status {answer.status}")
        try:
            read = parse(cast("Json", answer.json()))
        except (ValueError, ServiceError) as error:
            raise IdentityFault(kind.malformed) from error
        kept = Kept(body=answer.body, fetched_at=now, fresh_until=now + _lifetime(answer), asked_at=now)
        self._cache.put(url, kept)
        return read

    def _is_too_old(self, kept: Kept, now: datetime) -> bool:
        return self._longest_stale is not None and now >= kept.fresh_until + self._longest_stale


def _lifetime(answer: HttpAnswer) -> timedelta:
    """How long an answer may be kept (RFC 9111): no-store and no-cache mean not at all."""
    said = answer.headers.get("cache-control", "").lower()
    if re.search(r"\bno-(store|cache)\b", said):
        return timedelta(0)
    found = re.search(r"(?:^|[\s,])max-age=\"?(\d{1,9})", said)
    if not found:
        return UNSAID
    age = answer.headers.get("age", "")
    spent = timedelta(seconds=int(age)) if re.fullmatch(r"\d{1,9}", age) else timedelta(0)
    return max(timedelta(0), min(MOST, timedelta(seconds=int(found[1])) - spent))


def _json(body: bytes) -> Json:
    return cast("Json", HttpAnswer(status=200, body=body).json())
