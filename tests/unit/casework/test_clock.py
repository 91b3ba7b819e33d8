"""The clock of a case: due at 5pm in London, standing still while it waits."""

from __future__ import annotations

from datetime import UTC, datetime

from joinedup.casework import WorkingCalendar, bank_holidays, days_left, due, is_overdue, resumed

ENGLAND = bank_holidays("england-and-wales")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_ten_working_days_from_a_monday_end_on_the_second_monday_at_five():
    """2 March 2026 is a Monday; ten working days later is 16 March, 5pm GMT."""
    assert due(at("2026-03-02T09:00"), working_days=10, calendar=ENGLAND) == at("2026-03-16T17:00")


def test_five_in_summer_is_four_by_greenwich():
    assert due(at("2026-06-01T09:00"), working_days=1, calendar=ENGLAND) == at("2026-06-02T16:00")


def test_the_day_is_londons():
    """23:30 of 31 March by Greenwich is 1 April in London, so one working day later is 2 April."""
    assert due(at("2026-03-31T23:30"), working_days=1, calendar=ENGLAND) == at("2026-04-02T16:00")


def test_what_came_on_a_saturday_counts_from_monday():
    assert due(at("2026-03-07T12:00"), working_days=1, calendar=ENGLAND) == at("2026-03-09T17:00")


def test_it_is_late_a_minute_after_five():
    by = at("2026-03-16T17:00")

    assert not is_overdue(by, now=by)
    assert is_overdue(by, now=at("2026-03-16T17:01"))
    assert not is_overdue(by, now=at("2026-03-20T09:00"), is_paused=True)


def test_days_left_are_working_days():
    by = at("2026-03-16T17:00")

    assert days_left(by, now=at("2026-03-13T09:00"), calendar=ENGLAND) == 1, "Friday to Monday"
    assert days_left(by, now=at("2026-03-16T18:00"), calendar=ENGLAND) == 0
    assert days_left(by, now=at("2026-03-18T09:00"), calendar=ENGLAND) == -2


def test_a_pause_moves_the_due_day_by_its_working_days():
    """Waiting from Thursday 5 March to Tuesday 10 March is Friday, Monday, Tuesday: three days."""
    moved, days = resumed(
        at("2026-03-16T17:00"),
        paused=at("2026-03-05T10:00"),
        resumed=at("2026-03-10T10:00"),
        calendar=ENGLAND,
    )

    assert days == 3
    assert moved == at("2026-03-19T17:00")


def test_a_pause_within_a_day_or_over_a_weekend_moves_nothing():
    by = at("2026-03-16T17:00")
    for until in ("2026-03-06T16:00", "2026-03-08T10:00"):
        assert resumed(by, paused=at("2026-03-06T09:00"), resumed=at(until), calendar=WorkingCalendar()) == (
            by,
            0,
        )
