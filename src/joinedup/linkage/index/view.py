"""One version of an index as a reader holds it: its frame and its segments, mapped, and the search among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from joinedup.linkage.explain import Step, explain_pair
from joinedup.linkage.index.asked import Asked, Asker
from joinedup.linkage.index.frame import Frame
from joinedup.linkage.index.plan import Plan, make_plan
from joinedup.linkage.index.segment import Segment
from joinedup.linkage.kernels import match as kernel
from joinedup.linkage.model import Model

NO_SOURCE = np.iinfo(np.int16).max  # of details that belong to none: after all that do
_match_segment: Any = kernel.match_segment  # Numba tells no types of it
_TYPES = (np.int16, np.int32, np.uint16, np.uint64, np.float64)


@dataclass(frozen=True)
class Mapped:
    """A segment as the compiled search reads it.

    views: its file as int16, int32, uint16, uint64 and float64. dead: rows of removed records, ascending.
    """

    segment: Segment
    views: tuple[npt.NDArray[np.generic], ...]
    keys: npt.NDArray[np.int64]
    rules: npt.NDArray[np.int64]
    source_at: int
    dead: npt.NDArray[np.int64]


class Hit(NamedTuple):
    """A record that the search found. row: in the segment. weight: bits. rules: which of them found it.

    rarity: what each adjustment for rare values adds; context: what the model's contexts take.
    """

    segment: Segment
    row: int
    weight: float
    levels: list[int]
    rarity: list[float]
    context: float
    rules: list[bool]

    @property
    def number(self) -> int:
        """The record's number."""
        return int(self.segment.number[self.row])


class Words:
    """The steps of explanations under a model, each made once."""

    def __init__(self, model: Model) -> None:
        most = max(len(comparison.levels) for comparison in model.comparisons)
        every = [
            explain_pair(model, [min(level, len(c.levels) - 1) for c in model.comparisons]).steps
            for level in range(most)
        ]
        self.prior = every[0][0]
        self.levels: tuple[tuple[Step, ...], ...] = tuple(
            tuple(every[level][1 + number] for level in range(len(comparison.levels)))
            for number, comparison in enumerate(model.comparisons)
        )
        self.comparisons = tuple(comparison.name for comparison in model.comparisons)
        self.rules = tuple(str(rule) for rule in model.blocking_rules)


@dataclass(frozen=True)
class View:
    """version: its number. width: of the numbers in people's names."""

    version: int
    frame: Frame
    plan: Plan
    asker: Asker
    words: Words
    segments: tuple[Mapped, ...]
    width: int


def make_view(
    frame: Frame,
    segments: Sequence[Segment],
    *,
    dead: npt.NDArray[np.int64],
    version: int = 0,
    width: int = 6,
    before: View | None = None,
) -> View:
    """Map the segments of a version.

    dead: numbers of removed records. before: the view until now, of which what is unchanged is kept.

    Raises SourceError where a segment was written for another frame.
    """
    same = before is not None and before.frame.number == frame.number
    plan = before.plan if same and before is not None else make_plan(frame.model)
    asker = before.asker if same and before is not None else Asker(frame, plan)
    words = before.words if same and before is not None else Words(frame.model)
    mapped = tuple(_mapped(segment, plan, dead) for segment in segments)
    return View(version, frame, plan, asker, words, mapped, width)


def _mapped(segment: Segment, plan: Plan, dead: npt.NDArray[np.int64]) -> Mapped:
    rows = segment.rows_of(dead)
    return Mapped(
        segment,
        tuple(segment.arrays.whole.view(kind) for kind in _TYPES),
        segment.key_layout(plan),
        segment.rule_layout(),
        segment.arrays.place("source")[0],
        np.sort(rows[rows >= 0]),
    )


def search(
    view: View, asked: Asked, *, source: int | None, top: int, least_weight: float
) -> tuple[list[Hit], int]:
    """The best records for some details, best first (then the smaller number), and how many were candidates.

    source: of which the details are, if known: where the index is of links across sources, its own records are
    not looked at.
    """
    frame, plan = view.frame, view.plan
    excluded = source if source is not None and frame.across_only else -1
    settings = np.array([frame.model.prior_weight, frame.model.context_share, least_weight])
    hits: list[Hit] = []
    candidates = 0
    for mapped in view.segments:
        rows, weights, contexts = np.empty(top, np.int64), np.empty(top), np.empty(top)
        levels, rarity = np.empty((top, plan.levels), np.int64), np.empty((top, len(plan.rarities)))
        found = np.empty((top, plan.rules), np.bool_)
        count, looked = _match_segment(
            *mapped.views, mapped.keys, mapped.rules, mapped.source_at, mapped.dead,
            asked.hashes, asked.data, asked.offsets, asked.numbers, asked.extra, asked.shares,
            excluded, NO_SOURCE if source is None else source, *plan.arrays, settings,
            rows, weights, levels, rarity, contexts, found,
        )  # fmt: skip
        candidates += looked
        parts = (rows, weights, levels, rarity, contexts, found)
        hits += map(Hit, repeat(mapped.segment), *(part[:count].tolist() for part in parts))
    if len(view.segments) > 1:
        hits.sort(key=lambda hit: (-hit.weight, hit.number))
    return hits[:top], candidates


def rarity_by_comparison(plan: Plan, hit: Hit) -> Mapping[int, float]:
    """What rarity adds, by the number of the comparison."""
    return {r.comparison: bits for r, bits in zip(plan.rarities, hit.rarity, strict=True) if bits}
