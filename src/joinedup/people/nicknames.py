"""Names by which one person may go: short forms, other spellings, other languages, from a dated data file."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from joinedup.people.data_file import remark_of, rows_of
from joinedup.people.distinct import distinct
from joinedup.people.name_key import words_of


@cache
def nickname_table() -> dict[str, frozenset[str]]:
    """Each known name, in the form for comparing, with the formal names it may stand for, itself included.

    >>> sorted(nickname_table()["bob"]), "mohammed" in nickname_table()["mohd"]
    (['bob', 'robert'], True)
    """
    table: dict[str, set[str]] = {}
    for row in rows_of("nicknames"):
        name, formal = (" ".join(words_of(row[column])) for column in ("name", "formal_name"))
        table.setdefault(name, {name}).add(formal)
        table.setdefault(formal, {formal})
    return {name: frozenset(formals) for name, formals in sorted(table.items())}


def nickname_source() -> str:
    """The date and origin of the nickname file, as its head says."""
    return remark_of("nicknames")


def formal_names_of(name: str) -> frozenset[str]:
    """The formal names that a first name may stand for, itself included; by its first word.

    >>> sorted(formal_names_of("peggy ann"))
    ['margaret', 'peggy']
    """
    first = name.split(" ", 1)[0]
    return nickname_table().get(first, frozenset({first} if first else ()))


def may_be_one_name(one: str, other: str) -> bool:
    """Whether two first names, in the form for comparing, may be one person's: they share a formal name.

    >>> may_be_one_name("bill", "liam"), may_be_one_name("bob", "bill"), may_be_one_name("mohd", "muhammad")
    (True, False, True)
    """
    return not formal_names_of(one).isdisjoint(formal_names_of(other))


def formal_names(names: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """For each name the sorted list of formal names it may stand for, null where missing.

    A dictionary of list<string>: each distinct name is looked at once. Two names may be one person's where
    their lists overlap.
    """
    found = distinct(names)
    lists = [sorted(formal_names_of(" ".join(words_of(text)))) for text in found.texts.to_pylist()]
    missing = found.codes < 0
    indices = pa.array(np.where(missing, 0, found.codes), pa.int32(), mask=missing)
    return pa.DictionaryArray.from_arrays(indices, pa.array(lists, pa.list_(pa.string())))
