"""The files of a finished run as downloads: Parquet as it is, CSV made on the way and safe for spreadsheets."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from joinedup.sources import write_csv
from joinedup_web.design.csv_file import csv_lines

ROWS_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class Part:
    """One of the outputs. code: as addresses and the audit record call it. formats: endings that it comes in."""

    code: str
    title: str
    what: str
    file: str
    formats: tuple[str, ...]


PARTS = (
    Part(
        "people",
        "People",
        "One row for each record: its source, its id, and the person it belongs to",
        "people.parquet",
        ("csv", "parquet"),
    ),
    Part(
        "joined",
        "Joined table",
        "One row for each person, with the preferred value of every field and where it comes from",
        "joined.parquet",
        ("csv", "parquet"),
    ),
    Part(
        "pairs",
        "Scored pairs",
        "One row for each pair that was kept, with its weight and the level of each comparison",
        "pairs.parquet",
        ("csv", "parquet"),
    ),
    Part(
        "review",
        "Pairs worth a look",
        "The pairs that clerks are asked about, with the reason",
        "review.csv",
        ("csv",),
    ),
    Part(
        "model",
        "Model",
        "What each level of agreement weighs, to link more data the same way",
        "model.json",
        ("json",),
    ),
    Part(
        "run",
        "Run record",
        "Counts, stages, training and versions, for whoever checks the run",
        "run.json",
        ("json",),
    ),
)
BY_CODE = {part.code: part for part in PARTS}
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}


def row_count(path: Path) -> int:
    """The rows of a Parquet file, from its footer."""
    with pq.ParquetFile(path) as file:
        return int(file.metadata.num_rows)


def parquet_as_csv(path: Path) -> Iterator[bytes]:
    """Yield a Parquet file as CSV, a stretch of rows at a time; joinedup.sources.write_csv says what is neutralised."""
    with pq.ParquetFile(path) as file, tempfile.TemporaryDirectory() as spare:
        draft = Path(spare) / "part.csv"
        schema = file.schema_arrow
        write_csv(pa.Table.from_batches([], schema), draft)
        heading = draft.read_bytes()
        yield heading
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
            write_csv(pa.Table.from_batches([batch]), draft)
            yield draft.read_bytes()[len(heading) :]


def csv_as_safe_csv(path: Path) -> Iterator[str]:
    """Yield a CSV file of the library's with its cells made safe for spreadsheets."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        headings = next(rows, [])
        yield from csv_lines(headings, rows)
