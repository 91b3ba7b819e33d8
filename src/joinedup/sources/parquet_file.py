"""Parquet, streamed by row group, with its types."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from joinedup.errors import SourceError
from joinedup.sources.names import fit_names
from joinedup.sources.options import Progress, ReadOptions
from joinedup.sources.reading import Reading, Tally
from joinedup.sources.unpack import open_file

_MOST_ASIDE = 5_000_000


def read_parquet(
    path: Path, *, options: ReadOptions, tally: Tally, progress: Progress | None = None
) -> Reading:
    """Return a Reading with the file's own types. A row group that cannot be read is kept aside by row."""
    with open_file(path) as file:
        if file.read(4) == b"PARE":
            raise SourceError(
                what="the Parquet file is encrypted",
                where=str(path),
                mend="ask the sender for one that is not",
            )
    try:
        source = pq.ParquetFile(path)
        schema = source.schema_arrow
        groups = source.num_row_groups
        sizes = [source.metadata.row_group(index).num_rows for index in range(groups)]
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _damaged(path, error) from error
    names, notes = fit_names(schema.names)
    tally.notes += notes
    schema = pa.schema([field.with_name(name) for field, name in zip(schema, names, strict=True)])
    total = path.stat().st_size

    def batches() -> Iterator[pa.RecordBatch]:
        before = 0
        for group, expected in enumerate(sizes):
            read = 0
            try:
                for batch in source.iter_batches(batch_size=options.batch_rows, row_groups=[group]):
                    first = before + read + 1
                    read += batch.num_rows
                    yield _valid_rows(pa.RecordBatch.from_arrays(batch.columns, schema=schema), first, tally)
            except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
                lost = max(expected - read, 1)
                if lost > _MOST_ASIDE:
                    raise _damaged(path, error) from error
                reason = f"row group {group + 1} cannot be read ({type(error).__name__})"
                for row in range(before + read + 1, before + read + lost + 1):
                    tally.keep_aside(row=row, reason=reason)
            before += expected
            if progress is not None:
                progress(total * (group + 1) // max(groups, 1), total)

    return Reading(schema=schema, batches=batches, tally=tally)


def _valid_rows(batch: pa.RecordBatch, first: int, tally: Tally) -> pa.RecordBatch:
    """The batch without the rows whose values break their type's rules (text that is no UTF-8)."""
    bad = _bad_rows(batch, 0)
    for place in bad:
        tally.keep_aside(row=first + place, reason="a value is not valid for its column's type")
    tally.rows_in += batch.num_rows - len(bad)
    if not bad:
        return batch
    keep = np.ones(batch.num_rows, bool)
    keep[bad] = False
    return batch.filter(pa.array(keep))


def _bad_rows(batch: pa.RecordBatch, first: int) -> list[int]:
    """Places of the rows that do not validate, found by halving."""
    try:
        batch.validate(full=True)
        return []
    except pa.ArrowInvalid:
        if batch.num_rows <= 1:
            return [first]
    half = batch.num_rows // 2
    return _bad_rows(batch.slice(0, half), first) + _bad_rows(batch.slice(half), first + half)


def _damaged(path: Path, error: Exception) -> SourceError:
    return SourceError(
        what=f"the Parquet file is damaged ({type(error).__name__})",
        where=str(path),
        mend="ask the sender for it again: half a transfer looks like this",
    )
