"""The plain twin of an index's ledger: dictionaries, and everybody clustered from scratch after each change."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from joinedup.linkage.cluster import cluster
from joinedup.linkage.encode import order_hashes
from joinedup.linkage.spec import Clusters

Place = tuple[str, str]
SOURCES = ("north", "south", "west")


@dataclass(frozen=True)
class Rules:
    """What a frame says of clustering."""

    threshold: float = 0.0
    clusters: Clusters = field(default_factory=Clusters)
    one_to_one: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Ruling:
    """A decision: all of the one side against all of the other."""

    verdict: str
    left: frozenset[Place]
    right: frozenset[Place]


@dataclass
class Twin:
    """live: the identifier code of each record that is there (-1: none). weight: of each kept pair. rulings: the
    decisions that hold, by number."""

    rules: Rules
    live: dict[Place, int] = field(default_factory=dict)
    weight: dict[frozenset[Place], float] = field(default_factory=dict)
    rulings: dict[int, Ruling] = field(default_factory=dict)

    def remove(self, place: Place) -> None:
        del self.live[place]
        self.weight = {pair: bits for pair, bits in self.weight.items() if place not in pair}

    def is_contrary(self, new: Iterable[Ruling]) -> bool:
        """Whether the rulings, these among them, cannot all hold."""
        every = [*self.rulings.values(), *new]
        groups: list[set[Place]] = []
        for ruling in every:
            if ruling.verdict == "same":
                joined = set(ruling.left | ruling.right)
                for group in [g for g in groups if g & joined]:
                    joined |= group
                    groups.remove(group)
                groups.append(joined)
        return any(
            group & ruling.left and group & ruling.right
            for ruling in every
            if ruling.verdict == "different"
            for group in groups
        )

    def people(self) -> set[frozenset[Place]]:
        """Everybody, clustered from scratch."""
        order: list[Place] = []
        for source in SOURCES:
            own = sorted(identifier for of, identifier in self.live if of == source)
            hashes = order_hashes(pa.array(own, pa.string()), source)
            order += [(source, own[at]) for at in np.argsort(hashes)]
        at = {place: number for number, place in enumerate(order)}
        pairs = [(*sorted(at[place] for place in pair), bits) for pair, bits in self.weight.items()]
        found = cluster(
            *(np.array([pair[side] for pair in pairs]) for side in (0, 1)),
            np.array([pair[2] for pair in pairs], np.float64),
            records=len(order),
            threshold=self.rules.threshold,
            source=np.array([SOURCES.index(source) for source, _ in order]),
            one_to_one_sources=self.rules.one_to_one,
            identifiers=[np.array([self.live[place] for place in order], np.int32)]
            if self.rules.clusters.identifiers
            else [],
            same=self._decided("same", at),
            different=self._decided("different", at),
            split=self.rules.clusters.least_mean_weight,
            absent_weight=self.rules.clusters.absent_weight,
        )
        groups: dict[int, set[Place]] = {}
        for place, person in zip(order, found.person.tolist(), strict=True):
            groups.setdefault(person, set()).add(place)
        return {frozenset(group) for group in groups.values()}

    def _decided(self, verdict: str, at: Mapping[Place, int]) -> tuple[np.ndarray, np.ndarray]:
        pairs: set[tuple[int, int]] = set()
        for ruling in self.rulings.values():
            if ruling.verdict == verdict:
                left = sorted(at[p] for p in ruling.left if p in at)
                right = sorted(at[p] for p in ruling.right if p in at)
                if verdict == "same":
                    both = sorted({*left, *right})
                    pairs |= set(itertools.pairwise(both))
                else:
                    pairs |= {(min(a, b), max(a, b)) for a in left for b in right}
        table = np.array(sorted(pairs), np.int32).reshape(-1, 2)
        return table[:, 0].copy(), table[:, 1].copy()
