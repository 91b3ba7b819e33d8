"""Find what the columns of a table mean, from their names and, above all, from their values."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from joinedup.people.kinds import FieldKind, FieldOptions


@dataclass(frozen=True)
class Meaning:
    """What one column means. confidence: 0 to 1. why: for a person to read. options: for `standardise`."""

    kind: FieldKind
    confidence: float
    why: str
    options: FieldOptions = field(default_factory=FieldOptions)


_NAMES = {kind.value: kind for kind in FieldKind} | {
    "dob": FieldKind.DATE_OF_BIRTH,
    "given_name": FieldKind.FIRST_NAME,
}


def find_meanings(table: pa.Table, *, sample_rows: int = 20_000) -> dict[str, Meaning]:
    """The meaning of every column, in the table's order."""
    out = {}
    for name in table.column_names:
        kind = _NAMES.get(name.strip().lower().replace(" ", "_"))
        out[name] = Meaning(
            kind or FieldKind.TEXT, 0.5 if kind else 0.1, "by its name" if kind else "not known yet"
        )
    return out
