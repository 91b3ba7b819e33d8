"""Spreadsheet cells as columns of one type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

FIRST_SERIAL, LAST_SERIAL = 367, 73_415  # 1 January 1901 to 31 December 2100, as Excel counts days
_DAY_NOUGHT = dt.date(1899, 12, 30)  # for days after February 1900, which Excel thinks had 29
_EXACT = 2**53
_TEXT = pa.string()


@dataclass(frozen=True)
class CellType:
    """kinds: what the cells of a column are: bool, int, float, date, datetime, text.

    arrow: the type that holds them. least, most: the whole numbers' range.
    """

    kinds: frozenset[str]
    arrow: pa.DataType = _TEXT
    least: int | None = None
    most: int | None = None


def kinds_of(rows: Iterable[Sequence[Any]], width: int) -> list[CellType]:
    """Look through a sheet once, and say what each column holds."""
    kinds: list[set[str]] = [set() for _ in range(width)]
    least: list[int | None] = [None] * width
    most: list[int | None] = [None] * width
    for row in rows:
        for place, cell in enumerate(row):
            if cell == "":
                continue
            kind = _kind(cell)
            kinds[place].add(kind)
            if kind == "int":
                low, high = least[place], most[place]
                if low is None or cell < low:
                    least[place] = int(cell)
                if high is None or cell > high:
                    most[place] = int(cell)
    return [
        CellType(frozenset(found), least=low, most=high)
        for found, low, high in zip(kinds, least, most, strict=True)
    ]


def column_type(kind: CellType) -> CellType:
    """The narrowest type that holds what the column holds; text for several kinds, and for nothing."""
    arrow = pa.string()
    if kind.kinds == {"bool"}:
        arrow = pa.bool_()
    elif kind.kinds == {"int"}:
        arrow = pa.int64()
    elif kind.kinds and kind.kinds <= {"int", "float"}:
        arrow = pa.float64()
    elif kind.kinds == {"date"}:
        arrow = pa.date32()
    elif kind.kinds and kind.kinds <= {"date", "datetime"}:
        arrow = pa.timestamp("us")
    return CellType(kind.kinds, arrow, kind.least, kind.most)


def convert(cell: Any, kind: CellType) -> Any:
    """A cell as its column's type wants it; None for an empty one."""
    if cell == "":
        return None
    if pa.types.is_string(kind.arrow):
        return as_text(cell)
    if pa.types.is_integer(kind.arrow):
        return int(cell)
    if pa.types.is_floating(kind.arrow):
        return float(cell)
    if pa.types.is_date(kind.arrow):
        if isinstance(cell, int | float):
            return _DAY_NOUGHT + dt.timedelta(days=int(cell))
        return cell.date() if isinstance(cell, dt.datetime) else cell
    if pa.types.is_timestamp(kind.arrow) and not isinstance(cell, dt.datetime):
        return dt.datetime(cell.year, cell.month, cell.day)
    return cell


def as_text(cell: Any) -> str | None:
    """A cell as it would be shown: whole numbers without a point, dates as ISO; None for an empty one.

    >>> as_text(7.0), as_text(True)
    ('7', 'true')
    """
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT else repr(cell)
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _kind(cell: Any) -> str:
    if isinstance(cell, str):
        return "text"
    if isinstance(cell, bool):
        return "bool"
    if isinstance(cell, int | float):
        return "int" if abs(cell) < _EXACT and float(cell).is_integer() else "float"
    if isinstance(cell, dt.datetime):
        return "date" if cell.time() == dt.time() else "datetime"
    return "date" if isinstance(cell, dt.date) else "text"
