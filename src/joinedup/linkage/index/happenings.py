"""What happened to people when their records were clustered anew, and why: merges, splits, ends and returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from joinedup.linkage.cluster import Broken, Refusal
from joinedup.linkage.index.membership import Evidence, Named
from joinedup.linkage.index.told import EventKind, Int64, Why

_OF_REFUSAL = {
    Refusal.ONE_TO_ONE: Why.ONE_TO_ONE,
    Refusal.CONTRADICTION: Why.CONTRADICTION,
    Refusal.DECISION: Why.DECISION,
    Refusal.THIN: Why.THIN,
}


@dataclass(frozen=True)
class Happening:
    """One event of a person, by numbers: ``other`` a person, left and right record numbers, weight in bits."""

    kind: EventKind
    person: int
    other: int | None = None
    why: Why = Why.NONE
    left: int | None = None
    right: int | None = None
    weight: float | None = None
    decision: int | None = None


def happenings(
    evidence: Evidence, broken: Broken, named: Named, *, threshold: float, old: Int64, removed: Int64
) -> list[Happening]:
    """Return what happened to whom, in a fixed order.

    old: the persons that lost or had records among the affected before. removed: those of them that had a
    record taken out of the index.
    """
    now = named.person
    gained = set(now.tolist()) - set(old.tolist())
    lost = set(old.tolist()) - set(now.tolist())
    gone = set(removed.tolist())
    flows = _flows(evidence, named)
    told: list[Happening] = []
    fresh = set(now[named.new].tolist())
    parted = {group for _, group in flows if int(now[group]) in gained}
    for group in np.flatnonzero(~named.new).tolist():
        if int(now[group]) in gained:
            why = Why.PARTED if group in parted else Why.CAME_BACK
            told.append(Happening(EventKind.REVIVED, int(now[group]), why=why))
    bonds, barriers = _Bonds(evidence, named.group, threshold), None
    home = {int(person): group for group, person in enumerate(now.tolist())}
    for person, group in flows:
        into = int(now[group])
        if person in lost:
            told.append(bonds.merge(person, into, group))
        elif into in gained or into in fresh:
            barriers = barriers or _Barriers(evidence, named.group, broken)
            told.append(barriers.split(into, person, group, home[person], was_removed=person in gone))
    flowed = {person for person, _ in flows}
    told += [Happening(EventKind.RETIRED, person, why=Why.REMOVED) for person in sorted(lost - flowed)]
    return told


def _flows(evidence: Evidence, named: Named) -> list[tuple[int, int]]:
    """(person, group) wherever records of a person came into a group that is not its own, in order."""
    at = np.flatnonzero((evidence.person >= 0) & (evidence.person != named.person[named.group]))
    pairs = sorted(set(zip(evidence.person[at].tolist(), named.group[at].tolist(), strict=True)))
    return pairs


class _Bonds:
    """The links and "same" decisions inside each group."""

    def __init__(self, evidence: Evidence, group: Int64, threshold: float) -> None:
        self._evidence, self._group = evidence, group
        self._threshold = threshold
        self._links: _Parts | None = None
        self._same: _Parts | None = None

    def merge(self, person: int, into: int, group: int) -> Happening:
        """The merge of a person, with the strongest link or the decision that joins its records to the rest."""
        e, told = self._evidence, (EventKind.MERGED, person, into)
        if self._links is None or self._same is None:
            inside = np.flatnonzero(
                (e.weight >= self._threshold) & (self._group[e.left] == self._group[e.right])
            )
            self._links = _Parts(self._group[e.left[inside]], inside)
            self._same = _Parts(self._group[e.same.left], np.arange(len(e.same.left)))
        same = self._same.of(group)
        across = same[(e.person[e.same.left[same]] == person) != (e.person[e.same.right[same]] == person)]
        if len(across):
            first = across[np.argmin(e.same.decision[across])]
            ends = (int(e.number[e.same.left[first]]), int(e.number[e.same.right[first]]))
            decision = int(e.same.decision[first])
            return Happening(*told, Why.DECISION, min(ends), max(ends), decision=decision)
        links = self._links.of(group)
        across = links[(e.person[e.left[links]] == person) != (e.person[e.right[links]] == person)]
        if not len(across):
            return Happening(*told)
        low, high = (fn(e.left[across], e.right[across]) for fn in (np.minimum, np.maximum))
        best = across[np.lexsort((high, low, -e.weight[across]))[0]]
        ends = (int(e.number[e.left[best]]), int(e.number[e.right[best]]))
        return Happening(*told, Why.LINK, min(ends), max(ends), float(e.weight[best]))


class _Barriers:
    """What keeps groups apart: refused links and "different" decisions, by pairs of groups."""

    def __init__(self, evidence: Evidence, group: Int64, broken: Broken) -> None:
        self._evidence, self._broken = evidence, broken
        self._refused = _first_of(group[broken.left], group[broken.right])
        d = evidence.different
        order = np.argsort(d.decision, kind="stable")
        found = _first_of(group[d.left[order]], group[d.right[order]])
        self._decided = {pair: int(order[at]) for pair, at in found.items()}

    def split(self, person: int, other: int, group: int, home: int, *, was_removed: bool) -> Happening:
        """The split of a person from another, with the strongest link that was refused between the two."""
        e, told = self._evidence, (EventKind.SPLIT, person, other)
        pair = (min(group, home), max(group, home))
        refused, decided = self._refused.get(pair), self._decided.get(pair)
        if refused is not None:
            why = _OF_REFUSAL[Refusal.of_code(int(self._broken.reason[refused]))]
            ends = [int(e.number[side[refused]]) for side in (self._broken.left, self._broken.right)]
            decision = None
            if why is Why.DECISION and decided is not None:
                decision = int(e.different.decision[decided])
            weight = float(self._broken.weight[refused])
            return Happening(*told, why, min(ends), max(ends), weight, decision)
        if decided is not None:
            ends = [int(e.number[side[decided]]) for side in (e.different.left, e.different.right)]
            number = int(e.different.decision[decided])
            return Happening(*told, Why.DECISION, min(ends), max(ends), decision=number)
        return Happening(*told, Why.REMOVED if was_removed else Why.NO_LINK)


class _Parts:
    """Places sorted by a key, so that those of one key are found at once."""

    def __init__(self, key: Int64, places: NDArray[np.int64]) -> None:
        order = np.argsort(key, kind="stable")
        self._key, self._places = key[order], places[order]

    def of(self, key: int) -> NDArray[np.int64]:
        begin, end = np.searchsorted(self._key, key), np.searchsorted(self._key, key, side="right")
        return self._places[begin:end]


def _first_of(left: Int64, right: Int64) -> dict[tuple[int, int], int]:
    """For each unordered pair of different groups, the first place where it stands."""
    across = np.flatnonzero(left != right)
    low, high = np.minimum(left[across], right[across]), np.maximum(left[across], right[across])
    first: dict[tuple[int, int], int] = {}
    for at, pair in zip(across.tolist(), zip(low.tolist(), high.tolist(), strict=True), strict=True):
        first.setdefault(pair, at)
    return first
