"""Clusters of more pairs than memory holds: the same people, found one part of the records after the other.

No constraint reaches beyond a group of records that links (pairs of at least the threshold, and what clerks called
the same) hang together, so each group can be clustered by itself. One pass over the pairs finds the groups, another
deals the pairs to parts of whole groups, and each part is then clustered in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from joinedup.errors import LimitError
from joinedup.linkage.cluster import Broken, Clusters, cluster
from joinedup.linkage.cluster_measures import Measures, Pairs, pairs_of
from joinedup.linkage.kept import SpilledPairs
from joinedup.linkage.kernels import cluster as kernel
from joinedup.linkage.spill import Spill

Int32 = NDArray[np.int32]
_PARTS = 200  # files open at a time


@dataclass(frozen=True)
class Bridges:
    """The weakest links that alone hold a person of three records and more together, weakest first."""

    left: Int32
    right: Int32
    weight: NDArray[np.float64]


NO_BRIDGES = Bridges(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))


def cluster_in_parts(
    pairs: SpilledPairs,
    *,
    records: int,
    threshold: float,
    source: NDArray[np.integer],
    one_to_one_sources: frozenset[int] = frozenset(),
    identifiers: Sequence[NDArray[np.integer]] = (),
    same: Pairs | None = None,
    different: Pairs | None = None,
    split: float | None = None,
    absent_weight: float = 0.0,
    most: int = 1 << 21,
    bridges: int = 300,
) -> tuple[Clusters, Bridges]:
    """Return what ``cluster`` would of these pairs, and the weakest bridges, at most ``bridges`` of them.

    most: pairs clustered at a time. The measures' ``bridge`` is empty: it would have a flag a pair.

    Raises LimitError where one group of records has more pairs than ``most`` among its own records.
    """
    same, different = pairs_of(same), pairs_of(different)
    nothing = np.empty(0, np.int32)
    if len(different[0]):  # what contradicts itself is refused in the words of the whole job
        cluster(
            nothing, nothing, np.empty(0), records=records, threshold=threshold, same=same, different=different,
            measures=False,
        )  # fmt: skip
    group = _groups(pairs, same, records=records, threshold=threshold)
    evidence = split is not None
    bounds = _bounds(pairs, group, threshold=threshold, evidence=evidence, most=most)
    dealt = _dealt(pairs, group, bounds, threshold=threshold, evidence=evidence)
    person = np.arange(records, dtype=np.int32)
    at = np.zeros(records, np.int32)
    found: list[Clusters] = []
    weakest = [NO_BRIDGES]
    try:
        for number, spill in enumerate(dealt):
            members = np.flatnonzero((group >= bounds[number]) & (group < bounds[number + 1])).astype(
                np.int32
            )
            at[members] = np.arange(len(members), dtype=np.int32)
            columns = spill.read(0, len(spill))
            spill.close()
            part = cluster(
                at[columns["left"]],
                at[columns["right"]],
                columns["weight"],
                records=len(members),
                threshold=threshold,
                source=source[members],
                one_to_one_sources=one_to_one_sources,
                identifiers=[codes[members] for codes in identifiers],
                same=_within(same, group, at, bounds[number], bounds[number + 1]),
                different=_within(different, group, at, bounds[number], bounds[number + 1]),
                split=split,
                absent_weight=absent_weight,
            )
            person[members] = members[part.person]
            weakest.append(_bridges(part, members, columns["weight"], columns["left"], columns["right"]))
            weakest = [_weakest(weakest, bridges)]
            found.append(_renumbered(part, members))
    finally:
        for spill in dealt:
            spill.close()
    return Clusters(person, _broken(found), _measures(found)), weakest[0]


def _groups(pairs: SpilledPairs, same: tuple[Int32, Int32], *, records: int, threshold: float) -> Int32:
    """The smallest record number that each record reaches by links and by what clerks called the same."""
    parent = np.arange(records, dtype=np.int32)
    kernel.connect(same[0], same[1], np.zeros(len(same[0])), 0.0, parent)
    for chunk in pairs.chunks():
        kernel.connect(chunk.left, chunk.right, chunk.weight, threshold, parent)
    group = np.empty(records, np.int32)
    kernel.labels(parent, group)
    return group


def _bounds(pairs: SpilledPairs, group: Int32, *, threshold: float, evidence: bool, most: int) -> list[int]:
    """Where parts begin and end, as group numbers: whole groups, together of at most about ``most`` pairs."""
    counts = np.zeros(len(group), np.int64)
    for chunk in pairs.chunks():
        inside = group[chunk.left]
        near = inside == group[chunk.right]
        if not evidence:
            near &= chunk.weight >= threshold
        np.add.at(counts, inside[near], 1)
    largest = int(counts.argmax()) if len(counts) else 0
    if len(counts) and counts[largest] > most:
        raise LimitError(
            what=f"{int((group == largest).sum()):,} records hang together by {int(counts[largest]):,} pairs, "
            "more than the memory limit lets be clustered at once",
            where="cluster",
            mend="raise the threshold or keep_probability, drop the blocking rule that joins strangers, or raise "
            "limits.memory_gb",
        )
    total = np.cumsum(counts)
    step = max(most, -(-int(total[-1] if len(total) else 0) // _PARTS))
    bounds = [0]
    while bounds[-1] < len(group):
        before = int(total[bounds[-1] - 1]) if bounds[-1] else 0
        bounds.append(max(bounds[-1] + 1, int(np.searchsorted(total, before + step, side="right"))))
    bounds[-1] = len(group)
    return bounds


def _dealt(
    pairs: SpilledPairs, group: Int32, bounds: list[int], *, threshold: float, evidence: bool
) -> list[Spill]:
    fields = {"left": np.int32, "right": np.int32, "weight": np.float64}
    spills = [Spill(pairs.folder, fields) for _ in bounds[1:]]
    for chunk in pairs.chunks():
        inside = group[chunk.left]
        near = inside == group[chunk.right]
        if not evidence:
            near &= chunk.weight >= threshold
        number = np.searchsorted(bounds, inside[near], side="right") - 1
        columns = {"left": chunk.left[near], "right": chunk.right[near], "weight": chunk.weight[near]}
        for part in np.unique(number).tolist():
            mine = number == part
            spills[part].append({name: column[mine] for name, column in columns.items()})
    return spills


def _within(ends: tuple[Int32, Int32], group: Int32, at: Int32, low: int, high: int) -> tuple[Int32, Int32]:
    """The decisions between records of one part, by their numbers there."""
    one, other = group[ends[0]], group[ends[1]]
    mine = (one >= low) & (one < high) & (other >= low) & (other < high)
    return at[ends[0][mine]], at[ends[1][mine]]


def _bridges(
    part: Clusters, members: Int32, weight: NDArray[np.float64], left: Int32, right: Int32
) -> Bridges:
    assert part.measures is not None
    sizes = np.bincount(part.person, minlength=len(members))
    flagged = np.flatnonzero(part.measures.bridge)
    # left and right are record numbers of the whole job; those of the part stand in the same order.
    person = part.person[np.searchsorted(members, left[flagged])]
    flagged = flagged[sizes[person] > 2]
    return Bridges(left[flagged], right[flagged], weight[flagged])


def _weakest(parts: Sequence[Bridges], count: int) -> Bridges:
    left, right = (np.concatenate([getattr(p, name) for p in parts]) for name in ("left", "right"))
    weight = np.concatenate([p.weight for p in parts])
    order = np.lexsort((right, left, weight))[:count]
    return Bridges(left[order], right[order], weight[order])


def _renumbered(part: Clusters, members: Int32) -> Clusters:
    """Refused links and measures by the record numbers of the whole job; who is whom is known already."""
    broken, measures = part.broken, part.measures
    assert measures is not None
    weakest = [
        np.where(ends < 0, -1, members[ends]) for ends in (measures.weakest_left, measures.weakest_right)
    ]
    return Clusters(
        np.empty(0, np.int32),
        replace(broken, left=members[broken.left], right=members[broken.right]),
        replace(
            measures,
            person=members[measures.person],
            weakest_left=weakest[0],
            weakest_right=weakest[1],
            bridge=np.empty(0, np.bool_),
        ),
    )


def _broken(parts: Sequence[Clusters]) -> Broken:
    columns = [
        np.concatenate([getattr(part.broken, name) for part in parts])
        for name in ("left", "right", "weight", "reason")
    ]
    order = np.lexsort((columns[1], columns[0], -columns[2]))
    return Broken(*(column[order] for column in columns))


def _measures(parts: Sequence[Clusters]) -> Measures:
    measures = [part.measures for part in parts if part.measures is not None]
    names = (
        "person", "size", "links", "density", "min_weight", "mean_weight", "bridges", "weakest_left",
        "weakest_right",
    )  # fmt: skip
    columns = {name: np.concatenate([getattr(each, name) for each in measures]) for name in names}
    order = np.argsort(columns["person"])
    return Measures(**{name: column[order] for name, column in columns.items()}, bridge=np.empty(0, np.bool_))
