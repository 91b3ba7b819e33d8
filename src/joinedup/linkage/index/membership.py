"""From the evidence about some records to their people: clusters anew, names that last, and what happened.

Pure functions over arrays. A *place* here is a position in ``Evidence.number``: records in canonical order, that
is by source and then by the hash that puts a source's records in order, as the batch job has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from joinedup.linkage.cluster import Clusters, cluster
from joinedup.linkage.cluster_measures import Float64, Int32
from joinedup.linkage.spec import Clusters as ClusterRules

Int64 = NDArray[np.int64]
NOBODY = -1


class Rules(Protocol):
    """What a frame says of clustering."""

    @property
    def threshold(self) -> float:
        """Bits from which a pair is a link."""

    @property
    def clusters(self) -> ClusterRules:
        """Identifiers, and the least mean weight."""

    @property
    def one_to_one(self) -> frozenset[int]:
        """The sources that hold each person once."""


@dataclass(frozen=True)
class Decided:
    """What clerks said, pair by pair: places, and the number of the decision."""

    left: Int32
    right: Int32
    decision: Int64

    @classmethod
    def nothing(cls) -> Decided:
        """No decision."""
        return cls(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.int64))


@dataclass(frozen=True)
class Evidence:
    """All that is known of some records whose people cannot hang on any other record.

    number: of each record, in canonical order. source: of each. person: whose it was before, -1: nobody's.
    left, right, weight: every kept pair among them, by places.
    """

    number: Int64
    source: Int64
    person: Int64
    left: Int32
    right: Int32
    weight: Float64
    same: Decided
    different: Decided

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True)
class Claim:
    """A name that belongs to some records. members: places of those that are among the affected. of: how many
    there are in all."""

    person: int
    members: Int64
    of: int


def canonical_order(source: NDArray[np.integer], place_hash: Int64) -> Int64:
    """The order in which a batch job numbers records: by source, then by the hash (its 64 bits unsigned)."""
    return np.lexsort((place_hash.view(np.uint64), source)).astype(np.int64)


def recluster(evidence: Evidence, rules: Rules, identifiers: Sequence[NDArray[np.integer]] = ()) -> Clusters:
    """Cluster the records from scratch, as a batch job would with the same pairs, rules and decisions."""
    return cluster(
        evidence.left,
        evidence.right,
        evidence.weight,
        records=len(evidence),
        threshold=rules.threshold,
        source=evidence.source,
        one_to_one_sources=rules.one_to_one,
        identifiers=identifiers,
        same=(evidence.same.left, evidence.same.right),
        different=(evidence.different.left, evidence.different.right),
        split=rules.clusters.least_mean_weight,
        absent_weight=rules.clusters.absent_weight,
        measures=False,
    )


@dataclass(frozen=True)
class Named:
    """Clusters with their people. group: of each record, from 0 in the order of the clusters' first records.
    person: of each group; new: which of these names were never used before."""

    group: Int64
    person: Int64
    new: NDArray[np.bool_]


def name_groups(
    group: Int64,
    before: Int64,
    *,
    first: Sequence[Claim] = (),
    back: Sequence[Claim] = (),
    last: Sequence[Claim] = (),
    next_person: int,
) -> Named:
    """Give each group a person, each person to one group at most; nothing hangs on chance.

    before: whose each record was, -1: nobody's. In this order: the claims of ``first``, as given, each name to
    the group with most of its records (ties: the earlier group); then each group takes the old person with which
    it shares most records (ties: the older person, then the earlier group); then the claims of ``back``, and then
    those of ``last``, each for the group with more than half of its records, a group taking the name with most
    records (ties: the older person); the groups that are left get new numbers from ``next_person`` on, in order.
    """
    groups = int(group.max(initial=-1)) + 1
    person = np.full(groups, NOBODY, np.int64)
    for claim in first:
        winner, _ = _winner(group, claim)
        if winner >= 0 and person[winner] < 0 and not (person == claim.person).any():
            person[winner] = claim.person
    _by_overlap(group, before, person)
    for claims in (back, last):
        _by_majority(group, claims, person)
    new = person < 0
    person[new] = next_person + np.arange(int(new.sum()))
    return Named(group, person, new)


def dense_groups(person: Int32) -> Int64:
    """The clusters' records numbered from 0, in the order of each cluster's first record."""
    _, group = np.unique(person, return_inverse=True)
    return group.astype(np.int64)


def _winner(group: Int64, claim: Claim) -> tuple[int, int]:
    """The group with most of a claim's records, and how many it has; -1 where none has any."""
    if not len(claim.members):
        return -1, 0
    counts = np.bincount(group[claim.members])
    best = int(counts.argmax())
    return best, int(counts[best])


def _by_majority(group: Int64, claims: Sequence[Claim], person: Int64) -> None:
    """Let groups that have no person take a claimed one of which they have more than half of the records."""
    wanted = []
    for claim in claims:
        winner, held = _winner(group, claim)
        if winner >= 0 and person[winner] < 0 and 2 * held > claim.of:
            wanted.append((-held, claim.person, winner))
    given = set(person[person >= 0].tolist()) if wanted else set()
    for _, number, winner in sorted(wanted):
        if person[winner] < 0 and number not in given:
            person[winner] = number
            given.add(number)


def _by_overlap(group: Int64, before: Int64, person: Int64) -> None:
    """Let groups that have no person take the old one with which they share most records."""
    was = np.flatnonzero(before >= 0)
    base = int(before.max(initial=0)) + 1
    key, shared = np.unique(group[was] * base + before[was], return_counts=True)
    who, old = key // base, key % base
    free = (person[who] < 0) & ~np.isin(old, person[person >= 0])
    who, old, shared = who[free], old[free], shared[free]
    if not len(who):
        return
    # Most groups and persons have nobody to contend with.
    alone = (_times(who) == 1) & (_times(old) == 1)
    person[who[alone]] = old[alone]
    rest = np.flatnonzero(~alone)
    taken: set[int] = set()
    for at in rest[np.lexsort((who[rest], old[rest], -shared[rest]))].tolist():
        if person[who[at]] < 0 and int(old[at]) not in taken:
            person[who[at]] = old[at]
            taken.add(int(old[at]))


def _times(values: Int64) -> Int64:
    """How often each value stands in the array."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(counts[place], np.int64)
