"""How figures are laid out in a terminal: plain tables, thousands separated, the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table


# What moves a terminal's cursor, colours it, rings or turns the writing round: a file may hold it, we never draw it.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """The text with each control character shown as its number; tabs and line ends stay.

    >>> harmless("a" + chr(27) + "[31m") == "a" + chr(92) + "x1b[31m"
    True
    """
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", right: Sequence[int] = ()
) -> Table:
    """A table for a console; `right` numbers the columns whose figures stand on the right."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    drawn = Table(
        box=box.SIMPLE_HEAD, title=escape(harmless(title)) or None, title_justify="left", pad_edge=False
    )
    for number, heading in enumerate(headings):
        drawn.add_column(
            escape(harmless(heading)), justify="right" if number in right else "left", overflow="fold"
        )
    for row in rows:
        drawn.add_row(*(escape(figure(cell)) for cell in row))
    return drawn


def figure(value: object) -> str:
    """A value for people: whole numbers with separators, others to three figures, nothing as a dash,
    control characters by their numbers."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.3g}"
    return harmless(str(value))


def share(value: float | None) -> str:
    """A share between 0 and 1 as a percentage; it never rounds up to 100% or down to 0%."""
    if value is None:
        return "–"
    if value in (0.0, 1.0):
        return f"{value:.0%}"
    return f"{min(max(value, 0.0001), 0.9999):.2%}"


def duration(seconds: float) -> str:
    """Seconds for people.

    >>> duration(0.21), duration(75)
    ('0.2 s', '1 min 15 s')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"
