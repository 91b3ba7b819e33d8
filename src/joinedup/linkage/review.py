"""Which pairs are worth a clerk's look, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from joinedup.linkage.cluster import Clusters, Refusal

# If a pair at the threshold is as likely right as wrong, one this far from it is wrong about once in a hundred times.
NEAR_BITS = math.log2(99)


class Reason(StrEnum):
    """Why a pair is worth a look."""

    NEAR_THRESHOLD = "near the threshold"
    BRIDGE = "only link between two parts of a person"
    ONE_TO_ONE = "refused: one to one"
    CONTRADICTION = "refused: contradiction"
    DECISION = "refused: clerical decision"
    THIN = "refused: thin evidence"


_OF_REFUSAL = {
    Refusal.ONE_TO_ONE: Reason.ONE_TO_ONE,
    Refusal.CONTRADICTION: Reason.CONTRADICTION,
    Refusal.DECISION: Reason.DECISION,
    Refusal.THIN: Reason.THIN,
}


@dataclass(frozen=True)
class ReviewPair:
    """Two record numbers (left < right), their weight in bits, and why a clerk should look at them."""

    left: int
    right: int
    weight: float
    reasons: tuple[Reason, ...]


def review_pairs(
    left: NDArray[np.integer],
    right: NDArray[np.integer],
    weight: NDArray[np.floating],
    *,
    threshold: float,
    clusters: Clusters,
    limit: int = 300,
) -> tuple[ReviewPair, ...]:
    """Return pairs worth a clerk's look, a third of the limit for each of three kinds, nearest the threshold first.

    Near the threshold (``NEAR_BITS``) on either side, nearest first; refused by a constraint, strongest first (not
    those that a clerk refused already); bridges in persons of three records and more, weakest first (none where the
    clusters were not measured). A pair of several kinds comes once, with all its reasons; of equally near ones the
    first by record number comes first.

    left, right, weight: the scored pairs as ``cluster`` was given them.
    """
    each = max(1, limit // 3)
    found: dict[tuple[int, int], tuple[float, list[Reason]]] = {}

    def add(one: int, other: int, bits: float, reason: Reason) -> None:
        found.setdefault((min(one, other), max(one, other)), (bits, []))[1].append(reason)

    apart = np.abs(weight - threshold)
    nearest = _first(apart, left, right, each)
    for k in nearest[apart[nearest] <= NEAR_BITS].tolist():
        add(int(left[k]), int(right[k]), float(weight[k]), Reason.NEAR_THRESHOLD)
    broken = clusters.broken
    reasons = [
        Refusal.of_code(int(code)) for code in range(int(broken.reason.max(initial=0)) + 1) if code > 1
    ]
    wanted = [code for code, reason in enumerate(reasons, 2) if reason is not Refusal.DECISION]
    for k in np.flatnonzero(np.isin(broken.reason, wanted))[:each].tolist():
        reason = _OF_REFUSAL[Refusal.of_code(int(broken.reason[k]))]
        add(int(broken.left[k]), int(broken.right[k]), float(broken.weight[k]), reason)
    if clusters.measures is not None:
        sizes = np.bincount(clusters.person)
        bridges = np.flatnonzero(clusters.measures.bridge)
        bridges = bridges[sizes[clusters.person[left[bridges]]] > 2]
        for k in bridges[_first(weight[bridges], left[bridges], right[bridges], each)].tolist():
            add(int(left[k]), int(right[k]), float(weight[k]), Reason.BRIDGE)
    doubtful = sorted(found.items(), key=lambda item: (abs(item[1][0] - threshold), item[0]))
    return tuple(ReviewPair(*ends, bits, tuple(why)) for ends, (bits, why) in doubtful)


def _first(
    values: NDArray[np.floating], left: NDArray[np.integer], right: NDArray[np.integer], count: int
) -> NDArray[np.int64]:
    """Places of the smallest values, equal ones by record number; millions need not be sorted for it."""
    if len(values) > count:
        limit = np.partition(values, count - 1)[count - 1]
        candidates = np.flatnonzero(values <= limit)
    else:
        candidates = np.arange(len(values))
    keys = (right[candidates], left[candidates], values[candidates])
    return np.asarray(candidates[np.lexsort(keys)][:count], np.int64)
