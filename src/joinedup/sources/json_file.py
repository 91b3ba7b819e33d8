"""JSON Lines and JSON documents as tables of text.

Both are read twice, as no record says which names later ones will use: once for the names of the columns,
once for the rows. Neither time is the document held as a whole.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecodeError
from pathlib import Path
from typing import Any

import pyarrow as pa

from joinedup.errors import LimitError, SourceError
from joinedup.sources.csv_file import open_text, text_sample
from joinedup.sources.csv_rows import text_schema
from joinedup.sources.encoding import Encoding
from joinedup.sources.json_values import (
    DECODER,
    NotARecordError,
    Repeated,
    add_names,
    flat,
    refuse_nameless,
)
from joinedup.sources.lines import TextBatches, decode, lines
from joinedup.sources.names import fit_names
from joinedup.sources.options import Progress, ReadOptions
from joinedup.sources.reading import Reading, Tally
from joinedup.sources.unpack import ByteSource

_SPACE = re.compile(r"[ \t\r\n]*")
_BRACKET = re.compile(r'["{}\[\]]')
_STRING_END = re.compile(r'["\\]')
_RAW_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Item:
    """A record's flat row, or the reason why it is none. number: its line, or its place in the document.

    names: those that a record has which is none because a name stands in it twice.
    """

    number: int
    row: dict[str, str | None] | None
    size: int
    reason: str = ""
    raw: str | None = None
    by_fallback: bool = False
    names: tuple[str, ...] = ()


def read_json_lines(
    path: Path, *, options: ReadOptions, tally: Tally, progress: Progress | None = None
) -> Reading:
    """Return a Reading of a file with one JSON object a line. Blank lines are passed over."""
    _, _, encoding = text_sample(path, options=options)
    name = encoding.name if encoding.plain else "utf-8"
    fallback = options.fallback_encoding if encoding.name == "utf-8" else None

    def items(told: Progress | None) -> Iterator[Item]:
        text = open_text(path, encoding, options=options, progress=told)
        try:
            for line in lines(text, chunk_bytes=options.chunk_bytes, limit=options.max_record_bytes):
                if line.raw.strip():
                    yield _line_item(line.number, line.raw, line.too_long, name, fallback)
        finally:
            text.close()

    tally.encoding = encoding.name
    return _reading(path, items, options=options, tally=tally, progress=progress)


def _line_item(number: int, raw: bytes, too_long: bool, encoding: str, fallback: str | None) -> Item:
    text, by_fallback = decode(raw, encoding, fallback)
    shown = text if text is not None else raw.decode(encoding, "backslashreplace")
    if too_long:
        return Item(number, None, len(raw), "the row is longer than the limit", shown)
    if text is None:
        return Item(number, None, len(raw), f"the bytes are not valid {encoding}", shown)
    try:
        value, end = DECODER.raw_decode(text, _SPACE.match(text).end())  # type: ignore[union-attr] # matches always
        if text[end:].strip(" \t\r\n"):
            return Item(number, None, len(raw), "more than one JSON value on the line", shown)
        return Item(number, flat(value, sure="\\u" not in text), len(raw), by_fallback=by_fallback)
    except JSONDecodeError as error:
        return Item(number, None, len(raw), f"not JSON from character {error.pos + 1} on", shown)
    except NotARecordError as error:
        return Item(number, None, len(raw), str(error), shown, names=error.names)
    except RecursionError:
        return Item(number, None, len(raw), "values are nested too deeply", shown)


def read_json(path: Path, *, options: ReadOptions, tally: Tally, progress: Progress | None = None) -> Reading:
    """Return a Reading of the list of objects in a JSON document: the document itself, or the first such
    list inside its objects (or the one that `options.record` names by its dotted path).

    Documents that follow one another in the file are read on, each like the first."""
    _, _, encoding = text_sample(path, options=options)

    def items(told: Progress | None) -> Iterator[Item]:
        text = open_text(path, encoding, options=options, progress=told)
        try:
            yield from _Document(text, path, encoding=encoding, options=options, tally=tally).items()
        finally:
            text.close()

    tally.encoding = encoding.name
    return _reading(path, items, options=options, tally=tally, progress=progress)


def _reading(
    path: Path, items: Any, *, options: ReadOptions, tally: Tally, progress: Progress | None
) -> Reading:
    found: dict[str, None] = {}
    kept_aside: dict[str, None] = {}
    for item in items(None):
        if item.row is not None:
            add_names(found, item.row, str(path))
        elif item.names and not found:
            add_names(kept_aside, dict.fromkeys(item.names), str(path))
    found = found or kept_aside  # where every record is kept aside, there is a table still: without a row
    refuse_nameless(found, str(path))
    names, notes = fit_names(list(found))
    tally.notes += notes
    renamed = dict(zip(found, names, strict=True))

    def batches() -> Iterator[pa.RecordBatch]:
        gathered = TextBatches(names, batch_rows=options.batch_rows)
        by_fallback = 0
        for item in items(progress):
            if item.row is None:
                tally.keep_aside(row=item.number, reason=item.reason, raw=item.raw)
                continue
            tally.rows_in += 1
            by_fallback += item.by_fallback
            row = item.row if not notes else {renamed[name]: text for name, text in item.row.items()}
            yield from gathered.add(row, item.size)
        yield gathered.take()
        if by_fallback:
            tally.note(
                f"{by_fallback} rows were not valid {tally.encoding} "
                f"and were read as {options.fallback_encoding}"
            )

    return Reading(schema=text_schema(tuple(names)), batches=batches, tally=tally)


class _Document:
    """JSON documents read through a window: `_text` from `_at` on is what has been read and not yet used.

    _taken: the text of the last value. _record: the last object that holds no list of records. _list_path: the
    names under which the list of records stands. _broke_off: nothing more can be read.
    """

    def __init__(
        self, source: ByteSource, path: Path, *, encoding: Encoding, options: ReadOptions, tally: Tally
    ) -> None:
        self._source = source
        self._path = path
        self._options = options
        self._tally = tally
        name = encoding.name if encoding.plain else "utf-8"
        self._decoder = codecs.getincrementaldecoder(name)("surrogateescape")
        self._text = ""
        self._at = 0
        self._ended = False
        self._is_first_window = True
        self._number = 0
        self._broke_off = False
        self._taken = ""
        self._record: dict[str, Any] | None = None
        self._list_path: tuple[str, ...] = ()

    def items(self) -> Iterator[Item]:
        """Yield each record; where a document breaks off, one last item says so.

        What follows the first document is read on as long as it is lists and objects like it; the rest is one
        item.
        """
        wanted = self._options.record.split(".") if self._options.record else None
        try:
            start = self._peek()
            if start not in ("{", "["):
                raise self._broken("the document is neither a list nor an object")
            is_list = start == "[" or self._enter_list(wanted, [])
            self._at += start == "["
        except _NotJsonError as error:
            raise self._broken(str(error)) from error
        if is_list:
            yield from self._list_items()
        else:
            yield self._single(wanted)
        while not self._broke_off and not self._at_end():
            yield from self._next_document()

    def _single(self, wanted: list[str] | None) -> Item:
        """A document that is one record."""
        if wanted:
            raise SourceError(
                what=f"no list of records under {'.'.join(wanted)!r}",
                where=str(self._path),
                mend="give the dotted path of the list as it stands in the document",
            )
        if self._record is None:
            raise self._broken("no record in it")
        self._number = 1
        return self._item(self._record, self._text[: self._at] if self._is_first_window else None)

    def _next_document(self) -> Iterator[Item]:
        """The records of a document that follows another: a list, or an object like the first."""
        try:
            sign = self._peek()
            if sign == "[" and not self._list_path:
                self._at += 1
                yield from self._list_items()
            elif sign != "{":
                raise _NotJsonError("it is neither a list nor an object")
            elif not self._list_path:
                value = self._value()
                self._number += 1
                yield self._item(value, self._taken)
            elif self._enter_list(list(self._list_path), []):
                yield from self._list_items()
            else:
                self._number += 1
                yield Item(self._number, None, 1, "a further document without the list of records")
        except _NotJsonError as error:
            yield self._break_off(f"what follows the end of the document cannot be read: {error}")

    def _break_off(self, reason: str) -> Item:
        """The last item: all from here on is kept aside as one."""
        self._broke_off = True
        self._number += 1
        return Item(self._number, None, 1, reason, self._text[self._at : self._at + _RAW_SHOWN] or None)

    def _item(self, value: Any, taken: str | None) -> Item:
        """One record; taken: its text, where it is known."""
        size = len(taken) if taken is not None else 1
        try:
            sure = taken is not None and taken.isascii() and "\\u" not in taken
            return Item(self._number, flat(value, sure=sure), size)
        except NotARecordError as error:
            return Item(self._number, None, size, str(error), taken, names=error.names)

    def _enter_list(self, wanted: list[str] | None, path: list[str]) -> bool:
        """Walk into the object at hand until a list of records begins; False if there is none."""
        if len(path) > 50:
            raise _NotJsonError("values are nested too deeply")
        self._at += 1
        record: dict[str, Any] = {}
        repeated = False
        while (sign := self._peek()) != "}":
            if sign == ",":
                self._at += 1
                sign = self._peek()
            if sign != '"':
                raise _NotJsonError("not JSON")
            key = self._value()
            if self._peek() != ":":
                raise _NotJsonError("not JSON")
            self._at += 1
            repeated = repeated or key in record
            here = [*path, key]
            sign = self._peek()
            if sign == "[" and self._is_meant(here, wanted):
                self._tally.note(
                    f"the records are the list {'.'.join(here)!r}; the document's other values are left out"
                )
                self._at += 1
                self._list_path = tuple(here)
                return True
            if sign == "{" and (wanted is None or wanted[: len(here)] == here):
                outer, self._record = self._record, None
                if self._enter_list(wanted, here):
                    return True
                record[key], self._record = self._record, outer
            else:
                record[key] = self._value()
        self._at += 1
        self._record = Repeated(record) if repeated else record
        return False

    def _is_meant(self, here: list[str], wanted: list[str] | None) -> bool:
        if wanted is not None:
            return wanted == here
        while True:  # a list of objects: look past "[" and spaces
            after = _SPACE.match(self._text, self._at + 1)
            assert after is not None
            if after.end() < len(self._text):
                return self._text[after.end()] == "{"
            if not self._more():
                return False

    def _list_items(self) -> Iterator[Item]:
        """The records of the list that has begun, to the end of the document that it stands in."""
        is_first = True
        while True:
            try:
                sign = self._peek()
                if sign == "]":
                    self._at += 1
                    self._leave(len(self._list_path))
                    return
                if not is_first:
                    if sign != ",":
                        raise _NotJsonError("a comma or ] is missing")
                    self._at += 1
                    self._peek()
                is_first = False
                value = self._value()
            except _NotJsonError as error:
                yield self._break_off(f"the document breaks off here: {error}")
                return
            self._number += 1
            yield self._item(value, self._taken)

    def _leave(self, depth: int) -> None:
        """Pass over what is left of the objects that the list stands in."""
        in_string = False
        while depth:
            found = (_STRING_END if in_string else _BRACKET).search(self._text, self._at)
            if found is None:
                self._at = len(self._text)
                if not self._more():
                    raise _NotJsonError("it ends too early")
                continue
            self._at = found.end()
            sign = found[0]
            if sign == '"':
                in_string = not in_string
            elif sign == "\\":
                if self._at >= len(self._text) and not self._more():
                    raise _NotJsonError("it ends too early")
                self._at += 1
            else:
                depth += 1 if sign in "{[" else -1

    def _at_end(self) -> bool:
        """Whether nothing but spaces is left."""
        try:
            self._peek()
        except _NotJsonError:
            return True
        return False

    def _peek(self) -> str:
        """The next sign that is no space."""
        while True:
            found = _SPACE.match(self._text, self._at)
            assert found is not None
            self._at = found.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                raise _NotJsonError("it ends too early")

    def _value(self) -> Any:
        """The JSON value at hand, after reading as much as it takes."""
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
                if end < len(self._text) or not self._more():
                    self._taken, self._at = self._text[self._at : end], end
                    return value
            except JSONDecodeError as error:
                if not self._more():
                    raise _NotJsonError("not JSON") from error
            except RecursionError as error:
                raise _NotJsonError("values are nested too deeply") from error
            if len(self._text) - self._at > self._options.max_record_bytes:
                raise LimitError(
                    what="one value is longer than the limit",
                    where=str(self._path),
                    mend="name the list of records (record=), or raise max_record_bytes",
                )

    def _more(self) -> bool:
        if self._ended:
            return False
        block = self._source.read(max(1 << 20, len(self._text) - self._at))
        self._ended = not block
        self._is_first_window = self._is_first_window and not self._at
        self._text = self._text[self._at :] + self._decoder.decode(block, self._ended)
        self._at = 0
        return True

    def _broken(self, why: str) -> SourceError:
        return SourceError(
            what=f"this is not a JSON document: {why}", where=str(self._path), mend="check how it was written"
        )


class _NotJsonError(Exception):
    """The text is not JSON from here on; the message holds nothing of it."""
