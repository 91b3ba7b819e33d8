"""Values as they should be shown: accents, apostrophes and hyphens kept, case and spaces mended."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from joinedup.people.distinct import distinct
from joinedup.people.full_name import particles
from joinedup.people.kinds import FieldKind, FieldOptions
from joinedup.people.name_key import APOSTROPHES, mend_encoding
from joinedup.people.standardise import standardise

_APOSTROPHE = re.compile(rf"(?<=\w)\s?[{APOSTROPHES}]\s?(?=\w)")
_HYPHEN = re.compile(r"\s*[-‐-―]\s*")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_LOW = particles() - {"mac", "mc", "o", "st", "saint", "fitz", "abdul", "ben", "al", "el"}
_NAMES = frozenset({FieldKind.FIRST_NAME, FieldKind.MIDDLE_NAME, FieldKind.SURNAME, FieldKind.FULL_NAME})
_PLACES = frozenset({FieldKind.ADDRESS_LINE, FieldKind.TOWN})


def display_name(text: str) -> str:
    """One name as it should be shown; mixed case is taken as meant, all capitals and all small are not.

    >>> display_name("  ZOË   O’BRIEN - LI "), display_name("mcdonald"), display_name("DeShawn")
    ("Zoë O'Brien-Li", 'McDonald', 'DeShawn')
    """
    spaced = " ".join(mend_encoding(text).split())
    spaced = _HYPHEN.sub("-", _APOSTROPHE.sub("'", spaced))
    if not (spaced.isupper() or spaced.islower()):
        return spaced
    return _WORD.sub(lambda match: _cased(match.group(), first=match.start() == 0), spaced)


def _cased(word: str, *, first: bool) -> str:
    small = word.lower()
    if small in _LOW and not first:
        return small
    head, apostrophe, tail = small.partition("'")
    if apostrophe and len(head) <= 2 and len(tail) > 1:  # O'Brien, D'Arcy, but not John's
        return f"{head.capitalize()}'{tail.capitalize()}"
    if small.startswith("mc") and len(small) > 3:
        return f"Mc{small[2:].capitalize()}"
    return small.capitalize()


def display_address(text: str) -> str:
    """One address line or town as it should be shown.

    >>> display_address("FLAT 2A,14  STATION RD"), display_address("Stoke-on-Trent")
    ('Flat 2A, 14 Station Rd', 'Stoke-on-Trent')
    """
    spaced = re.sub(r"\s*,\s*", ", ", " ".join(mend_encoding(text).split())).strip(", ")
    if not (spaced.isupper() or spaced.islower()):
        return spaced
    return _WORD.sub(lambda m: m.group() if len(m.group()) == 1 else m.group().capitalize(), spaced)


def for_display(
    column: pa.Array | pa.ChunkedArray, kind: FieldKind, *, options: FieldOptions | None = None
) -> pa.Array:
    """The column's values as they should be shown; null exactly where `standardise` gives null.

    Names, addresses and towns keep their accents and punctuation; every other kind is as `standardise`
    gives it, which is already fit to be shown.
    """
    field = standardise(column, kind, options=options)
    if kind not in _NAMES and kind not in _PLACES:
        return field.values
    show: Callable[[str], str] = display_name if kind in _NAMES else display_address
    found = distinct(column)
    shown = pa.array([show(text) for text in found.texts.to_pylist()], pa.string()).dictionary_encode()
    absent = ~np.asarray(field.values.indices.is_valid(), np.bool_)
    to_shown = np.append(np.asarray(shown.indices).astype(np.int32), np.int32(0))
    return pa.DictionaryArray.from_arrays(
        pa.array(to_shown[found.codes], pa.int32(), mask=absent), shown.dictionary
    )
