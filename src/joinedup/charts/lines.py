"""Lines over a number axis: convergence, precision and recall, trends; with thresholds and marked points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .bars import DASHES, WIDTH, legend_marks
from .chart import Chart
from .palette import SERIES
from .scale import NumberFormat, Scale, axis_format, finite, plain, ticks
from .svg import SMALL_SIZE, line, marker, polyline, shorten, text, text_width

_MOST_DRAWN = 600
_MOST_ROWS = 120
_TOP, _DEPTH = 26.0, 245.0


@dataclass(frozen=True)
class Line:
    """One series: its name and its points (x, y) in the order they are joined."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Threshold:
    """A dashed upright line at ``x`` with words beside it."""

    x: float
    label: str


@dataclass(frozen=True)
class Spot:
    """A point that is ringed and named (the chosen threshold on a precision–recall curve)."""

    x: float
    y: float
    label: str


def line_chart(
    *,
    title: str,
    lines: Sequence[Line],
    x_name: str,
    y_name: str,
    thresholds: Sequence[Threshold] = (),
    spots: Sequence[Spot] = (),
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    x_words: Sequence[tuple[float, str]] = (),
    x_format: NumberFormat = plain,
    y_format: NumberFormat = plain,
    description: str = "",
    note: str = "",
) -> Chart:
    """One or more lines; they differ in dash and marker as well as in colour.

    x_words: names for places on the x axis (dates of runs) instead of numbers, also in the description, the points'
        titles and the table.
    Long series are thinned for drawing and table (first and last points are kept, and the note says so).
    """
    kept = [Line(each.name, _finite_points(each.points)) for each in lines]
    xs = finite(
        [p[0] for each in kept for p in each.points] + [t.x for t in thresholds] + [s.x for s in spots]
    )
    ys = finite([p[1] for each in kept for p in each.points] + [s.y for s in spots])
    x_steps = ticks(*(x_range or (min(xs, default=0.0), max(xs, default=1.0))), about=6)
    y_steps = ticks(*(y_range or (min(ys, default=0.0), max(ys, default=1.0))))
    names = [SERIES[at % len(SERIES)] for at in range(len(kept))]
    legend, used = legend_marks([k.name for k in kept], names, shapes=True) if len(kept) > 1 else ("", 0.0)
    left = 34 + max(text_width(axis_format(y_format)(s), SMALL_SIZE) for s in y_steps)
    top, low = used + _TOP, used + _TOP + _DEPTH
    low_x, high_x = (x_steps[0], x_steps[-1]) if not x_words else x_range or _span(xs)
    x_scale, y_scale = Scale(low_x, high_x, left, WIDTH - 16), Scale(y_steps[0], y_steps[-1], low, top)
    marks = [
        legend,
        frame_marks(
            x_steps, y_steps, x_scale, y_scale, x_name, y_name, x_words, x_format=x_format, y_format=y_format
        ),
    ]
    for at, series in enumerate(kept):
        drawn = _thin(series.points, _MOST_DRAWN)
        places = [(x_scale(x), y_scale(y)) for x, y in drawn]
        marks.append(polyline(places, name=names[at], width=2.5, dash=DASHES[at % len(DASHES)]))
        every = max(1, len(places) // 12)
        for index, (x, y) in enumerate(places):
            if index % every == 0 or index == len(places) - 1:
                place = _word_at(drawn[index][0], x_words, x_format)
                tip = f"{series.name}: {place}, {y_format(drawn[index][1])}"
                marks.append(marker(x, y, shape=at, name=names[at], tip=tip))
    marks += [threshold_marks(t, x_scale, top, low, row=row) for row, t in enumerate(thresholds)]
    marks += [_spot_marks(s, x_scale(s.x), y_scale(s.y)) for s in spots]
    rows = tuple(
        (each.name, _word_at(x, x_words, x_format), y_format(y))
        for each in kept
        for x, y in _thin(each.points, max(_MOST_ROWS // max(len(kept), 1), 2))
    )
    rows += tuple((s.label, _word_at(s.x, x_words, x_format), y_format(s.y)) for s in spots)
    thinned = any(len(each.points) > _MOST_ROWS // max(len(kept), 1) for each in kept)
    told = " ".join(
        part for part in (note, "The table holds evenly spread points." if thinned else "") if part
    )
    described = description or _describe(
        kept, thresholds, spots, x_words, x_format=x_format, y_format=y_format
    )
    columns = ("Series", x_name, y_name)
    return Chart(title, described, WIDTH, low + 50, "".join(marks), columns, rows, told)


def frame_marks(
    x_steps: Sequence[float],
    y_steps: Sequence[float],
    x_scale: Scale,
    y_scale: Scale,
    x_name: str,
    y_name: str,
    x_words: Sequence[tuple[float, str]] = (),
    *,
    x_format: NumberFormat = plain,
    y_format: NumberFormat = plain,
) -> str:
    """Grid, axes and their names for a plot whose places are given by the two scales."""
    marks = []
    for step in y_steps:
        y = y_scale(step)
        marks.append(line(x_scale.start, y, x_scale.end, y, name="rule"))
        marks.append(
            text(
                x_scale.start - 8,
                y + 4.5,
                axis_format(y_format)(step),
                anchor="end",
                name="muted",
                size=SMALL_SIZE,
            )
        )
    words = [(x, w) for x, w in x_words] or [(step, axis_format(x_format)(step)) for step in x_steps]
    room = (x_scale.end - x_scale.start) / max(len(words), 1)
    every = max(1, round(max([text_width(w, SMALL_SIZE) + 8 for _, w in words], default=0) / room + 0.45))
    for at, (x, word) in enumerate(words):
        place = x_scale(x)
        marks.append(line(place, y_scale.start, place, y_scale.start + 5, name="axis"))
        if at % every == 0:
            half = text_width(word, SMALL_SIZE) / 2
            centred = min(max(place, half), WIDTH - half - 1)
            marks.append(
                text(centred, y_scale.start + 20, word, anchor="middle", name="muted", size=SMALL_SIZE)
            )
    marks.append(line(x_scale.start, y_scale.start, x_scale.end, y_scale.start, name="axis", width=1.5))
    middle = (x_scale.start + x_scale.end) / 2
    marks.append(text(middle, y_scale.start + 42, x_name, anchor="middle", size=SMALL_SIZE))
    marks.append(
        text(14, (y_scale.start + y_scale.end) / 2, y_name, anchor="middle", size=SMALL_SIZE, turned=True)
    )
    return "".join(marks)


def threshold_marks(threshold: Threshold, x_scale: Scale, top: float, low: float, *, row: int = 0) -> str:
    """A dashed upright with its words kept inside the picture; ``row`` sets neighbours' words apart."""
    x = x_scale(threshold.x)
    need = text_width(threshold.label, SMALL_SIZE) + 8
    anchor, place = ("start", x + 6) if x + need < WIDTH else ("end", x - 6)
    return line(x, top - 20, x, low, name="ink", width=2, dash="6 4") + text(
        place,
        top - 10 + 18 * row,
        shorten(threshold.label, WIDTH / 2, SMALL_SIZE),
        anchor=anchor,
        size=SMALL_SIZE,
        bold=True,
        halo=True,
    )


def _spot_marks(spot: Spot, x: float, y: float) -> str:
    label = shorten(spot.label, WIDTH / 2, SMALL_SIZE)
    right = x + 14 + text_width(label, SMALL_SIZE) < WIDTH
    anchor, place = ("start", x + 12) if right else ("end", x - 12)
    return marker(x, y, shape=3, name="ink", size=6.5, tip=spot.label) + text(
        place, y + 18, label, anchor=anchor, size=SMALL_SIZE, bold=True, halo=True
    )


def _describe(
    kept: list[Line],
    thresholds: Sequence[Threshold],
    spots: Sequence[Spot],
    x_words: Sequence[tuple[float, str]],
    *,
    x_format: NumberFormat,
    y_format: NumberFormat,
) -> str:
    named = {place for place, _ in x_words}

    def at(x: float) -> str:
        said = _word_at(x, x_words, x_format)
        return f"({said})" if x in named else f"at {said}"

    parts = [f"Line chart of {len(kept)} series."]
    for each in kept:
        if each.points:
            (x1, y1), (x2, y2) = each.points[0], each.points[-1]
            parts.append(f"{each.name} goes from {y_format(y1)} {at(x1)} to {y_format(y2)} {at(x2)}.")
    parts += [f"{t.label} {at(t.x)}." for t in thresholds]
    parts += [f"{s.label}: {_word_at(s.x, x_words, x_format)}, {y_format(s.y)}." for s in spots]
    return " ".join(parts)


def _finite_points(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in points if len(finite([x, y])) == 2)


def _thin(points: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    if len(points) <= most:
        return list(points)
    last = len(points) - 1
    return [points[round(at * last / (most - 1))] for at in range(most)]


def _word_at(x: float, words: Sequence[tuple[float, str]], x_format: NumberFormat) -> str:
    return next((word for place, word in words if place == x), x_format(x))


def _span(xs: list[float]) -> tuple[float, float]:
    return (min(xs), max(xs)) if xs else (0.0, 1.0)
