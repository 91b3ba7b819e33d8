"""What one written date could be, before its column has told in which order days and months stand.

Nothing here guesses: a text gives every reading that is a day of the calendar, each under the order of its
parts that it needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from joinedup.people.data_file import rows_of

EXCEL_DAY_ZERO = date(1899, 12, 30).toordinal()  # right from 1 March 1900 on
EARLIEST_YEAR, LATEST_YEAR = 1000, 2199

_TIME = r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[ap]m)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})\s*[-/. ]\s*(\d{{1,2}})\s*[-/. ]\s*(\d{{1,2}}){_TIME}", re.ASCII | re.I)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})\s*[-/. ]\s*(\d{{1,2}})\s*[-/. ]\s*(\d{{4}}){_TIME}", re.ASCII | re.I)
_SHORT = re.compile(rf"(\d{{1,2}})\s*[-/. ]\s*(\d{{1,2}})\s*[-/. ]\s*(\d{{2}}){_TIME}", re.ASCII | re.I)
_DIGITS = re.compile(r"(\d{4,8})(?:\.0+)?", re.ASCII)
_SERIAL_WITH_TIME = re.compile(r"(\d{4,5})\.\d+", re.ASCII)
_WORDS = re.compile(r"[a-z]+|\d+", re.I)
_PARTIAL = re.compile(r"(\d{4}|\d{4}[-/.]\d{1,2}|\d{1,2}[-/.]\d{4}|[a-z]{3,9}[ -]\d{4})", re.ASCII | re.I)
_MONTH_NAMES = tuple(row["name"] for row in rows_of("calendar_words") if row["what"] == "month")
_DAY_NAMES = tuple(row["name"] for row in rows_of("calendar_words") if row["what"] == "day")


@dataclass(frozen=True)
class Reading:
    """What one text could be.

    dates: order of parts ("dmy", "mdy", "ymd") to the date it gives; one date under "" if the text needs no
        order. Two-digit years are kept as years 0 to 99, to be given their century later.
    two_digit: whether the years still lack their century. serial: it could be a spreadsheet's day number.
    lost_zero: a leading zero has been put back. fault: why there is no date.
    """

    dates: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    two_digit: bool = False
    serial: int | None = None
    lost_zero: bool = False
    fault: str | None = None


@cache
def _months() -> dict[str, int]:
    months = {
        name[:length]: number
        for number, name in enumerate(_MONTH_NAMES, 1)
        for length in range(3, len(name) + 1)
    }
    return months | {"sept": 9}


@cache
def _ignored_words() -> frozenset[str]:
    days = {name[:length] for name in _DAY_NAMES for length in (3, 4, 5, len(name))}
    return frozenset(days | {"st", "nd", "rd", "th", "of", "the"})


def is_day(year: int, month: int, day: int) -> bool:
    """Whether the calendar has such a day, in years 1 to 9999.

    >>> is_day(1900, 2, 29), is_day(2000, 2, 29)
    (False, True)
    """
    if not (1 <= month <= 12 and 1 <= day <= 31 and 1 <= year <= 9999):
        return False
    if month == 2:
        return day <= (29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28)
    return day <= (30 if month in (4, 6, 9, 11) else 31)


def read_date(text: str) -> Reading:
    """Every reading of one written date.

    >>> read_date("03/04/1980").dates
    {'dmy': (1980, 4, 3), 'mdy': (1980, 3, 4)}
    >>> read_date("31/02/1980").fault
    'impossible_date'
    """
    bare = text.strip().strip("'\"").strip()
    match = _YEAR_FIRST.fullmatch(bare)
    if match:
        year, month, day = map(int, match.groups())
        return _certain(year, month, day)
    match = _YEAR_LAST.fullmatch(bare)
    if match:
        first, second, year = map(int, match.groups())
        return _open({"dmy": (year, second, first), "mdy": (year, first, second)})
    match = _SHORT.fullmatch(bare)
    if match:
        return _short(*map(int, match.groups()))
    match = _DIGITS.fullmatch(bare)
    if match:
        return _run_of_digits(match.group(1))
    match = _SERIAL_WITH_TIME.fullmatch(bare)
    if match:
        return Reading(serial=int(match.group(1)), fault="not_a_date")
    named = _named_month(bare)
    if named is not None:
        return named
    return Reading(fault="partial_date" if _PARTIAL.fullmatch(bare) else "not_a_date")


def _certain(year: int, month: int, day: int) -> Reading:
    if not is_day(year, month, day):
        return Reading(fault="impossible_date")
    if not EARLIEST_YEAR <= year <= LATEST_YEAR and (year, month, day) != (9999, 12, 31):
        return Reading(fault="year_out_of_range")
    return Reading(dates={"": (year, month, day)})


def _open(readings: dict[str, tuple[int, int, int]], *, lost_zero: bool = False) -> Reading:
    dates = {order: parts for order, parts in readings.items() if is_day(*parts)}
    if not dates:
        return Reading(fault="impossible_date")
    likely = {
        order: parts
        for order, parts in dates.items()
        if EARLIEST_YEAR <= parts[0] <= LATEST_YEAR or parts[0] == 9999
    }
    if not likely:
        return Reading(fault="year_out_of_range")
    if len(set(likely.values())) == 1 and len(likely) == len(readings):
        return Reading(dates={"": next(iter(likely.values()))}, lost_zero=lost_zero)
    return Reading(dates=likely, lost_zero=lost_zero)


def _short(first: int, second: int, third: int) -> Reading:
    readings = {"dmy": (third, second, first), "mdy": (third, first, second), "ymd": (first, second, third)}
    # 2000 + year has a leap day whenever 1900 + year has one, but for 1900 itself, which is judged later.
    dates = {order: parts for order, parts in readings.items() if is_day(2000 + parts[0], *parts[1:])}
    return Reading(dates=dates, two_digit=True) if dates else Reading(fault="impossible_date")


def _run_of_digits(digits: str) -> Reading:
    if len(digits) == 8:
        return _open(_eight(digits))
    if len(digits) == 7:  # ddmmyyyy whose first zero a spreadsheet has dropped
        return _open(
            {order: parts for order, parts in _eight("0" + digits).items() if order != "ymd"}, lost_zero=True
        )
    if len(digits) == 6:
        return _short(int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    return Reading(serial=int(digits), fault="partial_date" if len(digits) == 4 else "not_a_date")


def _eight(digits: str) -> dict[str, tuple[int, int, int]]:
    return {
        "ymd": (int(digits[:4]), int(digits[4:6]), int(digits[6:])),
        "dmy": (int(digits[4:]), int(digits[2:4]), int(digits[:2])),
        "mdy": (int(digits[4:]), int(digits[:2]), int(digits[2:4])),
    }


def _named_month(text: str) -> Reading | None:
    words = [word.lower() for word in _WORDS.findall(text.split(":")[0])]
    months = [_months()[word] for word in words if word in _months()]
    numbers = [word for word in words if word.isdigit() and word.isascii()]
    others = [w for w in words if w not in _months() and w not in _ignored_words() and not w.isdigit()]
    if len(months) != 1 or others or not 2 <= len(numbers) <= 3:
        return None
    first, second = numbers[0], numbers[1]
    if len(first) == 4 and len(second) <= 2:
        return _certain(int(first), months[0], int(second))
    if len(first) > 2 or len(second) not in (2, 4):
        return None
    if len(second) == 4:
        return _certain(int(second), months[0], int(first))
    parts = (int(second), months[0], int(first))
    if not is_day(2000 + parts[0], *parts[1:]):
        return Reading(fault="impossible_date")
    return Reading(dates={"dmy": parts, "mdy": parts}, two_digit=True)


def serial_day(number: int) -> int | None:
    """The proleptic ordinal of a spreadsheet's day number (1900 system); None for its 29 February 1900.

    >>> date.fromordinal(serial_day(29221) or 1)
    datetime.date(1980, 1, 1)
    """
    if number == 60 or not 1 <= number <= 73050:
        return None
    return EXCEL_DAY_ZERO + number + (1 if number < 60 else 0)
