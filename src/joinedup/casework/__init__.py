"""Cases: where one stands and may go, by when it must be answered, to whom it goes when nobody answers."""

from joinedup.casework.alike import Alike, alike
from joinedup.casework.calendar import Nation, WorkingCalendar, bank_holidays
from joinedup.casework.clock import close_of, day_of, days_left, due, is_overdue, resumed
from joinedup.casework.escalation import Rung, Standing, next_rung
from joinedup.casework.moves import Entry, Move, Origin, Outcome, State, after, moves

__all__ = [
    "Alike",
    "Entry",
    "Move",
    "Nation",
    "Origin",
    "Outcome",
    "Rung",
    "Standing",
    "State",
    "WorkingCalendar",
    "after",
    "alike",
    "bank_holidays",
    "close_of",
    "day_of",
    "days_left",
    "due",
    "is_overdue",
    "moves",
    "next_rung",
    "resumed",
]
