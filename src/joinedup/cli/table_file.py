"""Tables written where the user says, as the name's ending says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from joinedup.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

ENDINGS = (".parquet", ".csv")


def check_ending(path: Path) -> None:
    """Refuse a name whose ending does not say how to write; called before any work is done."""
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(
            what="the name does not say how to write it", where=str(path), mend="end it in .parquet or .csv"
        )


def write_table(rows: pa.Table, path: Path) -> None:
    """Write `rows` to `path`, by its ending; folders are made. CSV runs nothing in a spreadsheet."""
    from joinedup.sources import write_csv, write_parquet

    check_ending(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".parquet":
        write_parquet(rows, path)
    else:
        write_csv(rows, path)
