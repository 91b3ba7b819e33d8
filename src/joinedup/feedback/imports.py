"""Responses from elsewhere: what each column of an export is, a form that asks the same, and each row as answers.

Layouts are recognised by what their exports are known to hold; whatever is guessed is a proposal that a person checks.
Nothing of a row is in any problem.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from joinedup.errors import SourceError
from joinedup.feedback.answer_words import SATISFACTION, YES_NO
from joinedup.feedback.answers import EMAIL, PHONE, offered
from joinedup.feedback.form import LONGEST_TEXT, LONGEST_WORDS, MOST_QUESTIONS, FormDefinition, Kind

MOST_VALUES = 30
LONGEST_OPTION = 100
ROWS_A_VALUE = 3  # fewer rows than that for each different value, and it is text
_SEPARATED = re.compile(r"\s*[;|]\s*")
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?")
_DATES = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d %B %Y", "%d %b %Y", "%Y/%m/%d")
_PERSONAL = re.compile(
    r"\b(?:name|surname|e-?mail|phone|telephone|mobile|address|postcode|ip ?address|latitude|longitude"
    r"|date of birth|recipient\w*|external ?(?:data ?)?reference)\b",
    re.I,
)
_ID = re.compile(
    r"^(?:response|submission|respondent|entry|record)[ _-]?(?:id|ref(?:erence)?|number|no)\.?$", re.I
)
_WHEN = re.compile(
    r"^(?:date|submitted|received|recorded ?date|end ?date"
    r"|(?:date )?(?:submitted|received|completed)(?: (?:on|at|date|time))?"
    r"|submission (?:date|time)|time ?stamp|completed)$",
    re.I,
)
_LANGUAGE = re.compile(r"^(?:user ?)?language$", re.I)
_QUALTRICS_OWN = frozenset(
    {
        *("startdate", "enddate", "status", "ipaddress", "progress", "duration (in seconds)", "finished"),
        *("recipientlastname", "recipientfirstname", "recipientemail", "externalreference"),
        *("locationlatitude", "locationlongitude", "distributionchannel"),
    }
)
_QUALTRICS_TRIES = frozenset({"survey preview", "preview", "1", "survey test", "4"})


class Layout(StrEnum):
    """Where a file seems to come from."""

    QUALTRICS = "qualtrics"
    CITIZEN_SPACE = "citizen_space"
    TABLE = "table"


class Role(StrEnum):
    """What a column is."""

    QUESTION = "question"
    RESPONSE_ID = "response_id"
    RECEIVED_AT = "received_at"
    LANGUAGE = "language"
    LEAVE_OUT = "leave_out"


@dataclass(frozen=True)
class Column:
    """One column of a file. place: from 0. words: the question it answers. why: what the proposal goes by.

    options: the value to keep by what the file says, for kinds with a list. filled: rows that hold something.
    """

    place: int
    name: str
    words: str
    role: Role
    why: str = ""
    key: str = ""
    kind: Kind = Kind.TEXT
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    filled: int = 0


@dataclass(frozen=True)
class Export:
    """A file of responses, understood. skip: rows after the heading that are no responses. rows: responses in it."""

    layout: Layout
    columns: tuple[Column, ...]
    skip: int
    rows: int

    @property
    def questions(self) -> tuple[Column, ...]:
        """The columns that answer a question."""
        return tuple(column for column in self.columns if column.role is Role.QUESTION)


@dataclass(frozen=True)
class RowProblem:
    """Why a row, or one answer of it, was kept aside. column: empty where it is the whole row."""

    column: str
    reason: str


@dataclass(frozen=True)
class ImportedRow:
    """A row as answers by question. response_id: the file's own, or empty. language: "en" or "cy"."""

    answers: Mapping[str, Any] = field(repr=False)
    response_id: str
    received_at: datetime | None
    language: str
    problems: tuple[RowProblem, ...] = ()


def recognise_export(names: Sequence[str], rows: Iterable[Sequence[str | None]]) -> Export:
    """Return what each column of a file of responses seems to be. Reads every row once, keeping counts alone.

    names: of the columns; rows: their cells as text, None where empty. Raises SourceError for a file without any
    column that could answer a question.
    """
    tallies = [_Tally() for _ in names]
    words = [name.strip() for name in names]
    head: list[Sequence[str | None]] = []
    total = 0
    for row in rows:
        if len(head) < 2 and total == 0 and _is_heading(row, head):
            head.append(row)
            continue
        total += 1
        for tally, cell in zip(tallies, row, strict=False):
            tally.add(cell)
    if head:
        words = [(cell or name).strip() for cell, name in zip(head[0], words, strict=False)]
    layout = _layout(names, bool(head))
    columns = tuple(
        _column(place, name, told, tally, layout)
        for place, (name, told, tally) in enumerate(zip(names, words, tallies, strict=True))
    )
    columns = _one_each(_with_keys(_dated(columns, layout)))
    found = Export(layout, columns, len(head), total)
    if not found.questions:
        raise SourceError(
            what="no column seems to answer a question",
            where="the file",
            mend="give a file with one row a response and one column a question, with a row of headings",
        )
    return found


def definition_for(export: Export) -> dict[str, Any]:
    """Return the definition of a form that asks what the file answers, one page of all questions."""
    questions: list[dict[str, Any]] = []
    for column in export.questions[:MOST_QUESTIONS]:
        made: dict[str, Any] = {
            "key": column.key,
            "kind": column.kind.value,
            "words": {"en": column.words[:LONGEST_WORDS]},
        }
        if column.kind in (Kind.CHOICE, Kind.CHOICES):
            shown: dict[str, str] = {}
            for said, value in column.options.items():
                shown.setdefault(value, said)
            made["options"] = [{"value": value, "words": {"en": said}} for value, said in shown.items()]
        if column.kind is Kind.TEXT:
            made["longest"] = LONGEST_TEXT
        questions.append(made)
    return {"pages": [{"heading": {"en": "Questions"}, "questions": questions}], "check": False}


def matched_to(export: Export, form: FormDefinition) -> Export:
    """Return the export with its columns led to the questions of a form there is; others are left out.

    A column belongs to the question whose words, or whose key, it bears; each question gets one column.
    """
    free = {each.key: each for each in form.questions}
    columns = []
    for column in export.columns:
        if column.role is not Role.QUESTION:
            columns.append(column)
            continue
        alike = next(
            (
                each
                for each in free.values()
                if _bare(each.words.en) == _bare(column.words)
                or each.key in (column.key, _bare(column.name).replace(" ", "_"))
            ),
            None,
        )
        if alike is None:
            columns.append(replace(column, role=Role.LEAVE_OUT, why="the form does not ask this", key=""))
            continue
        del free[alike.key]
        options = {
            said: option.value
            for option in offered(alike)
            for said in (option.words.en, option.words.cy, option.value)
            if said
        }
        columns.append(
            replace(column, key=alike.key, kind=alike.kind, options=options, why="the form asks this")
        )
    return replace(export, columns=tuple(columns))


def row_as_answers(export: Export, row: Sequence[str | None], *, known: FormDefinition) -> ImportedRow:
    """Return one row as answers. An answer that is not in its question's list is left out and told; the rest stays."""
    answers: dict[str, Any] = {}
    problems: list[RowProblem] = []
    response_id, received_at, language = "", None, "en"
    for column in export.columns:
        cell = (row[column.place] or "").strip() if column.place < len(row) else ""
        if not cell:
            continue
        if column.role is Role.RESPONSE_ID:
            response_id = cell[:200]
        elif column.role is Role.RECEIVED_AT:
            received_at = moment_in(cell)
            if received_at is None:
                problems.append(RowProblem(column.name, "not a date and time that can be read"))
        elif column.role is Role.LANGUAGE:
            language = "cy" if cell.casefold() in ("cy", "welsh", "cymraeg", "cy-gb") else "en"
        elif column.role is Role.QUESTION and known.question(column.key) is not None:
            value, reason = _answer(column, cell)
            if reason:
                problems.append(RowProblem(column.name, reason))
            if value not in (None, [], ""):
                answers[column.key] = value
    return ImportedRow(answers, response_id, received_at, language, tuple(problems))


def is_a_try(export: Export, row: Sequence[str | None]) -> bool:
    """Whether a row is somebody's try of the survey and no response (Qualtrics keeps both)."""
    if export.layout is not Layout.QUALTRICS:
        return False
    for column in export.columns:
        if column.name.casefold() in ("status", "distributionchannel"):
            cell = (row[column.place] or "").strip().casefold() if column.place < len(row) else ""
            if cell in (_QUALTRICS_TRIES if column.name.casefold() == "status" else {"preview", "test"}):
                return True
    return False


def moment_in(text: str) -> datetime | None:
    """A moment as exports write it, days first; without a zone it counts as UTC. None where it cannot be read.

    >>> moment_in("03/02/2026 14:05").isoformat()
    '2026-02-03T14:05:00+00:00'
    """
    text = text.strip()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        for form in _DATES:
            try:
                found = datetime.strptime(text, form)  # given a zone below
                break
            except ValueError:
                continue
        else:
            return None
    if not 1990 <= found.year <= 2100:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


class _Tally:
    """What a column holds, counted; nothing of a long text is kept."""

    def __init__(self) -> None:
        self.filled = self.letters = self.longest = self.emails = self.phones = self.numbers = 0
        self.values: Counter[str] | None = Counter()
        self.parts: Counter[str] | None = Counter()
        self.separated = 0

    def add(self, cell: str | None) -> None:
        text = (cell or "").strip()
        if not text:
            return
        self.filled += 1
        self.letters += len(text)
        self.longest = max(self.longest, len(text))
        self.emails += EMAIL.fullmatch(text) is not None
        self.phones += PHONE.fullmatch(text) is not None and sum(letter.isdigit() for letter in text) >= 9
        self.numbers += _NUMBER.fullmatch(text) is not None
        self.values = _counted(self.values, [text])
        parts = _SEPARATED.split(text)
        self.separated += len(parts) > 1
        self.parts = _counted(self.parts, [part for part in parts if part])

    def is_list(self, values: Counter[str] | None) -> bool:
        """Whether so few values, so often, are a list to choose from."""
        return (
            values is not None
            and 1 < len(values) <= MOST_VALUES
            and ROWS_A_VALUE * len(values) <= sum(values.values())
        )


def _counted(counter: Counter[str] | None, values: Sequence[str]) -> Counter[str] | None:
    if counter is None or any(len(value) > LONGEST_OPTION for value in values):
        return None
    counter.update(values)
    return counter if len(counter) <= 10 * MOST_VALUES else None


def _is_heading(row: Sequence[str | None], head: Sequence[Sequence[str | None]]) -> bool:
    """Qualtrics puts the questions under the headings, and its own ids under those."""
    cells = [cell for cell in row if cell]
    if head:
        return bool(cells) and all('"ImportId"' in cell for cell in cells)
    return bool(cells) and (cells[0].strip() in ("Start Date", "Recorded Date", "Response ID"))


def _layout(names: Sequence[str], has_headings: bool) -> Layout:
    folded = {name.strip().casefold() for name in names}
    if has_headings or len(folded & _QUALTRICS_OWN) >= 4:
        return Layout.QUALTRICS
    numbered = sum(bool(re.match(r"\s*\d{1,3}[a-z]?[.:)]\s", name)) for name in names)
    if any(_ID.match(name.strip()) for name in names) and numbered >= 2:
        return Layout.CITIZEN_SPACE
    return Layout.TABLE


def _column(place: int, name: str, words: str, tally: _Tally, layout: Layout) -> Column:
    made = Column(place, name, words or name or f"Column {place + 1}", Role.QUESTION, filled=tally.filled)
    folded = name.strip().casefold()
    for pattern, role, why in (
        (_ID, Role.RESPONSE_ID, "its name says so"),
        (_WHEN, Role.RECEIVED_AT, "its name says so"),
        (_LANGUAGE, Role.LANGUAGE, "its name says so"),
    ):
        if pattern.match(name.strip()) and not (layout is Layout.QUALTRICS and folded == "enddate"):
            return replace(made, role=role, why=why)
    if layout is Layout.QUALTRICS and folded in _QUALTRICS_OWN:
        return replace(made, role=Role.LEAVE_OUT, why="the survey tool’s own column")
    if not tally.filled:
        return replace(made, role=Role.LEAVE_OUT, why="it is empty")
    mostly = 0.8 * tally.filled
    if (
        tally.emails >= mostly
        or tally.phones >= mostly
        or (_PERSONAL.search(made.words) and tally.longest < 200)
    ):
        return replace(made, role=Role.LEAVE_OUT, why="it seems to say who somebody is")
    return _of_kind(made, tally)


def _of_kind(column: Column, tally: _Tally) -> Column:
    values = tally.values
    folded = {value.casefold() for value in values} if values is not None else set()
    if values is not None and folded <= {*_YES, *_NO}:
        options = {value: "yes" if value.casefold() in _YES else "no" for value in values}
        return replace(column, kind=Kind.YES_NO, options=options, why="every answer is yes or no")
    if values is not None and folded and folded <= set(_SATISFIED):
        options = {value: _SATISFIED[value.casefold()] for value in values}
        return replace(
            column, kind=Kind.SATISFACTION, options=options, why="answers go from very satisfied down"
        )
    if folded and folded <= {"1", "2", "3", "4", "5"} and "satisf" in column.words.casefold():
        options = {value: value for value in "12345"}
        why = "1 to 5, and the question asks for satisfaction; check that 5 is the best"
        return replace(column, kind=Kind.SATISFACTION, options=options, why=why)
    parts = tally.parts
    fewer = parts is not None and (values is None or len(parts) < len(values))
    if tally.separated >= 3 and fewer and tally.is_list(parts):
        assert tally.parts is not None
        return replace(
            column,
            kind=Kind.CHOICES,
            options=_options(tally.parts),
            why="the same few answers, several at a time",
        )
    if tally.numbers == tally.filled and not tally.is_list(values):
        return replace(column, kind=Kind.NUMBER, why="every answer is a number")
    if tally.is_list(values):
        assert values is not None
        return replace(column, kind=Kind.CHOICE, options=_options(values), why="the same few answers")
    return replace(column, kind=Kind.TEXT, why="people wrote in their own words")


def _options(values: Counter[str]) -> dict[str, str]:
    """A value to keep for each different answer; those that differ in case alone are one."""
    taken: dict[str, str] = {}
    options: dict[str, str] = {}
    for said, _ in sorted(values.items(), key=lambda item: (-item[1], item[0])):
        folded = said.casefold()
        if folded not in taken:
            stem = re.sub(r"[^a-z0-9]+", "_", folded).strip("_")[:40] or "answer"
            value, number = stem, 2
            while value in taken.values():
                value, number = f"{stem}_{number}", number + 1
            taken[folded] = value
        options[said] = taken[folded]
    return options


def _answer(column: Column, cell: str) -> tuple[Any, str]:
    """The value to keep, and what is wrong with it; the value is None where it cannot be taken."""
    if column.kind is Kind.TEXT:
        if len(cell) > LONGEST_TEXT:
            return cell[:LONGEST_TEXT], f"longer than {LONGEST_TEXT:,} characters; the rest was cut off"
        return cell, ""
    if column.kind is Kind.NUMBER:
        return (cell, "") if _NUMBER.fullmatch(cell) else (None, "not a number")
    if column.kind is Kind.CHOICES:
        found = [_option(column, part) for part in _SEPARATED.split(cell) if part]
        known = [value for value in found if value is not None]
        return known, "" if len(known) == len(found) else "an answer that is not in the question’s list"
    value = _option(column, cell)
    return value, "" if value is not None else "an answer that is not in the question’s list"


def _option(column: Column, said: str) -> str | None:
    if said in column.options:
        return column.options[said]
    folded = said.casefold()
    return next((value for known, value in column.options.items() if known.casefold() == folded), None)


def _with_keys(columns: Sequence[Column]) -> tuple[Column, ...]:
    taken: set[str] = set()
    keyed = []
    for column in columns:
        if column.role is not Role.QUESTION:
            keyed.append(column)
            continue
        stem = re.sub(r"[^a-z0-9]+", "_", column.words.casefold()).strip("_")[:40].strip("_")
        stem = stem if stem[:1].isalpha() else f"q_{stem}".strip("_")
        key, number = stem, 2
        while key in taken:
            key, number = f"{stem}_{number}", number + 1
        taken.add(key)
        keyed.append(replace(column, key=key))
    return tuple(keyed)


def _dated(columns: tuple[Column, ...], layout: Layout) -> tuple[Column, ...]:
    """Where no column says when responses were recorded (or it is empty), the day they ended says it, else began."""
    if layout is not Layout.QUALTRICS or any(c.role is Role.RECEIVED_AT and c.filled for c in columns):
        return columns
    filled = {column.name.strip().casefold(): column.place for column in columns if column.filled}
    place = filled.get("enddate", filled.get("startdate"))
    if place is None:
        return columns
    made = []
    for column in columns:
        if column.place == place:
            column = replace(column, role=Role.RECEIVED_AT, why="no column says when it was recorded")
        elif column.role is Role.RECEIVED_AT:
            column = replace(column, role=Role.LEAVE_OUT, why="it is empty")
        made.append(column)
    return tuple(made)


def _one_each(columns: Sequence[Column]) -> tuple[Column, ...]:
    """At most one column is the id, the moment, the language, the satisfaction; later ones are left out or a choice."""
    seen: set[object] = set()
    made = []
    for column in columns:
        if column.role in (Role.RESPONSE_ID, Role.RECEIVED_AT, Role.LANGUAGE):
            if column.role in seen:
                column = replace(column, role=Role.LEAVE_OUT, why="another column says it already")
            seen.add(column.role)
        elif column.kind is Kind.SATISFACTION and column.role is Role.QUESTION:
            if Kind.SATISFACTION in seen:
                column = replace(
                    column, kind=Kind.CHOICE, why="one question of satisfaction is another column"
                )
            seen.add(Kind.SATISFACTION)
        made.append(column)
    return tuple(made)


def _bare(words: str) -> str:
    """Words without their number, case and punctuation, to compare questions by."""
    return re.sub(r"[^\w]+", " ", re.sub(r"^\s*\d{1,3}[a-z]?[.:)]\s*", "", words)).casefold().strip()


_YES = frozenset({YES_NO["yes"][0].casefold(), YES_NO["yes"][1].casefold(), "true", "y"})
_NO = frozenset({YES_NO["no"][0].casefold(), YES_NO["no"][1].casefold(), "false", "n"})
_SATISFIED = {said.casefold(): str(value) for value, words in SATISFACTION.items() for said in words}
