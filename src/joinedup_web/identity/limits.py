"""How often somebody may try: counted by window of time, in the database, for all processes together."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from joinedup_web.identity.models import Attempts


@dataclass(frozen=True)
class Limit:
    """most: how often in each window. seconds: how long a window is. name: tells one limit from another."""

    name: str
    most: int
    seconds: int

    def wait(self, who: str, *, at: datetime) -> int:
        """Seconds until one may try again; 0 where one may now. Counts nothing. One query."""
        window, left = self._window(at)
        row = Attempts.objects.filter(subject=self._subject(who), window=window).first()
        return left if row is not None and row.count >= self.most else 0

    def count(self, who: str, *, at: datetime) -> None:
        """Count one try; windows long past are forgotten."""
        window, _ = self._window(at)
        row, _ = Attempts.objects.get_or_create(subject=self._subject(who), window=window)
        if row.count == 0:
            Attempts.objects.filter(window__lt=window - 86_400).delete()
        Attempts.objects.filter(id=row.id).update(count=F("count") + 1)

    def _window(self, at: datetime) -> tuple[int, int]:
        now = int(at.timestamp())
        start = now - now % self.seconds
        return start, start + self.seconds - now

    def _subject(self, who: str) -> str:
        return salted_hmac(f"joinedup.identity.{self.name}", who, algorithm="sha256").hexdigest()


def network_of(request: HttpRequest) -> str:
    """The network that a request came from, as the outermost of our own proxies saw it; an IPv6 /64 counts as one."""
    address, proxies = str(request.META.get("REMOTE_ADDR", "")), settings.JOINEDUP.proxies
    passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if proxies and len(passed) >= proxies and passed[-proxies]:
        address = passed[-proxies]
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)
