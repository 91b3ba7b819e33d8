"""The clock that is set, and the one that is real."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from joinedup.ports import SetClock, SystemClock


def test_the_real_clock_tells_utc_and_goes_on():
    first = SystemClock().now()
    second = SystemClock().now()

    assert first.utcoffset() == timedelta(0)
    assert first <= second


def test_a_set_clock_stands_still_until_it_is_moved():
    clock = SetClock(datetime(2026, 5, 1, 13, 0, tzinfo=timezone(timedelta(hours=1))))

    assert clock.now() == clock.now() == datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
    clock.move(seconds=-60)
    assert clock.now() == datetime(2026, 5, 1, 11, 59, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        SetClock(datetime(2026, 5, 1))
