"""How well each cluster hangs together: its links, their weights, its bridges and its weakest link."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from joinedup.linkage.kernels import cluster_measures as kernel

Int32 = NDArray[np.int32]
Float64 = NDArray[np.float64]
Pairs = tuple[NDArray[np.integer], NDArray[np.integer]]


@dataclass(frozen=True)
class Measures:
    """One row a cluster of at least two records, by ``person``; equally long columns, but for ``bridge``.

    links: scored pairs of at least the threshold inside it. density: links over all its pairs, 0 to 1.
    mean_weight, min_weight: of those links, in bits (NaN where clerks alone joined it). bridges: links
    whose loss alone would part it; the one link of a cluster of two is one. weakest_left, weakest_right: the
    ends of its weakest link, -1 where it has none. bridge: one flag a link given, in the order given.
    """

    person: Int32
    size: Int32
    links: NDArray[np.int64]
    density: Float64
    min_weight: Float64
    mean_weight: Float64
    bridges: NDArray[np.int64]
    weakest_left: Int32
    weakest_right: Int32
    bridge: NDArray[np.bool_]


def measure_clusters(
    person: NDArray[np.integer],
    left: NDArray[np.integer],
    right: NDArray[np.integer],
    weight: NDArray[np.floating],
    *,
    same: Pairs | None = None,
) -> Measures:
    """Return how well each cluster hangs together, by its links (those of at least the threshold).

    person: the smallest record number of each record's cluster. Links between clusters are passed over.
    same: clerical decisions; they hold a cluster together when bridges are looked for, and count as no link.
    """
    person, left, right = ids(person), ids(left), ids(right)
    weight = np.ascontiguousarray(weight, np.float64)
    size = np.bincount(person, minlength=len(person)).astype(np.int32)
    people = np.flatnonzero(size >= 2).astype(np.int32)
    cluster_at = np.full(len(person), -1, np.int32)
    cluster_at[people] = np.arange(len(people), dtype=np.int32)
    ordinal = cluster_at[person]
    links, total = np.zeros(len(people), np.int64), np.zeros(len(people))
    weakest = np.full(len(people), -1, np.int64)
    kernel.measure(left, right, weight, ordinal, links, total, weakest)
    sizes = size[people]
    bridge = _bridges(person, size, left, right, pairs_of(same))
    linked = weakest >= 0
    min_weight, mean_weight = np.full(len(people), np.nan), np.full(len(people), np.nan)
    weakest_left, weakest_right = np.full(len(people), -1, np.int32), np.full(len(people), -1, np.int32)
    min_weight[linked] = weight[weakest[linked]]
    mean_weight[linked] = total[linked] / links[linked]
    weakest_left[linked], weakest_right[linked] = left[weakest[linked]], right[weakest[linked]]
    return Measures(
        person=people,
        size=sizes,
        links=links,
        density=links / (sizes.astype(np.float64) * (sizes - 1) / 2),
        min_weight=min_weight,
        mean_weight=mean_weight,
        bridges=np.bincount(ordinal[left[bridge]], minlength=len(people)).astype(np.int64),
        weakest_left=weakest_left,
        weakest_right=weakest_right,
        bridge=bridge,
    )


def ids(values: NDArray[np.integer]) -> Int32:
    """Record numbers as the compiled loops take them."""
    return np.ascontiguousarray(values, np.int32)


def pairs_of(pairs: Pairs | None) -> tuple[Int32, Int32]:
    """Both ends as the compiled loops take them; empty where there are none."""
    if pairs is None:
        return np.empty(0, np.int32), np.empty(0, np.int32)
    return ids(pairs[0]), ids(pairs[1])


def _bridges(
    person: Int32, size: Int32, left: Int32, right: Int32, same: tuple[Int32, Int32]
) -> NDArray[np.bool_]:
    inside = person[left] == person[right]
    in_two = size[person] == 2
    decided = np.zeros(len(person), np.bool_)
    decided[same[0]] = True
    bridge: NDArray[np.bool_] = inside & in_two[left] & ~decided[left] & ~decided[right]
    # The search proper is for clusters of three and more; decisions lie beside the links there.
    large = size[person] > 2
    number = np.cumsum(large, dtype=np.int32) - np.int32(1)
    one = np.concatenate((left, same[0]))
    other = np.concatenate((right, same[1]))
    looked_at = np.flatnonzero(np.concatenate((inside & large[left], large[same[0]])))
    found = np.zeros(len(looked_at), np.uint8)
    kernel.bridges(number[one[looked_at]], number[other[looked_at]], int(large.sum()), found)
    at = looked_at[found == 1]
    bridge[at[at < len(left)]] = True
    return bridge
