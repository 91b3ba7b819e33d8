"""From pairs to comparison vectors: which level of each comparison a pair falls in.

Each plain question of a model (``atoms``) is answered from a *state* that one kernel gives a pair. A
comparison's level then depends on the states alone, so its conditions, with SQL's three-valued logic, are
worked out once for every combination of states and looked up. A pair's levels are held as one number, its
*pattern*.
"""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.errors import ModelError
from joinedup.linkage.encode import Int32, Records
from joinedup.linkage.expression import (
    Alike,
    And,
    Atom,
    Condition,
    Equal,
    Key,
    Measure,
    Missing,
    Not,
    Or,
    Otherwise,
    Same,
    Swapped,
    atoms,
)
from joinedup.linkage.kernels import strings
from joinedup.linkage.model import Comparison
from joinedup.linkage.transform import iso_days, iso_swapped
from joinedup.people import nickname_table

States = npt.NDArray[np.uint8]
Patterns = npt.NDArray[np.int64]
Truth = npt.NDArray[np.int8]
Fill = Callable[[Int32, Int32, States], None]

_JARO = (Measure.JARO, Measure.JARO_WINKLER)
_EDITS = (Measure.LEVENSHTEIN, Measure.DAMERAU)
# What each state of kernels.strings.crossed_states says of left.first = right.second and of
# left.second = right.first.
_CROSSED = (
    (None, None),
    (True, True),
    (True, False),
    (False, True),
    (False, False),
    (True, None),
    (False, None),
    (None, True),
    (None, False),
)
_LARGEST_LOOKUP = 1 << 20
_NO_VALUE = np.iinfo(np.int32).max  # a code that no value has
_MOST_STATES = 255  # a state is one byte, as is a level


@dataclass(frozen=True)
class _Question:
    """A kernel with its data, how many states it gives, and what each atom makes of each state.

    In every question that others may ride on, state 0 is missing and state 1 is equal.
    """

    fill: Fill
    states: int
    answers: dict[Atom, tuple[bool | None, ...]]


@dataclass(frozen=True)
class _Lookup:
    """Which questions a comparison (or condition) reads; its answer for each combination of their states."""

    rows: npt.NDArray[np.int64]
    strides: npt.NDArray[np.int64]
    table: npt.NDArray[np.int64]


class ComparePlan:
    """How to compare pairs of these records under these comparisons.

    levels: how many levels each comparison has. strides: what one level of each adds to a pattern.
    """

    def __init__(self, records: Records, comparisons: Sequence[Comparison]) -> None:
        wanted = [atom for c in comparisons for level in c.levels for atom in atoms(level.when)]
        self._questions, self._of_atom = _questions(records, wanted)
        self.levels = tuple(len(comparison.levels) for comparison in comparisons)
        if any(count > _MOST_STATES for count in self.levels):
            raise ModelError(what=f"more than {_MOST_STATES} levels in one comparison", mend="use fewer")
        self.strides = tuple(int(np.prod(self.levels[:i], dtype=object)) for i in range(len(self.levels)))
        self.patterns = int(np.prod(self.levels, dtype=object))
        if self.patterns >= 2**62:
            raise ModelError(
                what="the comparisons have too many levels together", mend="use fewer comparisons"
            )
        self._lookups = [
            self._lookup([level.when for level in c.levels], f"comparison '{c.name}'") for c in comparisons
        ]
        self._active = tuple(range(len(comparisons)))

    def __call__(self, left: Int32, right: Int32) -> Patterns:
        """The pattern of each pair; level of comparison c = pattern // strides[c] % levels[c]."""
        patterns = np.zeros(len(left), np.int64)
        states = np.empty((len(self._questions), len(left)), np.uint8)
        for q in sorted({int(row) for c in self._active for row in self._lookups[c].rows}):
            self._questions[q].fill(left, right, states[q])
        for c in self._active:
            lookup = self._lookups[c]
            strings.combine(states, lookup.rows, lookup.strides, lookup.table, self.strides[c], patterns)
        return patterns

    def only(self, comparisons: Sequence[int]) -> ComparePlan:
        """The same plan that looks at these comparisons alone: the level of every other is 0 in its patterns."""
        plan = copy.copy(self)
        plan._active = tuple(comparisons)
        return plan

    def levels_of(self, patterns: Patterns) -> npt.NDArray[np.uint8]:
        """The levels of each pattern, shape (patterns, comparisons)."""
        out = np.empty((len(patterns), len(self.levels)), np.uint8)
        for c, (stride, count) in enumerate(zip(self.strides, self.levels, strict=True)):
            out[:, c] = patterns // stride % count
        return out

    def _lookup(self, conditions: Sequence[Condition], where: str) -> _Lookup:
        needed = sorted({self._of_atom[atom] for condition in conditions for atom in atoms(condition)})
        counts = [self._questions[q].states for q in needed]
        if int(np.prod(counts, dtype=object)) > _LARGEST_LOOKUP:
            raise ModelError(
                what="its levels ask too many different things", where=where, mend="split the comparison"
            )
        # One axis a question, the last one first, so that the flat place of a combination is its states times
        # the strides below.
        known: dict[Atom, Truth] = {}
        for place, q in enumerate(needed):
            shape = [1] * len(needed)
            shape[len(needed) - 1 - place] = counts[place]
            for atom, answer in self._questions[q].answers.items():
                known[atom] = np.array([_TRUTH[a] for a in answer], np.int8).reshape(shape)
        table = np.full(counts[::-1], len(conditions) - 1, np.int64)
        for number in reversed(range(len(conditions))):
            table[np.broadcast_to(_truth(conditions[number], known) == _TRUTH[True], table.shape)] = number
        strides = np.array([int(np.prod(counts[:i])) for i in range(len(counts))], np.int64)
        return _Lookup(np.array(needed, np.int64), strides, table.ravel())


def condition_filter(
    records: Records, condition: Condition
) -> Callable[[Int32, Int32], npt.NDArray[np.bool_]]:
    """A function that says for which pairs a condition holds (unknown counts as not)."""
    from_levels = Comparison(name="where", levels=())
    plan = ComparePlan(records, ())
    plan._questions, plan._of_atom = _questions(records, atoms(condition))
    lookup = plan._lookup([condition, Otherwise()], from_levels.name)

    def holds(left: Int32, right: Int32) -> npt.NDArray[np.bool_]:
        patterns = np.zeros(len(left), np.int64)
        states = np.empty((len(plan._questions), len(left)), np.uint8)
        for question, row in zip(plan._questions, states, strict=True):
            question.fill(left, right, row)
        strings.combine(states, lookup.rows, lookup.strides, lookup.table, 1, patterns)
        return np.asarray(patterns == 0, np.bool_)

    return holds


# SQL's logic: false is less than unknown, and unknown less than true.
_TRUTH: dict[bool | None, int] = {False: 0, None: 1, True: 2}


def _truth(condition: Condition, known: dict[Atom, Truth]) -> Truth:
    """Whether the condition holds, for every combination of states."""
    if isinstance(condition, Otherwise):
        return np.full((), _TRUTH[True], np.int8)
    if isinstance(condition, Not):
        return np.asarray(_TRUTH[True] - _truth(condition.part, known), np.int8)
    if isinstance(condition, (And, Or)):
        join = np.minimum if isinstance(condition, And) else np.maximum
        return functools.reduce(join, [_truth(part, known) for part in condition.parts])
    return known[condition]


def _questions(records: Records, wanted: Sequence[Atom]) -> tuple[list[_Question], dict[Atom, int]]:
    """One question for each kernel that is needed.

    Equality and missingness ride on a measure of the same key where there is one.
    """
    questions: list[_Question] = []
    of_atom: dict[Atom, int] = {}
    distinct = tuple(dict.fromkeys(wanted))
    measured: dict[tuple[Measure, Key], list[Alike]] = {}
    for atom in distinct:
        if isinstance(atom, Alike):
            measured.setdefault((atom.measure, atom.key), []).append(atom)
    covered: dict[Key, int] = {}
    for (measure, key), alikes in measured.items():
        # Its states mean other things, or equal sets may share fewer than is asked.
        if measure not in (Measure.DAY_MONTH_SWAPPED, Measure.OVERLAP):
            covered.setdefault(key, len(questions))
        question = _measure_question(records, measure, key, alikes)
        for atom in question.answers:
            of_atom[atom] = len(questions)
        questions.append(question)
    for atom in distinct:
        if isinstance(atom, (Swapped, Same)):
            of_atom[atom] = len(questions)
            questions.append(
                _swapped_question(records, atom)
                if isinstance(atom, Swapped)
                else _same_question(records, atom)
            )
        elif isinstance(atom, (Missing, Equal)):
            if atom.key not in covered:
                covered[atom.key] = len(questions)
                codes = records.key(atom.key).codes
                questions.append(_Question(_equal_fill(codes), 3, {}))
            at = covered[atom.key]
            states = questions[at].states
            rest = states - 2
            answer = (
                (True, *[False] * (states - 1))
                if isinstance(atom, Missing)
                else (None, True, *[False] * rest)
            )
            questions[at].answers[atom] = answer
            of_atom[atom] = at
    return questions, of_atom


def _equal_fill(codes: Int32) -> Fill:
    return lambda left, right, out: strings.equal_states(left, right, codes, out)


def _measure_question(records: Records, measure: Measure, key: Key, alikes: Sequence[Alike]) -> _Question:
    steps = sorted({a.threshold for a in alikes}, reverse=not measure.is_distance)
    if len(steps) + 4 > _MOST_STATES:
        raise ModelError(what=f"too many thresholds of {measure.value}({key})", mend="use fewer levels")
    thresholds = np.array(steps, np.float64)
    codes = records.key(key).codes
    answers: dict[Atom, tuple[bool | None, ...]] = {
        a: (None, True, *[i <= steps.index(a.threshold) for i in range(len(steps))], False) for a in alikes
    }
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

    elif measure in (Measure.DAYS_APART, Measure.DIFFERENCE):
        values = records.key(key).values
        numbers = iso_days(values) if measure is Measure.DAYS_APART else _numbers(values)

        def fill(left: Int32, right: Int32, out: States) -> None:
            strings.number_states(left, right, codes, numbers, thresholds, out)

        # One state more: both have a value and one of them is no number (or date), so how far is unknown.
        return _Question(fill, len(steps) + 4, {a: (*answer, None) for a, answer in answers.items()})
    elif measure is Measure.DAY_MONTH_SWAPPED:
        values = records.key(key).values
        own, other = _shared(codes, values, codes, iso_swapped(values))
        other[(other < 0) & (codes >= 0)] = _NO_VALUE  # what cannot be changed over is equal to nothing
        answers = {alikes[0]: tuple(one for one, _ in _CROSSED)}

        def fill(left: Int32, right: Int32, out: States) -> None:
            strings.crossed_states(left, right, own, other, out)

        return _Question(fill, len(_CROSSED), answers)
    else:
        members, offsets = _sets(records.key(key).values, nicknames=measure is Measure.NICKNAME)

        def fill(left: Int32, right: Int32, out: States) -> None:
            strings.overlap_states(left, right, codes, members, offsets, thresholds, out)

    return _Question(fill, len(steps) + 3, answers)


def _swapped_question(records: Records, atom: Swapped) -> _Question:
    first, second = shared_codes(records, atom.first, atom.second)

    # Asked one way round alone, it matters which record is the left one: it is the one that is written left.
    place = None if atom.both else records.written_order()

    def fill(left: Int32, right: Int32, out: States) -> None:
        if place is not None:
            turned = place[left] > place[right]
            left, right = np.where(turned, right, left), np.where(turned, left, right)
        strings.crossed_states(left, right, first, second, out)

    def both(a: bool | None, b: bool | None) -> bool | None:
        return False if a is False or b is False else (None if a is None or b is None else True)

    answer = tuple(both(a, b) if atom.both else a for a, b in _CROSSED)
    return _Question(fill, len(_CROSSED), {atom: answer})


def _same_question(records: Records, atom: Same) -> _Question:
    codes = records.key(atom.key)
    at = pc.index(codes.values, atom.text).as_py() if len(codes.values) else -1
    marks = np.where(codes.codes < 0, -1, np.where(codes.codes == at, 1, 0)).astype(np.int8)

    def fill(left: Int32, right: Int32, out: States) -> None:
        # One record with another text settles it, even where the other has none: false and unknown is false.
        one, other = marks[left], marks[right]
        out[:] = np.where((one == 0) | (other == 0), 2, np.where((one < 0) | (other < 0), 0, 1))

    return _Question(fill, 3, {atom: (None, True, False)})


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


def _numbers(values: pa.Array) -> npt.NDArray[np.float64]:
    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            return math.nan
        return value if math.isfinite(value) else math.nan

    return np.array([number(text) for text in values.to_pylist()], np.float64)


def _sets(values: pa.Array, *, nicknames: bool) -> tuple[Int32, npt.NDArray[np.int64]]:
    """Each value as a sorted set of member numbers: its formal names, or its parts divided by ``|``."""
    numbers: dict[str, int] = {}
    formal = nickname_table() if nicknames else {}
    sets = []
    for text in values.to_pylist():
        if nicknames:
            first = (text.strip().lower().split() or [""])[0]
            members = {first, *formal.get(first, ())}
        else:
            members = {part.strip() for part in text.split("|") if part.strip()}
        sets.append(sorted(numbers.setdefault(member, len(numbers)) for member in members))
    offsets = np.zeros(len(sets) + 1, np.int64)
    np.cumsum([len(s) for s in sets], out=offsets[1:])
    return np.array([m for s in sets for m in s], np.int32), offsets
