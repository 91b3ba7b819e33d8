"""Accuracy against labels or the truth, by threshold: a section of the linkage report, and a page of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from joinedup.charts import (
    Block,
    Bullets,
    Line,
    Section,
    Spot,
    Table,
    Threshold,
    html_report,
    line_chart,
    percent,
    signed,
)
from joinedup.linkage.accuracy import Score
from joinedup.linkage.evaluate import EVALUATION_FILES, Evaluation
from joinedup.linkage.run import AccuracyPoint


def accuracy_section(
    points: Sequence[AccuracyPoint], threshold: float | None, *, heading: str, basis: str = ""
) -> Section:
    """Precision and recall by threshold, the chosen one marked. basis: what they rest on, in sentences."""
    if not points:
        return Section(heading)
    points = sorted(points, key=lambda point: point.threshold_weight)
    best = max(points, key=lambda point: point.f1)
    chosen = _nearest(points, threshold)
    marked = (
        [("best F1", best)] if chosen is None or chosen is best else [("chosen", chosen), ("best F1", best)]
    )
    if chosen is best:
        marked = [("chosen, and the best F1", best)]
    curve = line_chart(
        title="Precision and recall",
        lines=[Line("all thresholds", tuple((p.recall, p.precision) for p in points))],
        x_name="Recall (share of true pairs that are linked)",
        y_name="Precision (share of linked pairs that are true)",
        spots=[Spot(point.recall, point.precision, words) for words, point in marked],
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
    )
    lines = [
        Line("precision", tuple((p.threshold_weight, p.precision) for p in points)),
        Line("recall", tuple((p.threshold_weight, p.recall) for p in points)),
        Line("F1", tuple((p.threshold_weight, p.f1) for p in points)),
    ]
    choice = line_chart(
        title="What each threshold would give",
        lines=lines,
        x_name="Threshold (bits)",
        y_name="Share",
        y_range=(0.0, 1.0),
        thresholds=[Threshold(threshold, "chosen")] if threshold is not None else [],
    )
    cells = [
        (words, signed(p.threshold_weight), percent(p.precision), percent(p.recall), f"{p.f1:.4f}")
        for words, p in marked
    ]
    table = Table("At these thresholds", ("Threshold", "Bits", "Precision", "Recall", "F1"), cells)
    blocks: list[Block] = [*([basis] if basis else []), table, curve, choice]
    return Section(heading, blocks)


def evaluation_html(found: Evaluation, *, version: str = "", generated_on: date | None = None) -> str:
    """Return one page that says how good a run is by the truth; the same input gives the same page."""
    rows = [
        _row("Pairs linked at the chosen threshold", found.pairwise),
        _row("Pairs at the threshold of the highest F1", found.best),
        _row("All pairs that the people imply", found.cluster),
    ]
    columns = ("What", "Precision", "Recall", "F1", "Pairs", "From (bits)")
    blocks: list[Block] = [Table("Against the truth", columns, rows)]
    compared = (
        f"{found.true_pairs:,} true pairs, of which {percent(found.blocking_recall)} were compared at all."
    )
    blocks.append(Bullets((compared, *found.notes())))
    by_threshold = accuracy_section(found.curve, found.pairwise.threshold, heading="By threshold")
    sections = [Section("How good the linkage is", blocks), by_threshold]
    return html_report(
        title="Linkage evaluation",
        lede=f"Of the linked pairs {percent(found.pairwise.precision)} are right, and "
        f"{percent(found.pairwise.recall)} of all true pairs are linked.",
        sections=[section for section in sections if section.blocks],
        generated_on=generated_on,
        version=version,
    )


def write_evaluation(found: Evaluation, directory: str | Path, *, version: str = "") -> tuple[Path, ...]:
    """Write evaluation.json and evaluation.html into the run's folder, and return their paths."""
    texts = (
        json.dumps(found.as_dict(), indent=2, allow_nan=False) + "\n",
        evaluation_html(found, version=version),
    )
    paths = tuple(Path(directory) / name for name in EVALUATION_FILES)
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def _row(words: str, score: Score) -> tuple[str, ...]:
    bits = "–" if score.threshold is None else signed(score.threshold)
    return (
        words,
        percent(score.precision),
        percent(score.recall),
        f"{score.f1:.4f}",
        f"{score.linked:,}",
        bits,
    )


def _nearest(points: Sequence[AccuracyPoint], weight: float | None) -> AccuracyPoint | None:
    return min(points, key=lambda p: abs(p.threshold_weight - weight)) if weight is not None else None
