"""What the model expects of its own pairs: how many are right, and from which weight linking is best."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from joinedup.linkage.descending import in_descending_weight
from joinedup.linkage.kept import ROWS, KeptPairs, PairColumns, Scored, SpilledPairs
from joinedup.linkage.spill import Spill

Floats = npt.NDArray[np.float64]


def sceptical_chance(pairs: PairColumns, *, share: float) -> Floats:
    """The chance of each pair in its most sceptical view (weight and full adjustment).

    share: of its contexts' lower weights, how much the model takes.
    """
    view = pairs.weight + (pairs.adjustment * (1 / share - 1) if share > 0 else 0.0)
    chance: Floats = 1 / (1 + np.exp2(-np.clip(view, -60, 60)))
    return chance


def expected_links(pairs: KeptPairs, *, threshold: float, share: float) -> tuple[int, float, float]:
    """How many pairs are of at least the threshold, how many of them the model expects to be right, and how many of
    all that were kept. Added up chunk by chunk, so that it does not matter where the pairs lie."""
    links, right, matches = 0, 0.0, 0.0
    for chunk in pairs.chunks():
        linked, chance = chunk.weight >= threshold, sceptical_chance(chunk, share=share)
        links += int(linked.sum())
        right += float(chance[linked].sum())
        matches += float(chance.sum())
    return links, right, matches


def expected_threshold(pairs: Scored | SpilledPairs, *, share: float) -> tuple[float, float, float]:
    """The weight from which linking has the best expected F1, and the precision and recall expected there.

    Each pair counts with the chance of its most sceptical view, which knows what family and namesakes are like; the
    weights alone are too sure of themselves in large populations.
    """
    if not len(pairs):
        return 0.0, 0.0, 0.0
    if isinstance(pairs, SpilledPairs):
        return _from_disk(pairs, share=share)
    order = np.argsort(-pairs.weight, kind="stable")
    right = np.cumsum(sceptical_chance(pairs, share=share)[order])
    linked = np.arange(1, len(order) + 1)
    f1 = 2 * right / (linked + right[-1])
    best = int(np.argmax(f1))
    return _told(float(pairs.weight[order[best]]), best, float(right[best]), float(right[-1]))


def _from_disk(pairs: SpilledPairs, *, share: float) -> tuple[float, float, float]:
    """The same, with one number after the other added up in the same order."""
    added = Spill(pairs.folder, {"weight": np.float64, "right": np.float64})
    try:
        whole = 0.0
        for weight, chance in _strongest_first(pairs, share=share):
            right = np.cumsum(np.concatenate([[whole], chance]))[1:]
            whole = float(right[-1])
            added.append({"weight": weight, "right": right})
        best, at, begin = (-1.0, 0.0, 0.0), 0, 0
        for chunk in added.chunks(ROWS):
            right = chunk["right"]
            f1 = 2 * right / (np.arange(begin + 1, begin + 1 + len(right)) + whole)
            place = int(np.argmax(f1))
            if f1[place] > best[0]:  # of equally good ones, the first
                best, at = (
                    (float(f1[place]), float(chunk["weight"][place]), float(right[place])),
                    begin + place,
                )
            begin += len(right)
        return _told(best[1], at, best[2], whole)
    finally:
        added.close()


def _strongest_first(pairs: SpilledPairs, *, share: float) -> Iterator[tuple[Floats, Floats]]:
    def wanted(chunk: PairColumns, _: int) -> dict[str, Floats]:
        return {"weight": chunk.weight, "chance": sceptical_chance(chunk, share=share)}

    for chunk in in_descending_weight(pairs, wanted):
        yield chunk["weight"], chunk["chance"]


def _told(weight: float, place: int, right: float, whole: float) -> tuple[float, float, float]:
    return float(np.floor(weight * 1000) / 1000), right / (place + 1), right / whole
