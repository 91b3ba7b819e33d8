"""The pictures of a source's quality and of a run, from what the library measured. Each holds its own table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from joinedup.charts import (
    Bar,
    Chart,
    Line,
    Spot,
    Stack,
    Status,
    Threshold,
    bar_chart,
    column_chart,
    histogram,
    line_chart,
    percent,
    plain,
    stacked_bars,
)
from joinedup_web.linkage.words import DIMENSIONS

LARGEST_SIZE = 10
Record = Mapping[str, Any]


def quality_pictures(measured: Record) -> list[Chart]:
    """The six dimensions, how complete each column is, and how valid those are whose meaning is known."""
    dimensions = [Bar(DIMENSIONS[each["dimension"]][0], each["measured"]) for each in measured["dimensions"]]
    columns = measured["columns"]
    made = [
        bar_chart(
            title="The six dimensions of quality",
            bars=dimensions,
            maximum=1,
            value_format=percent,
            label_name="Dimension",
            value_name="Measured",
            note="What was not measured is unknown, and not good.",
        ),
        bar_chart(
            title="How complete each column is",
            bars=[Bar(column["name"], column["completeness"]) for column in columns],
            maximum=1,
            value_format=percent,
            label_name="Column",
            value_name="Complete",
        ),
    ]
    judged = [(column, column["validity"]) for column in columns if column["validity"] is not None]
    if judged:
        made.append(
            stacked_bars(
                title="Validity of the columns whose meaning is known",
                parts=("valid", "mended", "invalid", "missing"),
                statuses=(Status.GOOD, Status.WARN, Status.BAD, Status.UNKNOWN),
                stacks=[
                    Stack(
                        column["name"],
                        (
                            float(found["valid"]),
                            float(found["mended"]),
                            float(found["invalid"]),
                            float(column["missing"] + column["blank"] + found["missing_words"]),
                        ),
                    )
                    for column, found in judged
                ],
                label_name="Column",
                note="Mended: a slip that a check digit or the form of the value proves, such as O for 0.",
            )
        )
    return made


def run_pictures(record: Record) -> list[Chart]:
    """Weights, what each threshold would give, people by size, and the blocking rules, as far as the run has them."""
    found = (
        _weights(record),
        _by_threshold(record),
        _measured_curve(record),
        _sizes(record),
        _rules(record),
    )
    return [chart for chart in found if chart is not None]


def _weights(record: Record) -> Chart | None:
    spread = record.get("weights")
    if not spread or not any(spread["counts"]):
        return None
    return histogram(
        title="Match weights of the compared pairs",
        edges=_edges(spread),
        layers=[("pairs", [float(count) for count in spread["counts"]])],
        x_name="Match weight (bits)",
        y_name="Pairs",
        thresholds=_threshold(record, "linked from here"),
        log_counts=True,
        note="Two hills with a valley between are easy to part. Pairs in the valley are the doubtful ones.",
    )


def _by_threshold(record: Record) -> Chart | None:
    """Precision and recall that the model itself expects, by threshold: of the pairs from a weight on, those that
    are matches by their probability; and of all expected matches, those from that weight on."""
    spread = record.get("weights")
    if not spread or not any(spread["counts"]):
        return None
    middles = [edge + spread["width"] / 2 for edge in _edges(spread)[:-1]]
    expected = [n * probability(weight) for n, weight in zip(spread["counts"], middles, strict=True)]
    everything = sum(expected)
    if everything <= 0:
        return None
    precision, recall = [], []
    pairs = matches = 0.0
    for edge, count, own in reversed(list(zip(_edges(spread)[:-1], spread["counts"], expected, strict=True))):
        pairs, matches = pairs + count, matches + own
        if pairs and -20 <= edge <= 40:
            precision.append((edge, matches / pairs))
            recall.append((edge, matches / everything))
    if len(precision) < 2:
        return None
    return line_chart(
        title="What each threshold would give, as the model sees it",
        lines=[
            Line("precision (share of links that are right)", tuple(reversed(precision))),
            Line("recall (share of matches that are linked)", tuple(reversed(recall))),
        ],
        x_name="Threshold (bits)",
        y_name="Share",
        y_range=(0.0, 1.0),
        thresholds=_threshold(record, "chosen"),
        note="An expectation, not a measurement: check a sample of pairs to measure it.",
    )


def _measured_curve(record: Record) -> Chart | None:
    points = sorted(record.get("accuracy") or (), key=lambda point: point["threshold_weight"])
    if not points:
        return None
    best = max(points, key=lambda point: point["f1"])
    return line_chart(
        title="Precision and recall, measured against labels",
        lines=[Line("all thresholds", tuple((p["recall"], p["precision"]) for p in points))],
        x_name="Recall (share of true pairs that are linked)",
        y_name="Precision (share of linked pairs that are true)",
        spots=[Spot(best["recall"], best["precision"], "best F1")],
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
        note=record.get("accuracy_basis") or "",
    )


def _sizes(record: Record) -> Chart | None:
    sizes = {int(size): count for size, count in ((record.get("clusters") or {}).get("sizes") or {}).items()}
    if not sizes:
        return None
    bars = [Bar(str(size), float(n)) for size, n in sorted(sizes.items()) if size <= LARGEST_SIZE]
    beyond = sum(n for size, n in sizes.items() if size > LARGEST_SIZE)
    return column_chart(
        title="How many records a person has",
        bars=[*bars, Bar(f"over {LARGEST_SIZE}", float(beyond))] if beyond else bars,
        value_name="People",
        label_name="Records",
    )


def _rules(record: Record) -> Chart | None:
    rules: Sequence[Record] = record.get("rules") or ()
    if not rules:
        return None
    return bar_chart(
        title="New pairs by each blocking rule",
        bars=[Bar(rule["rule"], float(rule["new"]), remark=f"{plain(rule['raw'])} alone") for rule in rules],
        value_name="New pairs",
        label_name="Records agree on",
        note="Only pairs that agree on all of one rule were compared. A pair counts under the first that finds it.",
    )


def _edges(spread: Record) -> list[float]:
    return [spread["low"] + spread["width"] * place for place in range(len(spread["counts"]) + 1)]


def _threshold(record: Record, words: str) -> list[Threshold]:
    weight = record.get("threshold_weight")
    return [] if weight is None or weight < -1000 else [Threshold(weight, words)]


def probability(weight: float) -> float:
    """2^w / (1 + 2^w): the chance of a match that a weight in bits stands for, without overflow."""
    small = 2.0 ** -abs(weight)
    return 1 / (1 + small) if weight >= 0 else small / (1 + small)
