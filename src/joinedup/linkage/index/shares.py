"""How common each value was when the index was frozen, in one file that processes share."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.errors import SourceError
from joinedup.linkage.encode import as_plain_text
from joinedup.linkage.kernels import pairs

_SCHEMA = pa.schema([("hash", pa.uint64()), ("value", pa.string()), ("share", pa.float64())])


class Shares(Mapping[str, float]):
    """The share of each value of one key, as it was when frozen; a value that was not there has none.

    Reads from a memory-mapped table, so opening costs nothing and processes share it.
    """

    def __init__(self, hashes: npt.NDArray[np.uint64], values: pa.Array, shares: npt.NDArray[np.float64]):
        self._hashes = hashes
        self._values = values
        self._shares = shares

    @classmethod
    def of_counts(cls, values: pa.Array, shares: npt.NDArray[np.float64]) -> Shares:
        """From distinct texts and their shares, in any order."""
        hashes = text_hashes(values)
        order = np.argsort(hashes, kind="stable")
        return cls(hashes[order], values.take(pa.array(order)), np.asarray(shares, np.float64)[order])

    def __len__(self) -> int:
        return len(self._hashes)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values.to_pylist())

    def __getitem__(self, text: str) -> float:
        share = self._find(int(text_hashes(pa.array([text], pa.string()))[0]), text)
        if share is None:
            raise KeyError("no such value")
        return share

    def of(self, values: pa.Array) -> npt.NDArray[np.float64]:
        """The share of each text; NaN where it was not there."""
        values = values.cast(pa.string())
        hashes = text_hashes(values)
        out = np.full(len(values), math.nan)
        if not len(self._hashes):
            return out
        place = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        hit = np.flatnonzero(self._hashes[place] == hashes)
        same = pc.equal(self._values.take(pa.array(place[hit])), values.take(pa.array(hit)))
        good = pc.fill_null(same, False).to_numpy(zero_copy_only=False)
        out[hit[good]] = self._shares[place[hit[good]]]
        for at in hit[~good].tolist():  # two texts of one hash, or a missing one: practically never
            text = values[at].as_py()
            found = None if text is None else self._find(int(hashes[at]), text)
            out[at] = math.nan if found is None else found
        return out

    def _find(self, hashed: int, text: str) -> float | None:
        at = int(np.searchsorted(self._hashes, np.uint64(hashed)))
        while at < len(self._hashes) and int(self._hashes[at]) == hashed:
            if self._values[at].as_py() == text:
                return float(self._shares[at])
            at += 1
        return None

    def table(self) -> pa.Table:
        """As it is written: hash, value, share, ascending by hash."""
        return pa.table(
            [pa.array(self._hashes), self._values.cast(pa.string()), pa.array(self._shares)], schema=_SCHEMA
        )


def text_hashes(values: pa.Array) -> npt.NDArray[np.uint64]:
    """A 64-bit hash of each text, the same in every process and on every machine."""
    values = as_plain_text(values)
    hashes = np.empty(len(values), np.uint64)
    if not len(values):
        return hashes
    offsets = np.frombuffer(values.buffers()[1], np.int32)[values.offset : values.offset + len(values) + 1]
    data = np.frombuffer(values.buffers()[2] or b"", np.uint8)
    pairs.hash_texts(data, offsets.astype(np.int64), np.uint64(0), hashes)
    return hashes


def write_shares(path: Path, shares: Shares) -> None:
    """Write as an Arrow file that ``open_shares`` maps."""
    table = shares.table().combine_chunks()
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, _SCHEMA) as writer:
        writer.write_table(table)


def open_shares(path: Path) -> Shares:
    """Map a file of ``write_shares``; raises SourceError where it is none."""
    try:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all().combine_chunks()
    except (OSError, pa.ArrowException):
        raise SourceError(
            what="not readable as frozen frequencies", where=str(path), mend="restore the index from a copy"
        ) from None
    if table.schema != _SCHEMA:
        raise SourceError(
            what="not frozen frequencies", where=str(path), mend="restore the index from a copy"
        )
    if not table.num_rows:
        return Shares(np.empty(0, np.uint64), pa.array([], pa.string()), np.empty(0))
    columns = [table.column(name).chunk(0) for name in _SCHEMA.names]
    return Shares(columns[0].to_numpy(), columns[1], columns[2].to_numpy())
