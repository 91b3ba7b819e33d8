"""Text cut into lines, each with its number; and rows of text gathered into batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from joinedup.sources.csv_rows import text_schema
from joinedup.sources.unpack import ByteSource

BATCH_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its line end. too_long: it was cut at the limit, and the rest dropped."""

    number: int
    raw: bytes
    too_long: bool = False


def lines(source: ByteSource, *, chunk_bytes: int, limit: int) -> Iterator[Line]:
    """Yield every line, blank ones too. LF, CRLF and a lone CR end a line."""
    number, tail, dropping = 0, b"", False
    while block := source.read(max(chunk_bytes, len(tail))):
        parts = (tail + block).splitlines(keepends=True)
        tail = b"" if parts[-1].endswith(b"\n") else parts.pop()
        for part in parts:
            if dropping:
                dropping = False
                continue
            number += 1
            raw = part.rstrip(b"\r\n")
            yield Line(number, raw[:limit], len(raw) > limit)
        if len(tail) > limit:
            if not dropping:
                number += 1
                yield Line(number, tail[:limit], True)
            dropping, tail = True, tail[-1:]  # a CR at the very end may still be half of a CRLF
    if tail and not dropping:
        yield Line(number + 1, tail.rstrip(b"\r\n"))


class TextBatches:
    """Gathers rows of text until a batch is full, by rows or by size."""

    def __init__(self, names: Sequence[str], *, batch_rows: int) -> None:
        self._names = tuple(names)
        self._batch_rows = batch_rows
        self._rows: list[Mapping[str, str | None]] = []
        self._bytes = 0

    def add(self, row: Mapping[str, str | None], size: int) -> Iterator[pa.RecordBatch]:
        """Add a row of about `size` bytes; yields a batch when one is full."""
        self._rows.append(row)
        self._bytes += size
        if len(self._rows) >= self._batch_rows or self._bytes > BATCH_BYTES:
            yield self.take()

    def take(self) -> pa.RecordBatch:
        """What has been gathered."""
        rows, self._rows, self._bytes = self._rows, [], 0
        arrays = [pa.array([row.get(name) for row in rows], pa.string()) for name in self._names]
        if not self._names:
            return pa.RecordBatch.from_pylist([{} for _ in rows], pa.schema([]))
        return pa.RecordBatch.from_arrays(arrays, schema=text_schema(self._names))


def decode(raw: bytes, encoding: str, fallback: str | None) -> tuple[str | None, bool]:
    """Return the text and whether it took the fallback; (None, False) where neither encoding fits."""
    try:
        return raw.decode(encoding), False
    except UnicodeDecodeError:
        if fallback is not None:
            try:
                return raw.decode(fallback), True
            except UnicodeDecodeError:
                return None, False
        return None, False
