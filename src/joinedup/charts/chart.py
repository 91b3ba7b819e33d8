"""A chart as a value: the drawing, its words, and the data it was drawn from as a table."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from .scale import plain
from .svg import ID, escape, hatch_pattern, number


@dataclass(frozen=True)
class Ready:
    """A table cell that is HTML already, made safe by whoever wrote it."""

    html: str


Cell = str | float | int | Ready | None

FONT = "Arial, 'Helvetica Neue', Helvetica, 'Liberation Sans', sans-serif"


@dataclass(frozen=True)
class Chart:
    """One picture with its text alternative.

    title: what is shown. description: what a reader sees in it, for those who cannot.
    note: a sentence shown under the title to everybody (may be empty).
    drawing: the marks inside the SVG element. columns, rows: the data behind it.
    """

    title: str
    description: str
    width: float
    height: float
    drawing: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    @property
    def identifier(self) -> str:
        """A stable id made from the content: the same chart has the same id in every run."""
        content = "\x1f".join((self.title, self.description, self.drawing))
        return "chart-" + hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:12]

    def svg(self, identifier: str = "") -> str:
        """The picture as SVG text that can stand in a page or in a file of its own."""
        own = escape(identifier or self.identifier)
        width, height = number(self.width), number(self.height)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" '
            f'aria-labelledby="{own}-title {own}-desc" font-family="{escape(FONT)}">'
            f'<title id="{own}-title">{escape(self.title)}</title>'
            f'<desc id="{own}-desc">{escape(self.description)}</desc>'
            f"{self._body(own)}</svg>"
        )

    def html(self, identifier: str = "") -> str:
        """A figure: caption, picture, and the data in a table that opens on request."""
        own = escape(identifier or self.identifier)
        note = f'<span class="note">{escape(self.note)}</span>' if self.note else ""
        return (
            f'<figure class="chart" id="{own}"><figcaption><strong>{escape(self.title)}</strong>{note}'
            f'</figcaption><div class="scroll" tabindex="0" role="group" '
            f'aria-label="Chart: {escape(self.title)}">{self.svg(own)}</div>'
            f"<details><summary>Data for this chart"
            f'<span class="hidden">: {escape(self.title)}</span></summary>'
            f'<div class="scroll" tabindex="0" role="group" aria-label="Table: {escape(self.title)}">'
            f"{table_html(self.title, self.columns, self.rows)}</div></details></figure>"
        )

    def _body(self, own: str) -> str:
        hatch = hatch_pattern() if "-hatch)" in self.drawing else ""
        return (hatch + self.drawing).replace(ID, own)


def table_html(
    caption: str, columns: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...], *, hidden: bool = True
) -> str:
    """A real table; the first column heads its rows, columns of numbers are set to the right."""
    numeric = [
        at > 0 and _is_numeric([row[at] for row in rows if at < len(row)]) for at in range(len(columns))
    ]
    styles = [' class="number"' if yes else "" for yes in numeric]
    head = "".join(f'<th scope="col"{s}>{escape(c)}</th>' for c, s in zip(columns, styles, strict=True))
    body = []
    for row in rows:
        cells = [f'<th scope="row"{styles[0]}>{cell_text(row[0])}</th>']
        cells += [f"<td{s}>{cell_text(c)}</td>" for c, s in zip(row[1:], styles[1:], strict=True)]
        body.append(f"<tr>{''.join(cells)}</tr>")
    seen = ' class="hidden"' if hidden else ""
    return (
        f"<table><caption{seen}>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table>"
    )


def cell_text(cell: Cell) -> str:
    """A cell's content, escaped: numbers with thousands separated, nothing as a dash."""
    if cell is None:
        return "–"
    if isinstance(cell, Ready):
        return cell.html
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return escape(plain(float(cell))) if isinstance(cell, int | float) else escape(cell)


def _is_numeric(cells: list[Cell]) -> bool:
    shown = [c for c in cells if c is not None and c != "–"]
    return bool(shown) and all(
        isinstance(c, int | float) or (isinstance(c, str) and _reads_as_number(c)) for c in shown
    )


def _reads_as_number(cell: str) -> bool:
    bare = cell.strip().lstrip("<>+−-£").removesuffix("%").replace(",", "")
    return bare.replace(".", "", 1).isdigit()


def summary_of(kind: str, pairs: list[tuple[str, float]], words: list[str]) -> str:
    """A description for charts whose caller gave none: kind, count, highest and lowest.

    words: the formatted values, in the same order as ``pairs``.
    """
    if not pairs:
        return f"{kind} with no data."
    order = sorted(range(len(pairs)), key=lambda at: pairs[at][1])
    low, high = order[0], order[-1]
    if len(pairs) == 1:
        return f"{kind} of one value: {pairs[0][0]}, {words[0]}."
    return (
        f"{kind} of {len(pairs)} values. Highest: {pairs[high][0]}, {words[high]}. "
        f"Lowest: {pairs[low][0]}, {words[low]}."
    )
