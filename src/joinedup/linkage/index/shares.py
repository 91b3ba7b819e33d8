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

_SCHEMA = pa.schema([("hash", pa.uint64()), ("share", pa.float64())])


class Shares(Mapping[str, float]):
    """The share of each value of one key, as it was when frozen; a value that was not there has none.

    It knows values by a 64-bit hash alone, so that what is erased from an index is not kept here; their texts
    cannot be listed. (Another value is taken for a known one once in 2**64 divided by how many there are.) It reads
    from a memory-mapped table, so opening costs nothing and processes share it.
    """

    def __init__(self, hashes: npt.NDArray[np.uint64], shares: npt.NDArray[np.float64]) -> None:
        self._hashes = hashes
        self._shares = shares

    @classmethod
    def of_counts(cls, values: pa.Array, shares: npt.NDArray[np.float64]) -> Shares:
        """From distinct texts and their shares, in any order."""
        hashes = text_hashes(values)
        order = np.argsort(hashes, kind="stable")
        return cls(hashes[order], np.asarray(shares, np.float64)[order])

    def __len__(self) -> int:
        return len(self._hashes)

    def __iter__(self) -> Iterator[str]:
        raise TypeError("frozen shares keep no texts")

    def __getitem__(self, text: str) -> float:
        share = float(self.of(pa.array([text], pa.string()))[0])
        if math.isnan(share):
            raise KeyError("no such value")
        return share

    def of(self, values: pa.Array) -> npt.NDArray[np.float64]:
        """The share of each text; NaN where it was not there."""
        return self.of_hashes(text_hashes(values), pc.is_valid(values).to_numpy(zero_copy_only=False))

    def of_hashes(
        self, hashes: npt.NDArray[np.uint64], present: npt.NDArray[np.bool_] | None = None
    ) -> npt.NDArray[np.float64]:
        """The same by ``text_hashes``; present: where there is a text at all."""
        if not len(self._hashes):
            return np.full(len(hashes), math.nan)
        place = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        hit = self._hashes[place] == hashes
        if present is not None:
            hit &= present
        return np.where(hit, self._shares[place], math.nan)

    def table(self) -> pa.Table:
        """As it is written: hash, share, ascending by hash."""
        return pa.table([pa.array(self._hashes), pa.array(self._shares)], schema=_SCHEMA)


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
        return Shares(np.empty(0, np.uint64), np.empty(0))
    hashes, shares = (table.column(name).chunk(0).to_numpy() for name in _SCHEMA.names)
    return Shares(hashes, shares)
