"""Dates of birth: read under the one order of day and month that the whole column speaks for.

Each text gives the readings the calendar allows (`date_reading`). Texts with one reading vote for the order
they need, each as often as it occurs. An order is taken only if at least 95 % of the votes agree; otherwise
texts with two readings are INVALID and told as ambiguous. A declared order overrules the vote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa

from joinedup.errors import UsageError
from joinedup.people.data_file import rows_of
from joinedup.people.date_reading import Reading, is_day, read_date, serial_day
from joinedup.people.distinct import NO_REASON, Distinct, Verdict
from joinedup.people.kinds import FieldOptions
from joinedup.values.judged import FieldStatus
from joinedup.values.reasons import REASON_INDEX

ORDERS = ("dmy", "mdy", "ymd")
OPEN = "open"  # declared of a column that is known not to tell: what can be read two ways is ambiguous
AGREEMENT = 0.95
_UNIX_DAY_ZERO = date(1970, 1, 1).toordinal()
_MISSING_DAY = np.iinfo(np.int32).min


@cache
def placeholder_days() -> frozenset[int]:
    """Ordinals of the dates that are often entered in place of an unknown one."""
    return frozenset(date.fromisoformat(row["date"]).toordinal() for row in rows_of("placeholder_dates"))


def judge_dates_of_birth(found: Distinct, options: FieldOptions) -> Verdict:
    """Dates of birth: also told are those in the future, very old, and stand-ins for none."""
    return _judge(found, options, birth=True)


def judge_dates(found: Distinct, options: FieldOptions) -> Verdict:
    """Dates of any event."""
    return _judge(found, options, birth=False)


def _judge(found: Distinct, options: FieldOptions, *, birth: bool) -> Verdict:
    if options.date_order not in (None, OPEN, *ORDERS):
        raise UsageError(
            what=f"date order {options.date_order!r} is not known", mend="give one of dmy, mdy, ymd, or none"
        )
    readings = [read_date(text) for text in found.texts.to_pylist()]
    counts = found.counts().tolist()
    order, notes = _order(readings, counts, options)
    serials = _takes_short_serials(readings, counts, options)
    days = np.full(len(readings), _MISSING_DAY, np.int64)
    status = np.full(len(readings), FieldStatus.INVALID, np.uint8)
    reasons = np.full(len(readings), NO_REASON, np.int16)
    for place, reading in enumerate(readings):
        day, state, reason = settle(reading, order, options, serials=serials, birth=birth)
        days[place] = _MISSING_DAY if day is None else day - _UNIX_DAY_ZERO
        status[place] = state
        if reason is not None:
            reasons[place] = REASON_INDEX[reason]
    none = days == _MISSING_DAY
    values = pa.array(np.where(none, 0, days).astype(np.int32), pa.int32(), mask=none).cast(pa.date32())
    return Verdict(values, status, reasons, notes)


def _order(
    readings: list[Reading], counts: Sequence[int], options: FieldOptions
) -> tuple[str | None, dict[str, str]]:
    """The order of parts by which dates are read, None if it is open, and how it was found."""
    if options.date_order is not None:
        order = None if options.date_order == OPEN else options.date_order
        return order, {"date_order": f"{options.date_order}, declared"}
    return told_order(*order_votes(readings, counts))


def _takes_short_serials(readings: list[Reading], counts: Sequence[int], options: FieldOptions) -> bool:
    """Whether four digits are a day number here, not a year: where five digits are the commoner."""
    if options.short_serials is not None:
        return options.short_serials
    five, four = serial_lengths(readings, counts)
    return five > four


def order_votes(readings: list[Reading], counts: Sequence[int]) -> tuple[Counter[str], int]:
    """How many rows speak for each order, and how many could be read by several. counts: rows of each reading."""
    votes: Counter[str] = Counter()
    open_rows = 0
    for reading, count in zip(readings, counts, strict=True):
        if len(reading.dates) == 1 and "" not in reading.dates:
            votes[next(iter(reading.dates))] += count
        elif len(reading.dates) > 1:
            open_rows += count
    return votes, open_rows


def told_order(votes: Mapping[str, int], open_rows: int) -> tuple[str | None, dict[str, str]]:
    """The column's order of parts, None if it does not tell, and what was found."""
    if not votes:
        told = (
            f"not told by the column: {open_rows} dates could be read two ways" if open_rows else "not needed"
        )
        return None, {"date_order": told}
    winner, most = max(votes.items(), key=lambda vote: (vote[1], vote[0]))
    total = sum(votes.values())
    if most < AGREEMENT * total:
        parts = ", ".join(f"{name} {votes[name]}" for name in ORDERS if votes.get(name))
        return None, {"date_order": f"mixed ({parts} of {total} telling dates)"}
    return winner, {"date_order": f"{winner}, from {most} of {total} telling dates"}


def serial_lengths(readings: list[Reading], counts: Sequence[int]) -> tuple[int, int]:
    """How many rows are a number of five digits, and how many of four."""
    five = four = 0
    for reading, count in zip(readings, counts, strict=True):
        if reading.serial is not None:
            five += count if reading.serial >= 10_000 else 0
            four += count if reading.serial < 10_000 else 0
    return five, four


def settle(
    reading: Reading, order: str | None, options: FieldOptions, *, serials: bool, birth: bool
) -> tuple[int | None, FieldStatus, str | None]:
    """The ordinal day of one reading (None where there is none), how it stands and why.

    order: in which the parts stand, if that is known. serials: whether four digits are a day number.
    """
    day, remark = _day(reading, order, options, serials=serials)
    if day is None:
        return None, FieldStatus.INVALID, remark
    if birth:
        if day in placeholder_days():
            kept = options.keep_placeholders and (options.on is None or day <= options.on.toordinal())
            return (
                (day, FieldStatus.VALID, "placeholder_date")
                if kept
                else (None, FieldStatus.MISSING, "placeholder_date")
            )
        if options.on is not None and day > options.on.toordinal():
            return None, FieldStatus.INVALID, "in_future"
    if remark is not None:
        return day, FieldStatus.MENDED, remark
    old = birth and options.on is not None and options.on.toordinal() - day > 120 * 365.25
    return day, FieldStatus.VALID, "very_old" if old else None


def _day(
    reading: Reading, order: str | None, options: FieldOptions, *, serials: bool
) -> tuple[int | None, str | None]:
    """The ordinal day and the reason it was mended; or None and the reason there is none."""
    if reading.serial is not None and (serials or reading.serial >= 10_000):
        day = serial_day(reading.serial)
        return (day, "excel_serial") if day is not None else (None, "impossible_date")
    if reading.fault is not None:
        return None, reading.fault
    dates = reading.dates
    distinct_days = set(dates.values())
    if len(distinct_days) == 1 and (
        order is None or "" in dates or order in dates or not _is_open(dates, order)
    ):
        parts = next(iter(distinct_days))
    elif order is None:
        return None, "ambiguous_order"
    elif order in dates:
        parts = dates[order]
    else:
        return None, "impossible_date"
    if not reading.two_digit:
        return date(*parts).toordinal(), "leading_zero" if reading.lost_zero else None
    return _with_century(parts, options)


def _is_open(dates: dict[str, tuple[int, int, int]], order: str) -> bool:
    """Whether the column's order says anything about this text: "ymd" says nothing of dd/mm/yyyy."""
    return order != "ymd" or "ymd" in dates


def _with_century(parts: tuple[int, int, int], options: FieldOptions) -> tuple[int | None, str | None]:
    year, month, day = parts
    if options.pivot is not None:
        centuries = [1900 if year > options.pivot else 2000]
    elif options.on is not None:
        centuries = [2000, 1900]
    else:
        return None, "two_digit_year_unknown"
    for century in centuries:
        if is_day(century + year, month, day):
            ordinal = date(century + year, month, day).toordinal()
            if options.pivot is not None or options.on is None or ordinal <= options.on.toordinal():
                return ordinal, "two_digit_year"
    return None, "impossible_date"
