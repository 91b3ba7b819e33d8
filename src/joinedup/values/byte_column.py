"""A column of text as one run of bytes, so that whole columns are cleaned and checked by NumPy.

Cleaning a million identifiers (drop spaces, upper case, test each place) costs tens of milliseconds
here and seconds by any way that looks at one value at a time. Only ASCII rows are handled; `is_ascii`
says which they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Mask = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

UPPER: Bytes = np.arange(256, dtype=np.uint8)
UPPER[97:123] -= 32
LOWER: Bytes = np.arange(256, dtype=np.uint8)
LOWER[65:91] += 32


def byte_set(characters: str) -> Mask:
    """A table of 256 that is true for the given ASCII characters.

    >>> table = byte_set("ab"); bool(table[ord("a")]), bool(table[ord("c")])
    (True, False)
    """
    table = np.zeros(256, dtype=np.bool_)
    table[list(characters.encode("ascii"))] = True
    return table


DIGITS = byte_set("0123456789")
CAPITALS = byte_set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True)
class ByteColumn:
    """Row i is data[starts[i] : starts[i + 1]]; no row is missing (a null reads as empty)."""

    data: Bytes
    starts: Places

    @classmethod
    def of(cls, column: pa.Array) -> ByteColumn:
        """The bytes of a string array, without copying them."""
        if not pa.types.is_string(column.type):
            column = column.cast(pa.string())
        if column.null_count:
            column = column.fill_null("")
        _, offsets, data = column.buffers()
        if len(column) == 0 or offsets is None:
            return cls(np.zeros(0, np.uint8), np.zeros(len(column) + 1, np.int64))
        starts = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
        everything = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
        first, last = int(starts[0]), int(starts[-1])
        return cls(everything[first:last], (starts - first).astype(np.int64))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Places:
        """How many bytes each row has."""
        return np.diff(self.starts)

    def rows_of(self, places: Places) -> Places:
        """Which row each place of `data` is in."""
        result: Places = np.searchsorted(self.starts, places, side="right") - 1
        return result

    def counts(self, wanted: Mask) -> Places:
        """How many bytes of each row are in the table `wanted`; quick where they are few."""
        places = np.flatnonzero(wanted[self.data])
        return np.bincount(self.rows_of(places), minlength=len(self)).astype(np.int64)

    def only(self, wanted: Mask) -> Mask:
        """Which rows hold nothing but bytes of the table `wanted`; an empty row does."""
        result = np.ones(len(self), np.bool_)
        result[self.rows_of(np.flatnonzero(~wanted[self.data]))] = False
        return result

    def is_ascii(self) -> Mask:
        """Which rows hold ASCII alone."""
        if not len(self.data) or int(self.data.max()) < 128:
            return np.ones(len(self), np.bool_)
        return self.only(np.arange(256) < 128)

    def without(self, unwanted: Mask) -> ByteColumn:
        """The same rows with every byte of the table `unwanted` left out."""
        drop = unwanted[self.data]
        places = np.flatnonzero(drop)
        if not len(places):
            return self
        dropped = np.bincount(self.rows_of(places), minlength=len(self))
        starts = self.starts.copy()
        starts[1:] -= np.cumsum(dropped)
        return ByteColumn(self.data[~drop], starts)

    def translated(self, table: Bytes) -> ByteColumn:
        """The same rows with each byte exchanged by the table."""
        return ByteColumn(table[self.data], self.starts)

    def matrix(self, rows: Places, width: int) -> Bytes:
        """The first `width` bytes of each of the rows, one row a line; each must be that long."""
        result: Bytes = self.data[self.starts[rows][:, None] + np.arange(width)]
        return result

    def take(self, rows: Places) -> ByteColumn:
        """The given rows, in the given order; the rows must be UTF-8."""
        return ByteColumn.of(self.to_arrow().take(pa.array(rows)))

    def between(self, begins: Places, ends: Places) -> pa.Array:
        """For each row the text from one place of `data` up to another, as a string array.

        The stretches must lie in rising order and not overlap, as those inside each row do.
        """
        sizes = ends - begins
        starts = np.zeros(len(sizes) + 1, np.int64)
        np.cumsum(sizes, out=starts[1:])
        some = sizes > 0
        change = np.zeros(len(self.data) + 1, np.int8)
        change[begins[some]] += 1
        change[ends[some]] -= 1  # where one stretch ends and the next begins the two cancel
        inside = np.cumsum(change[:-1], dtype=np.int8).view(np.bool_)
        return ByteColumn(self.data[inside], starts).to_arrow()

    def to_arrow(self) -> pa.Array:
        """The rows as a string array; they must be UTF-8."""
        buffers = [
            None,
            pa.py_buffer(self.starts.astype(np.int32)),
            pa.py_buffer(np.ascontiguousarray(self.data)),
        ]
        return pa.Array.from_buffers(pa.string(), len(self), buffers)


def strings_from_matrix(matrix: Bytes) -> pa.Array:
    """A string array of fixed width from a matrix of bytes.

    >>> strings_from_matrix(np.array([[72, 105]], dtype=np.uint8)).to_pylist()
    ['Hi']
    """
    rows, width = matrix.shape
    starts = np.arange(rows + 1, dtype=np.int64) * width
    return ByteColumn(np.ascontiguousarray(matrix).reshape(-1), starts).to_arrow()
