"""The shape of a kind of event, and short words to write one down with."""

from __future__ import annotations

from dataclasses import dataclass

from joinedup.audit.field import FieldSpec, FieldType


@dataclass(frozen=True)
class EventKind:
    """One kind of event.

    name: as recorded. what: a sentence for people. about_person: it concerns a person's data, who may ask to
    see it. alarm: somebody is told at once.
    """

    name: str
    what: str
    fields: tuple[FieldSpec, ...] = ()
    about_person: bool = False
    alarm: bool = False


def _of(kind: FieldType, name: str) -> FieldSpec:
    """A field whose name ends in "?" is optional."""
    return FieldSpec(name.removesuffix("?"), kind, optional=name.endswith("?"))


def id_of(name: str) -> FieldSpec:
    """A record's own id."""
    return _of(FieldType.ID, name)


def token(name: str) -> FieldSpec:
    """A subject's token."""
    return _of(FieldType.TOKEN, name)


def count(name: str) -> FieldSpec:
    """A whole number from 0."""
    return _of(FieldType.COUNT, name)


def code(name: str) -> FieldSpec:
    """A word of the program."""
    return _of(FieldType.CODE, name)


def codes(name: str) -> FieldSpec:
    """Several of those."""
    return _of(FieldType.CODES, name)


def digest(name: str) -> FieldSpec:
    """SHA-256 in hex."""
    return _of(FieldType.DIGEST, name)


def instant(name: str) -> FieldSpec:
    """A moment in UTC."""
    return _of(FieldType.INSTANT, name)


def flag(name: str) -> FieldSpec:
    """Yes or no."""
    return _of(FieldType.FLAG, name)


def one_of(name: str, *choices: str) -> FieldSpec:
    """A code from a closed list."""
    return FieldSpec(name.removesuffix("?"), FieldType.CHOICE, choices, optional=name.endswith("?"))


def kind_of(
    name: str, what: str, *fields: FieldSpec, about_person: bool = False, alarm: bool = False
) -> EventKind:
    """A kind of event with its fields."""
    return EventKind(name, what, fields, about_person, alarm)
