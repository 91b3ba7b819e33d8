"""What matching asks of a segment under a frame's model, as plain arrays that compiled code reads.

Worked out once for each frame; nothing here hangs on records.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.errors import ModelError
from joinedup.linkage.expression import Key, Measure, Same, Swapped
from joinedup.linkage.index.shares import text_hashes
from joinedup.linkage.kernels import match_states as kernel
from joinedup.linkage.model import Model
from joinedup.linkage.questions import Lookup, Question, condition_table, level_tables
from joinedup.linkage.score import equality_u

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Need(IntEnum):
    """What a question reads of a key's values beyond whether they are equal."""

    TEXT = 0
    DAYS = 1
    NUMBER = 2
    EXCHANGED = 3
    NICKNAME = 4
    OVERLAP = 5
    SHARE = 6


_KINDS: dict[Measure, tuple[int, Need]] = {
    Measure.JARO: (kernel.JARO, Need.TEXT),
    Measure.JARO_WINKLER: (kernel.JARO_WINKLER, Need.TEXT),
    Measure.LEVENSHTEIN: (kernel.LEVENSHTEIN, Need.TEXT),
    Measure.DAMERAU: (kernel.DAMERAU, Need.TEXT),
    Measure.JACCARD: (kernel.JACCARD, Need.TEXT),
    Measure.DAYS_APART: (kernel.DAYS, Need.DAYS),
    Measure.DIFFERENCE: (kernel.DIFFERENCE, Need.NUMBER),
    Measure.DAY_MONTH_SWAPPED: (kernel.DAY_MONTH, Need.EXCHANGED),
    Measure.NICKNAME: (kernel.NICKNAME, Need.NICKNAME),
    Measure.OVERLAP: (kernel.OVERLAP, Need.OVERLAP),
}
HELD = frozenset(_KINDS)
"""The measures that an index can answer."""
_SIDES = {"both": kernel.SAME, "left": kernel.SAME_LEFT, "right": kernel.SAME_RIGHT}


@dataclass(frozen=True)
class Rarity:
    """One adjustment for rare values: of pairs at ``level`` of ``comparison``, by the shares of ``key``."""

    key: Key
    comparison: int
    level: int
    base: float
    weight: float
    minimum: float


@dataclass(frozen=True)
class Plan:
    """The arrays that ``kernels.match.match_segment`` reads of a model.

    keys: those whose values segments store, with what is needed of each; then keys that only rules look at.
    stored: how many are stored. rarities: in the batch engine's order.
    """

    keys: tuple[Key, ...]
    needs: tuple[frozenset[Need], ...]
    stored: int
    rarities: tuple[Rarity, ...]
    arrays: tuple[npt.NDArray[np.generic] | int, ...]
    levels: int
    rules: int


def stored_keys(model: Model) -> dict[Key, set[Need]]:
    """Each key whose values are compared or weighed, and what is needed of it, in a fixed order."""
    return _stored(model, _all_questions(model))


def rarities_of(model: Model) -> tuple[Rarity, ...]:
    """Every adjustment for rare values, in the order in which they are added."""
    found = []
    for number, comparison in enumerate(model.comparisons):
        for place, level in enumerate(comparison.levels):
            key = level.term_frequency
            if key is None or level.missing or level.term_frequency_weight == 0:
                continue
            base = math.log2(equality_u(comparison, level, key))
            weight, minimum = level.term_frequency_weight, level.term_frequency_minimum
            found.append(Rarity(key, number, place, base, weight, minimum))
    return tuple(found)


def make_plan(model: Model) -> Plan:
    """Work out the arrays of a trained model; raises ModelError where it is not trained."""
    if not model.is_trained:
        raise ModelError(what="the model is not trained", where="the index", mend="refresh the index")
    tables = level_tables(model.comparisons)
    conditions = [condition_table(rule.where) for rule in model.blocking_rules if rule.where is not None]
    questions = list(tables.asked.questions)
    looks = [(look, 0) for look in tables.lookups]
    for asked, look in conditions:
        looks.append((look, len(questions)))
        questions += asked.questions
    needs = _stored(model, questions)
    keys = list(needs)
    stored = len(keys)
    keys += [key for rule in model.blocking_rules for key in rule.on if key not in needs]
    keys = list(dict.fromkeys(keys))
    place = {key: number for number, key in enumerate(keys)}
    rarities = rarities_of(model)
    context_parts, context_tables, context_weights = _contexts(model, place)
    weights = [level.weight for comparison in model.comparisons for level in comparison.levels]
    context_tables[:, 1] += np.where(context_tables[:, 1] >= 0, len(weights), 0)
    counts = [len(comparison.levels) for comparison in model.comparisons]
    begins = np.cumsum([0, *counts])[:-1].astype(np.int64)
    arrays: tuple[npt.NDArray[np.generic] | int, ...] = (
        *_rule_arrays(model, place),
        *_question_arrays(questions, place, len(tables.asked.questions)),
        *_lookup_arrays(looks),
        begins,
        np.array([*weights, *context_weights], np.float64),
        _ints([(place[r.key], r.comparison, r.level) for r in rarities], 3),
        _floats([(r.base, r.weight, _log2(r.minimum)) for r in rarities], 3),
        context_parts,
        context_tables,
        np.array([math.log2(c.prior / (1 - c.prior)) for c in model.contexts], np.float64),
    )
    return Plan(
        tuple(keys),
        tuple(frozenset(needs.get(key, ())) for key in keys),
        stored,
        rarities,
        arrays,
        len(model.comparisons),
        len(model.blocking_rules),
    )


def _all_questions(model: Model) -> list[Question]:
    questions = list(level_tables(model.comparisons).asked.questions)
    for rule in model.blocking_rules:
        if rule.where is not None:
            questions += condition_table(rule.where)[0].questions
    return questions


def _stored(model: Model, questions: Sequence[Question]) -> dict[Key, set[Need]]:
    needs: dict[Key, set[Need]] = {}
    for question in questions:
        for key in question.keys:
            own = needs.setdefault(key, set())
            if isinstance(question.asks, Measure):
                own.add(_kind(question.asks)[1])
    for rarity in rarities_of(model) if model.is_trained else ():
        needs.setdefault(rarity.key, set()).add(Need.SHARE)
    for context in model.contexts:
        for key in context.on:
            needs.setdefault(key, set())
    return needs


def _kind(measure: Measure) -> tuple[int, Need]:
    if measure not in _KINDS:
        raise ModelError(
            what=f"an index does not hold what {measure.value}() compares",
            where="the model",
            mend="link such files with 'joinedup link'",
        )
    return _KINDS[measure]


def _rule_arrays(model: Model, place: dict[Key, int]) -> tuple[Ints, Ints, Ints]:
    """The keys of each rule one after another, where each rule's begin, and its condition (-1 without)."""
    parts = [place[key] for rule in model.blocking_rules for key in rule.on]
    begins = np.cumsum([0, *(len(rule.on) for rule in model.blocking_rules)])
    where, conditions = [], 0
    for rule in model.blocking_rules:
        where.append(-1 if rule.where is None else conditions)
        conditions += rule.where is not None
    return np.array(parts, np.int64), begins.astype(np.int64), np.array(where, np.int64)


def _question_arrays(
    questions: Sequence[Question], place: dict[Key, int], plain: int
) -> tuple[Ints, int, Floats, npt.NDArray[np.uint64]]:
    """A row a question (kind, key, other key, its thresholds' begin and end, its text), thresholds, texts' hashes."""
    rows: list[tuple[int, ...]] = []
    steps: list[float] = []
    texts: list[str] = []
    for question in questions:
        asks = question.asks
        key, other, text = place[question.keys[0]], -1, -1
        if asks is None:
            kind = kernel.EQUAL
        elif isinstance(asks, Swapped):
            kind, other = (kernel.SWAPPED if asks.both else kernel.CROSSED), place[question.keys[1]]
        elif isinstance(asks, Same):
            kind, text = _SIDES[asks.side], len(texts)
            texts.append(asks.text)
        else:
            kind = _kind(asks)[0]
        rows.append((kind, key, other, len(steps), len(steps) + len(question.steps), text))
        steps += question.steps
    hashes = text_hashes(pa.array(texts, pa.string()))
    hashes[hashes == 0] = 1
    return _ints(rows, 6), plain, np.array(steps, np.float64), hashes


def _lookup_arrays(looks: Sequence[tuple[Lookup, int]]) -> tuple[Ints, Ints, Ints, Ints]:
    """For each comparison and condition: where its rows begin and end, and its table; then those themselves."""
    where, rows, strides, tables = [], [], [], []
    at = table_at = 0
    for look, shift in looks:
        where.append((at, at + len(look.rows), table_at))
        rows.append(look.rows + shift)
        strides.append(look.strides)
        tables.append(look.table)
        at += len(look.rows)
        table_at += len(look.table)
    whole = [np.concatenate(part).astype(np.int64) for part in (rows, strides, tables)]
    return _ints(where, 3), whole[0], whole[1], whole[2]


def _contexts(model: Model, place: dict[Key, int]) -> tuple[Ints, Ints, list[float]]:
    """Of each context the stretch of its keys and of its comparisons; those; and their weights."""
    number = {comparison.name: i for i, comparison in enumerate(model.comparisons)}
    parts: list[tuple[int, ...]] = []
    rows: list[tuple[int, ...]] = []
    weights: list[float] = []
    for context in model.contexts:
        begin = len(rows)
        rows += [(place[key], -1) for key in context.on]
        middle = len(rows)
        for name, bits in context.weights.items():
            rows.append((number[name], len(weights)))
            weights += bits
        parts.append((begin, middle, middle, len(rows)))
    return _ints(parts, 4), _ints(rows, 2), weights


def _ints(rows: Sequence[tuple[int, ...]], width: int) -> Ints:
    return np.array(rows, np.int64).reshape(len(rows), width)


def _floats(rows: Sequence[tuple[float, ...]], width: int) -> Floats:
    return np.array(rows, np.float64).reshape(len(rows), width)


def _log2(value: float) -> float:
    return math.log2(value) if value > 0 else -math.inf
