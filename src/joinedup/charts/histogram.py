"""How often values fall between edges, with thresholds drawn through the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .bars import WIDTH, legend_marks
from .chart import Chart
from .lines import Threshold, frame_marks, threshold_marks
from .palette import SERIES
from .scale import NumberFormat, Scale, plain, ticks
from .svg import SMALL_SIZE, rect, text_width

_TOP, _DEPTH = 26.0, 240.0


def histogram(
    *,
    title: str,
    edges: Sequence[float],
    layers: Sequence[tuple[str, Sequence[float]]],
    x_name: str,
    y_name: str = "Count",
    thresholds: Sequence[Threshold] = (),
    log_counts: bool = False,
    x_format: NumberFormat = plain,
    x_words: Sequence[tuple[float, str]] = (),
    description: str = "",
    note: str = "",
) -> Chart:
    """Counts between ``edges`` (one more edge than counts), layers stacked in order.

    log_counts: the height is log10(1 + count), so that rare and common values are both seen; only for
    a single layer, for logarithms do not stack. x_words: names for places on the axis (years).
    """
    if any(len(counts) != len(edges) - 1 for _, counts in layers):
        raise ValueError("a histogram needs one more edge than counts")
    if log_counts and len(layers) > 1:
        raise ValueError("logarithmic heights cannot be stacked")
    totals = [sum(counts[at] for _, counts in layers) for at in range(len(edges) - 1)]
    tallest = max(totals, default=0.0) or 1.0
    powers = range(0, math.ceil(math.log10(1 + tallest)) + 1)
    y_steps = [float(10**p) for p in powers] if log_counts else ticks(0, tallest)
    names = [SERIES[at % len(SERIES)] for at in range(len(layers))]
    legend, used = ("", 0.0)
    if len(layers) > 1:
        legend, used = legend_marks([name for name, _ in layers], names, hatched=True)
    left = 34 + max(text_width(plain(s), SMALL_SIZE) for s in y_steps)
    top, low = used + _TOP, used + _TOP + _DEPTH
    x_low = min([edges[0], *(t.x for t in thresholds)])
    x_high = max([edges[-1], *(t.x for t in thresholds)])
    x_scale = Scale(x_low, x_high, left, WIDTH - 16)
    y_scale = Scale(0, math.log10(1 + y_steps[-1]) if log_counts else y_steps[-1], low, top)

    def height(count: float) -> float:
        return y_scale(math.log10(1 + count) if log_counts else count)

    x_steps = [s for s in ticks(x_low, x_high, about=8) if x_low <= s <= x_high]
    frame_scale = _LogScale(y_scale) if log_counts else y_scale
    marks = [
        legend,
        frame_marks(x_steps, y_steps, x_scale, frame_scale, x_name, y_name, x_words, x_format=x_format),
    ]
    for at in range(len(edges) - 1):
        so_far = 0.0
        for layer, (name, counts) in enumerate(layers):
            count = counts[at]
            if count <= 0:
                continue
            bottom, upper = height(so_far), height(so_far + count)
            so_far += count
            start, end = x_scale(edges[at]), x_scale(edges[at + 1])
            gap = 1.0 if end - start > 3 else 0.0
            tip = f"{x_format(edges[at])} to {x_format(edges[at + 1])}, {name}: {plain(count)}"
            colour = names[layer] if len(layers) > 1 else "accent"
            marks.append(
                rect(
                    start,
                    upper,
                    end - start - gap,
                    bottom - upper,
                    name=colour,
                    tip=tip,
                    hatched=layer % 2 == 1,
                )
            )
    marks += [threshold_marks(t, x_scale, top, low, row=row) for row, t in enumerate(thresholds)]
    rows = tuple(
        (f"{x_format(edges[at])} to {x_format(edges[at + 1])}", *(plain(counts[at]) for _, counts in layers))
        for at in range(len(edges) - 1)
    )
    described = description or _describe(edges, totals, thresholds, x_format)
    columns = (x_name, *(name for name, _ in layers))
    said = " ".join(p for p in (note, "Heights are on a logarithmic scale." if log_counts else "") if p)
    return Chart(title, described, WIDTH, low + 50, "".join(marks), columns, rows, said)


class _LogScale(Scale):
    """Places ticks given as counts on an axis of log10(1 + count)."""

    def __init__(self, inner: Scale) -> None:
        super().__init__(inner.low, inner.high, inner.start, inner.end)

    def __call__(self, value: float) -> float:
        return super().__call__(math.log10(1 + value))


def _describe(
    edges: Sequence[float], totals: list[float], thresholds: Sequence[Threshold], x_format: NumberFormat
) -> str:
    if not any(totals):
        return "Histogram with no values."
    peak = max(range(len(totals)), key=lambda at: totals[at])
    parts = [
        f"Histogram of {plain(sum(totals))} values from {x_format(edges[0])} to {x_format(edges[-1])}; "
        f"most, {plain(totals[peak])}, lie from {x_format(edges[peak])} to {x_format(edges[peak + 1])}."
    ]
    parts += [f"{t.label} at {x_format(t.x)}." for t in thresholds]
    return " ".join(parts)
