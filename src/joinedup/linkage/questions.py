"""What a model asks of a pair, apart from any records: questions, their states, and levels looked up from them.

Each plain question of a model (``atoms``) is answered from a *state* that one kernel gives a pair. A
comparison's level then depends on the states alone, so its conditions, with SQL's three-valued logic, are
worked out once for every combination of states and looked up. A pair's levels are held as one number, its
*pattern*.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from joinedup.errors import ModelError
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
from joinedup.linkage.model import Comparison

Truth = npt.NDArray[np.int8]

# What each state of kernels.strings.crossed_states says of left.first = right.second and of
# left.second = right.first.
CROSSED = (
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
# Neither equality nor missingness can be read from their states: those mean other things, or equal values may not
# pass (equal lists may share fewer members than is asked; nothing is any share of nothing; nowhere is not near itself).
_STATES_OF_THEIR_OWN = frozenset(Measure) - {
    Measure.JARO_WINKLER,
    Measure.JARO,
    Measure.JACCARD,
    Measure.LEVENSHTEIN,
    Measure.DAMERAU,
    Measure.HAMMING,
    Measure.DAYS_APART,
    Measure.DIFFERENCE,
    Measure.NICKNAME,
    Measure.DICE,
}
# Times are fractions of a day, rounded: two that are just as far apart as is asked must pass, and two that are a
# millionth of a second (1.2e-11 days) further must not.
_ROUNDED = 5e-12
_LARGEST_LOOKUP = 1 << 20
_MOST_STATES = 255  # a state is one byte, as is a level


@dataclass(frozen=True)
class Question:
    """What one kernel is asked: a measure of a key, a Swapped or Same, or (None) plain equality of a key.

    keys: one, or Swapped's two. steps: the measure's thresholds, from strictest to loosest. states: how many the
    kernel gives; answers: what each atom makes of each. In every question that others may ride on, state 0 is
    missing and state 1 is equal.
    """

    asks: Measure | Swapped | Same | None
    keys: tuple[Key, ...]
    steps: tuple[float, ...]
    states: int
    answers: dict[Atom, tuple[bool | None, ...]]


@dataclass(frozen=True)
class Lookup:
    """Which questions a comparison (or condition) reads; its answer for each combination of their states."""

    rows: npt.NDArray[np.int64]
    strides: npt.NDArray[np.int64]
    table: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Questions:
    """The questions that some atoms need, each kernel asked once, and which of them each atom is answered by."""

    questions: tuple[Question, ...]
    of_atom: dict[Atom, int]

    def lookup(self, conditions: Sequence[Condition], where: str) -> Lookup:
        """The first of the conditions that holds (the last one where none does), by the states."""
        needed = sorted({self.of_atom[atom] for condition in conditions for atom in atoms(condition)})
        counts = [self.questions[q].states for q in needed]
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
            for atom, answer in self.questions[q].answers.items():
                known[atom] = np.array([_TRUTH[a] for a in answer], np.int8).reshape(shape)
        table = np.full(counts[::-1], len(conditions) - 1, np.int64)
        for number in reversed(range(len(conditions))):
            table[np.broadcast_to(_truth(conditions[number], known) == _TRUTH[True], table.shape)] = number
        strides = np.array([int(np.prod(counts[:i])) for i in range(len(counts))], np.int64)
        return Lookup(np.array(needed, np.int64), strides, table.ravel())


@dataclass(frozen=True)
class LevelTables:
    """Everything about comparing under a model that does not hang on records.

    levels: how many levels each comparison has. strides: what one level of each adds to a pattern; patterns: how
    many there can be. lookups: one a comparison.
    """

    asked: Questions
    levels: tuple[int, ...]
    strides: tuple[int, ...]
    patterns: int
    lookups: tuple[Lookup, ...]


def level_tables(comparisons: Sequence[Comparison]) -> LevelTables:
    """Work out the tables of these comparisons; raises ModelError where they ask too much to be looked up."""
    asked = ask([atom for c in comparisons for level in c.levels for atom in atoms(level.when)])
    levels = tuple(len(comparison.levels) for comparison in comparisons)
    if any(count > _MOST_STATES for count in levels):
        raise ModelError(what=f"more than {_MOST_STATES} levels in one comparison", mend="use fewer")
    strides = tuple(int(np.prod(levels[:i], dtype=object)) for i in range(len(levels)))
    patterns = int(np.prod(levels, dtype=object))
    if patterns >= 2**62:
        raise ModelError(what="the comparisons have too many levels together", mend="use fewer comparisons")
    lookups = tuple(
        asked.lookup([level.when for level in c.levels], f"comparison '{c.name}'") for c in comparisons
    )
    return LevelTables(asked, levels, strides, patterns, lookups)


def condition_table(condition: Condition) -> tuple[Questions, Lookup]:
    """The questions of one condition; looked up is 0 where it holds, 1 where not (or nobody knows)."""
    asked = ask(atoms(condition))
    return asked, asked.lookup([condition, Otherwise()], "where")


def ask(wanted: Sequence[Atom]) -> Questions:
    """One question for each kernel that is needed.

    Equality and missingness ride on a measure of the same key where there is one.
    """
    questions: list[Question] = []
    of_atom: dict[Atom, int] = {}
    distinct = tuple(dict.fromkeys(wanted))
    measured: dict[tuple[Measure, Key], list[Alike]] = {}
    for atom in distinct:
        if isinstance(atom, Alike):
            measured.setdefault((atom.measure, atom.key), []).append(atom)
    covered: dict[Key, int] = {}
    for (measure, key), alikes in measured.items():
        if measure not in _STATES_OF_THEIR_OWN:
            covered.setdefault(key, len(questions))
        question = _measure_question(measure, key, alikes)
        for atom in question.answers:
            of_atom[atom] = len(questions)
        questions.append(question)
    for atom in distinct:
        if isinstance(atom, (Swapped, Same)):
            of_atom[atom] = len(questions)
            questions.append(
                _swapped_question(atom)
                if isinstance(atom, Swapped)
                else Question(atom, (atom.key,), (), 3, {atom: (None, True, False)})
            )
        elif isinstance(atom, (Missing, Equal)):
            if atom.key not in covered:
                covered[atom.key] = len(questions)
                questions.append(Question(None, (atom.key,), (), 3, {}))
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
    return Questions(tuple(questions), of_atom)


def _measure_question(measure: Measure, key: Key, alikes: Sequence[Alike]) -> Question:
    steps = tuple(sorted({a.threshold for a in alikes}, reverse=not measure.is_distance))
    if len(steps) + 4 > _MOST_STATES:
        raise ModelError(what=f"too many thresholds of {measure.value}({key})", mend="use fewer levels")
    if measure is Measure.DAY_MONTH_SWAPPED:
        crossed: dict[Atom, tuple[bool | None, ...]] = {alikes[0]: tuple(one for one, _ in CROSSED)}
        return Question(measure, (key,), steps, len(CROSSED), crossed)
    answers: dict[Atom, tuple[bool | None, ...]] = {
        a: (None, True, *[i <= steps.index(a.threshold) for i in range(len(steps))], False) for a in alikes
    }
    if measure is Measure.DAYS_APART:
        steps = tuple(step + _ROUNDED for step in steps)
    if measure.may_be_unknown:
        # One state more: both have a value and one of them is no number (or date), so how far is unknown.
        unknown = {a: (*answer, None) for a, answer in answers.items()}
        return Question(measure, (key,), steps, len(steps) + 4, unknown)
    return Question(measure, (key,), steps, len(steps) + 3, answers)


def _swapped_question(atom: Swapped) -> Question:
    def both(a: bool | None, b: bool | None) -> bool | None:
        return False if a is False or b is False else (None if a is None or b is None else True)

    answer = tuple(both(a, b) if atom.both else a for a, b in CROSSED)
    return Question(atom, (atom.first, atom.second), (), len(CROSSED), {atom: answer})


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
