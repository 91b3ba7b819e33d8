"""Small pictures: a sparkline for a table cell, and the network of one cluster."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .bars import WIDTH, legend_marks
from .chart import Chart
from .palette import SERIES
from .scale import NumberFormat, Scale, finite, plain, signed
from .svg import SMALL_SIZE, line, marker, polyline, shorten, text, text_width

MOST_NODES = 60


@dataclass(frozen=True)
class Node:
    """One record of a cluster; ``group`` (its source) decides shape and colour."""

    key: str
    label: str
    group: str = ""


@dataclass(frozen=True)
class Edge:
    """A link between two nodes by key; ``weak`` edges are dashed."""

    first: str
    second: str
    weight: float | None = None
    weak: bool = False


def sparkline(*, title: str, values: Sequence[float | None], value_format: NumberFormat = plain) -> Chart:
    """A word-sized line of the values in order; the last one is marked. Missing values are left out."""
    points = [(float(at), float(v)) for at, v in enumerate(values) if v is not None and finite([v])]
    rows = tuple((str(at + 1), None if v is None else value_format(v)) for at, v in enumerate(values))
    if not points:
        return Chart(title, "No values.", 120, 28, "", ("Position", "Value"), rows)
    ys = [y for _, y in points]
    x_scale = Scale(0, max(len(values) - 1, 1), 5, 113)
    y_scale = Scale(min(ys), max(ys), 22, 6)
    places = [(x_scale(x), y_scale(y)) for x, y in points]
    marks = polyline(places, name="accent", width=2) + marker(*places[-1], shape=0, name="ink", size=4)
    described = f"{len(points)} values from {value_format(ys[0])} to {value_format(ys[-1])}."
    return Chart(title, described, 120, 28, marks, ("Position", "Value"), rows)


def network(
    *,
    title: str,
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    value_format: NumberFormat = signed,
    description: str = "",
    note: str = "",
) -> Chart:
    """A small node-link picture; records of one source share shape and colour, weak links are dashed.

    The layout depends only on the keys and the links, not on their order. Clusters of more than
    ``MOST_NODES`` records show the first of them by key, and the note says so.
    """
    shown = sorted(nodes, key=lambda n: n.key)[:MOST_NODES]
    keys = {n.key for n in shown}
    ordered = sorted((_turned(e) for e in edges), key=lambda e: (e.first, e.second, e.weight or 0.0))
    kept = [e for e in ordered if e.first in keys and e.second in keys]
    groups = sorted({n.group for n in shown})
    names = [SERIES[at % len(SERIES)] for at in range(len(groups))]
    legend, used = legend_marks(groups, names, shapes=True) if len(groups) > 1 else ("", 0.0)
    height = 150.0 + 26 * min(len(shown), 12)
    places = _layout([n.key for n in shown], kept, width=WIDTH - 200, height=height - 70)
    places = {k: (x + 100, y + used + 34) for k, (x, y) in places.items()}
    marks = [legend]
    for edge in kept:
        (x1, y1), (x2, y2) = places[edge.first], places[edge.second]
        marks.append(
            line(
                x1, y1, x2, y2, name="axis", width=1.5 if edge.weak else 2.5, dash="5 4" if edge.weak else ""
            )
        )
        if edge.weight is not None and len(kept) <= 15:
            words = value_format(edge.weight)
            x, y = (x1 + x2) / 2, (y1 + y2) / 2
            marks.append(text(x, y + 4, words, anchor="middle", name="muted", size=SMALL_SIZE, halo=True))
    for node in shown:
        x, y = places[node.key]
        at = groups.index(node.group)
        tip = f"{node.label} ({node.group})" if node.group else node.label
        marks.append(marker(x, y, shape=at, name=names[at], size=9, tip=tip))
        label = shorten(node.label, 150, SMALL_SIZE)
        half = text_width(label, SMALL_SIZE) / 2
        centred = min(max(x, half + 2), WIDTH - half - 2)
        marks.append(text(centred, y + 26, label, anchor="middle", size=SMALL_SIZE, halo=True))
    rows = tuple(
        (
            e.first,
            e.second,
            None if e.weight is None else value_format(e.weight),
            "weak" if e.weak else "strong",
        )
        for e in ordered
    )
    weak = sum(e.weak for e in kept)
    described = description or (
        f"Network of {len(nodes)} records and {len(edges)} links"
        + (f", {weak} of them weak." if weak else ".")
    )
    more = f"The first {MOST_NODES} of {len(nodes)} records are drawn." if len(nodes) > MOST_NODES else ""
    told = " ".join(part for part in (note, more) if part)
    columns = ("From", "To", "Match weight", "Link")
    return Chart(title, described, WIDTH, used + height, "".join(marks), columns, rows, told)


def _turned(edge: Edge) -> Edge:
    return edge if edge.first <= edge.second else replace(edge, first=edge.second, second=edge.first)


def _layout(
    keys: list[str], edges: list[Edge], *, width: float, height: float
) -> dict[str, tuple[float, float]]:
    """Spring layout (Fruchterman and Reingold, 1991) from a circle, a fixed number of steps."""
    count = len(keys)
    if count == 0:
        return {}
    index = {key: at for at, key in enumerate(keys)}
    spots = [[math.cos(2 * math.pi * at / count), math.sin(2 * math.pi * at / count)] for at in range(count)]
    links = sorted(
        {(min(index[e.first], index[e.second]), max(index[e.first], index[e.second])) for e in edges}
    )
    ideal = 1.6 / math.sqrt(count)
    for turn in range(150):
        push = [[0.0, 0.0] for _ in range(count)]
        for a in range(count):
            for b in range(a + 1, count):
                _move(push, spots, a, b, lambda distance: ideal * ideal / distance)
        for a, b in links:
            if a != b:
                _move(push, spots, a, b, lambda distance: -distance * distance / ideal)
        heat = 0.12 * (1 - turn / 150)
        for at in range(count):
            size = math.hypot(*push[at]) or 1.0
            spots[at][0] += push[at][0] / size * min(size, heat)
            spots[at][1] += push[at][1] / size * min(size, heat)
    xs, ys = finite([s[0] for s in spots]), finite([s[1] for s in spots])
    x_scale, y_scale = Scale(min(xs), max(xs), 0, width), Scale(min(ys), max(ys), 0, height)
    if max(ys) - min(ys) < 1e-6:
        y_scale = Scale(0, 0, 0, height)
    return {key: (x_scale(spots[at][0]), y_scale(spots[at][1])) for key, at in index.items()}


def _move(
    push: list[list[float]], spots: list[list[float]], a: int, b: int, force: Callable[[float], float]
) -> None:
    dx, dy = spots[a][0] - spots[b][0], spots[a][1] - spots[b][1]
    distance = max(math.hypot(dx, dy), 1e-3)
    size = force(distance) / distance
    push[a][0] += dx * size
    push[a][1] += dy * size
    push[b][0] -= dx * size
    push[b][1] -= dy * size
