"""Match weights of candidate pairs: the prior, the weight of each level, and how rare the shared value is."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.errors import ModelError
from joinedup.linkage.block import Blocking
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import Int32, Records
from joinedup.linkage.estimate import rule_filters
from joinedup.linkage.expression import And, Equal, Key
from joinedup.linkage.kept import Keeping, PairColumns, SpilledPairs
from joinedup.linkage.kept import Scored as Scored
from joinedup.linkage.model import Comparison, Level, Model
from joinedup.linkage.patterns import PatternCounts, count_patterns

Floats = npt.NDArray[np.float64]
_TABLE = 1 << 20  # up to this many patterns, their weights are worked out beforehand


@runtime_checkable
class ShareTable(Protocol):
    """A model's term frequencies of one key that answer for many values at once: NaN for one that it lacks."""

    def of(self, values: pa.Array) -> Floats:
        """The share of each text."""


@dataclass(frozen=True)
class _Rarity:
    """One term-frequency adjustment: for pairs at this level, base - log2(larger frequency), times weight."""

    comparison: int
    level: int
    log_frequency: Floats  # one a record, log2; 0 where missing
    base: float
    weight: float


class Scorer:
    """Weights of pairs of these records under a trained model."""

    def __init__(self, model: Model, records: Records, plan: ComparePlan) -> None:
        if not model.is_trained:
            raise ModelError(
                what="the model is not trained", mend="train it, or give every level m and u and a prior"
            )
        self.plan = plan
        self._prior = model.prior_weight
        self._levels = [np.array([level.weight for level in c.levels]) for c in model.comparisons]
        self._rarities = _rarities(model, records)
        self._share = model.context_share
        place = {comparison.name: i for i, comparison in enumerate(model.comparisons)}
        self._tables = [
            (
                math.log2(context.prior / (1 - context.prior)),
                [(place[name], np.array(bits)) for name, bits in context.weights.items()],
            )
            for context in model.contexts
        ]
        self._agree = _agreed(model, records)
        every = np.arange(plan.patterns, dtype=np.int64) if plan.patterns <= _TABLE else None
        self._table = self._pattern_weights(every) if every is not None else None
        self._adjusted = (
            [self._at_level(r, every) for r in self._rarities] if every is not None else None
        )  # for each adjustment, the patterns that it is for

    def on(self, model: Model, records: Records, plan: ComparePlan) -> Scorer:
        """The same weights for pairs of other records: what hangs on the model alone is not worked out again."""
        other = copy.copy(self)
        other.plan, other._rarities, other._agree = plan, _rarities(model, records), _agreed(model, records)
        return other

    def _pattern_weights(self, patterns: npt.NDArray[np.int64]) -> Floats:
        out = np.full(len(patterns), self._prior)
        levels = self.plan.levels_of(patterns)
        for c, weights in enumerate(self._levels):
            out += weights[levels[:, c]]
        return out

    def adjustment(
        self, left: Int32, right: Int32, patterns: npt.NDArray[np.int64], weights: Floats
    ) -> Floats:
        """What contexts take from these weights, in bits: 0 where none applies or none is lower."""
        if not self._tables or not len(left):
            return np.zeros(len(left))
        lowest = weights.copy()
        levels = self.plan.levels_of(patterns)
        for keys, (odds, tables) in zip(self._agree, self._tables, strict=True):
            applies = np.ones(len(left), bool)
            for codes in keys:
                applies &= (codes[left] == codes[right]) & (codes[left] >= 0)
            at = np.flatnonzero(applies)
            seen = np.full(len(at), odds)
            for comparison, bits in tables:
                seen += bits[levels[at, comparison]]
            lowest[at] = np.minimum(lowest[at], seen)
        return (lowest - weights) * self._share

    def __call__(self, left: Int32, right: Int32, patterns: npt.NDArray[np.int64]) -> Floats:
        """The match weight of each pair before contexts, in bits."""
        weights = self._table[patterns] if self._table is not None else self._pattern_weights(patterns)
        for number, rarity in enumerate(self._rarities):
            at, bits = self._rare(number, rarity, left, right, patterns)
            weights[at] += bits
        return weights

    def rarity_bits(
        self, left: Int32, right: Int32, patterns: npt.NDArray[np.int64]
    ) -> list[tuple[int, Floats]]:
        """For each adjustment, its comparison and the bits that it adds to each pair."""
        out = []
        for number, rarity in enumerate(self._rarities):
            bits = np.zeros(len(patterns))
            at, added = self._rare(number, rarity, left, right, patterns)
            bits[at] = added
            out.append((rarity.comparison, bits))
        return out

    def _rare(
        self, number: int, rarity: _Rarity, left: Int32, right: Int32, patterns: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], Floats]:
        """Which pairs an adjustment is for, and the bits that it adds to each."""
        if self._adjusted is not None:
            at = np.flatnonzero(self._adjusted[number][patterns])
        else:
            at = np.flatnonzero(self._at_level(rarity, patterns))
        larger = np.maximum(rarity.log_frequency[left[at]], rarity.log_frequency[right[at]])
        return at, np.where(np.isfinite(larger), (rarity.base - larger) * rarity.weight, 0.0)

    def _at_level(self, rarity: _Rarity, patterns: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        stride, count = self.plan.strides[rarity.comparison], self.plan.levels[rarity.comparison]
        return np.asarray(patterns // stride % count == rarity.level, np.bool_)


def _agreed(model: Model, records: Records) -> list[list[Int32]]:
    """For each context, the codes of the keys that its pairs agree on."""
    return [[records.key(key).codes for key in context.on] for context in model.contexts]


def _rarities(model: Model, records: Records) -> list[_Rarity]:
    found = []
    for number, comparison in enumerate(model.comparisons):
        for place, level in enumerate(comparison.levels):
            if level.term_frequency is None or level.missing or level.term_frequency_weight == 0:
                continue
            codes = records.key(level.term_frequency)
            given = model.term_frequencies.get(str(level.term_frequency))
            if isinstance(given, ShareTable):
                shares = given.of(codes.values)
            elif given is not None:
                shares = np.array(
                    [given.get(text, math.nan) for text in codes.values.to_pylist()], np.float64
                )
            else:
                shares = records.frequencies(level.term_frequency)
            shares = np.maximum(shares, level.term_frequency_minimum)
            with np.errstate(divide="ignore"):
                by_value = np.append(
                    np.log2(shares), -np.inf
                )  # code -1: no frequency, so the other side's counts
            by_value = np.where(np.isnan(by_value), -np.inf, by_value)
            base = math.log2(equality_u(comparison, level, level.term_frequency))
            found.append(_Rarity(number, place, by_value[codes.codes], base, level.term_frequency_weight))
    return found


def equality_u(comparison: Comparison, level: Level, key: Key) -> float:
    """u of the comparison's level of plain equality on the key (or on its parts together); else the level's own."""
    for candidate in comparison.levels:
        when = candidate.when
        parts = when.parts if isinstance(when, And) else (when,)
        if all(isinstance(part, Equal) for part in parts):
            columns = {name for part in parts if isinstance(part, Equal) for name in part.key.columns()}
            whole = len(parts) == 1 and isinstance(when, Equal) and when.key == key
            if candidate.u and (whole or (len(parts) > 1 and columns == set(key.columns()))):
                return candidate.u
    assert level.u is not None
    return level.u


def score(
    model: Model,
    records: Records,
    found: Blocking,
    *,
    keep_weight: float,
    threads: int = 2,
    progress: Callable[[int], None] | None = None,
    plan: ComparePlan | None = None,
    most_kept: int | None = None,
    folder: Path | None = None,
) -> Scored | SpilledPairs:
    """Compare and weigh every candidate pair, keeping those of at least ``keep_weight`` bits.

    most_kept: hold no more pairs than this in memory: beyond it they are written to a nameless file in ``folder``,
    or refused (LimitError) where there is none. progress: told the number of pairs done after each chunk. The
    result is in the order of the rules and of the records, whatever the threads.
    """
    plan = plan or ComparePlan(records, model.comparisons)
    scorer = Scorer(model, records, plan)

    def work(rule: int, left: Int32, right: Int32) -> tuple[int, int, npt.NDArray[np.int64], Columns]:
        return rule, len(left), *weighed(scorer, left, right, keep_weight=keep_weight)

    by_rule = [0] * len(found.rules)
    histogram = np.zeros(128, np.int64)
    kept = Keeping(most=most_kept, folder=folder, patterns=plan.patterns, with_contexts=bool(model.contexts))
    done = 0
    for rule, count, bins, columns in found.stream(work, rule_filters(records, found.rules), threads=threads):
        by_rule[rule] += count
        histogram += bins
        kept.add(PairColumns(*columns))
        done += count
        if progress is not None:
            progress(done)
    return kept.finish(tuple(by_rule), histogram)


def weighed(
    scorer: Scorer, left: Int32, right: Int32, *, keep_weight: float
) -> tuple[npt.NDArray[np.int64], Columns]:
    """How all of these pairs spread over whole bits (as ``Scored.histogram``), and those worth keeping."""
    patterns = scorer.plan(left, right)
    weights = scorer(left, right, patterns)
    keep = weights >= keep_weight
    low = np.bincount(_bits(weights[~keep]), minlength=128)
    left, right, weights, patterns = left[keep], right[keep], weights[keep], patterns[keep]
    taken = scorer.adjustment(left, right, patterns, weights)  # never above 0, so nobody is missed
    weights = weights + taken
    bins = low + np.bincount(_bits(weights), minlength=128)
    keep = weights >= keep_weight
    return bins, (left[keep], right[keep], weights[keep], patterns[keep], taken[keep])


Columns = tuple[Int32, Int32, Floats, npt.NDArray[np.int64], Floats]
"""Kept pairs: left, right, weight, pattern, adjustment."""


def _bits(weights: Floats) -> npt.NDArray[np.int64]:
    return np.clip(np.floor(weights), -64, 63).astype(np.int64) + 64


def survey(
    model: Model, records: Records, found: Blocking, plan: ComparePlan, *, least_evidence: float, threads: int
) -> tuple[PatternCounts, Int32, Int32, npt.NDArray[np.int64]]:
    """One pass over all candidates before the prior is known: pattern counts, and the pairs worth another look.

    least_evidence: bits, without prior and rarity, from which a pair is returned (left, right, pattern).
    """
    weights = [np.array([level.weight for level in c.levels]) for c in model.comparisons]
    kept: list[tuple[Int32, Int32, npt.NDArray[np.int64]]] = []

    def work(_: int, left: Int32, right: Int32) -> tuple[npt.NDArray[np.int64], Int32, Int32]:
        return plan(left, right), left, right

    def noted() -> Iterator[npt.NDArray[np.int64]]:
        for patterns, left, right in found.stream(work, rule_filters(records, found.rules), threads=threads):
            distinct, place = np.unique(patterns, return_inverse=True)
            levels = plan.levels_of(distinct)
            evidence = sum(table[levels[:, c]] for c, table in enumerate(weights))
            keep = np.asarray(evidence >= least_evidence)[place]
            kept.append((left[keep], right[keep], patterns[keep]))
            yield patterns

    counts = count_patterns(noted(), possible=plan.patterns)
    if not kept:
        nobody = np.zeros(0, np.int32)
        return counts, nobody, nobody, np.zeros(0, np.int64)
    return counts, *(np.concatenate([k[i] for k in kept]) for i in range(3))  # type: ignore[return-value]
