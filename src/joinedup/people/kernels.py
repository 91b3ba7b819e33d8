"""Compiled passes over columns of plain text: numbers in plain writing, and folded words.

Each does the common case and tells which rows it did; the others are for the definition in Python, which
gives the same for those that are done here. Compiled by Numba, cached on disk, and run without Python's lock.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit

import joinedup.values.begin_numba  # noqa: F401  # before any kernel is called
from joinedup.values.byte_column import ByteColumn, Bytes, Mask, Places

# Arrays are neither made nor kept here, so references to them need not be counted (_nrt).
_KERNEL: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
_WORD_PLACES = 1 << 16


def plain_numbers(texts: pa.Array) -> tuple[pa.Array, Mask]:
    """Digits with a sign and a point perhaps, in plain writing (no plus, no outer zeros), and which rows are so.

    The other rows are empty texts.

    >>> plain_numbers(pa.array(["+0.50", "007", "-0", "1,000"]))[0].to_pylist()
    ['0.5', '7', '0', '']
    """
    column = ByteColumn.of(texts)
    out, starts, done = _room(column, more=len(column))  # ".5" becomes "0.5"
    _numbers(_read_only(column.data), column.starts, out, starts, done)
    return ByteColumn(out[: starts[-1]], starts).to_arrow(), done


def folded_words(texts: pa.Array, *, unless: Mask) -> tuple[pa.Array, Mask]:
    """ASCII texts as lower-case words with one space between, apostrophes closed up, and which rows are so.

    unless: a table (see `word_table`); a row with a word that may be in it is left out. The rows left out are
    empty texts.

    >>> folded_words(pa.array(["12, O'Neill-Way", "St Ann"]), unless=word_table(["st"]))[0].to_pylist()
    ['12 oneill way', '']
    """
    column = ByteColumn.of(texts)
    out, starts, done = _room(column, more=0)
    _words(_read_only(column.data), column.starts, unless, out, starts, done)
    return ByteColumn(out[: starts[-1]], starts).to_arrow(), done


def word_table(words: list[str]) -> Mask:
    """A table that is true for these words, and perhaps by chance for a few others."""
    table = np.zeros(_WORD_PLACES, np.bool_)
    for word in words:
        place = 0
        for byte in word.encode():
            place = (place * 31 + byte) % _WORD_PLACES
        table[place] = True
    return table


def _room(column: ByteColumn, *, more: int) -> tuple[Bytes, Places, Mask]:
    rows = len(column)
    return (
        np.empty(len(column.data) + more, np.uint8),
        np.zeros(rows + 1, np.int64),
        np.zeros(rows, np.bool_),
    )


def _read_only(data: Bytes) -> Bytes:
    """The same bytes, always of the one type that the kernels are compiled for."""
    view = data.view()
    view.flags.writeable = False
    return view


@njit(**_KERNEL)  # type: ignore[untyped-decorator]  # Numba's own decorator tells no types
def _numbers(data: Bytes, begins: Places, out: Bytes, starts: Places, done: Mask) -> None:
    here = 0
    for row in range(done.shape[0]):
        at, end = begins[row], begins[row + 1]
        minus = at < end and data[at] == 45
        if at < end and (data[at] == 45 or data[at] == 43):
            at += 1
        first = at
        while at < end and 48 <= data[at] <= 57:
            at += 1
        point = at
        if at < end and data[at] == 46:
            at += 1
            while at < end and 48 <= data[at] <= 57:
                at += 1
            if at == point + 1:  # nothing behind the point
                at = end + 1
        if at == end and end > first:
            done[row] = True
            while first < point and data[first] == 48:
                first += 1
            while end > point and (data[end - 1] == 48 or data[end - 1] == 46):
                end -= 1
                if data[end] == 46:
                    break
            if minus and end > first:
                out[here] = 45
                here += 1
            if first == point:
                out[here] = 48
                here += 1
            for place in range(first, end):
                out[here] = data[place]
                here += 1
        starts[row + 1] = here


@njit(**_KERNEL)  # type: ignore[untyped-decorator]  # Numba's own decorator tells no types
def _words(data: Bytes, begins: Places, unless: Mask, out: Bytes, starts: Places, done: Mask) -> None:
    here = 0
    mask = unless.shape[0] - 1
    for row in range(done.shape[0]):
        start, fine, size, place = here, True, 0, 0
        for at in range(begins[row], begins[row + 1]):
            byte = data[at]
            if byte >= 128:
                fine = False
                break
            if byte == 39 or byte == 96:  # apostrophes are closed up
                continue
            if 65 <= byte <= 90:
                byte += 32
            if 97 <= byte <= 122 or 48 <= byte <= 57:
                if size == 0 and here > start:
                    out[here] = 32
                    here += 1
                out[here] = byte
                here += 1
                size += 1
                place = (place * 31 + byte) & mask
            elif size:
                if unless[place]:
                    fine = False
                    break
                size, place = 0, 0
        if size and unless[place]:
            fine = False
        if not fine:
            here = start
        done[row] = fine
        starts[row + 1] = here
