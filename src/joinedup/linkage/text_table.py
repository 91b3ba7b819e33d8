"""A small table that a person or another program wrote beside the data (truth, labels), read as text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq

from joinedup.errors import SourceError

PARQUET = (".parquet", ".pq")
DELIMITERS = ",\t;|"


def column_names(path: Path) -> list[str]:
    """The names of a CSV or Parquet file's columns; raises SourceError where it cannot be read."""
    if path.suffix.lower() in PARQUET:
        return [name.strip() for name in _opened(path).schema_arrow.names]
    return [name.strip() for name in _csv_names(path)[0]]


def read_text_table(
    path: Path, *, required: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, pa.Array]:
    """Return the named columns of a CSV or Parquet file as text, empty cells missing.

    Leading zeros stay. The delimiter is the one that the header uses: comma, tab, semicolon or bar.
    Raises SourceError where the file cannot be read or lacks a required column.
    """
    table = _parquet(path) if path.suffix.lower() in PARQUET else _csv(path)
    names = [name.strip() for name in table.column_names]
    table = table.rename_columns(names)
    missing = [name for name in required if name not in names]
    if missing:
        raise SourceError(
            what=f"no column {', '.join(missing)}",
            where=str(path),
            mend=f"it needs the columns {', '.join(required)}",
        )
    wanted = dict.fromkeys([*required, *(name for name in optional if name in names)])
    columns = {}
    for name in wanted:
        column = table.column(name).cast(pa.string())
        merged = pa.array([], pa.string()) if len(column) == 0 else pa.concat_arrays(column.chunks)
        columns[name] = pc.if_else(pc.equal(merged, ""), None, merged)
    return columns


def _parquet(path: Path) -> pa.Table:
    return _opened(path).read()


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except OSError as problem:
        raise _unreadable(path, problem) from None
    except pa.ArrowInvalid:
        raise SourceError(what="cannot be read as Parquet", where=str(path), mend="check the file") from None


def _csv(path: Path) -> pa.Table:
    columns, parse = _csv_names(path)
    try:
        kinds = dict.fromkeys(columns, pa.string())
        return csv.read_csv(path, parse_options=parse, convert_options=csv.ConvertOptions(column_types=kinds))
    except pa.ArrowInvalid as problem:
        raise _not_csv(path, problem) from None


def _csv_names(path: Path) -> tuple[list[str], csv.ParseOptions]:
    """The names of the columns, and how the file is split."""
    try:
        with path.open("rb") as file:
            header = file.readline(65536).decode("utf-8-sig", "replace")
        names = max(DELIMITERS, key=header.count)
        delimiter = names if names in header else ","
        parse = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
        return csv.open_csv(path, parse_options=parse).schema.names, parse
    except pa.ArrowInvalid as problem:
        raise _not_csv(path, problem) from None
    except OSError as problem:
        raise _unreadable(path, problem) from None


def _not_csv(path: Path, problem: pa.ArrowInvalid) -> SourceError:
    with path.open("rb") as file:
        start = file.read(65536)
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        return SourceError(
            what="the file is empty", where=str(path), mend="check that it is the one that was meant"
        )
    # Arrow quotes the offending row; only where it stands may be told.
    row = "".join(f", {part}" for part in str(problem).split(":")[1:2] if part.strip().startswith("Row #"))
    return SourceError(
        what="cannot be read as a CSV table in UTF-8",
        where=f"{path}{row}",
        mend="give every row as many columns as the header, and save as UTF-8",
    )


def _unreadable(path: Path, problem: OSError) -> SourceError:
    return SourceError(what=f"cannot be read: {problem.strerror}", where=str(path), mend="check the path")
