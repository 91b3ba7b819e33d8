"""How often somebody may try: counted by window of time, in the database, for all processes together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
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
