"""Tables gathered from batches: the same values as if all had been held, each text numbered once."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from joinedup.linkage import gather
from joinedup.linkage.gather import gathered

SCHEMA = pa.schema([("id", pa.string()), ("name", pa.string()), ("unused", pa.string()), ("age", pa.int64())])
TEXT = st.one_of(st.none(), st.text(max_size=2), st.sampled_from(["ann", "omar"]))
ROWS = st.lists(st.tuples(TEXT, TEXT, TEXT, st.one_of(st.none(), st.integers(0, 99))), max_size=12)


@settings(deadline=None)
@given(parts=st.lists(ROWS, max_size=8), entries=st.integers(0, 6))
def test_values_are_those_of_the_batches(parts, entries):
    batches = [
        pa.RecordBatch.from_arrays(
            [pa.array([row[place] for row in rows], field.type) for place, field in enumerate(SCHEMA)],
            schema=SCHEMA,
        )
        for rows in parts
    ]
    usual, gather._ENTRIES = gather._ENTRIES, entries
    try:
        made = gathered(iter(batches), SCHEMA, columns=["age", "name", "id"], as_it_is=["id"])
    finally:
        gather._ENTRIES = usual

    whole = pa.Table.from_batches(batches, SCHEMA)
    assert made.column_names == ["id", "name", "age"]
    assert made.to_pydict() == {name: whole[name].to_pylist() for name in made.column_names}
    assert made.schema.field("id").type == pa.string()
    assert made["name"].num_chunks == 1
    dictionary = made["name"].chunk(0).dictionary
    assert len(set(dictionary.to_pylist()) - {None}) == len(dictionary)
