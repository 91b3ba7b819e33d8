"""One column while it is being read: a table of values with counts, and what has been retired from it.

The table holds ``MOST_KEPT`` distinct values. When it is full, the rarest are retired: their counts go
into the totals (lengths, shapes, numbers, dates, validity), their texts are judged once as one array, and
counting goes on. Totals stay exact whatever the number of distinct values; only the counts of single
values become lower bounds (lossy counting, Manku and Motwani 2002), short by at most ``count_error``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from . import kernels, reading_kernels
from .distinct_count import DistinctCount, HashCounter
from .number_sketch import NumberSketch

MOST_KEPT = 1 << 16
_TEXT_BYTES = 16 << 20
_FIRST = 1 << 11
_NEARLY_UNIQUE = 1 << 14
_KINDS_SEEN = 1 << 11


@dataclass(frozen=True)
class Retired:
    """Distinct values leaving the table: texts, how often each occurred, and its first row (1-based)."""

    texts: pa.Array
    counts: npt.NDArray[np.int64]
    first_rows: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Needs:
    """What is wanted of a column besides counts. sketched: the distribution of its numbers. on_retired: called
    with the values that leave the table."""

    sketched: bool = True
    on_retired: Callable[[Retired], None] | None = None


_SUMS = (
    "values",
    "blank",
    "padded",
    "non_ascii",
    "numbers",
    "whole",
    "leading_zero",
    "dates_ymd",
    "dates_slash",
    "first_over_12",
    "second_over_12",
    "longest",
    "length_sum",
)


class Totals:
    """What has been added up over all values (not distinct ones), missing ones left out.

    values: neither missing nor blank; all that follows is about these. padded: with spaces around them.
    numbers, whole, leading_zero, dates_ymd, dates_slash: how they read. first_over_12, second_over_12:
    dates p/q/year with a part that can only be a day. lengths: values by number of characters (256: or
    more). shapes: by shape number. years: dates by year. day_range: first and last day as yyyymmdd.
    """

    values: int
    blank: int
    padded: int
    non_ascii: int
    numbers: int
    whole: int
    leading_zero: int
    dates_ymd: int
    dates_slash: int
    first_over_12: int
    second_over_12: int
    longest: int
    length_sum: int

    def __init__(self) -> None:
        self.sums = np.zeros(len(_SUMS) + 2, np.int64)
        self.sums[-2] = 99_999_999
        self.lengths = np.zeros(257, np.int64)
        self.shapes = np.zeros(kernels.SHAPES, np.int64)
        self.years = np.zeros(10_000, np.int64)

    def __getattr__(self, name: str) -> int:
        if name not in _SUMS:
            raise AttributeError(name)
        return int(self.sums[_SUMS.index(name)])

    @property
    def day_range(self) -> tuple[int, int]:
        """The first and the last day, as yyyymmdd."""
        return int(self.sums[-2]), int(self.sums[-1])


class ColumnTally:
    """Counts one column's values. needs: asked once, when the first values leave the table."""

    def __init__(
        self,
        *,
        exact_limit: int,
        most_kept: int = MOST_KEPT,
        needs: Callable[[], Needs] = Needs,
    ) -> None:
        self.totals = Totals()
        self.sketch = NumberSketch()
        self.rows = 0
        self.missing = 0
        self.count_error = 0
        self.counter: HashCounter | None = None
        self._exact_limit = exact_limit
        self._most = most_kept
        self._ask_needs = needs
        self._needs: Needs | None = None
        self._blank_hashes: set[int] = set()
        self._state = np.zeros(5, np.int64)
        self._shape_slots = np.zeros(4 * kernels.SHAPES, np.int32)
        self._shape_hashes = np.zeros(kernels.SHAPES, np.uint64)
        self._shape_text = np.zeros((kernels.SHAPES, kernels.SHAPE_ROOM), np.uint8)
        self._shape_sizes = np.zeros(kernels.SHAPES, np.int64)
        self._seen_kinds = np.zeros(_KINDS_SEEN, np.uint64)
        self._seen_shapes = np.zeros(_KINDS_SEEN, np.int32)
        self._text = np.empty(1 << 16, np.uint8)
        self._make_arrays(min(_FIRST, most_kept))

    def update(self, column: pa.Array) -> npt.NDArray[np.uint64]:
        """Count a batch of the column; return one hash a row."""
        texts = as_text(column)
        offsets, data, valid = _buffers(texts)
        rows = len(texts)
        hashes = np.empty(rows, np.uint64)
        at = 0
        while True:
            at = kernels.scan(
                offsets,
                data,
                valid,
                self.rows + 1,
                self._slots,
                self._keys,
                self._counts,
                self._lengths,
                self._shapes,
                self._flags,
                self._numbers,
                self._first_rows,
                self._text_starts,
                self._text,
                self._shape_slots,
                self._shape_hashes,
                self._shape_text,
                self._shape_sizes,
                self._seen_kinds,
                self._seen_shapes,
                self._state,
                hashes,
                at,
            )
            if at >= rows:
                break
            self._make_room()
        if self.counter is not None:
            self.counter.add(hashes)
        self.rows += rows
        self.missing = int(self._state[3])
        return hashes

    def finish(self) -> None:
        """Add what is still in the table to the totals; the table stays for `top`."""
        self._retire(np.arange(int(self._state[0])))
        if self.counter is not None:
            self.counter.result()  # counting settles the counter: `distinct` finds it in order

    def distinct(self) -> DistinctCount:
        """How many different values there are (a blank text is none)."""
        entries = int(self._state[0])
        if self.counter is None:
            blanks = int(np.count_nonzero(self._flags[:entries] & kernels.BLANK))
            return DistinctCount(entries - blanks, True)
        found = self.counter.result()
        return DistinctCount(max(found.count - len(self._blank_hashes), 0), found.exact)

    def top(self, most: int) -> list[tuple[str, int]]:
        """The most frequent values still held and their counts; equal counts in order of first sight."""
        entries = int(self._state[0])
        held = np.flatnonzero((self._flags[:entries] & kernels.BLANK) == 0)
        order = held[np.lexsort((self._first_rows[held], -self._counts[held]))][:most]
        texts = self._texts(order).to_pylist()
        return [(text, int(count)) for text, count in zip(texts, self._counts[order], strict=True)]

    def shapes(self) -> list[tuple[str, int]]:
        """Shapes and how many values have them, most frequent first; "…" stands for all rare ones."""
        found = []
        for number in np.flatnonzero(self.totals.shapes):
            size = self._shape_sizes[number]
            known = number < kernels.SHAPES - 1
            text = self._shape_text[number, :size].tobytes().decode("latin-1") if known else "…"
            found.append((text, int(self.totals.shapes[number])))
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def _make_arrays(self, room: int) -> None:
        self._slots = np.zeros(1 << (2 * room).bit_length(), np.int32)
        self._keys = np.empty(room, np.uint64)
        self._counts = np.empty(room, np.int64)
        self._lengths = np.empty(room, np.int32)
        self._shapes = np.empty(room, np.int32)
        self._flags = np.empty(room, np.uint8)
        self._numbers = np.empty(room, np.float64)
        self._first_rows = np.empty(room, np.int64)
        self._text_starts = np.empty(room, np.int64)

    def _columns(self) -> tuple[npt.NDArray[np.generic], ...]:
        return (
            self._keys,
            self._counts,
            self._lengths,
            self._shapes,
            self._flags,
            self._numbers,
            self._first_rows,
            self._text_starts,
        )

    def _make_room(self) -> None:
        """Grow the table or the text store; once both are at their limit, retire the rarest values."""
        entries, used = int(self._state[0]), int(self._state[1])
        room = len(self._keys)
        text_full = used + kernels.TEXT_ROOM > len(self._text)
        if text_full and len(self._text) < _TEXT_BYTES:
            grown = np.empty(min(4 * len(self._text), _TEXT_BYTES), np.uint8)
            grown[:used] = self._text[:used]
            self._text = grown
            text_full = False
        if entries >= room and room < self._most:
            old = self._columns()
            self._make_arrays(min(4 * room, self._most))
            for new, before in zip(self._columns(), old, strict=True):
                new[:entries] = before[:entries]
            kernels.rebuild(self._slots, self._keys, entries)
        elif entries >= room or text_full:
            self._retire_rarest()

    def _retire_rarest(self) -> None:
        entries = int(self._state[0])
        if self.counter is None:
            # `update` adds every row's hash at the end of this and later batches; what came before, here.
            self.counter = HashCounter(self._exact_limit)
            self.counter.add(self._keys[:entries].copy())
        counts = self._counts
        bar = 1
        while (more := kernels.over(counts, entries, bar)) > entries // 2:
            bar = max(bar + 1, int(np.partition(counts[:entries], entries // 2)[entries // 2]))
        leaving, staying = np.empty(entries - more, np.int64), np.empty(more, np.int64)
        kernels.part(counts, entries, bar, leaving, staying)
        self.count_error += bar
        self._retire(leaving)
        used = kernels.keep(staying, *self._columns(), self._text, entries, int(self._state[1]))
        self._state[0], self._state[1] = len(staying), used
        if len(staying) < entries // 8 and self._most > _NEARLY_UNIQUE:
            # Nearly every value is new: a table that fits the processor's cache finds the few frequent ones.
            self._most = _NEARLY_UNIQUE
            old = self._columns()
            self._make_arrays(max(self._most, 2 * len(staying)))
            for new, before in zip(self._columns(), old, strict=True):
                new[: len(staying)] = before[: len(staying)]
        kernels.rebuild(self._slots, self._keys, len(staying))

    def _retire(self, leaving: npt.NDArray[np.int64]) -> None:
        """Add these entries to the totals and hand them on."""
        if self._needs is None:
            self._needs = self._ask_needs()
        total = self.totals
        kernels.add_up(
            leaving,
            self._counts,
            self._lengths,
            self._shapes,
            self._flags,
            self._numbers,
            total.sums,
            total.lengths,
            total.shapes,
            total.years,
        )
        flags = self._flags[leaving]
        if self._needs.sketched:
            numeric = leaving[(flags & reading_kernels.NUMBER) != 0]
            self.sketch.add(self._numbers[numeric], self._counts[numeric])
        blank = (flags & kernels.BLANK) != 0
        if blank.any():
            self._blank_hashes.update(self._keys[leaving[blank]].tolist())
        if self._needs.on_retired is not None and len(leaving):
            kept = leaving[~blank]
            self._needs.on_retired(Retired(self._texts(kept), self._counts[kept], self._first_rows[kept]))

    def _text_sizes(self) -> npt.NDArray[np.int64]:
        entries, used = int(self._state[0]), int(self._state[1])
        return np.diff(self._text_starts[:entries], append=used)

    def _texts(self, entries: npt.NDArray[np.int64]) -> pa.Array:
        """The kept texts of these entries as one string array."""
        sizes = self._text_sizes()
        starts = np.append(self._text_starts[: len(sizes)], self._state[1]).astype(np.int32)
        used = int(self._state[1])
        whole = pa.StringArray.from_buffers(
            len(sizes), pa.py_buffer(starts), pa.py_buffer(self._text[:used].tobytes())
        )
        return whole.take(pa.array(entries))


def as_text(column: pa.Array) -> pa.Array:
    """A column as strings: dates in ISO form, nested values as JSON-like text, bytes as U+FFFD-safe text."""
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_nested(kind):
        return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        texts = [None if v is None else v.decode("utf-8", "replace") for v in column.to_pylist()]
        return pa.array(texts, pa.string())
    return pc.cast(column, pa.string())


def _buffers(
    texts: pa.Array,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    _, offsets, data = texts.buffers()
    if offsets is None or len(texts) == 0:
        places = np.zeros(len(texts) + 1, np.int32)
    else:
        places = np.frombuffer(offsets, np.int32, len(texts) + 1, texts.offset * 4)
    letters = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    valid = np.zeros(0, np.bool_) if texts.null_count == 0 else np.asarray(texts.is_valid())
    return places, letters, valid
