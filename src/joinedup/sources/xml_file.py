"""XML as a stream: one row a record element, with no entities, no DTD and no network."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from lxml import etree

from joinedup.errors import SourceError
from joinedup.sources.csv_file import read_fully
from joinedup.sources.csv_rows import text_schema
from joinedup.sources.json_values import add_names, refuse_nameless
from joinedup.sources.lines import TextBatches
from joinedup.sources.names import fit_names
from joinedup.sources.options import Progress, ReadOptions
from joinedup.sources.reading import Reading, Tally
from joinedup.sources.unpack import ByteSource, open_bytes

_LOOK_BYTES = 4 << 20
_MOST_DEPTH = 200
_MOST_REPEATS = 2_000


def read_xml(path: Path, *, options: ReadOptions, tally: Tally, progress: Progress | None = None) -> Reading:
    """Return a Reading of text columns: a child's text under its name, `address.postcode` for a nested one,
    `@id` for an attribute, `phone_2` for a repeated child. Namespaces are left off.

    The record element is `options.record`, else the shallowest element that repeats.
    Raises SourceError for a document that declares entities, or is not well formed before its first record.
    """
    _refuse_entities(path, options)
    record = options.record or _find_record(path, options)
    tally.note(f"the record element is <{record}>")
    found: dict[str, None] = {}
    for _, row, _, _ in _records(path, record, options=options, progress=None):
        if row is not None:
            add_names(found, row, str(path))
    refuse_nameless(found, str(path))
    names, notes = fit_names(list(found))
    tally.notes += notes
    renamed = dict(zip(found, names, strict=True))

    def batches() -> Iterator[pa.RecordBatch]:
        gathered = TextBatches(names, batch_rows=options.batch_rows)
        for line, row, size, reason in _records(path, record, options=options, progress=progress):
            if row is None:
                tally.keep_aside(row=line, reason=reason)
                continue
            tally.rows_in += 1
            yield from gathered.add({renamed[name]: text for name, text in row.items()}, size)
        yield gathered.take()

    return Reading(schema=text_schema(tuple(names)), batches=batches, tally=tally)


_Found = tuple[int, dict[str, str | None] | None, int, str]


def _records(path: Path, record: str, *, options: ReadOptions, progress: Progress | None) -> Iterator[_Found]:
    """Yield (line, row, size, reason): row is None where the document breaks off."""
    source = open_bytes(path, options=options, progress=progress)
    inside = 0
    count = 0
    line = 1
    try:
        for event, element in _events(source, path, options, only=record):
            if event == "start":
                inside += 1
                continue
            inside -= 1
            if inside:
                continue
            count += 1
            line = element.sourceline or line
            row: dict[str, str | None] = {}
            try:
                size = _flatten(element, "", row, 0)
            except _TooMuchError as error:
                yield line, None, 0, str(error)
            else:
                yield line, row, size, ""
            _forget(element)
    except etree.LxmlError as error:
        if not count:
            raise SourceError(
                what=f"the XML is not well formed (line {_line_of(error)})",
                where=str(path),
                mend="ask the sender for it again, or open it in a browser to see where it breaks off",
            ) from error
        yield (
            _line_of(error),
            None,
            0,
            "the document is not well formed from here on; nothing after could be read",
        )
    finally:
        source.close()
    if not count and options.record:
        raise SourceError(
            what=f"no element <{record}> in the document",
            where=str(path),
            mend="name the element that is one record, without its namespace",
        )


def _events(
    source: ByteSource, path: Path, options: ReadOptions, *, only: str | None = None
) -> Iterator[tuple[str, Any]]:
    """Yield the start and end of each element, or of those of one name."""
    parser: Any = etree.XMLPullParser(
        events=("start", "end"),
        tag=None if only is None else f"{{*}}{only}",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,  # long text is allowed; entities, its danger, are refused before and below
        encoding=options.encoding,
    )
    depth, checked = 0, False
    while block := source.read(256 * 1024):
        parser.feed(block)
        for event, element in parser.read_events():
            depth += 1 if event == "start" else -1
            if depth > _MOST_DEPTH:
                raise SourceError(
                    what=f"elements are nested more than {_MOST_DEPTH} deep",
                    where=str(path),
                    mend="check the sender",
                )
            if not checked and _declares_entities(element):
                raise _entities(path)
            checked = True
            yield event, element
    parser.close()
    yield from parser.read_events()


def _declares_entities(root: Any) -> bool:
    dtd = root.getroottree().docinfo.internalDTD
    return dtd is not None and next(dtd.iterentities(), None) is not None


def _refuse_entities(path: Path, options: ReadOptions) -> None:
    """Look at what stands before the root element, before any parser does."""
    source = open_bytes(path, options=options)
    try:
        start = read_fully(source, 1 << 20)
    finally:
        source.close()
    plain = start.replace(b"\0", b"")  # UTF-16 and UTF-32 become readable enough
    before = re.split(rb"<[A-Za-z_:\x80-\xff]", plain, maxsplit=1)[0]
    if b"<!ENTITY" in before or (b"<!DOCTYPE" in before and b"<!ENTITY" in plain):
        raise _entities(path)
    if len(before) == len(plain) and len(start) == 1 << 20:
        raise SourceError(
            what="no element in the first mebibyte", where=str(path), mend="check that it is an XML document"
        )


def _entities(path: Path) -> SourceError:
    return SourceError(
        what="the XML declares entities, which can make it grow without end or reach other files",
        where=str(path),
        mend="ask the sender for XML without a document type declaration",
    )


def _find_record(path: Path, options: ReadOptions) -> str:
    """The name of the shallowest element that repeats and holds something, in the first few mebibytes."""
    source = _Beginning(open_bytes(path, options=options), _LOOK_BYTES)
    counts: Counter[tuple[str, ...]] = Counter()
    holders: set[tuple[str, ...]] = set()
    way: list[str] = []
    try:
        for event, element in _events(source, path, options):
            if not isinstance(element.tag, str):
                continue
            if event == "start":
                way.append(_local(element.tag))
                counts[tuple(way)] += 1
                if len(way) > 1:
                    holders.add(tuple(way[:-1]))
                if element.attrib:
                    holders.add(tuple(way))
            else:
                way.pop()
                _forget(element)
    except etree.LxmlError as error:
        if not source.cut and len(counts) < 2:
            raise SourceError(
                what=f"the XML is not well formed (line {_line_of(error)})",
                where=str(path),
                mend="ask the sender for it again, or open it in a browser to see where it breaks off",
            ) from error
    finally:
        source.close()
    if not counts:
        raise SourceError(
            what="the XML holds no element", where=str(path), mend="ask the sender for it again"
        )
    repeated = [way_ for way_, count in counts.items() if count > 1 and len(way_) > 1 and way_ in holders]
    if not repeated:
        repeated = [way_ for way_ in counts if len(way_) > 1 and way_ in holders]
    if not repeated:
        repeated = [way_ for way_, count in counts.items() if count > 1 and len(way_) > 1]
    best = min(repeated, key=lambda way_: (len(way_), -counts[way_]), default=next(iter(counts)))
    return best[-1]


class _Beginning:
    """The first bytes of a source."""

    def __init__(self, source: ByteSource, size: int) -> None:
        self._source = source
        self._left = size
        self.cut = False

    def read(self, size: int) -> bytes:
        if self._left <= 0:
            self.cut = True
            return b""
        block = self._source.read(min(size, self._left))
        self._left -= len(block)
        return block

    def close(self) -> None:
        self._source.close()


class _TooMuchError(Exception):
    """A record is no row; the message is the reason."""


def _flatten(element: Any, path: str, row: dict[str, str | None], depth: int) -> int:
    """Put an element's values into `row`; return about how many bytes they take."""
    if depth > _MOST_DEPTH:
        raise _TooMuchError(f"elements are nested more than {_MOST_DEPTH} deep")
    size = 20
    for name, text in element.attrib.items():
        size += _put(row, f"{path}@{_local(name)}" if not path else f"{path}.@{_local(name)}", text)
    children = [child for child in element if isinstance(child.tag, str)]
    text = (
        (element.text or "").strip()
        if not children
        else " ".join(
            part.strip()
            for part in [element.text or "", *(child.tail or "" for child in children)]
            if part.strip()
        )
    )
    if path and (text or not children):
        size += _put(row, path, text)
    elif text:
        size += _put(row, "text", text)
    for child in children:
        name = _local(child.tag)
        size += _flatten(child, f"{path}.{name}" if path else name, row, depth + 1)
    return size


def _put(row: dict[str, str | None], name: str, text: str) -> int:
    wanted, number = name, 2
    while wanted in row:
        wanted, number = f"{name}_{number}", number + 1
        if number > _MOST_REPEATS:
            raise _TooMuchError(f"one element stands more than {_MOST_REPEATS:,} times in a record")
    row[wanted] = text or None
    return len(wanted) + len(text)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _forget(element: Any) -> None:
    """Free an element that is done with, and all that stands before it."""
    element.clear(keep_tail=False)
    while (parent := element.getparent()) is not None:
        while element.getprevious() is not None:
            del parent[0]
        element = parent


def _line_of(error: Exception) -> int:
    return int(getattr(error, "lineno", None) or 1)
