"""Delimited text cut into columns by a compiled pass, where every record is plain and has all its cells.

`cut` is the quickest of the three ways a CSV is read: it vouches for the records and finds their cells in one
look. It gives up (None) at the first thing out of the ordinary, and the others decide then. Compiled by
Numba, cached on disk, and run without Python's lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit, uint64

from joinedup.sources.records import Dialect
from joinedup.values.words import load_word, low_zeros, store_word

# Arrays are neither made nor kept here, so references to them need not be counted (_nrt).
_KERNEL: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
_ONES, _HIGH, _LOW = 0x0101010101010101, 0x8080808080808080, 0x7F7F7F7F7F7F7F7F
_GATHER = 0x0102040810204080  # times eight bytes of 0 or 1: the eight bits side by side, in the top byte
_LARGEST = 1 << 30  # places in a buffer are kept as int32
_PAD = 8  # bytes behind each column, for whole words are written


@dataclass(frozen=True)
class Cut:
    """The first `end` bytes are `records` whole records in `lines` lines, none of them blank.

    stops: where each cell stops (at its delimiter or line end). room: bytes that each column needs at most.
    """

    end: int
    records: int
    lines: int
    stops: npt.NDArray[np.int32]
    room: npt.NDArray[np.int64]


def cut(buffer: bytes, *, columns: int, dialect: Dialect, utf8: bool, at_end: bool, limit: int) -> Cut | None:
    """Return the cells of the whole records that `buffer` begins with; None unless all of them are plain.

    Plain: what `regular_prefix` vouches for, with `columns` cells each, in ASCII or UTF-8, and with no blank
    line and no lone carriage return. limit: bytes a record may have.
    """
    if dialect.escape or not buffer or len(buffer) > _LARGEST or b"\0" in buffer:
        return None
    if not buffer.isascii() and (not utf8 or not _is_utf8(buffer, at_end=at_end)):
        return None
    waiting = not at_end and buffer.endswith(b"\r")  # its line feed may be the next byte
    if b"\r" in buffer and buffer.count(b"\r") != buffer.count(b"\r\n") + waiting:
        return None
    stops = np.empty(len(buffer) + 1, np.int32)
    room = np.zeros(columns, np.int64)
    quote = dialect.quote[0] if dialect.quote else -1
    data = np.frombuffer(buffer, np.uint8)
    if dialect.quote and dialect.quote in buffer:
        end, records, quoted = _cut(data, dialect.delimiter[0], quote, at_end, limit, stops, room)
    else:
        returns, quoted = b"\r" in buffer, 0
        end, records = _cut_unquoted(data, dialect.delimiter[0], returns, at_end, limit, stops, room)
    if records <= 0:
        return None
    kept = stops[: records * columns].copy()
    lines = buffer.count(b"\n", 0, end) + (buffer[end - 1] != 10) if quoted else records
    return Cut(end, records, lines, kept, room)


def columns_of(buffer: bytes, found: Cut, *, dialect: Dialect) -> list[pa.Array]:
    """The cells of a cut as one string array a column; empty cells are missing."""
    columns, records = len(found.room), found.records
    begins = np.zeros(columns + 1, np.int64)
    np.cumsum(found.room + _PAD, out=begins[1:])
    text = np.empty(int(begins[-1]), np.uint8)
    starts = np.zeros((columns, records + 1), np.int32)
    valid = np.full((columns, (records + 7) // 8), 255, np.uint8)
    missing = np.zeros(columns, np.int64)
    quote = dialect.quote[0] if dialect.quote else -1
    used = begins[:-1].copy()
    _fill(np.frombuffer(buffer, np.uint8), quote, found.stops, begins, used, text, starts, valid, missing)
    arrays = []
    for at in range(columns):
        buffers = [
            pa.py_buffer(valid[at]) if missing[at] else None,
            pa.py_buffer(starts[at]),
            pa.py_buffer(text[begins[at] : begins[at] + starts[at, -1]]),
        ]
        arrays.append(pa.Array.from_buffers(pa.string(), records, buffers, int(missing[at])))
    return arrays


def _is_utf8(buffer: bytes, *, at_end: bool) -> bool:
    """Whether the bytes are UTF-8 without a byte order mark; a character may be cut off unless `at_end`."""
    if buffer.startswith(b"\xef\xbb\xbf"):
        return False
    try:
        buffer.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.end == len(buffer) and error.reason == "unexpected end of data" and not at_end
    return True


@njit(**_KERNEL)
def _cut(data, delimiter, quote, at_end, limit, stops, room):
    """(end, records, quoted cells) of the plain records; records is -1 where one is not plain."""
    size, columns = np.int64(data.shape[0]), np.int64(room.shape[0])
    commas = uint64(delimiter) * uint64(_ONES)
    quotes = uint64(quote if quote >= 0 else delimiter) * uint64(_ONES)
    controls = uint64(14) * uint64(_ONES)  # line ends are below 14
    ones, high = uint64(_ONES), uint64(_HIGH)
    end, records, cells, quoted = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    at, column = np.int64(0), np.int64(0)
    while end < size:
        start = at
        if quote >= 0 and at < size and data[at] == quote:
            at += 1
            quoted += 1
            while True:  # to the closing quote
                while at + 8 <= size:
                    other = load_word(data, at) ^ quotes
                    found = (other - ones) & ~other & high
                    if found:
                        at += np.int64(low_zeros(found) >> uint64(3))
                        break
                    at += 8
                while at < size and data[at] != quote:
                    at += 1
                if at + 1 < size and data[at + 1] == quote:
                    at += 2
                    continue
                break
            if at >= size or (at + 1 >= size and not at_end):
                return (end, -1, quoted) if at_end else (end, records, quoted)
            at += 1
            if at < size and data[at] != delimiter and data[at] != 10 and data[at] != 13:
                return end, -1, quoted
        else:
            while True:
                while at + 8 <= size:
                    word = load_word(data, at)
                    first, second = word ^ commas, word ^ quotes
                    # The lowest mark is always true; above a true one there may be false ones.
                    found = (first - ones) & ~first | (second - ones) & ~second | (word - controls) & ~word
                    found &= high
                    if found:
                        at += np.int64(low_zeros(found) >> uint64(3))
                        break
                    at += 8
                while at < size and data[at] != delimiter and data[at] >= 14 and data[at] != quote:
                    at += 1
                if at >= size or data[at] == delimiter or data[at] == 10 or data[at] == 13:
                    break
                if data[at] == quote:
                    return end, -1, quoted
                at += 1
        if at >= size and not at_end:
            return end, records, quoted
        stops[cells] = at
        cells += 1
        room[column] += at - start
        column += 1
        if at < size and data[at] == delimiter:
            at += 1
            if column == columns:
                return end, -1, quoted
            continue
        if column != columns or at == end or at - end > limit:
            return end, -1, quoted
        if at < size and data[at] == 13:
            if at + 1 >= size:
                return (end, -1, quoted) if at_end else (end, records, quoted)
            at += 1
        at += at < size
        end, column = at, np.int64(0)
        records += 1
    return end, records, quoted


@njit(**_KERNEL, inline="always")
def _equal(word, wanted):
    """Eight bits: which of a word's bytes are those of ``wanted`` (a byte eight times over)."""
    other, low = word ^ wanted, uint64(_LOW)
    same = ~((other & low) + low | other) & uint64(_HIGH)
    return (same >> uint64(7)) * uint64(_GATHER) >> uint64(56)


@njit(**_KERNEL)
def _cut_unquoted(data, delimiter, returns, at_end, limit, stops, room):
    """(end, records) as `_cut` tells them, of bytes without any quote.

    Sixty-four bytes are looked at side by side and their delimiters and line ends then taken one by one, so
    that the processor need not guess how long a cell is. returns: lines may end with a carriage return too.
    """
    size, columns = np.int64(data.shape[0]), np.int64(room.shape[0])
    commas, feeds = uint64(delimiter) * uint64(_ONES), uint64(10) * uint64(_ONES)
    at, start, end = np.int64(0), np.int64(0), np.int64(0)
    records, cells, column = np.int64(0), np.int64(0), np.int64(0)
    while at < size:
        lines, marks = uint64(0), uint64(0)
        if at + 64 <= size:
            for step in range(8):
                word = load_word(data, at + 8 * step)
                feed = _equal(word, feeds)
                lines |= feed << uint64(8 * step)
                marks |= (feed | _equal(word, commas)) << uint64(8 * step)
        else:
            for step in range(size - at):
                feed = uint64(data[at + step] == 10)
                lines |= feed << uint64(step)
                marks |= (feed | uint64(data[at + step] == delimiter)) << uint64(step)
        while marks:
            place = low_zeros(marks)
            marks &= marks - uint64(1)
            here = at + np.int64(place)
            stop = here
            feed = lines >> place & uint64(1)
            if returns and feed and here > start and data[here - 1] == 13:
                stop -= 1
            stops[cells] = stop
            cells += 1
            room[column] += stop - start
            column += 1
            start = here + 1
            if feed:
                if column != columns or stop == end or stop - end > limit:
                    return end, np.int64(-1)
                end, column = start, np.int64(0)
                records += 1
            elif column == columns:
                return end, np.int64(-1)
        at += 64
    if at_end and end < size:
        stops[cells] = size
        room[column] += size - start
        if column + 1 != columns or size - end > limit:
            return end, np.int64(-1)
        end = size
        records += 1
    return end, records


@njit(**_KERNEL)
def _fill(data, quote, stops, begins, used, text, starts, valid, missing):
    """Copy the cells into their columns, quotes taken off; ``starts`` are Arrow's offsets.

    used: where each column's next cell goes in ``text``; it begins as ``begins``.
    """
    size, columns = np.int64(data.shape[0]), starts.shape[0]
    records = starts.shape[1] - 1
    start, cell = np.int64(0), np.int64(0)
    for record in range(records):
        for column in range(columns):
            stop = np.int64(stops[cell])
            cell += 1
            here = used[column]
            if start == stop:
                valid[column, record >> 3] &= ~(1 << (record & 7))
                missing[column] += 1
            elif data[start] != quote:
                length = stop - start
                if start + length + 8 <= size:
                    for step in range(0, length, 8):
                        store_word(text, here + step, load_word(data, start + step))
                else:
                    for step in range(length):
                        text[here + step] = data[start + step]
                here += length
            else:
                at = start + 1
                while at < stop - 1:
                    text[here] = data[at]
                    here += 1
                    at += 2 if data[at] == quote else 1
                if here == used[column]:
                    valid[column, record >> 3] &= ~(1 << (record & 7))
                    missing[column] += 1
            used[column] = here
            starts[column, record + 1] = here - begins[column]
            start = stop + 1
        if start <= size and data[start - 1] == 13:
            start += 1
