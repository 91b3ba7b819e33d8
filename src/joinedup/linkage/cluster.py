"""From scored pairs to people: which records are one person, which links were refused and why.

Links are taken in descending weight (equal weights in the order of their record numbers) and joined unless a
constraint forbids it, so the link that is refused is always the weakest on the way between two records that
must stay apart. Decisions of a clerk come first: "same" is joined before any link, "different" never, by no
detour. Without constraints the people are the connected components.

Numbering the records anew gives the same people wherever no two links that compete weigh the same; number
records by their content, not by their row, to be free of row order there too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from joinedup.errors import UsageError
from joinedup.linkage.cluster_measures import Float64, Int32, Measures, Pairs, ids, measure_clusters, pairs_of
from joinedup.linkage.kernels import cluster as kernel


class Refusal(StrEnum):
    """Why two records that were scored as one person were not joined."""

    ONE_TO_ONE = "one to one"  # a source that holds each person once would have two of their records
    CONTRADICTION = "contradiction"  # two different identifiers would stand in one cluster
    DECISION = "clerical decision"  # a clerk said that two of them are different
    THIN = "thin evidence"  # on average, the records of the two clusters do not look alike

    @classmethod
    def of_code(cls, code: int) -> Refusal:
        """The reason behind a code of ``Broken.reason``."""
        return _REASONS[code]


_REASONS = {
    kernel.ONE_TO_ONE: Refusal.ONE_TO_ONE,
    kernel.CONTRADICTION: Refusal.CONTRADICTION,
    kernel.DECISION: Refusal.DECISION,
    kernel.THIN: Refusal.THIN,
}


@dataclass(frozen=True)
class Broken:
    """Links that were refused and whose ends stayed apart, in descending weight; equally long columns.

    reason: codes; ``Refusal.of_code`` says what each means.
    """

    left: Int32
    right: Int32
    weight: Float64
    reason: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.left)

    def counts(self) -> dict[str, int]:
        """How many links were refused for each reason, the reasons that occur only."""
        tally = np.bincount(self.reason, minlength=max(_REASONS) + 1)
        return {reason.value: int(tally[code]) for code, reason in _REASONS.items() if tally[code]}


@dataclass(frozen=True)
class Clusters:
    """The people found: ``person`` is, for each record, the smallest record number of its cluster."""

    person: Int32
    broken: Broken
    measures: Measures | None

    def sizes(self) -> dict[int, int]:
        """How many clusters there are of each size, smallest first."""
        sizes = np.bincount(self.person)
        values, counts = np.unique(sizes[sizes > 0], return_counts=True)
        return {int(size): int(count) for size, count in zip(values, counts, strict=True)}


def connected_components(
    left: NDArray[np.integer],
    right: NDArray[np.integer],
    weight: NDArray[np.floating] | None = None,
    *,
    records: int,
    threshold: float = 0.0,
) -> Int32:
    """Return the smallest record number that each record reaches by links of at least the threshold.

    Without weights every pair is a link.

    >>> links = np.array([3, 1]), np.array([1, 0]), np.array([5.0, 2.0])
    >>> connected_components(*links, records=4, threshold=4.0)
    array([0, 1, 2, 1], dtype=int32)
    """
    parent = np.arange(records, dtype=np.int32)
    weights = np.zeros(len(left)) if weight is None else np.ascontiguousarray(weight, np.float64)
    kernel.connect(ids(left), ids(right), weights, -np.inf if weight is None else float(threshold), parent)
    return _people(parent)


def cluster(
    left: NDArray[np.integer],
    right: NDArray[np.integer],
    weight: NDArray[np.floating],
    *,
    records: int,
    threshold: float,
    source: NDArray[np.integer] | None = None,
    one_to_one_sources: frozenset[int] = frozenset(),
    identifiers: Sequence[NDArray[np.integer]] = (),
    same: Pairs | None = None,
    different: Pairs | None = None,
    split: float | None = None,
    absent_weight: float = 0.0,
    measures: bool = True,
) -> Clusters:
    """Return the people behind scored pairs, with the links that were refused.

    left, right, weight: scored pairs of record numbers below ``records``, no pair twice; weight in bits.
    Those below the threshold link nothing, but count as evidence where ``split`` is given.
    source: of each record; a cluster holds at most one record of each of ``one_to_one_sources``.
    identifiers: for each identifier, the code of each record, -1 where missing; no cluster gathers two codes.
    same, different: what clerks decided. "same" is obeyed even against the constraints above; a cluster that
    a clerk made of two identifiers takes in nobody with a third.
    split: refuse to join two clusters where the mean weight over all pairs between them is lower, in bits;
    a pair that was not scored counts as ``absent_weight``. E scored pairs take O(E log E) time, O(E) memory.
    measures: whether to measure the clusters too.

    Raises UsageError where "same" decisions join two records that another decision calls different.
    """
    left, right = ids(left), ids(right)
    bits: Float64 = np.ascontiguousarray(weight, np.float64)
    same, different = pairs_of(same), pairs_of(different)
    linked = bits >= threshold
    if split is None and not (one_to_one_sources or identifiers or len(different[0])):
        parent = np.arange(records, dtype=np.int32)
        kernel.connect(same[0], same[1], np.zeros(len(same[0])), 0.0, parent)
        kernel.connect(left, right, bits, float(threshold), parent)
        person, broken = _people(parent), _NONE_BROKEN
    else:
        state = _State.of(records, source, one_to_one_sources, identifiers, same, different)
        links = _by_weight(left[linked], right[linked], bits[linked])
        scored = None if split is None else (left, right, bits, float(split), float(absent_weight))
        outcome = state.join(same, links, scored)
        person = _people(state.parent)
        # A refused link whose ends came together by another way later is not broken.
        refused = np.flatnonzero(outcome >= kernel.ONE_TO_ONE)
        refused = refused[person[links[0][refused]] != person[links[1][refused]]]
        broken = Broken(links[0][refused], links[1][refused], links[2][refused], outcome[refused])
    if not measures:
        return Clusters(person=person, broken=broken, measures=None)
    measured = measure_clusters(person, left[linked], right[linked], bits[linked], same=same)
    bridge = np.zeros(len(linked), np.bool_)
    bridge[linked] = measured.bridge
    return Clusters(person=person, broken=broken, measures=replace(measured, bridge=bridge))


_NONE_BROKEN = Broken(
    np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float64), np.empty(0, np.uint8)
)


@dataclass(frozen=True)
class _State:
    """What the compiled loops change as they join: the forest, and what each root holds for its cluster."""

    parent: Int32
    size: Int32
    masks: NDArray[np.uint64]
    given: Int32
    held: Int32
    ring: Int32
    other: Int32
    following: Int32
    head: Int32
    tail: Int32
    entries: Int32

    @classmethod
    def of(
        cls,
        records: int,
        source: NDArray[np.integer] | None,
        one_to_one: frozenset[int],
        identifiers: Sequence[NDArray[np.integer]],
        same: tuple[Int32, Int32],
        different: tuple[Int32, Int32],
    ) -> _State:
        """Every record alone, with its own source, identifiers and decisions."""
        if one_to_one and source is None:
            raise UsageError(
                what="one-to-one sources without the records' sources", mend="give 'source' as well"
            )
        masks = np.zeros((records, (len(one_to_one) + 63) // 64), np.uint64)
        for bit, number in enumerate(sorted(one_to_one)):
            masks[source == number, bit // 64] = np.uint64(1) << np.uint64(bit % 64)
        given = np.empty((records, len(identifiers)), np.int32)
        for k, codes in enumerate(identifiers):
            given[:, k] = codes
        decided = len(different[0])
        state = cls(
            parent=np.arange(records, dtype=np.int32),
            size=np.ones(records, np.int32),
            masks=masks,
            given=given,
            held=given.copy(),
            # Only a clerk can put two codes into one cluster; only then are its members walked through.
            ring=np.arange(records if identifiers and len(same[0]) else 0, dtype=np.int32),
            other=np.empty(2 * decided, np.int32),
            following=np.empty(2 * decided, np.int32),
            head=np.full(records if decided else 0, -1, np.int32),
            tail=np.full(records if decided else 0, -1, np.int32),
            entries=np.zeros(records if decided else 0, np.int32),
        )
        if decided:
            _refuse_contradictions(records, same, different)
            kernel.list_different(
                *different, state.other, state.following, state.head, state.tail, state.entries
            )
        return state

    def join(
        self,
        same: tuple[Int32, Int32],
        links: tuple[Int32, Int32, Float64],
        scored: tuple[Int32, Int32, Float64, float, float] | None,
    ) -> NDArray[np.uint8]:
        """Join what clerks called the same, then the links in order; what became of each link."""
        left, right = np.concatenate((same[0], links[0])), np.concatenate((same[1], links[1]))
        forced = len(same[0])
        outcome = np.zeros(len(left), np.uint8)
        s = self
        if scored is None:
            kernel.join(
                left, right, forced, s.parent, s.size, s.masks, s.given, s.held, s.ring,
                s.other, s.following, s.head, s.tail, s.entries, outcome,
            )  # fmt: skip
        else:
            ends, evidence = _evidence(scored, connected_components(left, right, records=len(s.parent)))
            kernel.join_by_average(
                left, right, forced, ends, evidence, scored[3], scored[4],
                s.parent, s.size, s.masks, s.given, s.held, s.ring,
                s.other, s.following, s.head, s.tail, s.entries, outcome,
            )  # fmt: skip
        return outcome[forced:]


def _refuse_contradictions(records: int, same: tuple[Int32, Int32], different: tuple[Int32, Int32]) -> None:
    together = connected_components(*same, records=records)
    wrong = np.flatnonzero(together[different[0]] == together[different[1]])
    if len(wrong):
        raise UsageError(
            what=f"{len(wrong)} decisions say 'different' of records that decisions saying 'same' join",
            where=f"records {different[0][wrong[0]]} and {different[1][wrong[0]]}",
            mend="withdraw one of the decisions",
        )


def _people(parent: Int32) -> Int32:
    person = np.empty(len(parent), np.int32)
    kernel.labels(parent, person)
    return person


def _by_weight(left: Int32, right: Int32, weight: Float64) -> tuple[Int32, Int32, Float64]:
    """Links with left < right, in descending weight, equal weights by (left, right)."""
    low, high = np.minimum(left, right), np.maximum(left, right)
    key = low.astype(np.int64) << 32 | high
    if not np.all(key[1:] >= key[:-1]):
        order = np.argsort(key)
        low, high, weight = low[order], high[order], weight[order]
    del key
    order = np.argsort(-weight, kind="stable")
    return low[order], high[order], weight[order]


def _evidence(
    scored: tuple[Int32, Int32, Float64, float, float], loose: Int32
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The scored pairs whose ends the links could bring together at all; most lie between strangers."""
    left, right, weight = scored[:3]
    near = (loose[left] == loose[right]) & (left != right) & ~np.isnan(weight)
    ends = np.stack((left[near], right[near]), axis=1)
    return ends, np.rint(weight[near] * kernel.SCALE).astype(np.int64)
