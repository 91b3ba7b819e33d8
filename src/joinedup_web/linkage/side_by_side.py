"""Two records set side by side by what their columns mean, with the differences in words and marked letters.

Sources call one thing by different names and write it in different ways: "ASHWELL, Naomi" is a full name that
stands beside a first name and a surname, and 16/02/1976 is the same day as 1976-02-16.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest
from typing import Any

import pyarrow as pa
from markupsafe import Markup, escape

from joinedup.people import FieldKind, for_display, split_name, standardise
from joinedup_web.design.words import day
from joinedup_web.linkage.words import KINDS

Values = Mapping[str, str | None]
Step = tuple[str, int, int, int, int]
ALIKE = 0.5  # from here on single letters of two words are worth marking
MOST_SAID = 4
SURE_ENOUGH = 0.5
_PARTS = (FieldKind.FIRST_NAME, FieldKind.MIDDLE_NAME, FieldKind.SURNAME)
ORDER = (
    FieldKind.FULL_NAME, *_PARTS, FieldKind.DATE_OF_BIRTH, FieldKind.SEX,
    FieldKind.NHS_NUMBER, FieldKind.NINO, FieldKind.UPN, FieldKind.UTR,
    FieldKind.ADDRESS_LINE, FieldKind.TOWN, FieldKind.POSTCODE, FieldKind.UPRN,
    FieldKind.PHONE, FieldKind.EMAIL,
)  # fmt: skip
_WHOLE_WORDS = {
    FieldKind.SEX,
    FieldKind.DATE_OF_BIRTH,
    FieldKind.DATE,
}  # their letters mean nothing by themselves


class Agreement(StrEnum):
    """How two values stand to each other."""

    SAME = "same"
    WRITTEN = "written"
    DIFFERENT = "different"
    MISSING = "missing"


@dataclass(frozen=True)
class Cell:
    """One value. plain: as it is read out; None where it is not given. marked: with <mark> around what differs.

    written: as its source wrote it, where that is not how it is shown.
    """

    plain: str | None
    marked: Markup | None = None
    written: str = ""


@dataclass(frozen=True)
class FieldRow:
    """One field of both records. words: what to say of them: Same, Different: “i” against “y”."""

    label: str
    left: Cell
    right: Cell
    agreement: Agreement
    words: str


@dataclass(frozen=True)
class SideBySide:
    """rows: what both records can tell. others: columns that only one of them has, as (name, value)."""

    rows: tuple[FieldRow, ...]
    left_others: tuple[tuple[str, str], ...]
    right_others: tuple[tuple[str, str], ...]


def side_by_side(
    left: Values,
    right: Values,
    left_meanings: Mapping[str, Mapping[str, Any]],
    right_meanings: Mapping[str, Mapping[str, Any]],
    *,
    leave_out: tuple[str | None, str | None] = (None, None),
) -> SideBySide:
    """Return both records' fields, aligned by what the columns mean.

    meanings: of each source, column -> {kind, confidence, corrected}. leave_out: the columns of the sources' own
    ids, which stand elsewhere.
    """
    kinds = (_kinds(left, left_meanings, leave_out[0]), _kinds(right, right_meanings, leave_out[1]))
    used: tuple[set[str], set[str]] = (set(), set())
    rows: list[FieldRow] = []
    whole = any(_has_full_name_alone(own) for own in kinds)
    for kind in ORDER:
        if (kind is FieldKind.FULL_NAME) != whole and kind in (FieldKind.FULL_NAME, *_PARTS):
            continue
        columns = tuple([name for name, own in each.items() if own is kind] for each in kinds)
        if kind is FieldKind.FULL_NAME:
            for side, each in enumerate(kinds):
                used[side].update(_name_columns(each))
            ends = [_full_name(values, own) for values, own in ((left, kinds[0]), (right, kinds[1]))]
            rows.append(_row(KINDS[kind], ends[0], ends[1], kind))
            continue
        if not (columns[0] and columns[1]):
            continue
        for number, (one, other) in enumerate(zip_longest(*columns), 1):
            label = KINDS[kind] if number == 1 else f"{KINDS[kind]} {number}"
            rows.append(_row(label, _cell(left, one, kind), _cell(right, other, kind), kind))
        for side in (0, 1):
            used[side].update(columns[side])
    rest = (_rest(left, used[0], leave_out[0]), _rest(right, used[1], leave_out[1]))
    alike = {_plain(name): name for name in rest[1]}
    for name in list(rest[0]):
        other = alike.get(_plain(name))
        if other is not None:
            kind = FieldKind.DATE if kinds[0].get(name) is FieldKind.DATE else FieldKind.TEXT
            rows.append(_row(name, _text(rest[0].pop(name)), _text(rest[1].pop(other)), kind))
    others = [tuple((name, value) for name, value in side.items() if value) for side in rest]
    return SideBySide(tuple(rows), others[0], others[1])


def compare_texts(one: str, other: str, *, letters: bool = True) -> tuple[Markup, Markup, str]:
    """Return both texts with <mark> around what differs, and the difference in words: word by word, and within words
    that are alike letter by letter (unless `letters` is False).

    >>> left, right, words = compare_texts("Ann Smith", "Ann Marie Smyth")
    >>> str(left), words
    ('Ann Sm<mark class="app-diff">i</mark>th', '“Marie” on the right only; “i” against “y”')
    """
    words = one.split(), other.split()
    folded = [_folded(word) for word in words[0]], [_folded(word) for word in words[1]]
    lines: tuple[list[Markup], list[Markup]] = ([], [])
    said: list[str] = []
    for what, i, j, k, m in SequenceMatcher(None, *folded, autojunk=False).get_opcodes():
        if what == "equal":
            lines[0].extend(escape(word) for word in words[0][i:j])
            lines[1].extend(escape(word) for word in words[1][k:m])
            continue
        for left, right in _paired(words[0][i:j], words[1][k:m]):
            if left and right and letters and (marked := _letters(left, right)):
                lines[0].append(marked[0])
                lines[1].append(marked[1])
                said.append(marked[2])
                continue
            lines[0].extend([_mark(left)] if left else [])
            lines[1].extend([_mark(right)] if right else [])
            said.append(_against(left or "", right or ""))
    told = "; ".join(said) if len(said) <= MOST_SAID else f"{len(said)} places"
    return Markup(" ").join(lines[0]), Markup(" ").join(lines[1]), told


def _folded(word: str) -> str:
    """A word without its capitals and the comma after it."""
    return word.casefold().rstrip(",.;") or word


def _paired(lefts: Sequence[str], rights: Sequence[str]) -> list[tuple[str, str]]:
    """Words of two stretches beside those that they are alike to, in their order; what lies between, together."""
    found: list[tuple[str, str]] = []
    waiting: list[str] = []
    at = 0
    for left in lefts:
        alike = next((k for k in range(at, len(rights)) if _letters(left, rights[k])), None)
        if alike is None:
            waiting.append(left)
            continue
        found += [(" ".join(waiting), " ".join(rights[at:alike])), (left, rights[alike])]
        waiting, at = [], alike + 1
    found.append((" ".join(waiting), " ".join(rights[at:])))
    return [(left, right) for left, right in found if left or right]


def _letters(one: str, other: str) -> tuple[Markup, Markup, str] | None:
    """Two words letter by letter; None where they are too unlike for it."""
    folded = one.casefold(), other.casefold()
    matcher = SequenceMatcher(None, *folded, autojunk=False)
    if (len(folded[0]), len(folded[1])) != (len(one), len(other)) or matcher.ratio() < ALIKE:
        return None
    parts: tuple[list[Markup], list[Markup]] = ([], [])
    said = []
    for what, i, j, k, m in _swaps_together(matcher.get_opcodes()):
        if what == "equal":
            parts[0].append(escape(one[i:j]))
            parts[1].append(escape(other[k:m]))
            continue
        parts[0].append(_mark(one[i:j]))
        parts[1].append(_mark(other[k:m]))
        said.append(_against(one[i:j], other[k:m]))
    return Markup("").join(parts[0]), Markup("").join(parts[1]), "; ".join(said)


def _swaps_together(steps: Iterable[Step]) -> list[Step]:
    """The steps with two letters that changed places as one step: “ha” against “ah”."""
    made: list[Step] = []
    for step in steps:
        made.append(step)
        if (
            len(made) >= 3
            and {made[-1][0], made[-3][0]} == {"insert", "delete"}
            and made[-2][2] - made[-2][1] == 1
        ):
            first, last = made[-3], made[-1]
            made[-3:] = [("replace", first[1], last[2], first[3], last[4])]
    return made


def _against(one: str, other: str) -> str:
    if one and other:
        return f"“{one}” against “{other}”"
    return f"“{one}” on the left only" if one else f"“{other}” on the right only"


def _row(label: str, left: Cell, right: Cell, kind: FieldKind) -> FieldRow:
    if left.plain is None or right.plain is None:
        both = left.plain is None and right.plain is None
        words = "Not given in either" if both else "Not given in one"
        return FieldRow(label, left, right, Agreement.MISSING, words)
    if left.plain == right.plain or _comparable(left.plain, kind) == _comparable(right.plain, kind):
        same_writing = (left.written or left.plain) == (right.written or right.plain)
        if same_writing:
            return FieldRow(label, left, right, Agreement.SAME, "Same")
        return FieldRow(label, left, right, Agreement.WRITTEN, "Same, written differently")
    marks = compare_texts(left.plain, right.plain, letters=kind not in _WHOLE_WORDS)
    words = f"Different: {marks[2]}" if marks[2] else "Different"
    return FieldRow(
        label,
        Cell(left.plain, marks[0], left.written),
        Cell(right.plain, marks[1], right.written),
        Agreement.DIFFERENT,
        words,
    )


def _cell(values: Values, column: str | None, kind: FieldKind) -> Cell:
    raw = values.get(column) if column is not None else None
    return _shown(raw, kind)


def _shown(raw: str | None, kind: FieldKind) -> Cell:
    if raw is None or not raw.strip():
        return Cell(None)
    value = for_display(pa.array([raw], pa.string()), kind)[0].as_py()
    if value is None:
        return Cell(" ".join(raw.split()))
    text = day(value) if isinstance(value, date) else str(value)
    return Cell(text, written="" if text == raw.strip() else raw.strip())


def _text(raw: str | None) -> Cell:
    return Cell(" ".join(raw.split()) if raw and raw.strip() else None)


def _comparable(text: str, kind: FieldKind) -> str:
    if kind in (FieldKind.TEXT, FieldKind.DATE, FieldKind.DATE_OF_BIRTH):
        return text.casefold()
    value = standardise(pa.array([text], pa.string()), kind).values[0].as_py()
    return text.casefold() if value is None else str(value)


def _full_name(values: Values, kinds: Mapping[str, FieldKind]) -> Cell:
    """A name as one text, first names before the surname, from a full name or from its parts."""
    whole = [name for name, kind in kinds.items() if kind is FieldKind.FULL_NAME]
    if whole and not _has_parts(kinds):
        raw = (values.get(whole[0]) or "").strip()
        if not raw:
            return Cell(None)
        parts = split_name(raw)
        texts = [
            _shown(part, kind).plain
            for part, kind in zip((parts.first_name, parts.middle_name, parts.surname), _PARTS, strict=True)
            if part
        ]
        text = " ".join(part for part in texts if part) or raw
        return Cell(text, written="" if text == raw else raw)
    named = [
        (values.get(name) or "").strip() for part in _PARTS for name, kind in kinds.items() if kind is part
    ]
    text = " ".join(part for part in named if part)
    shown = " ".join(
        _shown(values.get(name), part).plain or ""
        for part in _PARTS
        for name, kind in kinds.items()
        if kind is part and (values.get(name) or "").strip()
    )
    return Cell(shown or None, written="" if shown == text else text)


def _name_columns(kinds: Mapping[str, FieldKind]) -> Iterable[str]:
    wanted = _PARTS if _has_parts(kinds) else (FieldKind.FULL_NAME, *_PARTS)
    return [name for name, kind in kinds.items() if kind in wanted]


def _has_parts(kinds: Mapping[str, FieldKind]) -> bool:
    return FieldKind.SURNAME in kinds.values()


def _has_full_name_alone(kinds: Mapping[str, FieldKind]) -> bool:
    return FieldKind.FULL_NAME in kinds.values() and not _has_parts(kinds)


def _kinds(
    values: Values, meanings: Mapping[str, Mapping[str, Any]], leave_out: str | None
) -> dict[str, FieldKind]:
    found: dict[str, FieldKind] = {}
    for name in values:
        meaning = meanings.get(name)
        if meaning is None or name == leave_out:
            continue
        if meaning.get("corrected") or meaning.get("confidence", 1.0) >= SURE_ENOUGH:
            found[name] = FieldKind(meaning.get("corrected") or meaning["kind"])
    return found


def _rest(values: Values, used: set[str], leave_out: str | None) -> dict[str, str]:
    return {
        name: (value or "").strip()
        for name, value in values.items()
        if name not in used and name != leave_out
    }


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _mark(text: str) -> Markup:
    return Markup('<mark class="app-diff">{}</mark>').format(text) if text else Markup("")


def differing(rows: Sequence[FieldRow]) -> int:
    """How many fields differ, missing ones not counted."""
    return sum(row.agreement is Agreement.DIFFERENT for row in rows)
