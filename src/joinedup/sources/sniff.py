"""What a delimited file looks like: delimiter, quoting, escape and header, found out from its beginning."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import NoReturn

from joinedup.errors import UsageError
from joinedup.sources.header import find_header, first_of_width, is_sure_header, looks_like_value
from joinedup.sources.names import fit_names
from joinedup.sources.options import ReadOptions
from joinedup.sources.records import Dialect, next_record

_DELIMITERS = b",\t;|^~\x1f:"
_ROWS = 300
_LEAST_FIXED = 10  # characters; shorter lines of one length are codes


@dataclass(frozen=True)
class Shape:
    """What was found: `start` is the byte at which the first row of data begins, `line` its 1-based line.

    header_row: the line of the names, 0 where the file has none. width: cells a row has.
    """

    dialect: Dialect
    names: tuple[str, ...]
    header_row: int
    start: int
    line: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    cells: list[bytes]
    line: int
    end: int
    end_line: int


def find_shape(sample: bytes, *, options: ReadOptions, encoding: str, at_end: bool) -> Shape | None:
    """Return how the text that begins with `sample` is laid out; None if it holds no row at all.

    sample: bytes that are ASCII where they matter (see TextBytes). at_end: the sample is the whole file.
    """
    hinted, offset = _hint(sample)
    dialect = _find_dialect(sample[offset:], options=options, hinted=hinted, at_end=at_end)
    rows = _rows(sample, dialect, at_end=at_end, start=offset, line=2 if offset else 1)
    if not rows:
        return None
    width = _width(rows)
    texts = [[_text(cell, encoding) for cell in row.cells] for row in rows]
    place = _header_place(rows, texts, width, options)
    notes: list[str] = []
    if place is None:
        first = 0 if options.header_row == 0 else first_of_width(texts, width=width)
        start, line, header_row = (
            (offset, 2 if offset else 1, 0)
            if first == 0
            else (
                rows[first - 1].end,
                rows[first - 1].end_line,
                0,
            )
        )
        names = [f"column_{number}" for number in range(1, width + 1)]
        above = first
        if options.header_row is None and options.columns is None:
            notes.append("no row of column names was found")
    else:
        found, header_row = texts[place], rows[place].line
        start, line, above = rows[place].end, rows[place].end_line, place
        below = rows[place + 1 :]
        if options.header_row is None and options.columns is None and not is_sure_header(found):
            notes.append("the first row was taken as names")
        found = _fit_width(found, _usual_width(below, otherwise=len(found)), notes)
        names, told = fit_names(found)
        notes += told
    if above:
        notes.append(f"{above} {'row' if above == 1 else 'rows'} above the table passed over")
    if options.columns is not None:
        names = list(options.columns)
    return Shape(dialect, tuple(names), header_row, start, line, tuple(notes))


def looks_like_fixed_width(sample: bytes, *, encoding: str, at_end: bool) -> bool:
    """Whether the lines are records whose columns stand at fixed places: all of one length, several, and with a
    place where each has a space or each a figure. A list of numbers, dates or postcodes is one column."""
    text = sample[:200_000].decode(encoding, "replace")
    lines = [line for line in text.splitlines() if line.strip()]
    if not at_end or len(sample) > 200_000:
        lines = lines[:-1]
    if len(lines) < 2 or len(lines[0]) < _LEAST_FIXED or len({len(line) for line in lines}) > 1:
        return False
    if sum(" " in line.strip() and not looks_like_value(line) for line in lines) * 2 <= len(lines):
        return False
    return any(set(place) == {" "} or all(map(str.isdigit, place)) for place in zip(*lines, strict=True))


def _fit_width(found: list[str], width: int, notes: list[str]) -> list[str]:
    """Names for as many columns as the rows below have, where the header alone has more or fewer."""
    if len(found) < width:
        notes.append(f"the header names {len(found)} of {width} columns")
        return found + [""] * (width - len(found))
    while len(found) > width and not found[-1].strip():
        found = found[:-1]
    return found


def _header_place(rows: list[_Row], texts: list[list[str]], width: int, options: ReadOptions) -> int | None:
    if options.header_row == 0:
        return None
    if options.header_row is not None:
        at = next((place for place, row in enumerate(rows) if row.line >= options.header_row), None)
        return refuse_header_row(options.header_row) if at is None else at
    return find_header(texts, width=width)


def refuse_header_row(line: int) -> NoReturn:
    """Raise UsageError: the names of the columns were said to stand where there is no row."""
    raise UsageError(
        what=f"there is no row {line} among the first that could be the column names",
        where="header_row",
        mend="give the 1-based line of the names as the file has it, or 0 where there are none",
    )


def _hint(sample: bytes) -> tuple[bytes, int]:
    """The `sep=;` line that Excel writes and reads."""
    found = re.match(rb'"?sep=([^\r\n"])"?(\r\n|\n|\r)', sample, re.IGNORECASE)
    return (found[1], found.end()) if found else (b"", 0)


def _find_dialect(sample: bytes, *, options: ReadOptions, hinted: bytes, at_end: bool) -> Dialect:
    quote = _find_quote(sample) if options.quote is None else options.quote.encode()
    escape = b"" if options.escape is None else options.escape.encode()
    if options.delimiter is not None:
        candidates = options.delimiter.encode()
    else:
        candidates = hinted or bytes(byte for byte in _DELIMITERS if byte in sample) or b","
    dialects = [Dialect(bytes([byte]), quote, escape) for byte in candidates]
    if options.escape is None and quote and b"\\" + quote in sample:
        dialects += [Dialect(d.delimiter, quote, b"\\") for d in dialects]
    best, best_score = Dialect(b",", quote, escape), 0.0
    if len(dialects) == 1:
        return dialects[0]
    for dialect in dialects:
        score = _score(sample, dialect, at_end=at_end)
        if score > best_score:
            best, best_score = dialect, score
    return best


def _score(sample: bytes, dialect: Dialect, *, at_end: bool) -> float:
    """How regular the table is that a dialect makes of the sample: 0 for a single column, below 1."""
    rows = _rows(sample[:200_000], dialect, at_end=at_end and len(sample) <= 200_000, faulty=True)
    if not rows:
        return 0.0
    counts = Counter(len(row.cells) for row in rows)
    width, rows_of_width = max(
        counts.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0)
    )
    if width < 2:
        return 0.0
    share = rows_of_width / len(rows)
    named = 1.0 if len(rows[0].cells) == width else 0.9  # names are split as values are, titles never
    return named * share * share * (1 - 1 / (2 * width)) - (0.001 if dialect.escape else 0.0)


def _find_quote(sample: bytes) -> bytes:
    """The double quote, unless cells are plainly wrapped in single ones."""
    double = len(re.findall(rb'(?:^|[,;\t|])"', sample[:200_000], re.MULTILINE))
    single = len(re.findall(rb"(?:^|[,;\t|])'[^'\r\n]*'(?=[,;\t|\r\n]|$)", sample[:200_000], re.MULTILINE))
    lines = sample[:200_000].count(b"\n") + 1
    return b"'" if single > double and single >= max(2, lines // 2) else b'"'


def _rows(
    sample: bytes, dialect: Dialect, *, at_end: bool, start: int = 0, line: int = 1, faulty: bool = False
) -> list[_Row]:
    """The first rows that are not blank; a faulty one is left out, or is one cell that fits nothing."""
    rows: list[_Row] = []
    at = start
    while at < len(sample) and len(rows) < _ROWS:
        record = next_record(sample, at, dialect=dialect, at_end=at_end, limit=len(sample))
        if record is None or record.end < 0:
            break
        end_line = line + count_lines(sample[at : record.end])
        cells = record.cells
        if cells is None and faulty:
            cells = []
        if cells is not None and (len(cells) > 1 or not cells or cells[0].strip()):
            rows.append(_Row(cells, line, record.end, end_line))
        at, line = record.end, end_line
    if not rows and not at_end and sample.strip():  # one row longer than the sample: look at what there is
        return _rows(sample, dialect, at_end=True, start=start, line=line, faulty=faulty)
    return rows


def _width(rows: list[_Row]) -> int:
    counts = Counter(len(row.cells) for row in rows)
    return max(counts.items(), key=lambda item: (item[1], item[0] > 1))[0]  # of equals the first


def count_lines(block: bytes) -> int:
    """Line ends in whole records: LF, CRLF and lone CR count one each."""
    returns = block.count(b"\r")
    return block.count(b"\n") + (returns - block.count(b"\r\n") if returns else 0)


def _usual_width(rows: list[_Row], *, otherwise: int) -> int:
    """How many cells more than half of the rows have."""
    width = _width(rows) if rows else otherwise
    return width if sum(len(row.cells) == width for row in rows) * 2 > len(rows) else otherwise


def _text(cell: bytes, encoding: str) -> str:
    try:
        return cell.decode(encoding)
    except UnicodeDecodeError:
        return cell.decode("cp1252", "replace")
