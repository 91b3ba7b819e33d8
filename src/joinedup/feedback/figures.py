"""A service's figures by month, and reading them from a CSV file. What is not given is unknown, and never nought."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from joinedup.errors import SourceError, UsageError

COUNTS = ("started", "completed", "digital", "eligible")
COLUMNS = ("month", *COUNTS, "cost")
MOST_ROWS = 1200
LARGEST_COUNT = 2_000_000_000
LARGEST_COST_PENCE = 1_000_000_000_000_000
UNKNOWN = frozenset({"", "-", "n/a", "na", "not known", "unknown", "null"})
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class MonthFigures:
    """What a month of a service counted. month: its first day.

    started, completed: transactions, in all channels. digital: completed online, with help or without. eligible: who
    could have used it. cost_pence: all that the month cost, in all channels. None: not known.

    Raises UsageError where they contradict each other: the published measures can never pass 100%.
    """

    month: date
    started: int | None = None
    completed: int | None = None
    digital: int | None = None
    eligible: int | None = None
    cost_pence: int | None = None

    def __post_init__(self) -> None:
        where = f"{self.month:%B %Y}"
        if self.month.day != 1:
            raise UsageError(what="a month is told by its first day", where=where)
        for name in (*COUNTS, "cost_pence"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise UsageError(what=f"{name} is less than 0", where=where)
        if self.started is not None and self.completed is not None and self.completed > self.started:
            raise UsageError(
                what="more transactions were completed than started",
                where=where,
                mend="count a resumed transaction in the month in which it was started",
            )
        if self.completed is not None and self.digital is not None and self.digital > self.completed:
            raise UsageError(
                what="more transactions were completed online than in all channels",
                where=where,
                mend="count in `completed` what was completed in every channel",
            )

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is known of the month."""
        return all(getattr(self, name) is None for name in (*COUNTS, "cost_pence"))


@dataclass(frozen=True)
class MonthProblem:
    """A row of a file that was not taken. row: as a spreadsheet counts, the headings being 1."""

    row: int
    what: str


def months_between(first: date, last: date) -> tuple[date, ...]:
    """Every month's first day from one day's month to another's, both in.

    >>> [f"{month:%Y-%m}" for month in months_between(date(2025, 12, 31), date(2026, 2, 1))]
    ['2025-12', '2026-01', '2026-02']
    """
    from_start = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return tuple(date(number // 12, number % 12 + 1, 1) for number in from_start)


def read_month(text: str) -> date:
    """Return a month's first day from 2026-03, 2026-03-01, 03/2026, 1/3/2026, March 2026 or Mar-26.

    Raises UsageError for anything else.
    """
    words = text.strip().lower()
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})(?:-01?)?", words):
        year, month = int(found[1]), int(found[2])
    elif found := re.fullmatch(r"(?:0?1/)?(\d{1,2})/(\d{4})", words):
        year, month = int(found[2]), int(found[1])
    elif found := re.fullmatch(r"([a-z]{3,9})[\s-]+(\d{4}|\d{2})", words):
        year = int(found[2]) + (2000 if len(found[2]) == 2 else 0)
        month = _MONTHS.index(found[1][:3]) + 1 if found[1][:3] in _MONTHS else 0
    else:
        year, month = 0, 0
    if not (1 <= month <= 12 and 1990 <= year <= 2200):
        raise UsageError(what="the month cannot be read", mend="write it like 2026-03 or March 2026")
    return date(year, month, 1)


def read_count(text: str, *, name: str) -> int | None:
    """Return a whole number from text like 12,345; None where it says that it is not known."""
    words = text.strip().lower()
    if words in UNKNOWN:
        return None
    digits = words.replace(",", "").removesuffix(".0")
    if not re.fullmatch(r"\d{1,10}", digits) or int(digits) > LARGEST_COUNT:
        raise UsageError(what=f"{name} must be a whole number, or empty where it is not known")
    return int(digits)


def read_cost(text: str) -> int | None:
    """Return pence from an amount in pounds like £12,345.60; None where it says that it is not known."""
    words = text.strip().lower()
    if words in UNKNOWN:
        return None
    try:
        pounds = Decimal(words.removeprefix("£").replace(",", ""))
    except InvalidOperation:
        pounds = Decimal(-1)
    if not pounds.is_finite() or not 0 <= pounds * 100 <= LARGEST_COST_PENCE:
        raise UsageError(
            what="cost must be an amount in pounds like 12,345.60, or empty where it is not known"
        )
    return int((pounds * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def read_figures(content: bytes, *, where: str) -> tuple[list[MonthFigures], list[MonthProblem]]:
    """Return the months of a CSV file in its order, and the rows that were not taken, with what is wrong with each.

    Columns, in any order: month, and any of started, completed, digital, eligible, cost (in pounds). A month told
    twice is taken once. Raises SourceError where the file as a whole cannot be read.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\x00" in text:
        raise SourceError(what="this is not a CSV file", where=where, mend="save the spreadsheet as CSV")
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error:
        raise SourceError(
            what="this is not a CSV file", where=where, mend="save the spreadsheet as CSV"
        ) from None
    if not rows:
        raise SourceError(what="the file is empty", where=where)
    if len(rows) > MOST_ROWS:
        raise SourceError(
            what=f"the file has more than {MOST_ROWS:,} rows", where=where, mend="send one service's months"
        )
    headings = [name.strip().lower() for name in rows[0]]
    if "month" not in headings or not set(headings) & set(COLUMNS[1:]):
        raise SourceError(
            what="the columns cannot be told apart", where=where, mend=f"name them {', '.join(COLUMNS)}"
        )
    taken: dict[date, MonthFigures] = {}
    problems: list[MonthProblem] = []
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            found = _figures(dict(zip(headings, row, strict=False)))
            if found.month in taken:
                raise UsageError(what=f"{found.month:%B %Y} is in the file twice")
        except UsageError as error:
            problems.append(MonthProblem(number, error.what))
            continue
        taken[found.month] = found
    return list(taken.values()), problems


def _figures(row: Mapping[str, str]) -> MonthFigures:
    counts = {name: read_count(row.get(name, ""), name=name) for name in COUNTS}
    return MonthFigures(
        month=read_month(row.get("month", "")), **counts, cost_pence=read_cost(row.get("cost", ""))
    )
