"""Working days by any calendar, against counting them one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup.casework import WorkingCalendar, day_of, days_left, due, resumed

FIRST = date(2026, 1, 1)
days = st.integers(0, 700).map(lambda number: FIRST + timedelta(days=number))
calendars = st.dictionaries(days, st.just("Day off"), max_size=40).map(WorkingCalendar)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)).map(lambda when: when.replace(tzinfo=UTC))


def counted(calendar: WorkingCalendar, first: date, last: date) -> int:
    """The twin: every day after the first, up to the last, looked at by itself."""
    number, day = 0, first
    while day < last:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in calendar.holidays:
            number += 1
    return number


@settings(max_examples=200, deadline=None)
@given(calendars, days, st.integers(1, 60))
def test_so_many_working_days_later_is_a_working_day_with_so_many_between(calendar, day, number):
    then = calendar.after(day, number)

    assert calendar.is_working(then)
    assert counted(calendar, day, then) == number == calendar.between(day, then)


@settings(max_examples=200, deadline=None)
@given(calendars, days, days)
def test_between_agrees_with_counting_and_turns_round(calendar, one, other):
    first, last = sorted((one, other))

    assert calendar.between(first, last) == counted(calendar, first, last) == -calendar.between(last, first)


@settings(max_examples=200, deadline=None)
@given(calendars, moments, st.integers(0, 30), st.integers(0, 30))
def test_more_days_are_never_due_sooner(calendar, opened, days, more):
    assert due(opened, working_days=days, calendar=calendar) <= due(
        opened, working_days=days + more, calendar=calendar
    )


@settings(max_examples=200, deadline=None)
@given(calendars, moments, st.integers(1, 30))
def test_whoever_looks_as_it_comes_has_all_its_days_left(calendar, opened, days):
    by = due(opened, working_days=days, calendar=calendar)

    assert days_left(by, now=opened, calendar=calendar) == days


@settings(max_examples=200, deadline=None)
@given(calendars, moments, st.integers(1, 20), moments, moments)
def test_a_pause_costs_no_day_of_ones_own(calendar, opened, number, one, other):
    """As many working days are left when the case goes on as were left when it began to wait; or more, by weekends."""
    paused, again = sorted((one, other))
    by = due(opened, working_days=number, calendar=calendar)
    moved, days = resumed(by, paused=paused, resumed=again, calendar=calendar)

    assert days == counted(calendar, day_of(paused), day_of(again))
    assert moved >= by
    if paused <= by:
        assert days_left(moved, now=again, calendar=calendar) >= days_left(by, now=paused, calendar=calendar)
