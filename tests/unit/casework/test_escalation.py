"""To whom an overdue case goes: the lead, then those who give cases out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from joinedup.casework import Rung, Standing, State, WorkingCalendar, next_rung

DUE = datetime(2026, 3, 13, 17, tzinfo=UTC)  # a Friday
LATE = datetime(2026, 3, 16, 9, tzinfo=UTC)  # the Monday after
OPEN = Standing(State.OPEN, DUE, has_lead=True)
ANY = WorkingCalendar()


def test_it_goes_to_the_lead_when_its_time_is_over_and_not_before():
    assert next_rung(OPEN, now=DUE, calendar=ANY) is None
    assert next_rung(OPEN, now=LATE, calendar=ANY) is Rung.LEAD


def test_without_a_lead_it_goes_to_the_managers_at_once():
    assert next_rung(replace(OPEN, has_lead=False), now=LATE, calendar=ANY) is Rung.MANAGERS


def test_two_working_days_after_the_lead_it_goes_to_the_managers():
    """Told on Monday: not on Tuesday, but on Wednesday."""
    told = replace(OPEN, escalated_at=LATE, lead_was_told=True)

    assert next_rung(told, now=LATE.replace(day=17), calendar=ANY) is None
    assert next_rung(told, now=LATE.replace(day=18), calendar=ANY) is Rung.MANAGERS


def test_an_urgent_one_waits_one_working_day():
    told = replace(OPEN, escalated_at=LATE, lead_was_told=True, is_urgent=True)

    assert next_rung(told, now=LATE.replace(day=17), calendar=ANY) is Rung.MANAGERS


def test_after_the_managers_nobody_is_left():
    told = replace(OPEN, escalated_at=LATE, lead_was_told=False)

    assert next_rung(told, now=LATE.replace(day=30), calendar=ANY) is None


def test_having_been_escalated_in_time_does_not_count():
    """Somebody asked a manager for help a week before; once it is late the lead is told all the same."""
    helped = replace(OPEN, escalated_at=DUE.replace(day=6))

    assert next_rung(helped, now=LATE, calendar=ANY) is Rung.LEAD


@pytest.mark.parametrize("state", ["waiting", "answered", "closed"])
def test_what_is_not_open_goes_nowhere(state):
    assert next_rung(replace(OPEN, state=State(state)), now=LATE, calendar=ANY) is None
