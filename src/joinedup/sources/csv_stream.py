"""Delimited text as a stream of batches: a fast parser where the text is regular, a careful one where not.

Where every record is plain, `csv_kernel` cuts the columns out in one look. Otherwise Arrow's parser (in
threads) is used, only for whole records that `regular_prefix` vouches for, and its count of rows is checked
against that; everything else goes through `next_record`, one row at a
time, for a stretch that grows while the trouble lasts. Which path a row took cannot be seen in the result.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from joinedup.sources.csv_kernel import Cut, columns_of, cut
from joinedup.sources.csv_rows import RowJudge, is_blank, text_schema
from joinedup.sources.encoding import bytes_without_meaning
from joinedup.sources.options import ReadOptions
from joinedup.sources.records import LINE_END, Fault, next_record
from joinedup.sources.regular import Places, Prefix, line_places, quote_places, record_ends, regular_prefix
from joinedup.sources.sniff import count_lines
from joinedup.sources.unpack import ByteSource

_SMALL_STRETCH = 8 * 1024  # bytes the careful path takes on after one bad row
_SMALL_WINDOW = 64 * 1024  # bytes looked through at once where trouble is frequent
_THREADS = 2
_NOWHERE = (np.zeros(0, np.int64),) * 3


@dataclass(frozen=True)
class _Parsed:
    """batches, and which records (1-based, blank lines not counted) have how many cells too few or many."""

    batches: list[pa.RecordBatch]
    uneven: list[tuple[int, int]]
    by_utf8: int = 0


@dataclass(frozen=True)
class _Block:
    """The first bytes of a buffer, as far as `prefix` goes; they are copied only where they are asked for."""

    buffer: bytes
    line: int
    prefix: Prefix
    parsed: Future[_Parsed]

    @property
    def data(self) -> bytes:
        """The records' bytes."""
        return self.buffer[: self.prefix.end]


class CsvStream:
    """State of one pass: `_buffer` is what is read and not yet judged, `_line` its first line's number."""

    def __init__(self, source: ByteSource, judge: RowJudge, *, line: int, options: ReadOptions) -> None:
        self._source = source
        self._judge = judge
        self._options = options
        self._line = line
        self._buffer = b""
        self._ended = False
        self._stretch = _SMALL_STRETCH
        self._window: int | None = None
        self._since_trouble = 0
        self._blocks: deque[_Block] = deque()
        self._utf8 = judge.encoding == "utf-8"
        self._meaningless = bytes_without_meaning(judge.encoding)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the good rows; the judge's tally has the rest."""
        with ThreadPoolExecutor(_THREADS) as pool:
            try:
                while not self._ended or self._buffer or self._blocks:
                    yield from self._step(pool)
            finally:
                for block in self._blocks:
                    block.parsed.cancel()

    def _step(self, pool: ThreadPoolExecutor) -> Iterator[pa.RecordBatch]:
        plain = self._plain()
        prefix = self._prefix(plain)
        if prefix.end:
            whole, self._buffer = self._buffer, self._buffer[prefix.end :]
            if plain is None:
                whole = whole[: prefix.end]
                job = pool.submit(self._parse, whole)
            else:
                job = pool.submit(self._gather, whole, plain)
            self._blocks.append(_Block(whole, self._line, prefix, job))
            self._line += prefix.lines
            self._since_trouble += prefix.end
            if len(self._blocks) > _THREADS:
                yield from self._finish_block()
            return
        too_long = len(self._buffer) > self._options.max_record_bytes
        if self._buffer and (prefix.trouble or self._ended or too_long):
            if self._blocks:  # rows come in file order, so the blocks before come first
                yield from self._finish_block()
                return
            yield from self._careful_stretch()
            return
        if self._ended:
            yield from self._finish_block()
            return
        self._read()

    def _careful_stretch(self) -> Iterator[pa.RecordBatch]:
        """Careful for a little while; for longer and longer while trouble follows on trouble."""
        lasting = self._since_trouble < self._stretch
        self._stretch = min(self._stretch * 2, self._options.chunk_bytes) if lasting else _SMALL_STRETCH
        self._since_trouble = 0
        yield from self._careful(self._stretch)

    def _read(self) -> None:
        # As much again as is waiting, so that a very long record costs a few looks and not one a chunk.
        more = self._source.read(max(self._options.chunk_bytes, len(self._buffer)))
        self._ended = not more
        self._buffer = self._buffer + more if self._buffer else more

    def _plain(self) -> Cut | None:
        """The buffer's cells if all is plain; not looked for while there is trouble about."""
        if self._options.careful or self._window is not None:
            return None
        return cut(
            self._buffer,
            columns=len(self._judge.names),
            dialect=self._judge.dialect,
            utf8=self._utf8,
            at_end=self._ended,
            limit=self._options.max_record_bytes,
        )

    def _prefix(self, plain: Cut | None) -> Prefix:
        if self._options.careful:
            return Prefix(0, 0, 0, 0, True)
        if plain is None:
            return self._regular()
        return Prefix(plain.end, plain.records, 0, plain.lines, False)

    def _gather(self, data: bytes, plain: Cut) -> _Parsed:
        arrays = columns_of(data, plain, dialect=self._judge.dialect)
        return _Parsed([pa.RecordBatch.from_arrays(arrays, schema=text_schema(self._judge.names))], [])

    def _regular(self) -> Prefix:
        if not self._buffer:
            return Prefix(0, 0, 0, 0, False)
        while True:
            whole = self._window is None or self._window >= len(self._buffer)
            prefix = regular_prefix(
                self._buffer if whole else self._buffer[: self._window],
                dialect=self._judge.dialect,
                utf8=self._utf8,
                meaningless=self._meaningless,
                at_end=self._ended and whole,
                limit=self._options.max_record_bytes,
            )
            if prefix.trouble:  # the next trouble may be as near: do not look through everything again
                self._window = max(_SMALL_WINDOW, 2 * prefix.end)
            elif self._window is not None:
                self._window = self._window * 2 if self._window < 2 * self._options.chunk_bytes else None
            if prefix.end or prefix.trouble or whole:
                return prefix

    def _finish_block(self) -> Iterator[pa.RecordBatch]:
        """Take the oldest block's rows. Where a row needs care, go back to it with all that comes after."""
        if not self._blocks:
            return
        block = self._blocks.popleft()
        parsed = block.parsed.result()
        found = sum(batch.num_rows for batch in parsed.batches) + len(parsed.uneven)
        if found != block.prefix.records:  # the two parsers disagree: the careful one decides
            self._go_back(block, 0)
            yield from self._careful(len(block.data))
            return
        starts, stops, lines = self._places(block) if parsed.uneven else _NOWHERE
        for number, cells in parsed.uneven:
            start, stop = int(starts[number - 1]), int(stops[number - 1])
            raw = block.data[start:stop]
            if not is_blank(raw) and (self._judge.pad or LINE_END.search(raw)):
                self._judge.tally.rows_in += number - 1 - sum(other < number for other, _ in parsed.uneven)
                before = self._parse(block.data[:start])
                self._judge.by_utf8 += before.by_utf8
                yield from before.batches
                self._judge.blank += self._blank_before(block, start)
                self._go_back(block, start)
                yield from self._careful_stretch()
                return
            self._judge.wrong_width(raw, cells, line=int(lines[number - 1]))
        self._judge.tally.rows_in += block.prefix.records - len(parsed.uneven)
        self._judge.blank += block.prefix.blank
        self._judge.by_utf8 += parsed.by_utf8
        yield from parsed.batches

    def _go_back(self, block: _Block, start: int) -> None:
        later = [other.data for other in self._blocks]
        for other in self._blocks:
            other.parsed.cancel()
        self._blocks.clear()
        self._buffer = b"".join([block.data[start:], *later, self._buffer])
        self._line = block.line + count_lines(block.data[:start])
        self._window = max(_SMALL_WINDOW, 2 * start)
        self._since_trouble = start

    def _places(self, block: _Block) -> tuple[Places, Places, Places]:
        """Start, stop and line number of each record of a block that is not blank."""
        data = block.data
        quotes = quote_places(data, self._judge.dialect)
        stops, ends = record_ends(data, quotes=quotes, lone=True, at_end=True, tail_whole=True)
        starts = np.concatenate([np.zeros(1, np.int64), ends])[: len(ends)]
        filled = stops > starts
        line_ends = line_places(data, lone=True, at_end=True)[1]
        lines = block.line + np.searchsorted(line_ends, starts[filled], side="right")
        return starts[filled], stops[filled], lines

    def _blank_before(self, block: _Block, start: int) -> int:
        quotes = quote_places(block.data, self._judge.dialect)
        stops, ends = record_ends(block.data, quotes=quotes, lone=True, at_end=True, tail_whole=True)
        starts = np.concatenate([np.zeros(1, np.int64), ends])[: len(ends)]
        return int(np.count_nonzero((stops == starts) & (starts < start)))

    def _parse(self, data: bytes) -> _Parsed:
        """Arrow's parser over whole regular records."""
        uneven: list[tuple[int, int]] = []
        names = self._judge.names
        if not data:
            return _Parsed([], uneven)
        by_utf8 = 0
        if not self._utf8 and not data.isascii():
            data, by_utf8 = self._judge.as_utf8(data)

        def keep(row: arrow_csv.InvalidRow) -> str:
            uneven.append((row.number, row.actual_columns))
            return "skip"

        keys = [str(place) for place in range(len(names))]
        dialect = self._judge.dialect
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, column_names=keys, block_size=min(len(data) + 1, 2**31 - 1)
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.delimiter.decode(),
                quote_char=dialect.quote.decode() if dialect.quote else False,
                double_quote=bool(dialect.quote),
                newlines_in_values=bool(dialect.quote),
                ignore_empty_lines=True,
                invalid_row_handler=keep,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                check_utf8=False,  # regular_prefix has looked
            ),
        )
        schema = text_schema(names)
        batches = [pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in table.to_batches()]
        return _Parsed(batches, uneven, by_utf8)

    def _careful(self, stretch: int) -> Iterator[pa.RecordBatch]:
        """Judge at least one record, and those that begin within `stretch` bytes."""
        at, rows, judged = 0, [], 0
        limit = self._options.max_record_bytes
        dialect, judge = self._judge.dialect, self._judge
        while at < len(self._buffer) and (at < stretch or not judged):
            record = next_record(self._buffer, at, dialect=dialect, at_end=self._ended, limit=limit)
            if record is None:
                if at:
                    self._buffer, stretch, at = self._buffer[at:], stretch - at, 0
                self._read()
                continue
            judged += 1
            uneven = record.cells is not None and len(record.cells) != len(judge.names)
            if uneven and not record.is_one_line(self._buffer):
                one = next_record(self._buffer, at, dialect=dialect, at_end=True, limit=limit, one_line=True)
                assert one is not None
                record = one
            raw = self._buffer[record.start : record.stop]
            if record.fault is Fault.TOO_LONG:
                raw = raw[:limit]
            row = judge.judge(record, raw, line=self._line)
            if row is not None:
                rows.append(row)
            if record.end < 0:
                self._skip_line()
                at, stretch = 0, 0
                continue
            self._line += 1 if record.fault else max(1, count_lines(self._buffer[record.start : record.end]))
            at = record.end
            if len(rows) >= self._options.batch_rows:
                yield judge.batch(rows)
                rows = []
        self._buffer = self._buffer[at:]
        if rows:
            yield judge.batch(rows)

    def _skip_line(self) -> None:
        """Drop the rest of an endless line."""
        self._buffer = b""
        while not self._ended:
            self._read()
            found = LINE_END.search(self._buffer)
            if found is None:
                self._buffer = b""
                continue
            if self._buffer[found.start()] == 13 and found.end() == len(self._buffer):
                self._buffer = self._buffer[found.start() :]
                self._read()
                found = LINE_END.search(self._buffer)
                assert found is not None
            end = found.end() + (self._buffer[found.start() : found.start() + 2] == b"\r\n")
            self._buffer = self._buffer[end:]
            break
        self._line += 1
