"""Words that stand for no value, by kind of field, from a dated data file."""

from __future__ import annotations

from functools import cache

from joinedup.people.data_file import rows_of
from joinedup.people.kinds import FieldKind


@cache
def missing_words(kind: FieldKind) -> frozenset[str]:
    """What stands for no value in a field of this kind, in lower case.

    >>> "n/a" in missing_words(FieldKind.EMAIL), "ex directory" in missing_words(FieldKind.EMAIL)
    (True, False)
    """
    wanted = {"any", kind.value}
    return frozenset(row["value"].lower() for row in rows_of("missing_values") if row["kind"] in wanted)
