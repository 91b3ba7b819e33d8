"""Pairs that show what a run did: sure ones, doubtful ones, refused ones, each explained step by step."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from joinedup.linkage.cluster import Clusters
from joinedup.linkage.cluster_parts import NO_BRIDGES, Bridges
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.descending import in_descending_weight
from joinedup.linkage.encode import Records
from joinedup.linkage.explain import Example, explain_pair
from joinedup.linkage.kept import Scored, SpilledPairs, lowest
from joinedup.linkage.model import Model
from joinedup.linkage.review import ReviewPair, review_pairs
from joinedup.linkage.score import Scorer

_FEW = 200_000  # among more pairs than this, refused ones are not looked for


def pairs_to_review(
    pairs: Scored | SpilledPairs,
    clusters: Clusters,
    *,
    threshold: float,
    limit: int = 300,
    bridges: Bridges | None = None,
) -> tuple[ReviewPair, ...]:
    """The pairs of a run that are worth a clerk's look (see ``review_pairs``). bridges: of clusters made in parts."""
    if isinstance(pairs, Scored):
        return review_pairs(
            pairs.left, pairs.right, pairs.weight, threshold=threshold, clusters=clusters, limit=limit
        )
    # Those that may be taken are few: what is nearest the threshold, and the weakest bridges.
    near = pairs.take(
        lowest(pairs, lambda c: (np.abs(c.weight - threshold), c.left, c.right), max(1, limit // 3))
    )
    held = bridges or NO_BRIDGES
    known = {*zip(held.left.tolist(), held.right.tolist(), strict=True)}
    other = np.array(
        [p not in known for p in zip(near.left.tolist(), near.right.tolist(), strict=True)], bool
    )
    left, right = (np.concatenate([getattr(held, n), getattr(near, n)[other]]) for n in ("left", "right"))
    flags = np.arange(len(left)) < len(held.left)
    if clusters.measures is not None:
        clusters = replace(clusters, measures=replace(clusters.measures, bridge=flags))
    weight = np.concatenate([held.weight, near.weight[other]])
    return review_pairs(left, right, weight, threshold=threshold, clusters=clusters, limit=limit)


def write_review(path: Path, records: Records, pairs: Sequence[ReviewPair]) -> None:
    """A CSV for a clerk: left_source, left_id, right_source, right_id, match_weight, reasons, and the columns of a
    decision file (decision, decided_by, decided_on, reason) left empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["left_source", "left_id", "right_source", "right_id", "match_weight", "why", "decision", "decided_by",
             "decided_on", "reason"]
        )  # fmt: skip
        for pair in pairs:
            ends = [_place(records, pair.left), _place(records, pair.right)]
            why = "; ".join(reason.value for reason in pair.reasons)
            writer.writerow([*ends[0], *ends[1], f"{pair.weight:.3f}", why, "", "", "", ""])


def _place(records: Records, number: int) -> tuple[str, str]:
    return records.source_names[int(records.source[number])], str(records.ids[number].as_py())


def example_pairs(
    model: Model,
    records: Records,
    plan: ComparePlan,
    pairs: Scored | SpilledPairs,
    clusters: Clusters,
    *,
    threshold: float,
    count: int,
    show_values: bool,
) -> tuple[Example, ...]:
    """About ``count`` pairs, in thirds: the surest links, those nearest the threshold, and the refused.

    show_values: also give identifiers and values, which a report shows only where it was asked to.
    """
    if count <= 0 or not len(pairs):
        return ()
    each = max(1, count // 3)
    chosen: dict[int, tuple[str, str]] = {}
    for at in _surest(pairs, each, threshold=threshold):
        chosen.setdefault(at, ("certain", "well above the threshold"))
    near = lowest(pairs, lambda c: (np.abs(c.weight - threshold),), each)
    for at, weight in zip(near.tolist(), pairs.take(near).weight.tolist(), strict=True):
        side = "just above the threshold" if weight >= threshold else "just below the threshold"
        chosen.setdefault(at, ("near the threshold", side))
    lowered = lowest(pairs, lambda c: (c.adjustment,), max(1, each // 2))
    for at, taken in zip(lowered.tolist(), pairs.take(lowered).adjustment.tolist(), strict=True):
        if taken < 0:
            chosen.setdefault(at, ("lowered", "pairs that agree so are often family or namesakes"))
    broken = zip(clusters.broken.left[:each].tolist(), clusters.broken.right[:each].tolist(), strict=True)
    for at in _places(pairs, list(broken)) if len(pairs) <= _FEW else ():
        chosen.setdefault(at, ("refused", "its groups do not look alike on the whole, or a rule forbids it"))
    shown = pairs.take(np.array(list(chosen), np.int64))
    left, right, patterns = shown.left, shown.right, shown.pattern
    levels = plan.levels_of(patterns)
    rarities = Scorer(model, records, plan).rarity_bits(left, right, patterns)
    examples = []
    for row, (kind, note) in enumerate(chosen.values()):
        bits: dict[int, float] = {}
        for comparison, values in rarities:
            bits[comparison] = bits.get(comparison, 0.0) + float(values[row])
        explanation = explain_pair(
            model, [int(level) for level in levels[row]], bits, context_bits=float(shown.adjustment[row])
        )
        ends = _place(records, int(left[row])), _place(records, int(right[row]))
        examples.append(
            Example(
                kind=kind,
                explanation=explanation,
                note=note,
                sources=(ends[0][0], ends[1][0]),
                ids=(ends[0][1], ends[1][1]) if show_values else ("", ""),
                values={
                    name: (_value(records, name, int(left[row])), _value(records, name, int(right[row])))
                    for name in records.columns
                }
                if show_values
                else {},
            )
        )
    return tuple(examples)


def _surest(pairs: Scored | SpilledPairs, each: int, *, threshold: float) -> list[int]:
    """Places of an even spread over the better half of the links, since the very best are all alike."""
    links = sum(int((chunk.weight >= threshold).sum()) for chunk in pairs.chunks())
    better = min(len(pairs), max(1, links // 2))
    ranks = np.arange(better)[:: max(1, better // each)][:each]
    if isinstance(pairs, Scored):
        return [int(at) for at in np.argsort(-pairs.weight, kind="stable")[ranks]]
    found: list[int] = []
    begin = 0
    for chunk in in_descending_weight(pairs, lambda c, first: {"place": np.arange(first, first + len(c))}):
        end = begin + len(chunk["place"])
        found += chunk["place"][ranks[(ranks >= begin) & (ranks < end)] - begin].tolist()
        begin = end
        if begin > ranks[-1]:
            break
    return found


def _places(pairs: Scored | SpilledPairs, wanted: Sequence[tuple[int, int]]) -> list[int]:
    """Where these pairs stand, in their order; those that were not kept are left out."""
    sought = np.array([left << 32 | right for left, right in wanted], np.int64)
    found: dict[int, int] = {}
    begin = 0
    for chunk in pairs.chunks() if wanted else ():
        keys = chunk.left.astype(np.int64) << 32 | chunk.right
        for at in np.flatnonzero(np.isin(keys, sought)).tolist():
            found[int(keys[at])] = begin + at
        begin += len(chunk)
    return [found[key] for key in sought.tolist() if key in found]


def _value(records: Records, column: str, number: int) -> str | None:
    codes = records.columns[column]
    code = int(codes.codes[number])
    return None if code < 0 else str(codes.values[code].as_py())
