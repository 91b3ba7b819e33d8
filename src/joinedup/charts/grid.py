"""A matrix of values as shaded cells, and values with their intervals as dots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .bars import ROW, WIDTH
from .chart import Chart, summary_of
from .palette import HEAT_LIGHT, Status
from .scale import NumberFormat, Scale, axis_format, finite, plain, ticks
from .svg import SMALL_SIZE, escape, line, marker, number, rect, shorten, text, text_width


@dataclass(frozen=True)
class Interval:
    """A value with its lower and upper bound (each may be None), and optionally a target and a status."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    target: float | None = None
    status: Status | None = None


def heat_matrix(
    *,
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    value_format: NumberFormat = plain,
    row_name: str = "Row",
    low: float | None = None,
    high: float | None = None,
    description: str = "",
    note: str = "",
) -> Chart:
    """Cells shaded by value with the value written in them; an empty cell is None (drawn as a dash).

    low, high: the values of the lightest and the darkest shade; by default the extremes found.
    """
    known = finite([v for line_of in values for v in line_of if v is not None])
    bottom = min(known, default=0.0) if low is None else low
    top = max(known, default=1.0) if high is None else high
    left = min(220.0, max([text_width(r) for r in rows], default=40.0) + 14)
    cell = min(110.0, (WIDTH - left - 4) / max(len(columns), 1))
    head = 30.0
    turned = any(text_width(c, SMALL_SIZE) > cell - 4 for c in columns)
    if turned:
        head = min(150.0, max(text_width(c, SMALL_SIZE) for c in columns) * 0.75 + 24)
    marks = []
    for at, name in enumerate(columns):
        x = left + (at + 0.5) * cell
        words = shorten(name, 170 if turned else cell, SMALL_SIZE)
        lean = f' transform="rotate(-40 {number(x - 4)} {number(head - 8)})"' if turned else ""
        anchor = "start" if turned else "middle"
        marks.append(
            f'<text x="{number(x - (4 if turned else 0))}" y="{number(head - 8)}" text-anchor="{anchor}" '
            f'font-size="{number(SMALL_SIZE)}" class="fill-ink" fill="#0b0c0c"{lean}>{escape(words)}</text>'
        )
    for at, name in enumerate(rows):
        y = head + at * 34
        marks.append(text(left - 10, y + 21, shorten(name, left - 12), anchor="end"))
        for across, value in enumerate(values[at]):
            tip = f"{name}, {columns[across]}: {'–' if value is None else value_format(value)}"
            marks.append(_cell(left + across * cell, y, cell, value, bottom, top, value_format, tip))
    table = tuple(
        (name, *(None if v is None else value_format(v) for v in values[at])) for at, name in enumerate(rows)
    )
    pairs = [
        (f"{name}, {columns[across]}", v)
        for at, name in enumerate(rows)
        for across, v in enumerate(values[at])
        if v is not None
    ]
    described = description or summary_of("Matrix", pairs, [value_format(v) for _, v in pairs])
    width = left + cell * len(columns) + (60 if turned else 4)
    height = head + len(rows) * 34 + 4
    size = max(WIDTH, width)
    return Chart(title, described, size, height, "".join(marks), (row_name, *columns), table, note)


def interval_plot(
    *,
    title: str,
    items: Sequence[Interval],
    value_name: str = "Value",
    value_format: NumberFormat = plain,
    x_range: tuple[float, float] | None = None,
    description: str = "",
    note: str = "",
) -> Chart:
    """A dot for each value with a bar from its lower to its upper bound; the target is an upright tick."""
    bounds = finite(
        [v for i in items for v in (i.value, i.low, i.high, i.target) if v is not None] + list(x_range or ())
    )
    steps = ticks(min(bounds, default=0.0), max(bounds, default=1.0), about=6)
    low, high = x_range or (steps[0], steps[-1])
    left = min(230.0, max([text_width(i.label) for i in items], default=40.0) + 14)
    words = [_interval_words(i, value_format) for i in items]
    scale = Scale(low, high, left, WIDTH - 14 - max([text_width(w, SMALL_SIZE) for w in words], default=40.0))
    bottom = len(items) * ROW + 8
    marks = []
    for step in (s for s in steps if low <= s <= high):
        marks.append(line(scale(step), 0, scale(step), bottom, name="rule"))
        marks.append(
            text(
                scale(step),
                bottom + 18,
                axis_format(value_format)(step),
                anchor="middle",
                name="muted",
                size=SMALL_SIZE,
            )
        )
    for at, item in enumerate(items):
        y = at * ROW + 18
        name = "accent" if item.status is None else item.status.value
        marks.append(text(left - 10, y + 5, shorten(item.label, left - 12), anchor="end"))
        if item.low is not None and item.high is not None:
            marks.append(line(scale(item.low), y, scale(item.high), y, name=name, width=3))
            for end in (item.low, item.high):
                marks.append(line(scale(end), y - 6, scale(end), y + 6, name=name, width=2))
        if item.target is not None:
            marks.append(
                line(
                    scale(item.target), y - 12, scale(item.target), y + 12, name="ink", width=2.5, dash="3 2"
                )
            )
        if item.value is not None:
            tip = f"{item.label}: {words[at]}"
            marks.append(marker(scale(item.value), y, shape=3, name=name, size=6, tip=tip))
        marks.append(text(scale.end + 10, y + 5, words[at], size=SMALL_SIZE))
    marks.append(
        text((scale.start + scale.end) / 2, bottom + 38, value_name, anchor="middle", size=SMALL_SIZE)
    )
    shown = [
        tuple(None if v is None else value_format(v) for v in (i.value, i.low, i.high, i.target))
        for i in items
    ]
    table = tuple((i.label, *cells) for i, cells in zip(items, shown, strict=True))
    pairs = [(i.label, i.value) for i in items if i.value is not None]
    described = description or summary_of("Interval plot", pairs, [value_format(v) for _, v in pairs])
    columns = ("Item", value_name, "Lower bound", "Upper bound", "Target")
    return Chart(title, described, WIDTH, bottom + 46, "".join(marks), columns, table, note)


def _cell(
    x: float,
    y: float,
    size: float,
    value: float | None,
    low: float,
    high: float,
    form: NumberFormat,
    tip: str,
) -> str:
    if value is None or value != value:
        return rect(x + 1, y + 1, size - 2, 32, name="panel", tip=tip) + text(
            x + size / 2, y + 21, "–", anchor="middle", name="muted", size=SMALL_SIZE
        )
    share = 0.5 if high <= low else min(max((value - low) / (high - low), 0.0), 1.0)
    step = min(int(share * len(HEAT_LIGHT)), len(HEAT_LIGHT) - 1)
    ground, ink = HEAT_LIGHT[step]
    words = shorten(form(value), size + 6, SMALL_SIZE)
    return (
        f'<rect x="{number(x + 1)}" y="{number(y + 1)}" width="{number(size - 2)}" height="32" '
        f'class="heat-{step}" fill="{ground}"><title>{escape(tip)}</title></rect>'
        f'<text x="{number(x + size / 2)}" y="{number(y + 21)}" text-anchor="middle" '
        f'font-size="{number(SMALL_SIZE)}" class="heat-ink-{step}" fill="{ink}">{escape(words)}</text>'
    )


def _interval_words(item: Interval, value_format: NumberFormat) -> str:
    if item.value is None:
        return "? not measured"
    sign = f"{item.status.sign} " if item.status is not None else ""
    span = ""
    if item.low is not None and item.high is not None:
        span = f" ({value_format(item.low)} to {value_format(item.high)})"
    return f"{sign}{value_format(item.value)}{span}"
