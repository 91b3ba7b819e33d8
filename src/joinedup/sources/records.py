"""Delimited text cut into records, one at a time and strictly: the careful path of the CSV reader.

The rules (RFC 4180, with every kind of line end):
- a record ends at LF, CRLF or a lone CR outside quotes;
- a cell that begins with the quote character runs to the next quote that is not doubled, and then a
  delimiter or the record's end must follow; a quote anywhere else in a cell is an ordinary character;
- where that fails, only the line on which the record began is bad, and reading goes on at the next line,
  so that one stray quote does not swallow the rows after it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

LINE_END = re.compile(rb"[\r\n]")


class Fault(Enum):
    """Why a line is not a record; the value is the reason in words."""

    AFTER_QUOTE = "text stands between a closing quote and the next delimiter"
    NOT_CLOSED = "a quote opened on this line is not closed as it should be"
    TOO_LONG = "the row is longer than the limit"


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart: one byte each, quote and escape b"" where there is none."""

    delimiter: bytes = b","
    quote: bytes = b'"'
    escape: bytes = b""


@dataclass(frozen=True, slots=True)
class Record:
    """Bytes start..stop are the record, the next begins at `end`; `cells` is None where there is a fault."""

    start: int
    stop: int
    end: int
    cells: list[bytes] | None
    fault: Fault | None = None

    def is_one_line(self, buffer: bytes) -> bool:
        return LINE_END.search(buffer, self.start, self.stop) is None


def next_record(
    buffer: bytes, start: int, *, dialect: Dialect, at_end: bool, limit: int, one_line: bool = False
) -> Record | None:
    """Return the record that begins at `start`, or None if the buffer must hold more to tell.

    at_end: nothing comes after the buffer. limit: bytes a record may have.
    one_line: cut at the first line end whatever the quotes say, as a faulty record.
    """
    line_stop, line_end = _line(buffer, start, at_end=at_end)
    if line_stop < 0:
        if len(buffer) - start > limit:
            return Record(start, len(buffer), -1, None, Fault.TOO_LONG)
        return None
    if one_line:
        return Record(start, line_stop, line_end, None, Fault.NOT_CLOSED)
    if line_stop - start > limit:
        return Record(start, line_stop, line_end, None, Fault.TOO_LONG)
    line = buffer[start:line_stop]
    if dialect.escape and (dialect.escape in line or (dialect.quote and dialect.quote in line)):
        return _escaped(buffer, start, line_stop, line_end, dialect=dialect, at_end=at_end, limit=limit)
    if not dialect.quote or dialect.quote not in line:
        return Record(start, line_stop, line_end, line.split(dialect.delimiter))
    return _quoted(buffer, start, line_stop, line_end, dialect=dialect, at_end=at_end, limit=limit)


def _line(buffer: bytes, start: int, *, at_end: bool) -> tuple[int, int]:
    """Where the line that holds `start` stops and where the next begins; (-1, -1) if that cannot be told."""
    found = LINE_END.search(buffer, start)
    if found is None:
        return (len(buffer), len(buffer)) if at_end else (-1, -1)
    stop = found.start()
    if buffer[stop] == 10:
        return stop, stop + 1
    if stop + 1 < len(buffer):
        return stop, stop + 2 if buffer[stop + 1] == 10 else stop + 1
    return (stop, stop + 1) if at_end else (-1, -1)


def _quoted(
    buffer: bytes, start: int, line_stop: int, line_end: int, *, dialect: Dialect, at_end: bool, limit: int
) -> Record | None:
    quote, delimiter = dialect.quote[0], dialect.delimiter[0]
    first_stop, first_end = line_stop, line_end
    cells: list[bytes] = []
    at = start
    while True:
        if at < line_stop and buffer[at] == quote:
            closing = _closing(buffer, at + 1, dialect.quote)
            if closing < 0 and not at_end and len(buffer) - start <= limit:
                return None
            if closing < 0:
                return Record(start, first_stop, first_end, None, Fault.NOT_CLOSED)
            if closing + 1 == len(buffer) and not at_end:
                return None
            cells.append(buffer[at + 1 : closing].replace(dialect.quote * 2, dialect.quote))
            if closing > line_stop:
                line_stop, line_end = _line(buffer, closing, at_end=at_end)
                if line_stop < 0:
                    if len(buffer) - start > limit:
                        return Record(start, first_stop, first_end, None, Fault.NOT_CLOSED)
                    return None
            at = closing + 1
            if at < line_stop and buffer[at] != delimiter:
                fault = Fault.AFTER_QUOTE if line_stop == first_stop else Fault.NOT_CLOSED
                return Record(start, first_stop, first_end, None, fault)
        else:
            stop = buffer.find(dialect.delimiter, at, line_stop)
            stop = line_stop if stop < 0 else stop
            cells.append(buffer[at:stop])
            at = stop
        if at >= line_stop:
            break
        at += 1  # past the delimiter; a cell follows, be it empty
    if line_stop - start > limit:
        fault = Fault.TOO_LONG if line_stop == first_stop else Fault.NOT_CLOSED
        return Record(start, first_stop, first_end, None, fault)
    return Record(start, line_stop, line_end, cells)


def _closing(buffer: bytes, at: int, quote: bytes) -> int:
    """Where the quoted cell that begins at `at` is closed, or -1."""
    while True:
        at = buffer.find(quote, at)
        if at < 0 or not buffer.startswith(quote, at + 1):
            return at
        at += 2


def _escaped(
    buffer: bytes, start: int, line_stop: int, line_end: int, *, dialect: Dialect, at_end: bool, limit: int
) -> Record | None:
    """A record with escapes: byte by byte, as few files have them. The byte after an escape is itself."""
    quote = dialect.quote[0] if dialect.quote else -1
    delimiter, escape = dialect.delimiter[0], dialect.escape[0]
    first_stop, first_end = line_stop, line_end
    cells: list[bytes] = []
    cell = bytearray()
    at, quoted, fresh, closed = start, False, True, False
    while at < len(buffer) and at - start <= limit:
        byte = buffer[at]
        if byte == escape and at + 1 < len(buffer) and (quoted or buffer[at + 1] not in b"\r\n"):
            cell.append(buffer[at + 1])
            at, fresh = at + 2, False
        elif quoted and byte == quote and buffer[at + 1 : at + 2] == dialect.quote:
            cell.append(byte)
            at += 2
        elif byte == quote and (quoted or fresh):
            quoted, closed, fresh = not quoted, quoted, False
            at += 1
        elif quoted:
            cell.append(byte)
            at += 1
        elif byte == delimiter:
            cells.append(bytes(cell))
            cell, fresh, closed = bytearray(), True, False
            at += 1
        elif byte in b"\r\n":
            stop, end = _line(buffer, at, at_end=at_end)
            return None if stop < 0 else Record(start, stop, end, [*cells, bytes(cell)])
        elif closed:
            one = LINE_END.search(buffer, start, at) is None
            return Record(start, first_stop, first_end, None, Fault.AFTER_QUOTE if one else Fault.NOT_CLOSED)
        else:
            cell.append(byte)
            at, fresh = at + 1, False
    if at - start > limit or (at_end and quoted):
        return Record(start, first_stop, first_end, None, Fault.NOT_CLOSED)
    if not at_end:
        return None
    return Record(start, len(buffer), len(buffer), [*cells, bytes(cell)])
