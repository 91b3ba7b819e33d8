"""One draft of groups after another, and what they agree on.

Each run leaves out a part of the links between neighbouring texts and finds communities at several finenesses; two
neighbours that fall together again and again belong together (Strehl and Ghosh 2002, JMLR 3:583). How far
runs differ is what the data leave open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from joinedup.text.themes.communities import communities
from joinedup.text.themes.graph import Neighbours, linked

NEIGHBOURS = (10, 15, 20)
FINENESSES = (1.5, 2.0, 2.5)
JUDGED = 15  # neighbours whose falling together counts
LEFT_OUT = 0.2  # of the links, in each run

Groups = NDArray[np.int32]


@dataclass(frozen=True)
class Runs:
    """together: the groups that all runs agree on. each: the groups that one run alone agrees on."""

    together: Groups
    each: tuple[Groups, ...]

    @property
    def agreement(self) -> float:
        """Mean adjusted mutual information between pairs of runs; 1 of a single one."""
        from sklearn.metrics import adjusted_mutual_info_score

        pairs = list(combinations(self.each, 2))
        if not pairs:
            return 1.0
        return float(np.mean([adjusted_mutual_info_score(one, other) for one, other in pairs]))


def agreed(near: Neighbours, *, runs: int, seed: int) -> Runs:
    """Return groups of the rows, by what `runs` drafts agree on."""
    draw = np.random.default_rng(seed)
    drafts: list[list[Groups]] = []
    for _ in range(runs):
        drafts.append([])
        for many in sorted({min(k, near.many) for k in NEIGHBOURS}):
            keep = draw.random(len(near.nearest) * many) >= LEFT_OUT
            graph = near.graph(many, keep=keep)
            for fineness in FINENESSES:
                found = communities(graph, resolution=fineness, seed=int(draw.integers(1 << 31)))
                drafts[-1].append(found)
    every = [found for run in drafts for found in run]
    return Runs(_joined(near, every, seed), tuple(_joined(near, run, seed) for run in drafts))


def _joined(near: Neighbours, drafts: Sequence[Groups], seed: int) -> Groups:
    """Communities of the graph whose weights are how often neighbours fell together, squared, times likeness."""
    many = min(JUDGED, near.many)
    nearest = near.nearest[:, :many]
    together = np.zeros(nearest.shape)
    for found in drafts:
        together += found[nearest] == found[:, None]
    together /= len(drafts)
    weights = together**2 * np.maximum(near.similarity[:, :many], 1e-3)
    return communities(linked(nearest, weights, keep=(together > 0).ravel()), resolution=1.0, seed=seed)


def place_shares(groups: Groups, runs: Sequence[Groups]) -> NDArray[np.float32]:
    """Return for each row the mean share, over runs, of its group's other rows that fell together with it.

    Rows in group -1 have 0; a group of one has 1.
    """
    shares = np.zeros(len(groups))
    inside = groups >= 0
    sizes = np.bincount(groups[inside], minlength=1)
    for found in runs:
        cells = np.zeros((len(sizes), int(found.max(initial=0)) + 1))
        np.add.at(cells, (groups[inside], found[inside]), 1)
        others = np.maximum(sizes[groups[inside]] - 1, 0)
        with_it = cells[groups[inside], found[inside]] - 1
        shares[inside] += np.where(others > 0, with_it / np.maximum(others, 1), 1)
    return np.asarray(shares / max(1, len(runs)), dtype=np.float32)
