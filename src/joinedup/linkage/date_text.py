"""Dates, and times of day, written in a stated form, as ISO text; and ISO text as days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import cache

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PARTS = {
    "Y": r"(?P<Y>\d{1,4})",
    "y": r"(?P<y>\d{1,2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "b": r"(?P<b>[A-Za-z]{3})",
    "B": r"(?P<b>[A-Za-z]{3,9})",
    "H": r"(?P<H>\d{1,2})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "f": r"(?P<f>\d{1,6})",
}
_TIME = frozenset("HMSf")
_CLOCK = re.compile(r"[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}(?:\.[0-9]+)?))?Z?")


@cache
def date_reader(form: str) -> Callable[[str], str | None]:
    """Return a function that gives a date written in this form as YYYY-MM-DD, or None where it is no date.

    form: with %Y, %y, %m, %d, %b and %B as in ``strptime``; leading zeros may lack and surrounding spaces are
    ignored, as in DuckDB. %y is read as 1969 to 2068 (POSIX). With %H, %M, %S or %f the time of day is given, too.

    >>> date_reader("%d/%m/%Y")("5/01/1990")
    '1990-01-05'
    >>> date_reader("%Y-%m-%dT%H:%M:%SZ")("1990-01-05T09:30:00Z")
    '1990-01-05T09:30:00'
    """
    pieces = re.split(r"%-?([YymdbBHMSf])", form)
    timed = not _TIME.isdisjoint(pieces[1::2])
    regex = "".join(_PARTS[piece] if i % 2 else re.escape(piece) for i, piece in enumerate(pieces))
    try:
        pattern = re.compile(regex)
    except re.error:  # the same part twice: nothing is written so
        return lambda text: None

    def read(text: str) -> str | None:
        found = pattern.fullmatch(text.strip())
        if found is None:
            return None
        part = found.groupdict()
        month = part.get("m")
        if name := part.get("b"):
            month = str(_MONTHS.index(name[:3].lower()) + 1) if name[:3].lower() in _MONTHS else None
        year = int(part["Y"]) if part.get("Y") else None
        if year is None and part.get("y"):
            year = int(part["y"]) + (2000 if int(part["y"]) < 69 else 1900)
        if year is None:
            return None
        try:
            day = dt.date(year, int(month or 1), int(part.get("d") or 1))
            if not timed:
                return day.isoformat()
            hour, minute, second = (int(part.get(name) or 0) for name in "HMS")
            below = int((part.get("f") or "").ljust(6, "0"))
            return dt.datetime.combine(day, dt.time(hour, minute, second, below)).isoformat()
        except ValueError:
            return None

    return read


def day_part(time: str) -> float:
    """What follows an ISO date, as a part of a day; 0 where that is no time of day.

    >>> day_part("T18:00"), day_part(" 06:00:00.5Z"), day_part(" (about)")
    (0.75, 0.25000578703703703, 0.0)
    """
    found = _CLOCK.fullmatch(time)
    if found is None:
        return 0.0
    hour, minute, second = (float(part or 0) for part in found.groups())
    return (hour * 3600 + minute * 60 + second) / 86_400 if hour < 24 and minute < 60 and second < 60 else 0.0
