"""How values should be shown: names and places are compared in small letters, and people do not write them so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.linkage.encode import as_plain_text
from joinedup.people import FieldKind, FieldOptions, for_display

SHOWN_KINDS = frozenset(
    {
        FieldKind.FIRST_NAME,
        FieldKind.MIDDLE_NAME,
        FieldKind.SURNAME,
        FieldKind.ADDRESS_LINE,
        FieldKind.TOWN,
    }
)
"""The kinds whose form for showing differs from that for comparing."""


@dataclass(frozen=True)
class Forms:
    """For each of a field's values (distinct, as compared) the form in which it is shown."""

    values: pa.Array
    shown: pa.Array

    def of(self, values: pa.Array) -> pa.Array:
        """These values as they are shown, one for one; what has no form of its own stays as it is."""
        return pc.coalesce(self.shown.take(pc.index_in(values, value_set=self.values)), values)


def written_forms(
    raw: pa.Array | pa.ChunkedArray, values: pa.Array, kind: FieldKind, options: FieldOptions | None = None
) -> pa.Table:
    """How the values of one column are written: value, shown, records (how many write it so).

    raw: the column as it was read. values: the same rows as ``standardise`` gives them. Each distinct text is
    looked at once.
    """
    texts = as_plain_text(raw).dictionary_encode()
    codes = pc.fill_null(texts.indices, -1).to_numpy(zero_copy_only=False)
    present = np.flatnonzero(codes >= 0)
    records = np.bincount(codes[present], minlength=len(texts.dictionary))
    row = np.zeros(len(texts.dictionary), np.int64)
    row[codes[present]] = present
    table = pa.table(
        {
            "value": as_plain_text(values.take(pa.array(row))),
            "shown": as_plain_text(for_display(texts.dictionary, kind, options=options)),
            "records": records,
        }
    )
    return table.filter(pc.and_(pc.is_valid(table["value"]), pc.is_valid(table["shown"])))


def usual_forms(written: Sequence[pa.Table]) -> Forms:
    """The form that most records of all sources give each value; of equally many, the first in the alphabet."""
    counted = pa.concat_tables(written).group_by(["value", "shown"]).aggregate([("records", "sum")])
    order = [("value", "ascending"), ("records_sum", "descending"), ("shown", "ascending")]
    counted = counted.sort_by(order).combine_chunks()
    codes = counted["value"].combine_chunks().dictionary_encode().indices.to_numpy()
    first = pa.array(np.flatnonzero(np.diff(codes, prepend=-1)))
    return Forms(*(as_plain_text(counted[name].take(first)) for name in ("value", "shown")))
