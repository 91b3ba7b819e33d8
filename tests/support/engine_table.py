"""Rows as the engine's records, and the engine's answers told by row, so that the twin can be held against them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from joinedup.linkage import block
from joinedup.linkage.encode import Records, encode

Row = Mapping[str, str | None]


@dataclass(frozen=True)
class EngineTable:
    """records: the rows encoded. number: of each row, its record number. row: of each record, its row."""

    records: Records
    number: np.ndarray
    row: np.ndarray

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Every pair of different rows, once, as record numbers (left < right)."""
        left, right = np.triu_indices(len(self.row), 1)
        return left.astype(np.int32), right.astype(np.int32)

    def by_row(self, left: np.ndarray, right: np.ndarray) -> list[tuple[int, int]]:
        """Pairs of record numbers as pairs of rows, the smaller first."""
        ends = np.sort(np.stack([self.row[left], self.row[right]], axis=1), axis=1)
        return [(int(one), int(other)) for one, other in ends]


def engine_table(
    rows: Sequence[Row],
    columns: Sequence[str],
    *,
    sources: Sequence[str] | None = None,
    order: Sequence[int] | None = None,
) -> EngineTable:
    """Encode rows. sources: of each row, in ascending order; else all are of one source.

    order: the order in which the rows arrive, which must not show.
    """
    names = list(sources) if sources is not None else ["only"] * len(rows)
    assert names == sorted(names), "give the rows by source"
    tables, ids = {}, [f"{number:05d}" for number in range(len(rows))]
    for name in dict.fromkeys(names):
        own = [number for number in order or range(len(rows)) if names[number] == name]
        data = {c: pa.array([rows[n].get(c) for n in own], pa.string()) for c in columns}
        tables[name] = pa.table({"id": [ids[n] for n in own], **data})
    records = encode(tables, id_columns=dict.fromkeys(tables, "id"), columns=columns)
    row = np.array([int(text) for text in records.ids.to_pylist()], np.int64)
    number = np.empty(len(row), np.int64)
    number[row] = np.arange(len(row))
    return EngineTable(records, number, row)


@contextmanager
def chunks_of(size: int) -> Iterator[None]:
    """Candidate pairs come in chunks of about this many."""
    before = block.CHUNK
    block.CHUNK = size
    try:
        yield
    finally:
        block.CHUNK = before
