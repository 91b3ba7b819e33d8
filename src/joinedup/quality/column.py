"""What is known of a column once it has been read, without any person's data unless it is harmless."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from joinedup.people import FieldKind, Meaning

from .distinct_count import DistinctCount
from .measure import share, uniqueness
from .number_sketch import NumberSketch
from .tally import ColumnTally
from .validity import Validity

_OPEN_KINDS = {FieldKind.SEX, FieldKind.CATEGORY, FieldKind.TEXT, FieldKind.UNKNOWN, FieldKind.TOWN}
_NUMBER_KINDS = {FieldKind.NUMBER, FieldKind.CATEGORY}
SKETCHED = frozenset(_NUMBER_KINDS | {FieldKind.TEXT, FieldKind.UNKNOWN})
"""Kinds of which the distribution of their numbers is shown, if they are numbers."""
_LOW_CARDINALITY = 50
_LEAST_SHOWN = 5
PLACEHOLDERS = frozenset(
    {
        "n/a", "#n/a", "null", "nil", "none", "blank", "unknown", "missing", "test", "tbc", "tba", "?", "??",
        "-", "--", ".", "x", "xx", "xxx", "not known", "not stated", "not provided", "not recorded",
        "not applicable",
    }
)  # fmt: skip


@dataclass(frozen=True)
class TopValue:
    """One of the most frequent values; ``value`` is None where it could tell about a person."""

    value: str | None
    count: int


@dataclass(frozen=True)
class Numbers:
    """The distribution of a column's numbers; quantiles are within 1%. edges, counts: a histogram."""

    low: float
    high: float
    mean: float
    deviation: float
    quantiles: dict[str, float]
    zeros: int
    negative: int
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Dates:
    """A column's dates by year. order: how they are written; "either" where no value settles it."""

    order: str
    by_year: dict[int, int]
    earliest: str
    latest: str


@dataclass(frozen=True)
class ColumnProfile:
    """One column. rows = missing + blank + placeholders + values.

    found_type: what the values read as. meaning_*: what the column stands for, how sure and why.
    count_error: how far the counts of single values may be too low (0 when every value was kept).
    personal: whether values are withheld (only shapes and counts are shown).
    """

    name: str
    stored_type: str
    found_type: str
    kind: str
    confidence: float
    why: str
    rows: int
    missing: int
    blank: int
    placeholders: int
    values: int
    distinct: int
    distinct_exact: bool
    personal: bool
    top: tuple[TopValue, ...]
    count_error: int
    shortest: int
    longest: int
    mean_length: float
    shapes: tuple[tuple[str, int], ...]
    padded: int
    non_ascii: int
    leading_zeros: int
    numbers: Numbers | None
    dates: Dates | None
    validity: Validity | None

    @property
    def completeness(self) -> float | None:
        """Values that are there ÷ rows."""
        return share(self.values, self.rows)

    @property
    def uniqueness(self) -> float | None:
        """1 − surplus duplicates ÷ values."""
        return uniqueness(self.values, self.distinct)

    @property
    def duplicates(self) -> int:
        """Values that repeat one seen before."""
        return max(self.values - self.distinct, 0)

    def as_dict(self) -> dict[str, Any]:
        """The same for JSON."""
        told = asdict(self) | {"completeness": self.completeness, "uniqueness": self.uniqueness}
        if self.validity is not None:
            told["validity"]["share"] = self.validity.share
        return told


def column_profile(
    tally: ColumnTally, *, name: str, stored_type: str, meaning: Meaning, validity: Validity | None
) -> ColumnProfile:
    """The profile of a finished tally."""
    total = tally.totals
    top = tally.top(len(PLACEHOLDERS) * 4 + 50)
    placeholders = sum(count for text, count in top if text.strip().lower() in PLACEHOLDERS)
    if validity is not None:
        placeholders = validity.missing_words
    values = total.values - placeholders
    distinct = tally.distinct()
    words = [text for text, _ in top if text.strip().lower() in PLACEHOLDERS]
    different = max(distinct.count - len(words), 0) if placeholders else distinct.count
    if not distinct.exact:
        different = min(different, values)
    personal = _is_personal(meaning.kind, distinct, top, tally)
    shown = [(text, count) for text, count in top if text.strip().lower() not in PLACEHOLDERS][:10]
    return ColumnProfile(
        name=name,
        stored_type=stored_type,
        found_type=_found_type(tally),
        kind=meaning.kind.value,
        confidence=meaning.confidence,
        why=meaning.why,
        rows=tally.rows,
        missing=tally.missing,
        blank=total.blank,
        placeholders=placeholders,
        values=values,
        distinct=different,
        distinct_exact=distinct.exact,
        personal=personal,
        top=tuple(
            TopValue(None if personal or count < _LEAST_SHOWN else text, count) for text, count in shown
        ),
        count_error=tally.count_error,
        shortest=int(np.flatnonzero(total.lengths)[0]) if total.lengths.any() else 0,
        longest=total.longest,
        mean_length=round(total.length_sum / total.values, 3) if total.values else 0.0,
        shapes=tuple(tally.shapes()[:10]),
        padded=total.padded,
        non_ascii=total.non_ascii,
        leading_zeros=total.leading_zero,
        numbers=_numbers(tally.sketch) if _shows_numbers(tally, meaning.kind) else None,
        dates=_dates(tally, meaning),
        validity=validity,
    )


def _is_personal(
    kind: FieldKind, distinct: DistinctCount, top: list[tuple[str, int]], tally: ColumnTally
) -> bool:
    """Values are shown only of kinds that name nobody, with few different values, each often enough."""
    if kind in _NUMBER_KINDS or kind in _OPEN_KINDS:
        few = distinct.exact and distinct.count <= _LOW_CARDINALITY and tally.totals.longest <= 60
        return not (few and top and top[0][1] >= _LEAST_SHOWN)
    return True


def _found_type(tally: ColumnTally) -> str:
    total = tally.totals
    if not total.values:
        return "empty"
    if total.whole == total.values:
        return "digits with leading zeros" if total.leading_zero else "whole number"
    if total.numbers == total.values:
        return "number"
    dates = total.dates_ymd + total.dates_slash
    if dates == total.values:
        return "date"
    for count, word in ((total.numbers, "mostly numbers"), (dates, "mostly dates")):
        if count >= 0.9 * total.values:
            return word
    return "text"


def _shows_numbers(tally: ColumnTally, kind: FieldKind) -> bool:
    return (
        kind in SKETCHED
        and tally.sketch.count >= 0.9 * max(tally.totals.values, 1)
        and not tally.totals.leading_zero
    )


def _numbers(sketch: NumberSketch) -> Numbers:
    low, high = sketch.quantile(0.01), sketch.quantile(0.99)
    if high <= low:
        low, high = sketch.low, sketch.high
    if high <= low:
        high = low + 1
    edges = np.linspace(low, high, 31)
    names = {"5%": 0.05, "25%": 0.25, "50%": 0.5, "75%": 0.75, "95%": 0.95}
    return Numbers(
        sketch.low,
        sketch.high,
        sketch.mean,
        0.0 if math.isnan(sketch.deviation) else sketch.deviation,
        {name: sketch.quantile(at) for name, at in names.items()},
        sketch.zeros,
        sketch.negative,
        tuple(round(float(e), 6) for e in edges),
        tuple(int(c) for c in sketch.bins(edges)),
    )


def _dates(tally: ColumnTally, meaning: Meaning) -> Dates | None:
    total = tally.totals
    found = total.dates_ymd + total.dates_slash
    if found < 0.5 * max(total.values, 1) or not found:
        return None
    order = "year-month-day"
    if total.dates_slash:
        if total.first_over_12 and total.second_over_12:
            order = "mixed: some can only be day first, others only month first"
        elif total.first_over_12 or meaning.options.date_order == "dmy":
            order = "day-month-year"
        elif total.second_over_12 or meaning.options.date_order == "mdy":
            order = "month-day-year"
        else:
            order = "either"
        if total.dates_ymd:
            order += ", beside year-month-day"
    years = {int(y): int(total.years[y]) for y in np.flatnonzero(total.years)}
    first, last = total.day_range
    exact = meaning.kind is FieldKind.DATE and order.split(",")[0] in {"year-month-day", "day-month-year"}
    return Dates(order, years, _iso(first, exact=exact), _iso(last, exact=exact))


def _iso(packed: int, *, exact: bool) -> str:
    year = f"{packed // 10_000:04d}"
    return f"{year}-{packed // 100 % 100:02d}-{packed % 100:02d}" if exact else year
