"""Precision and recall against known truth, on plain arrays.

*Pairwise*: the pairs of at least a threshold are held against the truth. *Cluster*: every pair of records
that stand in one person is, counted by group sizes and never by listing pairs. Records of unknown truth are
left out of both. Where records were linked across sources only, only pairs across sources count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from joinedup.linkage.run import AccuracyPoint

CURVE_POINTS = 200
Integers = NDArray[np.integer]


@dataclass(frozen=True)
class Score:
    """How many pairs were linked, how many of them rightly, and how many there were to find.

    threshold: the weight in bits from which pairs were linked; None for clusters.

    >>> score = Score(linked=4, correct=3, true=6)
    >>> score.precision, score.recall, score.f1
    (0.75, 0.5, 0.6)
    """

    linked: int
    correct: int
    true: int
    threshold: float | None = None

    @property
    def precision(self) -> float:
        """Of the linked pairs, the share that are true; 0 where nothing was linked."""
        return self.correct / self.linked if self.linked else 0.0

    @property
    def recall(self) -> float:
        """Of the true pairs, the share that were linked; 0 where there are none."""
        return self.correct / self.true if self.true else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.correct / (self.linked + self.true) if self.linked + self.true else 0.0

    def as_dict(self) -> dict[str, float | int]:
        """Plain values for JSON; ``threshold_weight`` only where there is one."""
        out: dict[str, float | int] = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        out |= {"linked": self.linked, "correct": self.correct, "true": self.true}
        return out if self.threshold is None else out | {"threshold_weight": self.threshold}


@dataclass(frozen=True)
class PairScores:
    """Scored pairs against truth.

    pairwise: at the threshold asked for, None without one. best: at the threshold of the highest F1, None
    where no pair was scored. curve: at most 200 thresholds, highest first. compared: scored pairs of known
    truth; found: the true ones among them; true: all true pairs, compared or not.
    """

    pairwise: Score | None
    best: Score | None
    curve: tuple[AccuracyPoint, ...]
    compared: int
    found: int
    true: int

    @property
    def blocking_recall(self) -> float:
        """Of all true pairs, the share that was compared at all; 0 where there are none."""
        return self.found / self.true if self.true else 0.0


def pairwise_scores(
    left: Integers,
    right: Integers,
    weight: NDArray[np.floating],
    truth: Integers,
    threshold: float | None = None,
    *,
    source: Integers | None = None,
) -> PairScores:
    """Return how well pair weights tell true pairs, at the threshold and at the best one.

    left, right, weight: scored pairs of record numbers, none twice. truth: of each record, the number of its
    true cluster, below 0 where unknown. source: of each record, if only pairs across sources count.
    """
    known = (truth[left] >= 0) & (truth[right] >= 0)
    if source is not None:
        known &= source[left] != source[right]
    is_true = truth[left] == truth[right]
    return scores_of_weights(
        np.asarray(weight, np.float64)[known],
        is_true[known],
        true_pairs=count_true_pairs(truth, source=source),
        threshold=threshold,
    )


def scores_of_weights(
    weight: NDArray[np.float64], is_true: NDArray[np.bool_], *, true_pairs: int, threshold: float | None
) -> PairScores:
    """Return the scores of pairs of known truth, given the number of all true pairs."""
    order = np.argsort(-weight, kind="stable")
    weights = weight[order]
    ascending = -weights
    correct = np.cumsum(is_true[order])
    at = (
        np.flatnonzero(np.append(weights[1:] != weights[:-1], True))
        if len(weights)
        else np.empty(0, np.int64)
    )

    def score(point: int, threshold: float) -> Score:
        return Score(linked=int(point) + 1, correct=int(correct[point]), true=true_pairs, threshold=threshold)

    pairwise = best = None
    if threshold is not None:
        linked = int(np.searchsorted(ascending, -threshold, side="right"))
        pairwise = score(linked - 1, threshold) if linked else Score(0, 0, true_pairs, threshold)
    if len(at):
        f1 = 2 * correct[at] / (at + 1 + true_pairs)
        best_at = int(at[int(np.argmax(f1))])  # the first of equals: the highest threshold
        best = score(best_at, float(weights[best_at]))
    chosen = [s.threshold for s in (pairwise, best) if s is not None and s.threshold is not None]
    curve = []
    for step in _thresholds(weights[at], chosen):
        linked = int(np.searchsorted(ascending, -step, side="right"))
        if linked:
            s = score(linked - 1, step)
            curve.append(AccuracyPoint(step, precision=s.precision, recall=s.recall, f1=s.f1))
    found = int(correct[-1]) if len(correct) else 0
    return PairScores(pairwise, best, tuple(curve), compared=len(weight), found=found, true=true_pairs)


def _thresholds(distinct: NDArray[np.float64], chosen: list[float]) -> list[float]:
    """At most 200 thresholds, highest first: all there are, or evenly spread, always with the chosen ones."""
    every = sorted({*distinct[: CURVE_POINTS + 1].tolist(), *chosen}, reverse=True)
    if len(distinct) <= CURVE_POINTS and len(every) <= CURVE_POINTS:
        return every
    even = np.linspace(distinct[0], distinct[-1], CURVE_POINTS - len(chosen))
    return sorted({*even.tolist(), *chosen}, reverse=True)


def cluster_scores(person: Integers, truth: Integers, *, source: Integers | None = None) -> Score:
    """Return how well the people found agree with the true ones, over all pairs of records they imply.

    person, truth: of each record, the number of its cluster, found and true (below 0 where unknown).
    source: of each record, if only pairs across sources count.

    >>> cluster_scores(np.array([0, 0, 0, 3]), np.array([1, 1, 2, 2]))
    Score(linked=3, correct=1, true=2, threshold=None)
    """
    known = truth >= 0
    person, truth = dense(person[known]), dense(truth[known])
    sources = dense(source[known]) if source is not None else None
    both = person * (int(truth.max(initial=0)) + 1) + truth
    return Score(
        linked=_pairs_within(person, sources),
        correct=_pairs_within(dense(both), sources),
        true=_pairs_within(truth, sources),
    )


def count_true_pairs(truth: Integers, *, source: Integers | None = None) -> int:
    """Return how many pairs of records are truly one person; records of unknown truth are in none."""
    known = truth >= 0
    return _pairs_within(dense(truth[known]), dense(source[known]) if source is not None else None)


def dense(values: Integers) -> NDArray[np.int64]:
    """The same groups numbered from 0 without gaps."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _pairs_within(groups: NDArray[np.int64], sources: NDArray[np.int64] | None) -> int:
    if sources is None:
        return _pairs(np.bincount(groups))
    within = dense(groups * (int(sources.max(initial=0)) + 1) + sources)
    return _pairs(np.bincount(groups)) - _pairs(np.bincount(within))


def _pairs(sizes: NDArray[np.int64]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
