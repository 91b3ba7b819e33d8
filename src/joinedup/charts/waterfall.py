"""Why two records match or do not: the prior, then what each comparison adds, then the total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .bars import WIDTH
from .chart import Chart
from .scale import NumberFormat, Scale, finite, short, signed, ticks
from .svg import SMALL_SIZE, line, rect, shorten, text, text_width

_ROW = 42.0


@dataclass(frozen=True)
class Step:
    """One addition: its label, its value (bits, may be negative) and what was found, in words."""

    label: str
    value: float
    found: str = ""


def waterfall(
    *,
    title: str,
    prior: Step,
    steps: Sequence[Step],
    total_label: str = "Total",
    threshold: float | None = None,
    value_name: str = "Match weight (bits)",
    value_format: NumberFormat = signed,
    description: str = "",
    note: str = "",
) -> Chart:
    """Floating bars read downwards: each starts where the one above ended, the last runs from zero.

    Bars that take away are hatched, and every value carries its sign.
    threshold: a dashed upright at the weight from which pairs are linked.
    """
    every = [prior, *steps]
    ends, so_far = [], 0.0
    for step in every:
        so_far += step.value
        ends.append(so_far)
    total = so_far
    reach = finite([0.0, *ends, *([threshold] if threshold is not None else [])])
    x_steps = ticks(min(reach), max(reach), about=7)
    left = min(250.0, max(text_width(s.label) for s in [*every, Step(total_label, 0)]) + 16)
    left = max(left, min(250.0, max(text_width(s.found, SMALL_SIZE) for s in every) + 16))
    room = max(text_width(value_format(s.value), SMALL_SIZE) for s in every) + 10
    scale = Scale(x_steps[0], x_steps[-1], left + 8, WIDTH - room)
    low = (len(every) + 1) * _ROW + 26
    marks = []
    for x in x_steps:
        marks.append(line(scale(x), 18, scale(x), low, name="rule" if x else "axis", width=1 if x else 1.5))
        marks.append(text(scale(x), low + 18, short(x), anchor="middle", name="muted", size=SMALL_SIZE))
    if threshold is not None:
        x = scale(threshold)
        words = f"threshold {value_format(threshold)}"
        anchor, place = ("start", x + 5) if x + text_width(words, SMALL_SIZE) + 6 < WIDTH else ("end", x - 5)
        marks.append(line(x, 4, x, low, name="ink", width=2, dash="6 4"))
        marks.append(text(place, 13, words, anchor=anchor, size=SMALL_SIZE, bold=True))
    before = 0.0
    for at, (step, after) in enumerate(zip(every, ends, strict=True)):
        y = 22 + at * _ROW
        colour = "series-5" if at == 0 else ("series-4" if step.value < 0 else "series-1")
        marks.append(_row(step, y, before, after, scale, left, colour, value_format))
        marks.append(
            line(scale(_held(after, scale)), y + 28, scale(_held(after, scale)), y + _ROW, name="axis")
        )
        before = after
    y = 22 + len(every) * _ROW
    marks.append(_row(Step(total_label, total), y, 0.0, total, scale, left, "ink", value_format, bold=True))
    marks.append(text((scale.start + scale.end) / 2, low + 38, value_name, anchor="middle", size=SMALL_SIZE))
    rows = tuple(
        (s.label, s.found or None, value_format(s.value), value_format(e))
        for s, e in zip(every, ends, strict=True)
    )
    rows += ((total_label, None, value_format(total), value_format(total)),)
    described = description or _describe(prior, steps, total, threshold, value_format)
    columns = ("Step", "What was found", value_name, "Running total")
    return Chart(title, described, WIDTH, low + 48, "".join(marks), columns, rows, note)


def _row(
    step: Step,
    y: float,
    before: float,
    after: float,
    scale: Scale,
    left: float,
    colour: str,
    value_format: NumberFormat,
    *,
    bold: bool = False,
) -> str:
    start, end = sorted((scale(_held(before, scale)), scale(_held(after, scale))))
    words = value_format(step.value)
    tip = f"{step.label}: {words}" + (f" ({step.found})" if step.found else "")
    label_y = y + (12 if step.found else 19)
    marks = text(left - 8, label_y, shorten(step.label, left - 10), anchor="end", bold=bold)
    if step.found:
        found = shorten(step.found, left - 10, SMALL_SIZE)
        marks += text(left - 8, y + 28, found, anchor="end", name="muted", size=SMALL_SIZE)
    marks += rect(
        start, y + 2, max(end - start, 1.5), 26, name=colour, tip=tip, hatched=step.value < 0 and not bold
    )
    return marks + text(end + 6, y + 20, words, size=SMALL_SIZE, bold=bold, halo=True)


def _held(value: float, scale: Scale) -> float:
    return min(max(value, scale.low), scale.high) if value == value else 0.0


def _describe(
    prior: Step, steps: Sequence[Step], total: float, threshold: float | None, value_format: NumberFormat
) -> str:
    parts = [f"Starts at {value_format(prior.value)} ({prior.label})."]
    parts += [
        f"{s.label}{': ' + s.found if s.found else ''} {'adds' if s.value >= 0 else 'takes away'} "
        f"{value_format(abs(s.value)).lstrip('+')}."
        for s in steps
    ]
    parts.append(f"The total is {value_format(total)}.")
    if threshold is not None:
        side = "at or above" if total >= threshold else "below"
        parts.append(f"This is {side} the threshold of {value_format(threshold)}.")
    return " ".join(parts)
