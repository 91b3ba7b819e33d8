"""A survey's published percentages beside one's own answers to the same questions.

The file is somebody's own copy of a survey's figures: none comes with the package. A question is the same where its
words are, letters and digits alone compared; so is an option.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction

from joinedup.errors import SourceError
from joinedup.feedback.measures import Measured

NEEDED = ("question", "option", "percent")
COLUMNS = ("source", "chapter", *NEEDED[:2], "group", "year", "percent", "note")
MOST_ROWS = 5_000
LONGEST = 500


@dataclass(frozen=True)
class BenchmarkRow:
    """What share of those asked gave an answer. share: of 1; None where the survey gives no number.

    group: who was asked, such as "all". year: as the file has it.
    """

    question: str
    option: str
    share: Fraction | None
    group: str = ""
    year: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class BenchmarkProblem:
    """A row of a file that was not taken. row: as a spreadsheet counts, the headings being 1."""

    row: int
    what: str


class Standing(StrEnum):
    """How one's own share stands to the survey's."""

    HIGHER = "higher"
    LOWER = "lower"
    NOT_TOLD_APART = "not_told_apart"
    UNKNOWN = "unknown"


def plain_words(text: str) -> str:
    """A question or option as it is compared: small letters and digits, one space between words.

    >>> plain_words("Don’t know / N.A.")
    'don t know n a'
    """
    return " ".join("".join(each if each.isalnum() else " " for each in text.casefold()).split())


def standing(own: Measured, benchmark: Fraction | None) -> Standing:
    """Return whether one's own share is higher or lower than the survey's by more than chance would explain.

    The survey's share is taken as it is: how many people it asked is not in the file, and its own chance is not
    counted, so that a difference is told somewhat too easily.
    """
    if own.value is None or benchmark is None or own.low is None or own.high is None:
        return Standing.UNKNOWN
    if own.low <= float(benchmark) <= own.high:
        return Standing.NOT_TOLD_APART
    return Standing.HIGHER if own.value > benchmark else Standing.LOWER


def read_benchmark(content: bytes, *, where: str) -> tuple[list[BenchmarkRow], list[BenchmarkProblem]]:
    """Return the rows of a CSV file in its order, and those that were not taken.

    Columns, in any order: question, option, percent (0 to 100, or empty); group, year, source, note may be there,
    and others are passed over. Raises SourceError where the file as a whole cannot be read.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    try:
        rows = [] if "\x00" in text else list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error:
        rows = []
    if not rows:
        raise SourceError(what="this is not a CSV file", where=where, mend="save the spreadsheet as CSV")
    if len(rows) > MOST_ROWS:
        raise SourceError(what=f"the file has more than {MOST_ROWS:,} rows", where=where)
    headings = [name.strip().lower() for name in rows[0]]
    missing = [name for name in NEEDED if name not in headings]
    if missing:
        raise SourceError(
            what=f"the column {missing[0]} is missing", where=where, mend=f"name it {missing[0]}"
        )
    taken: list[BenchmarkRow] = []
    problems: list[BenchmarkProblem] = []
    for number, cells in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        row = {name: cell.strip()[:LONGEST] for name, cell in zip(headings, cells, strict=False)}
        try:
            taken.append(_row(row))
        except ValueError as problem:
            problems.append(BenchmarkProblem(number, str(problem)))
    return taken, problems


def _row(row: Mapping[str, str]) -> BenchmarkRow:
    question, option, percent = (row.get(name, "") for name in NEEDED)
    if not question or not option:
        raise ValueError("the question or the option is empty")
    share = None
    if percent:
        try:
            value = Decimal(percent.removesuffix("%").strip())
        except InvalidOperation:
            raise ValueError("percent is not a number") from None
        if not value.is_finite() or not 0 <= value <= 100:
            raise ValueError("percent must be from 0 to 100")
        share = Fraction(value) / 100
    more = {name: row.get(name, "") for name in ("group", "year", "source", "note")}
    return BenchmarkRow(question=question, option=option, share=share, **more)
