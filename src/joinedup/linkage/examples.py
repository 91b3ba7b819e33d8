"""Pairs that show what a run did: sure ones, doubtful ones, refused ones, each explained step by step."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from joinedup.linkage.cluster import Clusters
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import Records
from joinedup.linkage.explain import Example, explain_pair
from joinedup.linkage.model import Model
from joinedup.linkage.review import ReviewPair, review_pairs
from joinedup.linkage.score import Scored, Scorer


def pairs_to_review(
    scored: Scored, clusters: Clusters, *, threshold: float, limit: int = 300
) -> tuple[ReviewPair, ...]:
    """The pairs of a run that are worth a clerk's look (see ``review_pairs``)."""
    return review_pairs(
        scored.left, scored.right, scored.weight, threshold=threshold, clusters=clusters, limit=limit
    )


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
    scored: Scored,
    clusters: Clusters,
    *,
    threshold: float,
    count: int,
    show_values: bool,
) -> tuple[Example, ...]:
    """About ``count`` pairs, in thirds: the surest links, those nearest the threshold, and the refused.

    show_values: also give identifiers and values, which a report shows only where it was asked to.
    """
    if count <= 0 or not len(scored.left):
        return ()
    each = max(1, count // 3)
    order = np.argsort(-scored.weight, kind="stable")
    near = np.argsort(np.abs(scored.weight - threshold), kind="stable")
    chosen: dict[int, tuple[str, str]] = {}
    # Of the surest, an even spread over the better half, since the very best are all alike.
    better = order[: max(1, int((scored.weight >= threshold).sum()) // 2)]
    for at in better[:: max(1, len(better) // each)][:each]:
        chosen.setdefault(int(at), ("certain", "well above the threshold"))
    for at in near[:each]:
        side = "just above the threshold" if scored.weight[at] >= threshold else "just below the threshold"
        chosen.setdefault(int(at), ("near the threshold", side))
    lowered = np.argsort(scored.adjustment, kind="stable")[: max(1, each // 2)]
    for at in lowered:
        if scored.adjustment[at] < 0:
            chosen.setdefault(int(at), ("lowered", "pairs that agree so are often family or namesakes"))
    where = (
        {
            (int(a), int(b)): i
            for i, (a, b) in enumerate(zip(scored.left[order], scored.right[order], strict=True))
        }
        if len(order) <= 200_000
        else {}
    )
    for left, right in zip(clusters.broken.left[:each], clusters.broken.right[:each], strict=True):
        place = where.get((int(left), int(right)))
        if place is not None:
            chosen.setdefault(
                int(order[place]),
                ("refused", "its groups do not look alike on the whole, or a rule forbids it"),
            )
    at = np.array(list(chosen), np.int64)
    left, right, patterns = scored.left[at], scored.right[at], scored.pattern[at]
    levels = plan.levels_of(patterns)
    rarities = Scorer(model, records, plan).rarity_bits(left, right, patterns)
    examples = []
    for row, (kind, note) in enumerate(chosen.values()):
        bits: dict[int, float] = {}
        for comparison, values in rarities:
            bits[comparison] = bits.get(comparison, 0.0) + float(values[row])
        explanation = explain_pair(
            model, [int(level) for level in levels[row]], bits, context_bits=float(scored.adjustment[at[row]])
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


def _value(records: Records, column: str, number: int) -> str | None:
    codes = records.columns[column]
    code = int(codes.codes[number])
    return None if code < 0 else str(codes.values[code].as_py())
