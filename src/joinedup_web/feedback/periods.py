"""Which days a picture is about, and the days, weeks or months that it is cut into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, IntegerField, Value, When
from django.http import QueryDict

from joinedup_web.design.filters import DateRange
from joinedup_web.feedback.measured import Span, midnight, next_month

USUAL_WEEKS = 12
LONGEST_DAYS = 1100
BY_DAY, BY_WEEK = 31, 190  # days of a span up to which it is cut into days, and into weeks
DAYS = DateRange("days", "Days")


@dataclass(frozen=True)
class Period:
    """Days, cut into steps. unit: day, week (from Monday) or month. errors: of what was asked, by end."""

    span: Span
    unit: str
    asked: dict[str, str]
    errors: dict[str, str]

    @property
    def query(self) -> str:
        """As an address has it."""
        return f"days_from={self.span.first.isoformat()}&days_to={self.span.last.isoformat()}"

    @property
    def starts(self) -> tuple[date, ...]:
        """The first day of each step; the first step may begin before the span does."""
        at, found = self._start_of(self.span.first), []
        while at <= self.span.last:
            found.append(at)
            at = self._next(at)
        return tuple(found)

    def words(self, start: date) -> str:
        """A step by its first day: 3 Mar, w/c 3 Mar, Mar 2026."""
        if self.unit == "month":
            return f"{start:%b %Y}"
        day = f"{start.day} {start:%b}"
        return day if self.unit == "day" else f"w/c {day}"

    def is_over(self, start: date, today: date) -> bool:
        """Whether a step lies wholly in the span and in the past, so that its number can be held against others."""
        return start >= self.span.first and self._next(start) - timedelta(days=1) <= min(
            self.span.last, today - timedelta(days=1)
        )

    def step_of(self, field: str) -> Case:
        """For annotate: the place in `starts` of the step that a row belongs to, London time.

        Bounds are compared as they are stored, which SQLite does by itself; cutting dates there runs Python a row.
        """
        places = list(enumerate(midnight(start) for start in self.starts))
        return Case(
            *(When(**{f"{field}__gte": bound}, then=Value(place)) for place, bound in reversed(places)),
            default=Value(0),
            output_field=IntegerField(),
        )

    def _start_of(self, day: date) -> date:
        if self.unit == "month":
            return day.replace(day=1)
        return day - timedelta(days=day.weekday()) if self.unit == "week" else day

    def _next(self, start: date) -> date:
        if self.unit == "month":
            return next_month(start)
        return start + timedelta(days=7 if self.unit == "week" else 1)


def period_asked(asked: QueryDict, today: date) -> Period:
    """The days of ?days_from=…&days_to=…; the last twelve weeks, from a Monday on, where
    none are asked for or they cannot be read."""
    state = DAYS.read(asked)
    errors = dict(state["errors"])
    first, last = state["from_day"], state["to_day"]
    if not errors and first and last and (last - first).days > LONGEST_DAYS:
        errors["to"] = "At most three years can be shown at a time"
    if errors:
        first = last = None
    last = last or today
    first = first or last - timedelta(weeks=USUAL_WEEKS - 1, days=last.weekday())
    if first > last:
        last = first
    span = Span(first, last)
    unit = "day" if span.days <= BY_DAY else "week" if span.days <= BY_WEEK else "month"
    told = {"from": state["from"] or _typed(first), "to": state["to"] or _typed(last)}
    return Period(span, unit, told, errors)


def _typed(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"
