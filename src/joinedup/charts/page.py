"""One self-contained HTML page: summary cards, sections with words, charts and tables.

The page loads nothing (its content security policy forbids it), needs no JavaScript, reads well on a
phone, on paper and with a screen reader, and is the same text for the same input.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources

from .chart import Cell, Chart, Ready, table_html
from .palette import Status, variables_css
from .svg import escape


@dataclass(frozen=True)
class Card:
    """One figure at the top of a page or section: its label, the value in words, a remark, a status."""

    label: str
    value: str
    remark: str = ""
    status: Status | None = None


@dataclass(frozen=True)
class Cards:
    """A row of cards."""

    cards: Sequence[Card]


@dataclass(frozen=True)
class Tag:
    """A status inside a table cell, with its sign; ``words`` replace the status' own."""

    status: Status
    words: str = ""


@dataclass(frozen=True)
class Table:
    """A table with a caption; cells are words, numbers, None, a Tag or a small chart (sparkline)."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell | Tag | Chart]]
    empty: str = "Nothing to show."


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    words: str


@dataclass(frozen=True)
class Bullets:
    """A list; ``ordered`` numbers it."""

    items: Sequence[str]
    ordered: bool = False


@dataclass(frozen=True)
class Notice:
    """A remark set apart; ``warning`` adds a sign and the word."""

    words: str
    warning: bool = False


@dataclass(frozen=True)
class Details:
    """Blocks that open on request."""

    summary: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Code:
    """Text shown exactly as it is (a rule file, a command)."""

    words: str


@dataclass(frozen=True)
class Markup:
    """HTML that the caller has made safe already; nothing here is escaped."""

    html: str


Block = str | Chart | Cards | Table | Heading | Bullets | Notice | Details | Code | Markup


@dataclass(frozen=True)
class Section:
    """One part of the page: its heading and its blocks, in reading order. A plain str is a paragraph."""

    heading: str
    blocks: Sequence[Block] = ()


def html_report(
    *,
    title: str,
    sections: Sequence[Section],
    lede: str = "",
    cards: Sequence[Card] = (),
    generated_on: date | None = None,
    version: str = "",
) -> str:
    """The whole page as text; write it as UTF-8.

    title: the one h1. lede: the sentence under it that tells the answer. cards: the figures that matter most.
    """
    css = style_sheet()
    names = _unique_names([s.heading for s in sections])
    writer = _Writer()
    body = [
        f'<section id="{name}" aria-labelledby="{name}-heading">'
        f'<h2 id="{name}-heading">{escape(s.heading)}</h2>'
        f"{writer.blocks(s.blocks)}</section>"
        for name, s in zip(names, sections, strict=True)
    ]
    links = "".join(
        f'<li><a href="#{n}">{escape(s.heading)}</a></li>' for n, s in zip(names, sections, strict=True)
    )
    contents = (
        f'<nav aria-label="On this page"><h2>On this page</h2><ol>{links}</ol></nav>' if sections else ""
    )
    first = f'<p class="lede">{escape(lede)}</p>' if lede else ""
    foot = _foot(generated_on, version)
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(css)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{css}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">Skip to main content</a>\n'
        '<header><div class="wrap"><p class="brand">Joinedup</p></div></header>\n'
        f'<main id="main" tabindex="-1" class="wrap"><div class="intro"><h1>{escape(title)}</h1>'
        f"{first}{writer.block(Cards(cards)) if cards else ''}</div>\n"
        f'<div class="columns">{contents}\n<div class="sections">\n'
        + "\n".join(body)
        + "\n</div></div></main>\n"
        f'<footer><div class="wrap"><p>{foot}</p></div></footer>\n</body>\n</html>\n'
    )


def style_sheet() -> str:
    """The page's CSS: the colours of both themes, then the layout."""
    return variables_css() + resources.files(__package__).joinpath("style.css").read_text("utf-8")


class _Writer:
    """Writes blocks and numbers the charts of one page, so that ids are unique and stable."""

    def __init__(self) -> None:
        self._charts = 0

    def blocks(self, blocks: Sequence[Block]) -> str:
        return "".join(self.block(b) for b in blocks)

    def block(self, block: Block) -> str:
        match block:
            case str():
                return f"<p>{escape(block)}</p>"
            case Chart():
                return block.html(self._next_id())
            case Cards():
                return f'<dl class="cards">{"".join(_card(c) for c in block.cards)}</dl>'
            case Table():
                return self._table(block)
            case Heading():
                return f"<h3>{escape(block.words)}</h3>"
            case Bullets():
                kind = "ol" if block.ordered else "ul"
                return f"<{kind}>{''.join(f'<li>{escape(i)}</li>' for i in block.items)}</{kind}>"
            case Notice():
                sign = '<strong><span aria-hidden="true">! </span>Warning: </strong>' if block.warning else ""
                return f'<p class="{"warning" if block.warning else "inset"}">{sign}{escape(block.words)}</p>'
            case Details():
                inside = self.blocks(block.blocks)
                return f'<details class="more"><summary>{escape(block.summary)}</summary>{inside}</details>'
            case Code():
                frame = '<div class="scroll" tabindex="0" role="group" aria-label="Text">'
                return f"{frame}<pre>{escape(block.words)}</pre></div>"
            case Markup():
                return block.html

    def _table(self, table: Table) -> str:
        if not table.rows:
            return f'<p class="inset">{escape(table.empty)}</p>'
        rows = tuple(tuple(self._cell(c) for c in row) for row in table.rows)
        made = table_html(table.caption, tuple(table.columns), rows, hidden=False)
        label = escape(table.caption)
        return f'<div class="scroll table" tabindex="0" role="group" aria-label="Table: {label}">{made}</div>'

    def _cell(self, cell: Cell | Tag | Chart) -> Cell:
        if isinstance(cell, Tag):
            return Ready(_tag(cell))
        return Ready(cell.svg(self._next_id())) if isinstance(cell, Chart) else cell

    def _next_id(self) -> str:
        self._charts += 1
        return f"chart-{self._charts}"


def _card(card: Card) -> str:
    state = f" {card.status.value}" if card.status else ""
    tag = f'<dd class="state">{_tag(Tag(card.status))}</dd>' if card.status else ""
    remark = f'<dd class="remark">{escape(card.remark)}</dd>' if card.remark else ""
    value = f'<dt>{escape(card.label)}</dt><dd class="value">{escape(card.value)}</dd>'
    return f'<div class="card{state}">{value}{tag}{remark}</div>'


def _tag(tag: Tag) -> str:
    words = escape(tag.words or tag.status.word)
    sign = f'<span aria-hidden="true">{tag.status.sign}</span>'
    return f'<span class="tag {tag.status.value}">{sign} {words}</span>'


def _foot(generated_on: date | None, version: str) -> str:
    made = "Made by Joinedup" + (f" {escape(version)}" if version else "")
    when = ""
    if generated_on:
        when = (
            f' on <time datetime="{generated_on.isoformat()}">{generated_on.day} {generated_on:%B %Y}</time>'
        )
    return f"{made}{when}. This page stands alone: it loads nothing and sends nothing."


def _policy(css: str) -> str:
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _unique_names(headings: list[str]) -> list[str]:
    taken, names = {"main"}, []
    for heading in headings:
        stem = re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") or "section"
        if stem.startswith("chart-"):
            stem = f"section-{stem}"
        name, count = stem, 2
        while name in taken or f"{name}-heading" in taken:
            name, count = f"{stem}-{count}", count + 1
        taken |= {name, f"{name}-heading"}
        names.append(name)
    return names
