"""Parquet, streamed by row group, with its types."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
                    read += batch.num_rows
                    tally.rows_in += batch.num_rows
                    yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)
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


def _damaged(path: Path, error: Exception) -> SourceError:
    return SourceError(
        what=f"the Parquet file is damaged ({type(error).__name__})",
        where=str(path),
        mend="ask the sender for it again: half a transfer looks like this",
    )
