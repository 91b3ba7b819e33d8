"""The benchmark tables on disk, of any size: drawn part by part and put in their random order through files."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from joinedup.people.county.linkage_table import Drawing, pair_drawings, table_drawing

ROWS = 1 << 20  # rows a group of the Parquet file; so many are put in order at a time


def write_linkage_tables(folder: Path, *, records: int, seed: int, link: bool = False) -> tuple[Path, ...]:
    """Write ``linkage_table`` as records.parquet (with link: ``linkage_pair`` as left and right.parquet).

    truth.parquet beside them says source, record_id and cluster. Returns the tables' paths. Memory is bounded by
    one part of the county, ROWS records, and 16 bytes a record for their order.
    """
    drawings = (
        dict(zip(("left", "right"), pair_drawings(records_each=records, seed=seed), strict=True))
        if link
        else {"records": table_drawing(records=records, seed=seed)}
    )
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / "truth.unfinished"  # the truth comes last: where it is, the tables are whole
    schema = pa.schema([("source", pa.string()), ("record_id", pa.int64()), ("cluster", pa.int64())])
    with pq.ParquetWriter(unfinished, schema) as truth:
        for name, drawing in drawings.items():
            _write(folder / f"{name}.parquet", drawing, name, truth)
    unfinished.replace(folder / "truth.parquet")
    return tuple(folder / f"{name}.parquet" for name in drawings)


def _write(path: Path, drawing: Drawing, name: str, truth: pq.ParquetWriter) -> None:
    with tempfile.TemporaryDirectory(prefix="unordered-", dir=path.parent) as own:
        buckets = _dealt(drawing, Path(own))
        with ExitStack() as opened:
            writer: pq.ParquetWriter | None = None
            for number, bucket in enumerate(buckets):
                table = pa.ipc.open_stream(pa.memory_map(str(bucket))).read_all()
                order = np.empty(table.num_rows, np.int64)
                order[table["place"].to_numpy() - number * ROWS] = np.arange(table.num_rows)
                table = table.combine_chunks().take(pa.array(order))
                ids = pa.array(np.arange(number * ROWS + 1, number * ROWS + table.num_rows + 1))
                people = table["cluster"]
                table = table.drop_columns(["place", "cluster"]).add_column(0, "record_id", ids)
                if writer is None:
                    writer = opened.enter_context(pq.ParquetWriter(path, table.schema))
                writer.write_table(table)
                source = pa.array([name]).take(pa.array(np.zeros(len(ids), np.int8)))
                truth.write_table(pa.table([source, ids, people], schema=truth.schema))
                bucket.unlink()


def _dealt(drawing: Drawing, folder: Path) -> list[Path]:
    """The rows on disk, dealt to the groups that they belong in, each with its place and its person."""
    place = np.empty(drawing.records, np.int64)
    place[drawing.order] = np.arange(drawing.records)
    buckets = [folder / str(number) for number in range(-(-drawing.records // ROWS))]
    start = 0
    with ExitStack() as opened:
        writers: list[pa.ipc.RecordBatchStreamWriter] = []
        for batch, people in drawing.parts:
            wanted = place[start : start + len(people)]
            batch, people = batch.slice(0, len(wanted)), people[: len(wanted)]
            start += len(wanted)
            batch = batch.append_column("place", pa.array(wanted)).append_column("cluster", pa.array(people))
            writers = writers or [opened.enter_context(pa.ipc.new_stream(b, batch.schema)) for b in buckets]
            for number in np.unique(wanted // ROWS).tolist():
                writers[number].write_batch(batch.take(pa.array(np.flatnonzero(wanted // ROWS == number))))
            if start == drawing.records:
                break
    if start < drawing.records:
        raise AssertionError("too few records were drawn")
    return buckets
