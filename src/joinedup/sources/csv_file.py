"""Delimited text (.csv, .tsv, .txt): its shape found out, its rows streamed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from joinedup.errors import SourceError, UsageError
from joinedup.sources.csv_rows import RowJudge, text_schema
from joinedup.sources.csv_stream import CsvStream
from joinedup.sources.encoding import Encoding, TextBytes, find_encoding
from joinedup.sources.options import Progress, ReadOptions
from joinedup.sources.reading import Reading, Tally
from joinedup.sources.sniff import find_shape, looks_like_fixed_width
from joinedup.sources.unpack import ByteSource, open_bytes

SAMPLE_BYTES = 1 << 20


def read_csv(path: Path, *, options: ReadOptions, tally: Tally, progress: Progress | None = None) -> Reading:
    """Return a Reading with one text column per header cell. Raises SourceError for an empty file."""
    sample, whole, encoding = text_sample(path, options=options)
    shape_encoding = encoding.name if encoding.plain else "utf-8"
    shape = find_shape(sample, options=options, encoding=shape_encoding, at_end=whole)
    if shape is None:
        raise empty(path)
    _refuse_fixed_width(path, sample, len(shape.names), options, shape_encoding, at_end=whole)
    if options.columns is not None and len(set(options.columns)) != len(options.columns):
        raise UsageError(
            what="two of the given column names are the same", where="options", mend="give each its own"
        )
    tally.encoding = encoding.name
    tally.delimiter = shape.dialect.delimiter.decode()
    tally.quote = shape.dialect.quote.decode() or None
    tally.header_row = shape.header_row
    tally.notes += shape.notes
    if shape.dialect.escape:
        tally.note(f"cells are escaped by {shape.dialect.escape.decode()}")
    judge = RowJudge(
        names=shape.names,
        dialect=shape.dialect,
        encoding=shape_encoding,
        fallback=options.fallback_encoding if encoding.name == "utf-8" else None,
        pad=options.ragged == "pad",
        tally=tally,
        mixed=encoding.name == "cp1252" and options.encoding is None,
    )

    def batches() -> Iterator[pa.RecordBatch]:
        text = open_text(path, encoding, options=options, progress=progress)
        text.drop(shape.start)
        try:
            yield from CsvStream(text, judge, line=shape.line, options=options).batches()
        finally:
            text.close()
        for note in judge.notes():
            tally.note(note)

    return Reading(schema=text_schema(shape.names), batches=batches, tally=tally)


def _refuse_fixed_width(
    path: Path, sample: bytes, columns: int, options: ReadOptions, encoding: str, *, at_end: bool
) -> None:
    """Its first record would become the names of columns, and a person's data be told as such."""
    told = (options.format, options.delimiter, options.header_row, options.columns)
    if columns > 1 or any(part is not None for part in told):
        return
    if looks_like_fixed_width(sample, encoding=encoding, at_end=at_end):
        raise SourceError(
            what="this looks like fixed width",
            where=str(path),
            mend="declare a layout (--layout); of a list in one column say its format (--format csv)",
        )


def text_sample(path: Path, *, options: ReadOptions) -> tuple[bytes, bool, Encoding]:
    """The beginning of a text file as TextBytes gives it, whether that is all, and the encoding."""
    source = open_bytes(path, options=options)
    try:
        encoding = find_encoding(read_fully(source, SAMPLE_BYTES), declared=options.encoding)
    finally:
        source.close()
    text = open_text(path, encoding, options=options)
    try:
        sample = read_fully(text, SAMPLE_BYTES)
        whole = not text.read(1)
    finally:
        text.close()
    if not sample:
        raise empty(path)
    return sample, whole, encoding


def open_text(
    path: Path, encoding: Encoding, *, options: ReadOptions, progress: Progress | None = None
) -> SkippingText:
    """The file's text as bytes that rows can be cut in, from its first character on."""
    source = open_bytes(path, options=options, progress=progress)
    return SkippingText(TextBytes(source, encoding, remove_nul=options.nul_bytes == "remove"))


class SkippingText:
    """A ByteSource from which a beginning can be dropped."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._held = b""

    def drop(self, size: int) -> None:
        """Read `size` bytes and forget them."""
        while size > 0:
            block = self._source.read(max(size, 64 * 1024))
            if not block:
                return
            self._held = block[size:]
            size -= min(size, len(block))

    def read(self, size: int) -> bytes:
        if self._held:
            held, self._held = self._held, b""
            return held
        return self._source.read(size)

    def close(self) -> None:
        self._source.close()


def read_fully(source: ByteSource, size: int) -> bytes:
    """`size` bytes, or all there are if fewer."""
    blocks: list[bytes] = []
    have = 0
    while have < size:
        block = source.read(size - have)
        if not block:
            break
        blocks.append(block)
        have += len(block)
    return b"".join(blocks)


def empty(path: Path) -> SourceError:
    return SourceError(what="the file is empty", where=str(path), mend="ask the sender for it again")
