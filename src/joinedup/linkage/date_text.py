"""Dates written in a stated form, as ISO text."""

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
}


@cache
def date_reader(form: str) -> Callable[[str], str | None]:
    """Return a function that gives a date written in this form as YYYY-MM-DD, or None where it is no date.

    form: with %Y, %y, %m, %d, %b and %B as in ``strptime``; leading zeros may lack and surrounding spaces are
    ignored, as in DuckDB. %y is read as 1969 to 2068 (POSIX).

    >>> date_reader("%d/%m/%Y")("5/01/1990")
    '1990-01-05'
    """
    pieces = re.split(r"%-?([YymdbB])", form)
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
            return dt.date(year, int(month or 1), int(part.get("d") or 1)).isoformat()
        except ValueError:
            return None

    return read
