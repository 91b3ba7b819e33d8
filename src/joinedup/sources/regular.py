"""How far a buffer of delimited text is regular: so plain that two parsers give the same.

Regular means: valid in its encoding, no NUL, no escape, and each quote opens a cell right after a delimiter
or line end, closes one right before a delimiter or line end, or is doubled inside one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from joinedup.sources.records import Dialect

_LF, _CR = 10, 13
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Prefix:
    """The first `end` bytes are whole regular records: `records` and `blank` lines, `lines` line ends.

    trouble: what follows is irregular, so that more bytes would not help.
    """

    end: int
    records: int
    blank: int
    lines: int
    trouble: bool


def regular_prefix(
    buffer: bytes, *, dialect: Dialect, utf8: bool, meaningless: tuple[bytes, ...], at_end: bool, limit: int
) -> Prefix:
    """Return the longest regular beginning of `buffer`, which begins at a record.

    utf8: else a one-byte encoding, in which the bytes `meaningless` stand for no character.
    limit: bytes a record may have.
    """
    trouble = _first_trouble(buffer, dialect=dialect, utf8=utf8, meaningless=meaningless, at_end=at_end)
    if trouble == 0:
        return Prefix(0, 0, 0, 0, True)
    quotes: Places | None = None
    if dialect.quote and dialect.quote in buffer:
        quotes = _places(buffer, dialect.quote[0])
        trouble = min(trouble, _first_irregular_quote(buffer, quotes, dialect))
    returns = buffer.count(b"\r")
    lone = returns > 0 and returns != buffer.count(b"\r\n")
    tail_whole = at_end and trouble == len(buffer) and (quotes is None or len(quotes) % 2 == 0)
    has_blank = b"\n\n" in buffer or b"\n\r" in buffer or b"\r\r" in buffer or buffer[:1] in (b"\n", b"\r")
    if quotes is None and not lone and not has_blank and len(buffer) <= limit:
        end = len(buffer) if tail_whole else buffer.rfind(b"\n", 0, trouble) + 1
        lines = buffer.count(b"\n", 0, end)
        unended = end > 0 and buffer[end - 1] != _LF
        return Prefix(end, lines + unended, 0, lines + unended, trouble < len(buffer))
    stops, ends = record_ends(buffer, quotes=quotes, lone=lone, at_end=at_end, tail_whole=tail_whole)
    whole = int(np.searchsorted(ends, trouble, side="right"))
    starts = np.concatenate([np.zeros(1, np.int64), ends])[: len(ends)]
    too_long = np.flatnonzero((stops - starts)[:whole] > limit)
    if len(too_long):
        whole, trouble = int(too_long[0]), 0
    end = int(ends[whole - 1]) if whole else 0
    records = int(np.count_nonzero(stops[:whole] > starts[:whole]))
    lines = buffer.count(b"\n", 0, end) + (_lone_returns(buffer, end) if lone else 0)
    lines += end > 0 and buffer[end - 1] not in (_LF, _CR)
    return Prefix(end, records, whole - records, lines, trouble < len(buffer))


def record_ends(
    buffer: bytes, *, quotes: Places | None, lone: bool, at_end: bool, tail_whole: bool
) -> tuple[Places, Places]:
    """Where each record of a regular buffer stops, and where the next begins (blank lines too)."""
    line_stops, line_ends = line_places(buffer, lone=lone, at_end=at_end)
    if quotes is not None:
        outside = np.searchsorted(quotes, line_stops) % 2 == 0
        line_stops, line_ends = line_stops[outside], line_ends[outside]
    if tail_whole and (not len(line_ends) or line_ends[-1] < len(buffer)):
        line_stops = np.append(line_stops, len(buffer))
        line_ends = np.append(line_ends, len(buffer))
    return line_stops, line_ends


def line_places(buffer: bytes, *, lone: bool, at_end: bool) -> tuple[Places, Places]:
    """Where each line's text stops (before its line end) and where the next line begins."""
    data = np.frombuffer(buffer, np.uint8)
    feeds = _places(buffer, _LF)
    after_return = (feeds > 0) & (data[np.maximum(feeds - 1, 0)] == _CR)
    stops, ends = feeds - after_return, feeds + 1
    if lone:
        returns = _places(buffer, _CR)
        last = returns + 1 >= len(buffer)
        alone = np.where(last, at_end, data[np.minimum(returns + 1, len(buffer) - 1)] != _LF)
        alone_at = returns[alone]
        order = np.argsort(np.concatenate([stops, alone_at]), kind="stable")
        stops, ends = np.concatenate([stops, alone_at])[order], np.concatenate([ends, alone_at + 1])[order]
    return stops, ends


def quote_places(buffer: bytes, dialect: Dialect) -> Places | None:
    """Where the quotes are; None where there are none."""
    return _places(buffer, dialect.quote[0]) if dialect.quote and dialect.quote in buffer else None


def _places(buffer: bytes, byte: int) -> Places:
    return np.flatnonzero(np.frombuffer(buffer, np.uint8) == byte).astype(np.int64, copy=False)


def _lone_returns(buffer: bytes, end: int) -> int:
    return buffer.count(b"\r", 0, end) - buffer.count(b"\r\n", 0, end)


def _first_trouble(
    buffer: bytes, *, dialect: Dialect, utf8: bool, meaningless: tuple[bytes, ...], at_end: bool
) -> int:
    """The first byte that cannot be decoded, is NUL, or is an escape; the buffer's length if none."""
    first = len(buffer)
    if buffer.startswith(b"\xef\xbb\xbf"):  # a parser would take it for a byte order mark and drop it
        return 0
    for byte in (b"\0", *((dialect.escape,) if dialect.escape else ())):
        found = buffer.find(byte, 0, first)
        first = first if found < 0 else found
    if buffer.isascii():
        return first
    for byte in meaningless:
        found = buffer.find(byte, 0, first)
        first = first if found < 0 else found
    if utf8:
        try:
            buffer.decode("utf-8")
        except UnicodeDecodeError as error:
            cut = error.end == len(buffer) and error.reason == "unexpected end of data" and not at_end
            first = first if cut else min(first, error.start)
    return first


def _first_irregular_quote(buffer: bytes, quotes: Places, dialect: Dialect) -> int:
    data = np.frombuffer(buffer, np.uint8)
    opening, closing = quotes[0::2], quotes[1::2]
    edge = np.zeros(256, bool)
    edge[[dialect.delimiter[0], _LF, _CR]] = True
    begins = edge[data[np.maximum(opening - 1, 0)]] | (opening == 0)
    begins[1:] |= opening[1:] == closing[: len(opening) - 1] + 1
    following = data[np.minimum(closing + 1, len(buffer) - 1)]
    finishes = edge[following] | (closing + 1 >= len(buffer))
    finishes |= following == dialect.quote[0]
    first = len(buffer)
    for places, fine in ((opening, begins), (closing, finishes)):
        if not fine.all():
            first = min(first, int(places[np.argmin(fine)]))
    return first
