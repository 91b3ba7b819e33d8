"""What a column's name says about its meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from joinedup.people.data_file import rows_of
from joinedup.people.kinds import FieldKind
from joinedup.people.name_key import fold

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
# The person the record is about; such words say nothing more.
_SUBJECTS_TEXT = """person client customer patient pupil student child applicant claimant tenant member
employee staff resident voter elector citizen user service learner taxpayer main current primary
principal legal recorded raw original txt str fld col fake cleaned clean std home registered"""
_SUBJECTS = frozenset(_SUBJECTS_TEXT.split())
# Somebody else, or an earlier state: not a field of the person as they are now.
_OTHERS_TEXT = """mother mothers father fathers parent parents guardian carer partner spouse kin nok emergency
gp doctor employer school organisation company practice worker officer agent landlord
sibling contact2 file column table event product course department team domain host bank"""
_OTHERS = frozenset(_OTHERS_TEXT.split())
_FORMER = frozenset({"previous", "prev", "former", "old", "maiden", "alias", "aka", "birth"})


@dataclass(frozen=True)
class HeaderSense:
    """What a column's name says. strength: 0 to 1. note: as in `Meaning.note`."""

    kind: FieldKind
    strength: float
    phrase: str
    note: str = ""


@cache
def _phrases() -> dict[str, tuple[FieldKind, str]]:
    return {row["phrase"]: (FieldKind(row["kind"]), row["note"]) for row in rows_of("header_words")}


def header_phrase(name: str) -> str:
    """A column's name as lower-case words.

    >>> header_phrase("DateOfBirth"), header_phrase("NHS No."), header_phrase("addressLine1")
    ('date of birth', 'nhs no', 'address line 1')
    """
    return _NOT_WORD.sub(" ", fold(_CAMEL.sub(" ", name))).strip()


def header_sense(name: str) -> HeaderSense | None:
    """What a column's name says, None if nothing.

    >>> header_sense("Pupil_Fname").kind
    <FieldKind.FIRST_NAME: 'first_name'>
    >>> header_sense("mothers_surname").note
    'other_person'
    """
    phrase = header_phrase(name)
    found = _exact(phrase) or _exact(phrase.replace(" ", ""))
    if found:
        return HeaderSense(found[0], 0.95, phrase, found[1])
    words = phrase.split()
    others = [word for word in words if word in _OTHERS]
    former = [word for word in words if word in _FORMER]
    bare = [word for word in words if word not in _SUBJECTS]
    while len(bare) > 1 and bare[-1].isdigit() and _exact(" ".join(bare)) is None:
        bare = bare[:-1]
    found = _exact(" ".join(bare)) if bare else None
    if found and not others and not former:
        return HeaderSense(found[0], 0.9, " ".join(bare), found[1])
    inside = _longest_inside(bare)
    if inside is None:
        return None
    kind, note, part = inside
    if kind is not FieldKind.IDENTIFIER and (others or former):
        return HeaderSense(kind, 0.6, part, "other_person" if others else "former")
    return HeaderSense(kind, 0.6, part, note)


def _exact(phrase: str) -> tuple[FieldKind, str] | None:
    return _phrases().get(phrase)


def _longest_inside(words: list[str]) -> tuple[FieldKind, str, str] | None:
    for size in range(len(words), 0, -1):
        for start in reversed(range(len(words) - size + 1)):
            part = " ".join(words[start : start + size])
            if (size > 1 or len(part) > 2) and part in _phrases():
                kind, note = _phrases()[part]
                return kind, note, part
    return None
