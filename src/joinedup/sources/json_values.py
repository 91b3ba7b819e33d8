"""JSON values made flat: one text cell a leaf, under its dotted path."""

from __future__ import annotations

import json
from typing import Any

from joinedup.errors import SourceError

MOST_COLUMNS = 10_000


class NotARecordError(Exception):
    """The value is no record; the message is the reason, and holds nothing of the value.

    names: those that its outermost object has all the same.
    """

    def __init__(self, reason: str, *, names: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.names = names


class Repeated(dict[str, Any]):
    """An object in which a name stands twice: no record, as one of the two values would be lost."""

    __slots__ = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Repeated(found)


class _Number(str):
    """A number as it is written: 1.50 keeps its nought, and no digit is lost."""

    __slots__ = ()


DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_Number, parse_float=_Number, parse_constant=_Number
)
"""Reads JSON without making numbers of what may be identifiers."""


def flat(value: Any, *, sure: bool = False) -> dict[str, str | None]:
    """Return a record's leaves as text, `address.postcode` for a nested one; a list becomes its JSON text.

    Empty text and null are None. sure: no half of a surrogate pair can be in it.
    Raises NotARecordError for anything that is no object.
    """
    if not isinstance(value, dict):
        raise NotARecordError("this is no object with named values")
    row: dict[str, str | None] = {}
    try:
        _flatten(value, "", row)
    except _RepeatedError:
        raise NotARecordError("a name stands twice in one object", names=tuple(value)) from None
    except RecursionError as error:
        raise NotARecordError("values are nested too deeply") from error
    if sure:
        return row
    for name, text in row.items():
        if not _is_text(name) or (text is not None and not _is_text(text)):
            raise NotARecordError("a character that stands for nothing (half of a surrogate pair)")
    return row


class _RepeatedError(Exception):
    """A name stands twice in an object somewhere inside."""


def _flatten(value: dict[str, Any], path: str, row: dict[str, str | None]) -> None:
    if type(value) is Repeated:
        raise _RepeatedError
    for key, inner in value.items():
        name = f"{path}.{key}" if path else key
        if isinstance(inner, dict) and inner:
            _flatten(inner, name, row)
            continue
        if name in row:
            raise NotARecordError("two values have the same dotted name")
        row[name] = _leaf(inner)


def _leaf(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return _json(value)


def _json(value: Any) -> str:
    """The JSON text of a value inside a list, its numbers as they were written."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    if isinstance(value, dict):
        if type(value) is Repeated:
            raise _RepeatedError
        return (
            "{"
            + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {_json(v)}" for k, v in value.items())
            + "}"
        )
    return json.dumps(value, ensure_ascii=False)


def _is_text(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def refuse_nameless(names: dict[str, None], where: str) -> None:
    """Raise SourceError where no record has a named value: there is no table then."""
    if not names:
        raise SourceError(
            what="no record with a named value is in it",
            where=where,
            mend="check that it is the file that was meant, or name the list or element of records (record=)",
        )


def add_names(names: dict[str, None], row: dict[str, str | None], where: str) -> None:
    """Add a row's names to those found, in the order met."""
    if row.keys() - names.keys():
        names.update(dict.fromkeys(row))
    if len(names) > MOST_COLUMNS:
        raise SourceError(
            what=f"more than {MOST_COLUMNS:,} different names in its records",
            where=where,
            mend="name the list of records (record=), or turn values that are names into values",
        )
