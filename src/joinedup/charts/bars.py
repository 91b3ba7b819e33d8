"""Bars: lying, standing, stacked, and leaning both ways from zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .chart import Chart, summary_of
from .palette import SERIES, Status
from .scale import NumberFormat, Scale, finite, percent, plain, short, signed, ticks
from .svg import FONT_SIZE, SMALL_SIZE, line, marker, rect, shorten, text, text_width

WIDTH = 680.0
ROW = 30.0


@dataclass(frozen=True)
class Bar:
    """One bar: a label, a value (None: not measured), and optionally a target, a status and a remark."""

    label: str
    value: float | None
    target: float | None = None
    status: Status | None = None
    remark: str = ""


@dataclass(frozen=True)
class Stack:
    """One bar made of parts, in the order of the chart's ``parts``."""

    label: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class WeightGroup:
    """One comparison with the weight of each of its levels: (level, weight in bits, remark)."""

    label: str
    levels: tuple[tuple[str, float, str], ...]


def bar_chart(
    *,
    title: str,
    bars: Sequence[Bar],
    value_name: str = "Value",
    label_name: str = "Item",
    maximum: float | None = None,
    value_format: NumberFormat = plain,
    description: str = "",
    note: str = "",
) -> Chart:
    """Lying bars with their label at the left and their value at the end; a target is a dark tick.

    maximum: the end of the axis (1 for shares); without it the axis ends at the largest value.
    """
    values = finite([b.value for b in bars if b.value is not None])
    top = maximum or max([0.0, *values, *finite([b.target for b in bars if b.target is not None])]) or 1.0
    left = _label_room([b.label for b in bars])
    ends = [_bar_words(b, value_format) for b in bars]
    scale = Scale(0, top, left, WIDTH - 12 - max([text_width(e, SMALL_SIZE) for e in ends], default=40))
    marks = []
    for at, (bar, words) in enumerate(zip(bars, ends, strict=True)):
        y = at * ROW + 4
        marks.append(text(left - 10, y + 17, shorten(bar.label, left - 12), anchor="end"))
        reach = scale(min(max(bar.value or 0.0, 0.0), top))
        name = "accent" if bar.status is None else bar.status.value
        tip = f"{bar.label}: {words}"
        hatched = bar.status is Status.BAD
        marks.append(rect(left, y, scale.end - left, 22, name="panel"))
        if bar.value is not None:
            marks.append(rect(left, y, reach - left, 22, name=name, tip=tip, hatched=hatched))
        if bar.target is not None:
            place = scale(min(max(bar.target, 0.0), top))
            marks.append(line(place, y - 3, place, y + 25, name="ink", width=2.5))
        marks.append(text(scale.end + 8, y + 16, words, size=SMALL_SIZE))
    marks.append(line(left, 0, left, len(bars) * ROW, name="axis"))
    columns = [label_name, value_name]
    extra_target, extra_remark = any(b.target is not None for b in bars), any(_remark(b) for b in bars)
    columns += ["Target"] * extra_target + ["Remark"] * extra_remark
    rows = tuple(
        (
            b.label,
            None if b.value is None else value_format(b.value),
            *([None if b.target is None else value_format(b.target)] if extra_target else []),
            *([_remark(b)] if extra_remark else []),
        )
        for b in bars
    )
    pairs = [(b.label, b.value) for b in bars if b.value is not None]
    described = description or summary_of("Bar chart", pairs, [value_format(v) for _, v in pairs])
    height = len(bars) * ROW + 6
    return Chart(title, described, WIDTH, height, "".join(marks), tuple(columns), rows, note)


def column_chart(
    *,
    title: str,
    bars: Sequence[Bar],
    value_name: str = "Value",
    label_name: str = "Item",
    value_format: NumberFormat = plain,
    description: str = "",
    note: str = "",
) -> Chart:
    """Standing bars on a value axis; for a few items with short labels (years, months, sizes)."""
    values = finite([b.value for b in bars if b.value is not None]) or [0.0]
    steps = ticks(min(0.0, *values), max(0.0, *values))
    left = 16 + max(text_width(short(s), SMALL_SIZE) for s in steps)
    high, low = 20.0, 250.0
    scale = Scale(steps[0], steps[-1], low, high)
    band = (WIDTH - left - 6) / max(len(bars), 1)
    marks = []
    for step in steps:
        marks.append(line(left, scale(step), WIDTH, scale(step), name="rule"))
        marks.append(
            text(left - 8, scale(step) + 4, short(step), anchor="end", name="muted", size=SMALL_SIZE)
        )
    every = max(1, round(max([text_width(b.label, SMALL_SIZE) for b in bars], default=0) / band + 0.5))
    for at, bar in enumerate(bars):
        x = left + 6 + at * band
        value = bar.value or 0.0
        y, zero = scale(value), scale(0)
        name = "accent" if bar.status is None else bar.status.value
        tip = f"{bar.label}: {_bar_words(bar, value_format)}"
        hatched = bar.status is Status.BAD
        marks.append(
            rect(
                x + band * 0.12,
                min(y, zero),
                band * 0.76,
                abs(zero - y),
                name=name,
                tip=tip,
                hatched=hatched,
            )
        )
        if band >= 44 and bar.value is not None:
            marks.append(
                text(x + band / 2, min(y, zero) - 6, value_format(value), anchor="middle", size=SMALL_SIZE)
            )
        if at % every == 0:
            label = shorten(bar.label, band * every, SMALL_SIZE)
            marks.append(text(x + band / 2, low + 20, label, anchor="middle", size=SMALL_SIZE))
    marks.append(line(left, scale(0), WIDTH, scale(0), name="axis"))
    rows = tuple((b.label, None if b.value is None else value_format(b.value)) for b in bars)
    pairs = [(b.label, b.value) for b in bars if b.value is not None]
    described = description or summary_of("Column chart", pairs, [value_format(v) for _, v in pairs])
    return Chart(title, described, WIDTH, low + 32, "".join(marks), (label_name, value_name), rows, note)


def stacked_bars(
    *,
    title: str,
    parts: Sequence[str],
    stacks: Sequence[Stack],
    label_name: str = "Item",
    as_share: bool = True,
    value_format: NumberFormat = plain,
    statuses: Sequence[Status] = (),
    description: str = "",
    note: str = "",
) -> Chart:
    """Lying bars cut into parts; with ``as_share`` each bar is full length and its parts are shares of it.

    statuses: colours the parts by state instead of by series (valid, mended, invalid, missing).
    """
    names = [s.value for s in statuses] or [SERIES[i % len(SERIES)] for i in range(len(parts))]
    totals = [sum(max(v, 0.0) for v in s.values) for s in stacks]
    top = 1.0 if as_share else (max(totals, default=1.0) or 1.0)
    left = _label_room([s.label for s in stacks])
    legend, used = legend_marks(list(parts), names, hatched=True)
    scale = Scale(0, top, left, WIDTH - 8)
    marks = [legend]
    for row, (stack, total) in enumerate(zip(stacks, totals, strict=True)):
        y = used + row * ROW + 4
        marks.append(text(left - 10, y + 17, shorten(stack.label, left - 12), anchor="end"))
        if total == 0:
            marks.append(text(left + 6, y + 16, "no values", name="muted", size=SMALL_SIZE))
        so_far = 0.0
        for at, value in enumerate(stack.values):
            size = max(value, 0.0) / (total or 1.0) if as_share else max(value, 0.0)
            start, end = scale(so_far), scale(so_far + size)
            so_far += size
            share = percent(size) if as_share else value_format(value)
            tip = f"{stack.label}, {parts[at]}: {value_format(value)}" + (f" ({share})" if as_share else "")
            gap = 1.0 if end - start > 4 else 0.0
            if size > 0:
                marks.append(
                    rect(start, y, end - start - gap, 22, name=names[at], tip=tip, hatched=at % 2 == 1)
                )
    marks.append(line(left, used, left, used + len(stacks) * ROW, name="axis"))
    rows = tuple((s.label, *(value_format(v) for v in s.values)) for s in stacks)
    sums = [sum(s.values[at] for s in stacks) for at in range(len(parts))]
    described = description or (
        f"Stacked bars of {len(stacks)} items in {len(parts)} parts. In all: "
        + ", ".join(f"{p} {value_format(v)}" for p, v in zip(parts, sums, strict=True))
        + "."
    )
    height = used + len(stacks) * ROW + 6
    return Chart(title, described, WIDTH, height, "".join(marks), (label_name, *parts), rows, note)


def weight_bars(
    *,
    title: str,
    groups: Sequence[WeightGroup],
    value_name: str = "Weight (bits)",
    value_format: NumberFormat = signed,
    description: str = "",
    note: str = "",
) -> Chart:
    """Bars that lean right where a level speaks for a match and left (hatched) where it speaks against.

    Bars longer than the axis (infinite weights) end at its edge; their value says so.
    """
    every = [w for g in groups for _, w, _ in g.levels]
    reach = max([abs(v) for v in finite(every)], default=1.0) or 1.0
    left = _label_room([level for g in groups for level, _, _ in g.levels], most=250)
    words_room = max([text_width(value_format(w), SMALL_SIZE) for w in every], default=30) + 8
    scale = Scale(-reach, reach, left + words_room, WIDTH - words_room - 4)
    zero = scale(0)
    marks, y = [], 4.0
    for group in groups:
        marks.append(text(0, y + 16, shorten(group.label, WIDTH - 10), bold=True))
        y += 26
        for level, weight, remark in group.levels:
            marks.append(
                text(left - 10, y + 14, shorten(level, left - 12, SMALL_SIZE), anchor="end", size=SMALL_SIZE)
            )
            shown = min(max(weight, -reach), reach) if weight == weight else 0.0
            start, end = sorted((zero, scale(shown)))
            tip = f"{group.label}, {level}: {value_format(weight)}" + (f" ({remark})" if remark else "")
            against = weight < 0
            name = "series-4" if against else "series-1"
            marks.append(rect(start, y, end - start, 18, name=name, tip=tip, hatched=against))
            place, anchor = (start - 6, "end") if against else (end + 6, "start")
            marks.append(text(place, y + 14, value_format(weight), anchor=anchor, size=SMALL_SIZE))
            y += 24
        y += 8
    marks.append(line(zero, 0, zero, y, name="axis", width=1.5))
    marks.append(text(zero - 8, y + 16, "◀ against a match", anchor="end", name="muted", size=SMALL_SIZE))
    marks.append(text(zero + 8, y + 16, "for a match ▶", name="muted", size=SMALL_SIZE))
    rows = tuple(
        (g.label, level, value_format(w), remark or None) for g in groups for level, w, remark in g.levels
    )
    pairs = [(f"{g.label}, {level}", w) for g in groups for level, w, _ in g.levels]
    described = description or summary_of("Weight bars", pairs, [value_format(v) for v in every])
    columns = ("Comparison", "Level", value_name, "Remark")
    return Chart(title, described, WIDTH, y + 26, "".join(marks), columns, rows, note)


def legend_marks(
    words: list[str], names: list[str], *, hatched: bool = False, shapes: bool = False
) -> tuple[str, float]:
    """A legend that wraps, and the height it takes. Hatching (odd entries) or marker shapes as drawn."""
    marks, x, y = [], 0.0, 6.0
    for at, (word, name) in enumerate(zip(words, names, strict=True)):
        shown = shorten(word, WIDTH - 40, SMALL_SIZE)
        need = 22 + text_width(shown, SMALL_SIZE) + 20
        if x and x + need > WIDTH:
            x, y = 0.0, y + 22
        if shapes:
            marks.append(line(x, y + 7, x + 18, y + 7, name=name, width=2.5, dash=DASHES[at % len(DASHES)]))
            marks.append(marker(x + 9, y + 7, shape=at, name=name))
        else:
            marks.append(rect(x, y, 14, 14, name=name, hatched=hatched and at % 2 == 1))
        marks.append(text(x + 22, y + 12, shown, size=SMALL_SIZE))
        x += need
    return "".join(marks), (y + 30 if words else 0.0)


DASHES = ("", "8 4", "2 3", "10 3 2 3", "5 5", "12 6")
"""How the lines of series differ apart from their colour."""


def _label_room(labels: list[str], most: float = 230.0) -> float:
    return min(most, max([text_width(label, FONT_SIZE) for label in labels], default=40.0) + 14)


def _bar_words(bar: Bar, value_format: NumberFormat) -> str:
    if bar.value is None:
        return "? not measured"
    sign = f"{bar.status.sign} " if bar.status is not None else ""
    return f"{sign}{value_format(bar.value)}"


def _remark(bar: Bar) -> str:
    status = bar.status.word if bar.status is not None else ""
    return "; ".join(part for part in (status, bar.remark) if part)
