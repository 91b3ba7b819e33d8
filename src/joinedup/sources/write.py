"""Tables written out: CSV that a spreadsheet may open safely, and Parquet."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from joinedup.errors import SourceError

_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
_NUMBER = r"^[+\-]?(\d+(\.\d*)?|\.\d+)([eE][+\-]?\d+)?$"

Tabular: TypeAlias = pa.Table | pa.RecordBatchReader | Iterable[pa.RecordBatch]


def write_csv(
    table: Tabular, path: str | Path, *, schema: pa.Schema | None = None, neutralise: bool = True
) -> int:
    """Write UTF-8 CSV with a header; return how many cells (names too) were neutralised.

    A text cell that begins with = + - @, a tab or a line end is a formula to a spreadsheet, and a formula can
    send data away; it gets an apostrophe in front. Numbers such as -12.5 or +44 are left alone. Missing is
    an empty cell, empty text is "". The file appears whole or not at all.

    schema: needed only for an iterable of batches that may be empty.
    """
    reader = _reader(table, schema)
    count = 0
    names = [_neutral_name(name) if neutralise else name for name in reader.schema.names]
    count += sum(new != old for new, old in zip(names, reader.schema.names, strict=True))

    def write(to: Path) -> None:
        nonlocal count
        flat = pa.schema([pa.field(n, _flat_type(f.type)) for n, f in zip(names, reader.schema, strict=True)])
        with pa.OSFile(str(to), "wb") as file, arrow_csv.CSVWriter(file, flat) as out:
            for batch in reader:
                columns = []
                for column, field in zip(batch.columns, flat, strict=True):
                    written, changed = _cells(column, field.type, neutralise=neutralise)
                    columns.append(written)
                    count += changed
                out.write_batch(pa.RecordBatch.from_arrays(columns, schema=flat))

    _replace(Path(path), write)
    return int(count)


def write_parquet(table: Tabular, path: str | Path, *, schema: pa.Schema | None = None) -> int:
    """Write Parquet (zstd), a row group a batch at most; return the number of rows. Whole or not at all."""
    reader = _reader(table, schema)
    rows = 0

    def write(to: Path) -> None:
        nonlocal rows
        with pq.ParquetWriter(to, reader.schema, compression="zstd") as out:
            for batch in reader:
                rows += batch.num_rows
                out.write_batch(batch)

    _replace(Path(path), write)
    return rows


def _reader(table: Tabular, schema: pa.Schema | None) -> pa.RecordBatchReader:
    if isinstance(table, pa.RecordBatchReader):
        return table
    if isinstance(table, pa.Table):
        return table.to_reader()
    batches: Iterator[pa.RecordBatch] = iter(table)
    first = next(batches, None)
    found = schema if schema is not None else getattr(first, "schema", None)
    if found is None:
        raise ValueError("no batches and no schema: nothing says what the columns are")

    def chained() -> Iterator[pa.RecordBatch]:
        if first is not None:
            yield first
        yield from batches

    return pa.RecordBatchReader.from_batches(found, chained())


def _flat_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _flat_type(kind.value_type)
    plain = pa.types.is_primitive(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind)
    return kind if plain and not pa.types.is_duration(kind) else pa.string()


def _cells(column: pa.Array, kind: pa.DataType, *, neutralise: bool) -> tuple[pa.Array, int]:
    """A column as CSV can hold it, and how many of its cells were neutralised."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if column.type == kind and not pa.types.is_string(kind):
        return column, 0
    texts = _texts(column)
    if not neutralise:
        return texts, 0
    danger = pc.and_(
        pc.match_substring_regex(texts, _FORMULA), pc.invert(pc.match_substring_regex(texts, _NUMBER))
    )
    count = pc.sum(danger).as_py() or 0
    if not count:
        return texts, 0
    return pc.if_else(danger, pc.binary_join_element_wise("'", texts, ""), texts), count


def _texts(column: pa.Array) -> pa.Array:
    if pa.types.is_string(column.type):
        return column
    if pa.types.is_large_string(column.type) or pa.types.is_decimal(column.type):
        return column.cast(pa.string())
    return pa.array([_text(value) for value in column.to_pylist()], pa.string())


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _neutral_name(name: str) -> str:
    return f"'{name}" if re.search(_FORMULA, name) and not re.search(_NUMBER, name) else name


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    """Write beside the file, then take its place. Only the owner may read it: exports are about people."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
    except OSError as error:
        raise SourceError(
            what=f"nothing can be written there ({type(error).__name__})",
            where=str(path),
            mend="check that the folder exists and that you may write to it",
        ) from error
    beside = Path(name)
    try:
        write(beside)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
