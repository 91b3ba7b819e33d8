"""What reading gives back: a stream of batches, a report whose counts add up, and the rows kept aside."""

from __future__ import annotations

import tempfile
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

ASIDE_SCHEMA = pa.schema(
    [
        pa.field("file", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("column", pa.string()),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("raw", pa.string()),
    ]
)
RAW_LIMIT = 1_000_000
_SPILL_BYTES = 16 << 20


@dataclass(frozen=True, kw_only=True)
class ReadReport:
    """How a source was read. rows_in == rows_good + rows_aside, always.

    encoding, delimiter, quote: None where the format has none. header_row: 1-based line of the column
    names, 0 where there is none, None where the format names its columns itself.
    notes: what was found out, passed over or mended, in words; never a cell's value.
    complete: whether the whole source has been read yet.
    """

    file: str
    name: str
    format: str
    encoding: str | None
    delimiter: str | None
    quote: str | None
    header_row: int | None
    columns: tuple[str, ...]
    rows_in: int
    rows_good: int
    rows_aside: int
    notes: tuple[str, ...]
    seconds: float
    complete: bool

    def describe(self) -> dict[str, Any]:
        """The same as a dictionary that JSON can hold."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return told | {
            "columns": list(self.columns),
            "notes": list(self.notes),
            "seconds": round(self.seconds, 3),
        }


@dataclass
class Aside:
    """The rows that could not be read. Beyond 16 MiB they lie in a private temporary file."""

    file: str
    count: int = 0
    _rows: list[tuple[int, str | None, str, str | None]] = field(default_factory=list)
    _bytes: int = 0
    _spill: _Spill | None = None

    def add(self, *, row: int, reason: str, column: str | None = None, raw: str | None = None) -> None:
        if raw is not None:
            if len(raw) > RAW_LIMIT:
                raw = raw[:RAW_LIMIT]
                reason += f" (raw text cut after {RAW_LIMIT:,} characters)"
            raw = raw.encode("utf-8", "backslashreplace").decode("utf-8")
        self.count += 1
        self._rows.append((row, column, reason, raw))
        self._bytes += 200 + len(raw or "")
        if self._bytes > _SPILL_BYTES:
            self._spill = self._spill or _Spill()
            self._spill.write(self._batch())
            self._rows, self._bytes = [], 0

    def table(self) -> pa.Table:
        kept = self._spill.batches() if self._spill else []
        return pa.Table.from_batches([*kept, self._batch()], ASIDE_SCHEMA)

    def _batch(self) -> pa.RecordBatch:
        columns = list(zip(*self._rows, strict=True)) or [(), (), (), ()]
        rows, names, reasons, raws = columns
        arrays = [
            pa.array([self.file] * len(rows), pa.string()),
            pa.array(rows, pa.int64()),
            pa.array(names, pa.string()),
            pa.array(reasons, pa.string()),
            pa.array(raws, pa.string()),
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=ASIDE_SCHEMA)


class _Spill:
    """Batches in a temporary file that is mapped, not loaded, when it is read back."""

    def __init__(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="joinedup-aside-")
        self._folder = Path(folder.name)
        self._remove = weakref.finalize(self, folder.cleanup)
        self._files = 0

    def write(self, batch: pa.RecordBatch) -> None:
        with (
            pa.OSFile(str(self._folder / str(self._files)), "wb") as sink,
            pa.ipc.new_file(sink, batch.schema) as out,
        ):
            out.write_batch(batch)
        self._files += 1

    def batches(self) -> list[pa.RecordBatch]:
        found = []
        for number in range(self._files):
            opened = pa.ipc.open_file(pa.memory_map(str(self._folder / str(number))))
            found += [opened.get_batch(index) for index in range(opened.num_record_batches)]
        return found


@dataclass
class Tally:
    """What a source writes down while it is being read; ReadReport is its frozen picture."""

    file: str
    name: str
    format: str
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header_row: int | None = None
    rows_in: int = 0
    rows_good: int = 0
    notes: list[str] = field(default_factory=list)
    late_notes: list[Callable[[], str | None]] = field(default_factory=list)
    seconds: float = 0.0
    complete: bool = False
    aside: Aside = field(init=False)

    def __post_init__(self) -> None:
        self.aside = Aside(self.file)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def keep_aside(self, *, row: int, reason: str, column: str | None = None, raw: str | None = None) -> None:
        """Count one row in, and keep it aside."""
        self.rows_in += 1
        self.aside.add(row=row, reason=reason, column=column, raw=raw)


class Reading:
    """One table being read. Take `batches()` or `table()`, once; then `report` and `aside` are whole."""

    def __init__(
        self, *, schema: pa.Schema, batches: Callable[[], Iterator[pa.RecordBatch]], tally: Tally
    ) -> None:
        self.schema: pa.Schema = schema
        self._batches: Callable[[], Iterator[pa.RecordBatch]] | None = batches
        self._tally = tally

    @property
    def name(self) -> str:
        """The file's stem, with `.sheet` or `.table` after it where the file holds several."""
        return self._tally.name

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the good rows in file order. Empty batches are left out. May be called once.

        Raises SourceError where the source breaks off in a way that no row can be blamed for.
        """
        if self._batches is None:
            raise RuntimeError("this Reading has been read already: call read() again")
        factory, self._batches = self._batches, None
        return self._counted(factory)

    def _counted(self, factory: Callable[[], Iterator[pa.RecordBatch]]) -> Iterator[pa.RecordBatch]:
        tally = self._tally
        started = time.perf_counter()
        for batch in factory():
            tally.rows_good += batch.num_rows
            tally.seconds += time.perf_counter() - started
            if batch.num_rows:
                yield batch
            started = time.perf_counter()
        tally.seconds += time.perf_counter() - started
        if tally.rows_in != tally.rows_good + tally.aside.count:
            raise RuntimeError(
                f"rows were lost: {tally.rows_in} in, {tally.rows_good} good, {tally.aside.count} aside"
            )
        for late in tally.late_notes:
            text = late()
            if text:
                tally.note(text)
        tally.complete = True

    def table(self) -> pa.Table:
        """Read everything that is left into memory."""
        return pa.Table.from_batches(list(self.batches()), self.schema)

    @property
    def report(self) -> ReadReport:
        """The report as far as reading has come; whole when `complete`."""
        tally = self._tally
        return ReadReport(
            file=tally.file,
            name=tally.name,
            format=tally.format,
            encoding=tally.encoding,
            delimiter=tally.delimiter,
            quote=tally.quote,
            header_row=tally.header_row,
            columns=tuple(self.schema.names),
            rows_in=tally.rows_good + tally.aside.count if not tally.complete else tally.rows_in,
            rows_good=tally.rows_good,
            rows_aside=tally.aside.count,
            notes=tuple(tally.notes),
            seconds=tally.seconds,
            complete=tally.complete,
        )

    @property
    def aside(self) -> pa.Table:
        """The rows kept aside so far: file, row (1-based line, sheet row or record), column, reason, raw."""
        return self._tally.aside.table()

    def keep(self, keeper: object) -> None:
        """Hold on to what the source needs while it is read (a temporary file)."""
        self._keeper = keeper
