"""The clock of a case, in working days: by when it must be answered, standing still while it waits for somebody."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from joinedup.casework.calendar import WorkingCalendar

LONDON = ZoneInfo("Europe/London")
CLOSE_OF_BUSINESS = time(17)


def due(opened: datetime, *, working_days: int, calendar: WorkingCalendar) -> datetime:
    """By when a case must be answered: at 5pm London time of the last working day.

    The first working day is the one after the case came, as for freedom of information (section 10 of the Act). 0:
    the same working day. opened: aware; the day is London's.
    """
    return close_of(calendar.after(day_of(opened), working_days))


def resumed(
    due_at: datetime, *, paused: datetime, resumed: datetime, calendar: WorkingCalendar
) -> tuple[datetime, int]:
    """The new time by which a case is due after its clock stood still, and by how many working days it moved.

    A pause within one day moves nothing.
    """
    days = calendar.between(day_of(paused), day_of(resumed))
    return (due_at if days <= 0 else close_of(calendar.after(day_of(due_at), days))), max(days, 0)


def days_left(due_at: datetime, *, now: datetime, calendar: WorkingCalendar) -> int:
    """Working days until a case is due: 0 on the day itself, negative when it is late by so many."""
    return calendar.between(day_of(now), day_of(due_at))


def is_overdue(due_at: datetime, *, now: datetime, is_paused: bool = False) -> bool:
    """Whether the time is over. A paused clock does not run out."""
    return not is_paused and now > due_at


def close_of(day: date) -> datetime:
    """5pm of a day, London time."""
    return datetime.combine(day, CLOSE_OF_BUSINESS, LONDON)


def day_of(moment: datetime) -> date:
    """The day of an aware moment in London."""
    return moment.astimezone(LONDON).date()
