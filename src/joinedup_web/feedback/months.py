"""Which months a page is about: asked for in its address as ?first=2026-01&last=2026-03, else the last twelve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from joinedup.errors import UsageError
from joinedup.feedback import months_between
from joinedup.feedback.figures import read_month
from joinedup_web.feedback.measured import Span, next_month

USUAL = 12
MOST = 60


@dataclass(frozen=True)
class Months:
    """Whole months, both in, told by their first days. problem: what was wrong with what was asked, in words."""

    first: date
    last: date
    problem: str = ""

    @property
    def span(self) -> Span:
        """Their days."""
        return Span(self.first, next_month(self.last) - timedelta(days=1))

    @property
    def each(self) -> tuple[date, ...]:
        """Every one."""
        return months_between(self.first, self.last)

    @property
    def query(self) -> str:
        """As an address has them."""
        return f"first={self.first:%Y-%m}&last={self.last:%Y-%m}"


def usual_months(today: date) -> Months:
    """The last twelve months that are over."""
    last = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return Months(months_between(last - timedelta(days=31 * (USUAL + 1)), last)[-USUAL], last)


def months_asked(asked: Mapping[str, str], today: date) -> Months:
    """The months that are asked for; the usual ones, with the problem, where they cannot be read."""
    usual = usual_months(today)
    if not asked.get("first", "").strip() and not asked.get("last", "").strip():
        return usual
    try:
        first, last = (read_month(asked.get(name, "")) for name in ("first", "last"))
    except UsageError:
        return Months(usual.first, usual.last, "Enter both months like 2026-03 or March 2026")
    if last < first:
        return Months(usual.first, usual.last, "The last month must be the same as or after the first")
    if last > today:
        return Months(usual.first, usual.last, "The last month must be this month or in the past")
    if len(months_between(first, last)) > MOST:
        return Months(usual.first, usual.last, f"At most {MOST} months can be shown at a time")
    return Months(first, last)
