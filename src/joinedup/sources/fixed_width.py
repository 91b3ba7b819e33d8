"""Fixed-width text by a declared layout.

The layout is a small TOML file:

    short_lines = "pad"          # optional: lines that end before the last column begins are good
    skip_first = 1               # optional: lines above the data
    skip_starting = ["HDR", "TRL"]  # optional: header and trailer records

    [[column]]
    name = "surname"
    start = 1                    # 1-based, in characters
    width = 20
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from joinedup.errors import SourceError, UsageError
from joinedup.sources.csv_file import open_text, text_sample
from joinedup.sources.csv_rows import text_schema
from joinedup.sources.lines import Line, TextBatches, decode, lines
from joinedup.sources.options import Progress, ReadOptions
from joinedup.sources.reading import Reading, Tally

_MEND = "see the layout in the documentation of fixed-width files"


@dataclass(frozen=True)
class Column:
    """start: 1-based character. width: in characters."""

    name: str
    start: int
    width: int


@dataclass(frozen=True)
class FixedLayout:
    """Where each column stands, and which lines are no records."""

    columns: tuple[Column, ...]
    pad: bool = False
    skip_first: int = 0
    skip_starting: tuple[str, ...] = ()


def layout_document(layout: Path | str) -> dict[str, Any]:
    """The TOML of a layout, given as a path or as its text."""
    text, where = layout, "layout"
    if isinstance(layout, Path) or ("\n" not in layout and "=" not in layout):
        where = str(layout)
        try:
            text = Path(layout).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise SourceError(what="the layout cannot be read", where=where, mend="check the path") from error
    try:
        return tomllib.loads(str(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SourceError(what="the layout is not TOML", where=where, mend=_MEND) from error


def fixed_layout(document: dict[str, Any]) -> FixedLayout:
    """Return the layout that a TOML document declares; SourceError names what is wrong with it."""
    columns: list[Column] = []
    for place, given in enumerate(document.get("column", []), start=1):
        where = f"layout, column {place}"
        if not isinstance(given, dict) or not isinstance(given.get("name"), str) or not given["name"]:
            raise SourceError(what="a column has no name", where=where, mend=_MEND)
        start, width = given.get("start"), given.get("width")
        if not (type(start) is int and type(width) is int and start >= 1 and width >= 1):
            raise SourceError(
                what=f"column {given['name']!r} needs start and width, whole numbers from 1",
                where=where,
                mend=_MEND,
            )
        columns.append(Column(given["name"], start, width))
    if not columns:
        raise SourceError(what="the layout declares no column", where="layout", mend=_MEND)
    names = [column.name for column in columns]
    if len(set(names)) != len(names):
        raise SourceError(what="two columns have the same name", where="layout", mend="give each its own")
    starting = document.get("skip_starting", [])
    first = document.get("skip_first", 0)
    if (
        type(first) is not int
        or not isinstance(starting, list)
        or not all(isinstance(s, str) and s for s in starting)
    ):
        raise SourceError(what="skip_first or skip_starting is not of its kind", where="layout", mend=_MEND)
    return FixedLayout(tuple(columns), document.get("short_lines") == "pad", first, tuple(starting))


def read_fixed_width(
    path: Path, *, options: ReadOptions, tally: Tally, progress: Progress | None = None
) -> Reading:
    """Return a Reading of text columns, spaces around values taken off. Blank lines are passed over.

    A line that stops before its last column begins, or goes on after it ends, is kept aside: columns that
    slipped cannot be told from columns that are missing.
    """
    if options.layout is None:
        raise UsageError(
            what="a fixed-width file needs a layout",
            where=str(path),
            mend="declare its columns in a TOML layout",
        )
    layout = fixed_layout(layout_document(options.layout))
    _, _, encoding = text_sample(path, options=options)
    name = encoding.name if encoding.plain else "utf-8"
    fallback = options.fallback_encoding if encoding.name == "utf-8" else None
    names = [column.name for column in layout.columns]
    tally.encoding = encoding.name

    def batches() -> Iterator[pa.RecordBatch]:
        text = open_text(path, encoding, options=options, progress=progress)
        gathered = TextBatches(names, batch_rows=options.batch_rows)
        skipped = by_fallback = 0
        try:
            for line in lines(text, chunk_bytes=options.chunk_bytes, limit=options.max_record_bytes):
                if not line.raw.strip():
                    continue
                if line.number <= layout.skip_first or line.raw.startswith(_prefixes(layout, name)):
                    skipped += 1
                    continue
                content, took_fallback = decode(line.raw, name, fallback)
                reason = _why_not(line, content, layout, name)
                if reason or content is None:
                    raw = line.raw.decode(name, "backslashreplace")
                    tally.keep_aside(row=line.number, reason=reason or "", raw=raw)
                    continue
                by_fallback += took_fallback
                tally.rows_in += 1
                yield from gathered.add(_cut(content, layout), len(content))
        finally:
            text.close()
        yield gathered.take()
        if skipped:
            tally.note(f"{skipped} lines passed over as the layout says")
        if by_fallback:
            tally.note(f"{by_fallback} rows were not valid {name} and were read as {fallback}")

    return Reading(schema=text_schema(tuple(names)), batches=batches, tally=tally)


def _prefixes(layout: FixedLayout, encoding: str) -> tuple[bytes, ...]:
    return tuple(prefix.encode(encoding, "replace") for prefix in layout.skip_starting)


def _why_not(line: Line, content: str | None, layout: FixedLayout, encoding: str) -> str | None:
    if line.too_long:
        return "the row is longer than the limit"
    if content is None:
        return f"the bytes are not valid {encoding}"
    if "\0" in content:
        return "a NUL byte stands in the row"
    last = max(layout.columns, key=lambda column: column.start)
    end = max(column.start + column.width - 1 for column in layout.columns)
    if len(content) < last.start and not layout.pad:
        return f"{len(content)} characters, and the last column begins at {last.start}"
    if content[end:].strip():
        return f"{len(content)} characters where the layout has {end}"
    return None


def _cut(content: str, layout: FixedLayout) -> dict[str, str | None]:
    return {
        column.name: content[column.start - 1 : column.start - 1 + column.width].strip() or None
        for column in layout.columns
    }
