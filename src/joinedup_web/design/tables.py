"""The tables that stand in a page's HTML: where they are, what they are called, and their words cell by cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.utils.text import slugify

TAG = re.compile(r"<(/?)table\b([^>]*)>", re.IGNORECASE)
CAPTION = re.compile(r"<caption\b[^>]*>(.*?)</caption>", re.IGNORECASE | re.DOTALL)
LABEL = re.compile(r'\baria-label="([^"]*)"')
OWN_CSV = re.compile(r'\bdata-csv="own"')
SCROLL = re.compile(r'<div class="[^"]*\bapp-scroll\b[^"]*"[^>]*>\s*\Z')
SCROLL_END = re.compile(r"\s*</div>")
SLUG_LENGTH = 60
# "1,234" is a number only to the eye, and so is "−3" with the sign that typesetters use.
GROUPED = re.compile(r"^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
MINUS = re.compile(r"^−(?=\d[\d,.]*$)")

FRAME = frozenset(("td", "th", "tr", "thead", "tbody", "tfoot"))
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
UNREAD = frozenset(("button", "progress", "script", "style", "template"))
BREAKS = frozenset(
    [
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "form",
        "h2",
        "h3",
        "h4",
        "li",
        "ol",
        "p",
        "pre",
        "summary",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
TYPED = frozenset(("", "text", "search", "number", "date", "email", "url", "tel"))
HIDDEN = frozenset(("govuk-visually-hidden", "app-visually-hidden"))


@dataclass(frozen=True)
class Place:
    """A table in a page. start, end: around <table>…</table>. after: where something below it may stand, outside the
    region in which it scrolls. slug: its own in this page. name: its caption, with a number where another has the
    same. has_csv: whether the page offers a CSV of it otherwise (data-csv="own")."""

    start: int
    end: int
    after: int
    slug: str
    name: str
    has_csv: bool


@dataclass(frozen=True)
class Table:
    """A table's words. headings and every row are of one length."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables_in(html: str) -> list[Place]:
    """Return the tables of a page in order; those within another table's cells belong to it.

    A table is called by its caption, else by its aria-label or that of the region it scrolls in.
    """
    found: list[Place] = []
    taken: set[str] = set()
    for start, end, attributes in _spans(html):
        before = SCROLL.search(html, max(0, start - 1000), start)
        name = _name(html[start:end], attributes, before[0] if before else "")
        stem = slugify(name)[:SLUG_LENGTH].strip("-") or "table"
        slug, number = stem, 1
        while slug in taken:
            number += 1
            slug = f"{stem}-{number}"
        taken.add(slug)
        closed = SCROLL_END.match(html, end) if before else None
        found.append(
            Place(
                start=start,
                end=end,
                after=closed.end() if closed else end,
                slug=slug,
                name=name if number == 1 else f"{name}, {number}",
                has_csv=bool(OWN_CSV.search(attributes)),
            )
        )
    return found


def read_table(html: str) -> Table:
    """Return the words of one table, given from <table> to </table>.

    Headings are the rows of its head, one above the other where there are several, else the first row. A cell over
    several rows is repeated in each; one over several columns is repeated in headings alone, and else followed by
    empty cells. Words hidden from the eye are left out where there are others. Of fields, the value or the choice;
    of buttons and of what is marked data-csv="none", nothing. Columns in which there is nothing at all are left out.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    head = _grid([row for row in reader.rows if row.in_head], repeat_across=True)
    body = _grid([row for row in reader.rows if not row.in_head], repeat_across=False)
    if not head:
        head, body = body[:1], body[1:]
    width = max((len(row) for row in (*head, *body)), default=0)
    level = [[*row, *[""] * (width - len(row))] for row in (*head, *body)]
    kept = [at for at in range(width) if any(row[at] for row in level)]
    headings = tuple(_stacked([row[at] for row in level[: len(head)]]) for at in kept)
    return Table(headings, tuple(tuple(row[at] for at in kept) for row in level[len(head) :]))


def words_of(html: str) -> str:
    """The words of a piece of HTML, hidden ones too, in one line."""
    reader = _Reader()
    reader.feed(f"<tr><td>{html}</td></tr>")
    reader.close()
    texts = reader.rows[0].cells[0].texts
    return _line([text for kind, text in texts if kind in ("seen", "hidden", "break")])


def _spans(html: str) -> Iterator[tuple[int, int, str]]:
    depth, start, attributes = 0, 0, ""
    for tag in TAG.finditer(html):
        if tag[1]:
            depth -= 1
            if depth == 0:
                yield start, tag.end(), attributes
            depth = max(0, depth)
            continue
        depth += 1
        if depth == 1:
            start, attributes = tag.start(), tag[2]


def _name(table: str, attributes: str, region: str) -> str:
    caption = CAPTION.search(table)
    name = words_of(caption[1]) if caption else ""
    for place in (attributes, region):
        label = LABEL.search(place)
        name = name or (words_of(label[1]) if label else "")
    return name or "Table"


@dataclass
class _Cell:
    """texts: (kind, text) in order: seen, hidden (from the eye), aside (from screen readers), or a break."""

    columns: int = 1
    rows: int = 1
    texts: list[tuple[str, str]] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What is seen; else what is said aloud; else what is only drawn."""
        for kind in ("seen", "hidden", "aside"):
            line = _line([text for its, text in self.texts if its in (kind, "break")])
            if line:
                return line
        return ""


@dataclass
class _Row:
    in_head: bool
    cells: list[_Cell] = field(default_factory=list)


class _Reader(HTMLParser):
    """Takes a table's rows and cells out of its HTML. Each open element notes what its text is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[_Row] = []
        self.open: list[tuple[str, str]] = []
        self.cell: _Cell | None = None
        self.in_head = False
        self.choice: list[tuple[bool, str]] | None = None
        self.within = 0  # tables open in the cell
        self.after_link = False  # nothing has been said since a link ended

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self.cell is None or (tag in FRAME and not self.within):
            self._frame(tag, given)
            return
        self.within += tag == "table"
        if tag in BREAKS or (tag == "a" and self.after_link):
            self.cell.texts.append(("break", ""))
        if tag == "input" and given.get("type", "") in TYPED:
            self.cell.texts.append((self._kind(), given.get("value", "")))
        if tag == "select":
            self.choice = []
        if tag == "option" and self.choice is not None:
            self.choice.append(("selected" in given, ""))
        if tag not in VOID:
            self.open.append((tag, _kind_of(tag, given, self._kind())))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in FRAME and not self.within:
            self.cell, self.open = None, []
            self.in_head = self.in_head and tag != "thead"
        if self.cell is None:
            return
        self.within -= tag == "table"
        self.after_link = tag == "a"
        if tag == "select" and self.choice is not None:
            chosen = [text for selected, text in self.choice if selected]
            chosen = chosen or [text for _, text in self.choice[:1]]
            self.choice = None
            self.cell.texts += [(self._kind(), text) for text in chosen]
        if tag in BREAKS:
            self.cell.texts.append(("break", ""))
        while any(name == tag for name, _ in self.open):
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if self.cell is None:
            return
        if self.choice is not None:
            if self.choice:
                selected, text = self.choice[-1]
                self.choice[-1] = (selected, text + data)
            return
        self.after_link = self.after_link and not data.strip()
        self.cell.texts.append((self._kind(), data))

    def _kind(self) -> str:
        return self.open[-1][1] if self.open else "seen"

    def _frame(self, tag: str, given: dict[str, str]) -> None:
        """Rows, cells and sections; closes a cell that was left open, as HTML allows."""
        if tag in ("thead", "tbody", "tfoot"):
            self.in_head, self.cell = tag == "thead", None
        elif tag == "tr":
            self.rows.append(_Row(self.in_head))
            self.cell = None
        elif tag in ("td", "th"):
            if not self.rows:
                self.rows.append(_Row(self.in_head))
            self.cell, self.open, self.choice, self.within = _Cell(*_over(given)), [], None, 0
            self.after_link = False
            self.rows[-1].cells.append(self.cell)


def _over(given: dict[str, str]) -> tuple[int, int]:
    """How many columns and rows a cell takes; 0 rows means all that are left. The bounds are HTML's own."""
    columns, rows = (given.get(name, "") for name in ("colspan", "rowspan"))
    wide = int(columns) if columns.isdecimal() and len(columns) < 9 else 1
    high = int(rows) if rows.isdecimal() and len(rows) < 9 else 1
    return min(max(wide, 1), 1000), min(high, 65534)


def _kind_of(tag: str, given: dict[str, str], outer: str) -> str:
    if outer == "unread" or tag in UNREAD or "hidden" in given or given.get("data-csv") == "none":
        return "unread"
    if outer == "aside" or given.get("aria-hidden") == "true":
        return "aside"
    if outer == "hidden" or tag == "svg" or HIDDEN & set(given.get("class", "").split()):
        return "hidden"
    return outer


def _line(texts: Sequence[str]) -> str:
    """One line of pieces; "" is a break between them, told by a semicolon unless the words before it end so."""
    parts: list[str] = [""]
    for text in texts:
        parts[-1] += text
        if not text:
            parts.append("")
    line = ""
    for part in (" ".join(each.split()) for each in parts):
        if part:
            line += ("" if not line else " " if line[-1] in ".,:;?!" else "; ") + part
    bare = MINUS.sub("-", line)
    return bare.replace(",", "") if GROUPED.match(bare) else bare


def _grid(rows: Sequence[_Row], *, repeat_across: bool) -> list[list[str]]:
    """Rows of words in which each cell stands under its column."""
    grid: list[list[str]] = [[] for _ in rows]
    held: dict[tuple[int, int], str] = {}  # what reaches down, by row and column
    for at, row in enumerate(rows):
        cells, line = iter(row.cells), grid[at]
        while True:
            if (at, len(line)) in held:
                line.append(held.pop((at, len(line))))
            elif (cell := next(cells, None)) is not None:
                end = len(rows) if cell.rows == 0 else min(len(rows), at + cell.rows)
                across = [cell.words, *[cell.words if repeat_across else ""] * (cell.columns - 1)]
                held |= {
                    (below, len(line) + by): text
                    for below in range(at + 1, end)
                    for by, text in enumerate(across)
                }
                line += across
            elif any(its == at for its, _ in held):
                line.append("")
            else:
                break
    return grid


def _stacked(headings: Sequence[str]) -> str:
    """Headings above each other as one: each once, the widest first."""
    return ": ".join(dict.fromkeys(heading for heading in headings if heading))
