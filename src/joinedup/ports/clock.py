"""What time it is: the one place of the library that looks at a clock, and the clock that tests set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time. Rooms that need it are given one of these, or a time."""

    def now(self) -> datetime:
        """The present moment, always with its time zone, always UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC)


class SetClock:
    """A clock that shows what it was set to until it is moved: for tests, replays and demonstrations.

    >>> clock = SetClock(datetime(2026, 5, 1, tzinfo=UTC))
    >>> clock.move(seconds=90)
    >>> clock.now().isoformat()
    '2026-05-01T00:01:30+00:00'
    """

    def __init__(self, now: datetime) -> None:
        self.set(now)

    def now(self) -> datetime:
        """The moment it was last set or moved to."""
        return self._now

    def set(self, now: datetime) -> None:
        """Show this moment from now on. ValueError where it bears no time zone."""
        if now.tzinfo is None:
            raise ValueError("a clock's time has a time zone")
        self._now = now.astimezone(UTC)

    def move(self, *, seconds: float) -> None:
        """Go forward, or back where seconds are negative."""
        self._now += timedelta(seconds=seconds)
