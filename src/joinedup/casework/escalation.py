"""To whom a case goes when nobody answers it in time: its team's lead first, then those who give cases to people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from joinedup.casework.calendar import WorkingCalendar
from joinedup.casework.clock import day_of, is_overdue
from joinedup.casework.moves import State

WORKING_DAYS_TO_NEXT = 2


class Rung(StrEnum):
    """Who is told."""

    LEAD = "lead"
    MANAGERS = "managers"


@dataclass(frozen=True)
class Standing:
    """What escalation looks at. has_lead: the team has a lead whose account is open. lead_was_told: it was the lead who
    was told last."""

    state: State
    due_at: datetime
    is_urgent: bool = False
    escalated_at: datetime | None = None
    has_lead: bool = False
    lead_was_told: bool = False


def next_rung(case: Standing, *, now: datetime, calendar: WorkingCalendar) -> Rung | None:
    """Who should be told of a case now; None where nobody need be.

    An open case goes to its team's lead when its time is over, and to the managers two working days later (an urgent
    one: on the next working day). Where there is no lead it goes to the managers at once. Having been escalated while
    there was still time does not count.
    """
    if case.state is not State.OPEN or not is_overdue(case.due_at, now=now):
        return None
    if case.escalated_at is None or case.escalated_at <= case.due_at:
        return Rung.LEAD if case.has_lead else Rung.MANAGERS
    if not case.lead_was_told:
        return None
    wanted = 1 if case.is_urgent else WORKING_DAYS_TO_NEXT
    waited = calendar.between(day_of(case.escalated_at), day_of(now))
    return Rung.MANAGERS if waited >= wanted else None
