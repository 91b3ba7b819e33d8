"""From pairs to comparison vectors: which level of each comparison a pair falls in.

What is asked, and what level its answers come to, stands in ``questions``; here each question is bound to the
records at hand, as a function that fills in the state of each pair.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.linkage.bit_text import bits_of_text
from joinedup.linkage.encode import Int32, Records
from joinedup.linkage.expression import Condition, Key, Measure, Same, Swapped
from joinedup.linkage.kernels import filters, strings
from joinedup.linkage.list_measures import list_fill
from joinedup.linkage.model import Comparison
from joinedup.linkage.questions import Question, condition_table, level_tables
from joinedup.linkage.readings import members_of, numbers_of
from joinedup.linkage.transform import iso_days, iso_swapped

States = npt.NDArray[np.uint8]
Patterns = npt.NDArray[np.int64]
Fill = Callable[[Int32, Int32, States], None]

_JARO = (Measure.JARO, Measure.JARO_WINKLER)
_EDITS = (Measure.LEVENSHTEIN, Measure.DAMERAU)
_NO_VALUE = np.iinfo(np.int32).max  # a code that no value has


class ComparePlan:
    """How to compare pairs of these records under these comparisons.

    levels: how many levels each comparison has. strides: what one level of each adds to a pattern.
    """

    def __init__(self, records: Records, comparisons: Sequence[Comparison]) -> None:
        self._tables = level_tables(comparisons)
        self._fills = [_fill(records, question) for question in self._tables.asked.questions]
        self.levels = self._tables.levels
        self.strides = self._tables.strides
        self.patterns = self._tables.patterns
        self._active = tuple(range(len(comparisons)))

    def __call__(self, left: Int32, right: Int32) -> Patterns:
        """The pattern of each pair; level of comparison c = pattern // strides[c] % levels[c]."""
        patterns = np.zeros(len(left), np.int64)
        states = np.empty((len(self._fills), len(left)), np.uint8)
        for q in sorted({int(row) for c in self._active for row in self._tables.lookups[c].rows}):
            self._fills[q](left, right, states[q])
        for c in self._active:
            lookup = self._tables.lookups[c]
            strings.combine(states, lookup.rows, lookup.strides, lookup.table, self.strides[c], patterns)
        return patterns

    def only(self, comparisons: Sequence[int]) -> ComparePlan:
        """The same plan that looks at these comparisons alone: the level of every other is 0 in its patterns."""
        plan = copy.copy(self)
        plan._active = tuple(comparisons)
        return plan

    def on(self, records: Records) -> ComparePlan:
        """The same plan for pairs of other records: what hangs on the comparisons alone is not worked out again."""
        plan = copy.copy(self)
        plan._fills = [_fill(records, question) for question in self._tables.asked.questions]
        return plan

    def levels_of(self, patterns: Patterns) -> npt.NDArray[np.uint8]:
        """The levels of each pattern, shape (patterns, comparisons)."""
        out = np.empty((len(patterns), len(self.levels)), np.uint8)
        for c, (stride, count) in enumerate(zip(self.strides, self.levels, strict=True)):
            out[:, c] = patterns // stride % count
        return out


def condition_filter(
    records: Records, condition: Condition
) -> Callable[[Int32, Int32], npt.NDArray[np.bool_]]:
    """A function that says for which pairs a condition holds (unknown counts as not)."""
    asked, lookup = condition_table(condition)
    fills = [_fill(records, question) for question in asked.questions]

    def holds(left: Int32, right: Int32) -> npt.NDArray[np.bool_]:
        patterns = np.zeros(len(left), np.int64)
        states = np.empty((len(fills), len(left)), np.uint8)
        for fill, row in zip(fills, states, strict=True):
            fill(left, right, row)
        strings.combine(states, lookup.rows, lookup.strides, lookup.table, 1, patterns)
        return np.asarray(patterns == 0, np.bool_)

    return holds


def _fill(records: Records, question: Question) -> Fill:
    """The kernel of a question with its data."""
    asks = question.asks
    if isinstance(asks, Swapped):
        return _swapped_fill(records, asks)
    if isinstance(asks, Same):
        return _same_fill(records, asks)
    codes = records.key(question.keys[0]).codes
    if asks is None:
        return lambda left, right, out: strings.equal_states(left, right, codes, out)
    return _measure_fill(records, asks, question.keys[0], np.array(question.steps, np.float64))


def _measure_fill(records: Records, measure: Measure, key: Key, thresholds: npt.NDArray[np.float64]) -> Fill:
    codes = records.key(key).codes
    fill: Fill
    if measure in _JARO:
        texts, winkler = records.texts(key), measure is Measure.JARO_WINKLER

        def fill(left: Int32, right: Int32, out: States) -> None:
            strings.jaro_states(
                left, right, codes, texts.chars, texts.facts, texts.alphabet, winkler, thresholds, out
            )

    elif measure in _EDITS:
        texts, swaps = records.texts(key), measure is Measure.DAMERAU

        def fill(left: Int32, right: Int32, out: States) -> None:
            strings.edit_states(left, right, codes, texts.chars, texts.facts, swaps, thresholds, out)

    elif measure is Measure.JACCARD:
        texts = records.texts(key)

        def fill(left: Int32, right: Int32, out: States) -> None:
            strings.jaccard_states(
                left, right, codes, texts.chars, texts.facts, texts.alphabet, thresholds, out
            )

    elif measure is Measure.DICE:
        words = bits_of_text(records.key(key).values)
        counts = np.empty(len(words), np.int64)
        filters.bit_counts(words, counts)

        def fill(left: Int32, right: Int32, out: States) -> None:
            filters.dice_states(left, right, codes, words, counts, thresholds, out)

    elif measure in (Measure.DAYS_APART, Measure.DIFFERENCE):
        values = records.key(key).values
        numbers = iso_days(values) if measure is Measure.DAYS_APART else numbers_of(values)

        def fill(left: Int32, right: Int32, out: States) -> None:
            strings.number_states(left, right, codes, numbers, thresholds, out)

    elif measure is Measure.DAY_MONTH_SWAPPED:
        values = records.key(key).values
        own, other = _shared(codes, values, codes, iso_swapped(values))
        other[(other < 0) & (codes >= 0)] = _NO_VALUE  # what cannot be changed over is equal to nothing

        def fill(left: Int32, right: Int32, out: States) -> None:
            strings.crossed_states(left, right, own, other, out)

    elif measure in (Measure.NICKNAME, Measure.OVERLAP):
        members, offsets = _sets(records.key(key).values, nicknames=measure is Measure.NICKNAME)

        def fill(left: Int32, right: Int32, out: States) -> None:
            strings.overlap_states(left, right, codes, members, offsets, thresholds, out)

    else:
        return list_fill(records, measure, key, thresholds)
    return fill


def _swapped_fill(records: Records, atom: Swapped) -> Fill:
    first, second = shared_codes(records, atom.first, atom.second)

    place = None if atom.both else records.written_order()

    def fill(left: Int32, right: Int32, out: States) -> None:
        if place is not None:
            left, right = _as_written(place, left, right)
        strings.crossed_states(left, right, first, second, out)

    return fill


def _as_written(place: Int32, left: Int32, right: Int32) -> tuple[Int32, Int32]:
    """The pairs turned where it matters which record is the left one: it is the one that is written left."""
    turned = place[left] > place[right]
    return np.where(turned, right, left), np.where(turned, left, right)


def _same_fill(records: Records, atom: Same) -> Fill:
    codes = records.key(atom.key)
    at = pc.index(codes.values, atom.text).as_py() if len(codes.values) else -1
    marks = np.where(codes.codes < 0, -1, np.where(codes.codes == at, 1, 0)).astype(np.int8)
    place = None if atom.side == "both" else records.written_order()

    def fill(left: Int32, right: Int32, out: States) -> None:
        if place is not None:
            left, right = _as_written(place, left, right)
            one = marks[left if atom.side == "left" else right]
            out[:] = np.where(one < 0, 0, 2 - one)
            return
        # One record with another text settles it, even where the other has none: false and unknown is false.
        one, other = marks[left], marks[right]
        out[:] = np.where((one == 0) | (other == 0), 2, np.where((one < 0) | (other < 0), 0, 1))

    return fill


def shared_codes(records: Records, first: Key, second: Key) -> tuple[Int32, Int32]:
    """The codes of two keys over one numbering of both keys' values (int32 a record, -1 missing)."""
    one, two = records.key(first), records.key(second)
    return _shared(one.codes, one.values, two.codes, two.values)


def _shared(
    first: Int32, first_values: pa.Array, second: Int32, second_values: pa.Array
) -> tuple[Int32, Int32]:
    """Two columns' codes over one numbering of their values."""
    both = pa.concat_arrays(
        [first_values.cast(pa.string()), second_values.cast(pa.string())]
    ).dictionary_encode()
    indices = pc.fill_null(both.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    one = np.append(indices[: len(first_values)], np.int32(-1))
    two = np.append(indices[len(first_values) :], np.int32(-1))
    return one[first], two[second]


def _sets(values: pa.Array, *, nicknames: bool) -> tuple[Int32, npt.NDArray[np.int64]]:
    """Each value as a sorted set of member numbers."""
    numbers: dict[str, int] = {}
    sets = []
    for text in values.to_pylist():
        members = members_of(text, nicknames=nicknames)
        sets.append(sorted(numbers.setdefault(member, len(numbers)) for member in members))
    offsets = np.zeros(len(sets) + 1, np.int64)
    np.cumsum([len(s) for s in sets], out=offsets[1:])
    return np.array([m for s in sets for m in s], np.int32), offsets
