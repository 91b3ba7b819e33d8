"""A whole name in one field: put in spoken order, and told apart into first, middle and last name."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from joinedup.people.data_file import rows_of
from joinedup.people.distinct import distinct
from joinedup.people.kinds import FieldKind
from joinedup.people.missing import missing_words
from joinedup.people.name_key import mend_encoding, settled, without_titles, words_of
from joinedup.values.judged import Judged, invalid, mended, valid

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_MAIDEN = re.compile(r"\b(née|nee|formerly|aka)\s.*$", re.IGNORECASE)
_ORDINAL = re.compile(r"\d+(st|nd|rd|th)|[ivx]+", re.ASCII)
_HYPHEN = re.compile(r"(?<=\w)\s*[-‐-―]\s*(?=\w)")
# Stands for a hyphen while the words of a name are told apart: a letter that no name is written with.
_JOIN = "\u0298"
_PEERAGE = frozenset(
    {
        "baron",
        "baroness",
        "earl",
        "duke",
        "duchess",
        "marquess",
        "viscount",
        "viscountess",
        "baronet",
        "lord",
        "lady",
        "countess",
        "marchioness",
    }
)


class NameParts(NamedTuple):
    """One name told apart; a part that is not there is None. Parts are in the form for comparing.

    ambiguous: the parts could be told apart otherwise (a lone name, four words or more without a comma, or
    an order that the words themselves speak against).
    """

    first_name: str | None
    middle_name: str | None
    surname: str | None
    ambiguous: bool


@cache
def particles() -> frozenset[str]:
    """Words that begin a surname of several words, such as "van" and "ap"."""
    return frozenset(row["word"] for row in rows_of("particles"))


class _Read(NamedTuple):
    before: list[str]  # words of the name in spoken order; of the surname alone if there was a comma
    surname_words: int  # how many of the last words are the surname, 0 if not told
    remark: str | None


def judge_full_name(text: str) -> Judged:
    """Judge one whole name; the value is its words in spoken order, in the form for comparing.

    >>> judge_full_name("O'NEILL, Dr. Mary Jane")
    Judged(value='mary jane oneill', status=<FieldStatus.MENDED: 1>, reason='reordered')
    """
    read = _read(text)
    value = " ".join(read.before)
    if not any(character.isalpha() for character in value):
        return invalid("no_letters")
    if read.remark:
        return mended(value, read.remark)
    if any(character.isdigit() for character in value):
        return valid(value, "digit_in_name")
    return valid(value)


def _read(text: str) -> _Read:
    whole = mend_encoding(text)
    bare = _MAIDEN.sub("", _BRACKETS.sub(" ", whole))
    remark = "encoding_mended" if whole != text else "note_removed" if bare != whole else None
    if not words_of(bare):
        bare = whole
    pieces = [words for words in (words_of(piece) for piece in bare.split(",")) if words]
    if not pieces:
        return _Read([], 0, None)
    pieces = [pieces[0], *[piece for piece in pieces[1:] if not _is_after_name(piece)]]
    if sum(map(len, pieces)) < len(words_of(bare)):
        remark = remark or "suffix_removed"
    if len(pieces) == 1:
        words, removed = settled(pieces[0], join=True)
        return _Read(words, 0, remark or removed)
    surname, _ = settled(pieces[0], join=True)
    first, _ = without_titles([word for piece in pieces[1:] for word in piece], after_comma=True, keep=1)
    words, _ = settled([*first, *surname], join=True)
    return _Read(words, min(len(surname), len(words)), remark or "reordered")


def _is_after_name(words: list[str]) -> bool:
    """Whether what follows a comma is letters after the name or a peerage, not a first name."""
    if _ORDINAL.fullmatch(words[0]) and any(word in _PEERAGE for word in words[1:]):
        return True
    if words[0] in _PEERAGE and len(words) > 1:
        return True
    left, _ = without_titles(["a", *words], after_comma=True, keep=1)
    return len(left) == 1


def split_name(text: str) -> NameParts:
    """Tell one whole name apart: "Surname, First Middle" or "First Middle Surname".

    Particles before the last word belong to the surname. Nothing is dropped.

    >>> split_name("Ludwig van der Berg")
    NameParts(first_name='ludwig', middle_name=None, surname='van der berg', ambiguous=False)
    >>> split_name("Li, Wei").surname, split_name("Plato")
    ('li', NameParts(first_name=None, middle_name=None, surname='plato', ambiguous=True))
    """
    read = _read(_HYPHEN.sub(_JOIN, text))
    words = read.before
    if not words:
        return NameParts(None, None, None, False)
    if len(words) == 1:
        return NameParts(None, None, _spaced(words), True)
    taken = read.surname_words
    told = taken > 0
    if not told:
        taken = 1
        while taken < len(words) - 1 and words[-taken - 1] in particles():
            taken += 1
    given, surname = words[: len(words) - taken], words[len(words) - taken :]
    ambiguous = not told and len(given) > 2
    return NameParts(_spaced(given[:1]), _spaced(given[1:]), _spaced(surname), ambiguous)


def _spaced(words: list[str]) -> str | None:
    return " ".join(words).replace(_JOIN, " ") or None


def split_names(column: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Tell whole names apart: one row a row, with first_name, middle_name, surname (null where not there).

    `ambiguous` is true where the parts could be told apart otherwise; see `NameParts`. Each distinct name
    is looked at once. The parts are in the form for comparing.
    """
    found = distinct(column)
    words = missing_words(FieldKind.FULL_NAME)
    nothing = NameParts(None, None, None, False)
    parts = [
        nothing if text.strip().lower() in words else split_name(text) for text in found.texts.to_pylist()
    ]
    parts.append(nothing)  # code -1 is a row without a name
    rows = pa.array(np.where(found.codes < 0, len(parts) - 1, found.codes))
    columns = {
        name: pa.array([getattr(part, name) for part in parts], kind).take(rows)
        for name, kind in zip(
            NameParts._fields, (pa.string(), pa.string(), pa.string(), pa.bool_()), strict=True
        )
    }
    return pa.table(columns)
