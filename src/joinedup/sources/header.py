"""Which row holds the names of the columns, judged by how names and values look."""

from __future__ import annotations

import re
from collections.abc import Sequence

_VALUE = re.compile(
    r"""[-+£$€]?[\d., ]*\d%?                       # a number
    |\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}([T ].*)?    # a date
    |\d{1,2}[- ][A-Za-z]{3,9}[- ]\d{2,4}
    |[A-Za-z]{1,2}\d[A-Za-z\d]?\s?\d[A-Za-z]{2}    # a postcode
    |[A-Za-z]{2}\s?\d\d\s?\d\d\s?\d\d\s?[A-Da-d]   # a National Insurance number
    |[^@\s]+@[^@\s]+\.[^@\s]+                      # an e-mail address
    |(true|false|yes|no|null|none|n/a|m|f)""",
    re.VERBOSE | re.IGNORECASE,
)
_DATE_WORDS = re.compile(r"(^| )(date|dob|birth|born|dod|death)( |$)")
_WORDS = re.compile(
    r"(^|[^a-z])(id|ref|reference|record|name|forename|surname|first|last|middle|given|family|title|"
    r"dob|birth|date|sex|gender|nino|nhs|upn|utr|uprn|postcode|post code|address|street|town|city|county|"
    r"phone|telephone|mobile|email|e-mail|number|no|code|type|status|category|cluster|year|amount|value|count)([^a-z]|$)"
)

_DIGITS = re.compile(r"\d{5}")
_WRITTEN_AS_NAME = re.compile(r"[a-zA-Z]+(_[a-zA-Z0-9]+)+|[A-Za-z]+[a-z0-9]([A-Z][a-z0-9]+)+")


def looks_like_value(cell: str) -> bool:
    """Whether a cell is plainly a value (a number, date, postcode…) and no name of a column."""
    return _VALUE.fullmatch(cell.strip()) is not None


def looks_like_header(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether `row` names the columns of the rows `below` it."""
    filled = [cell.strip() for cell in row if cell.strip()]
    if not filled or len(filled) * 2 < len(row) or any(len(cell) > 200 for cell in filled):
        return False
    values = sum(looks_like_value(cell) for cell in filled)
    named = sum(_WORDS.search(_spaced(cell)) is not None for cell in filled)
    if values:
        # Years and periods are column names too ("2023", "2024"), beside at least as many words.
        return values * 2 <= len(filled) and named > 0
    if named * 3 >= len(filled):
        return True
    repeated = sum(
        any(place < len(other) and other[place].strip() == cell.strip() for other in below)
        for place, cell in enumerate(row)
        if cell.strip()
    )
    return repeated * 2 <= len(filled)


def is_sure_header(names: Sequence[str]) -> bool:
    """Whether these are column names for certain, and no person's data taken for them.

    >>> is_sure_header(["surname", "date_of_birth", "2024"]), is_sure_header(["SMITH", "ANN", "19800101"])
    (True, False)
    """
    filled = [name.strip() for name in names if name.strip()]
    if any(len(name) > 40 or _DIGITS.search(name) or _has_value(name) for name in filled):
        return False
    named = sum(
        _WORDS.search(_spaced(name)) is not None or _WRITTEN_AS_NAME.fullmatch(name) is not None
        for name in filled
    )
    return named * 3 >= len(filled)


def _has_value(name: str) -> bool:
    """Whether it is a value with figures, other than a year or a small number."""
    return any(sign.isdigit() for sign in name) and looks_like_value(name) and len(name) > 4


def find_header(rows: Sequence[Sequence[str]], *, width: int) -> int | None:
    """Return the place of the header in `rows`, or None where the rows are values from the first on.

    width: cells that most rows have. Rows above the header (titles, dates of printing) are narrower,
    or mostly empty.
    """
    for place, row in enumerate(rows[:50]):
        filled = sum(bool(cell.strip()) for cell in row)
        is_table = filled * 2 > width or (width <= 2 and filled == width)
        if not is_table or not _near(len(row), width):
            continue
        return place if looks_like_header(row, rows[place + 1 : place + 200]) else None
    return None


def first_of_width(rows: Sequence[Sequence[str]], *, width: int) -> int:
    """The place of the first row as wide as most."""
    return next((place for place, row in enumerate(rows) if len(row) == width), 0)


def looks_like_date_name(name: str) -> bool:
    """Whether a column is named for a date.

    >>> looks_like_date_name("DateOfBirth"), looks_like_date_name("updated")
    (True, False)
    """
    return _DATE_WORDS.search(_spaced(name)) is not None


def _near(cells: int, width: int) -> bool:
    return cells == width or (width > 2 and abs(cells - width) <= max(1, width // 4))


def _spaced(name: str) -> str:
    """`DateOfBirth`, `date_of_birth` -> `date of birth`."""
    return re.sub(r"[_\W]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).lower()
