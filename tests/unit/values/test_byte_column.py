"""A column as bytes gives what a plain loop over its rows gives."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from joinedup.values.byte_column import LOWER, UPPER, ByteColumn, byte_set, strings_from_matrix

COLUMNS = st.lists(st.one_of(st.none(), st.text(max_size=8)), max_size=12)


@given(texts=COLUMNS, skipped=st.integers(0, 3))
def test_rows_lengths_and_counts_are_those_of_a_plain_loop(texts, skipped):
    array = pa.array(texts, pa.string())[skipped:]
    raw = [(text or "").encode() for text in array.to_pylist()]

    column = ByteColumn.of(array)

    assert len(column) == len(raw)
    assert column.lengths.tolist() == [len(row) for row in raw]
    assert column.counts(byte_set("a0 ")).tolist() == [sum(row.count(c) for c in b"a0 ") for row in raw]
    assert column.is_ascii().tolist() == [row.isascii() for row in raw]
    assert column.to_arrow().to_pylist() == [row.decode() for row in raw]


@given(texts=COLUMNS)
def test_dropping_and_changing_bytes_keeps_the_rows_apart(texts):
    column = ByteColumn.of(pa.array(texts, pa.string()))

    bare = column.without(byte_set(" -")).translated(UPPER).translated(LOWER)

    wanted = [(text or "").replace(" ", "").replace("-", "") for text in texts]
    lowered = ["".join(c.lower() if c.isascii() else c for c in text) for text in wanted]
    assert bare.to_arrow().to_pylist() == lowered


@given(texts=st.lists(st.text(max_size=6), min_size=1, max_size=9), data=st.data())
def test_taking_rows_is_taking_rows(texts, data):
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=9))

    taken = ByteColumn.of(pa.array(texts)).take(np.array(rows, np.int64))

    assert taken.to_arrow().to_pylist() == [texts[row] for row in rows]


def test_a_matrix_of_bytes_becomes_strings_of_one_width():
    matrix = ByteColumn.of(pa.array(["abc", "xyzw"])).matrix(np.array([1, 0]), 3)

    assert strings_from_matrix(matrix).to_pylist() == ["xyz", "abc"]
