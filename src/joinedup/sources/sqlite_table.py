"""A table of an SQLite database, streamed, read only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from joinedup.errors import SourceError
from joinedup.sources.names import fit_names
from joinedup.sources.options import Progress, ReadOptions
from joinedup.sources.reading import Reading, Tally
from joinedup.sources.unpack import open_file

# Of a damaged database even the message may be no text, and then Python's decoding fails.
_FAILURES = (sqlite3.Error, UnicodeDecodeError, OverflowError, ValueError)


@dataclass(frozen=True)
class _Column:
    name: str
    type: pa.DataType


def sqlite_tables(path: Path) -> list[str]:
    """The tables and views of a database, in the order they were made."""
    database = _open(path)
    try:
        return _tables(database)
    except _FAILURES as error:
        raise _damaged(path, error) from error
    finally:
        database.close()


def read_sqlite(
    path: Path, *, options: ReadOptions, tally: Tally, progress: Progress | None = None
) -> Reading:
    """Return a Reading of `options.table`, or of the only table there is.

    SQLite lets any cell hold anything, so types are found by one look through the table: whole numbers
    int64, numbers float64, text, blobs binary; columns declared DATE whose every value is an ISO date
    date32; columns of several kinds text (told in the notes).
    """
    database = _open(path)
    try:
        tables = _tables(database)
        table = _chosen(tables, options.table, path)
        columns, total = _columns(database, table, tally)
    except BaseException as error:
        database.close()
        if isinstance(error, _FAILURES):
            raise _damaged(path, error) from error
        raise
    if len(tables) > 1:
        tally.name = f"{tally.name}.{table}"
    names, notes = fit_names([column.name for column in columns])
    tally.notes += notes
    schema = pa.schema([pa.field(name, column.type) for name, column in zip(names, columns, strict=True)])

    def batches() -> Iterator[pa.RecordBatch]:
        done = 0
        size = min(options.batch_rows, 10_000)
        try:
            cursor = database.execute(_select_sql(map(_selected, columns), table))
            while rows := cursor.fetchmany(size):
                yield _batch(rows, schema, columns, tally, first_row=done + 1)
                done += len(rows)
                if progress is not None:
                    progress(done, max(total, done))
        except _FAILURES as error:
            if done == 0:
                raise _damaged(path, error) from error
            tally.keep_aside(
                row=done + 1, reason="the database is damaged from here on; nothing after could be read"
            )
        finally:
            database.close()

    return Reading(schema=schema, batches=batches, tally=tally)


def _open(path: Path) -> sqlite3.Connection:
    with open_file(path) as file:
        if file.read(16) != b"SQLite format 3\0":
            raise SourceError(
                what="this is no SQLite database (or an encrypted one)",
                where=str(path),
                mend="check the file, or ask for one without encryption",
            )
    address = f"file:{quote(str(path.resolve()))}"
    for mode in ("mode=ro", "mode=ro&immutable=1"):  # the second for write-ahead logs in folders not ours
        try:
            database = sqlite3.connect(f"{address}?{mode}", uri=True, check_same_thread=False)
            database.text_factory = bytes
            database.execute("PRAGMA trusted_schema=OFF")
            database.execute("PRAGMA cell_size_check=ON")
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return database
        except _FAILURES as error:
            last = error
            database.close()
    raise _damaged(path, last) from last


def _tables(database: sqlite3.Connection) -> list[str]:
    found = database.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "AND coalesce(sql, '') NOT LIKE 'CREATE VIRTUAL%' ORDER BY rowid"
    )
    return [_text(name) for (name,) in found if isinstance(name, bytes)]


def _chosen(tables: list[str], wanted: str | None, path: Path) -> str:
    if wanted is None and len(tables) == 1:
        return tables[0]
    if wanted is not None and wanted in tables:
        return wanted
    what = "the database has no table" if not tables else f"the database has {len(tables)} tables"
    raise SourceError(
        what=f"no table {wanted!r} in the database" if wanted is not None else what,
        where=str(path),
        mend=f"name one of: {', '.join(tables[:10])}" if tables else "ask the sender for it again",
    )


def _columns(database: sqlite3.Connection, table: str, tally: Tally) -> tuple[list[_Column], int]:
    """Names with the narrowest type that holds every value, and the number of rows."""
    declared = [
        (_text(name), _text(kind).upper() if kind else "")
        for _, name, kind, *_ in database.execute(f"PRAGMA table_info({_quoted(table)})")
    ]
    if not declared:
        raise sqlite3.DatabaseError("no columns")
    looks = ["count(*)"]
    for name, kind in declared:
        cell = _quoted(name)
        looks += [f"total(typeof({cell}) = '{storage}')" for storage in ("integer", "real", "text", "blob")]
        as_dates = f"total(typeof({cell}) = 'text' AND date({cell}) IS {cell})" if "DATE" in kind else "0"
        looks += [as_dates, f"max(CASE WHEN typeof({cell}) = 'integer' THEN abs({cell} / 2) END)"]
    found: list[Any] = []
    for start in range(0, len(looks), 600):  # an SQLite result has at most 2,000 columns
        found += database.execute(_select_sql(looks[start : start + 600], table)).fetchone()
    columns = []
    for place, (name, _) in enumerate(declared):
        integer, real, text, blob, dates, largest = found[1 + place * 6 : 7 + place * 6]
        fitting = _type(integer, real, text, blob, dates, largest or 0)
        if fitting is None:
            tally.note(f"column {name} holds values of several kinds: read as text")
        columns.append(_Column(name, fitting or pa.string()))
    return columns, int(found[0])


def _type(
    integer: float, real: float, text: float, blob: float, dates: float, largest: int
) -> pa.DataType | None:
    if blob:
        return pa.binary() if not (integer or real or text) else None
    if text:
        if integer or real:
            return None
        return pa.date32() if dates == text else pa.string()
    if real:
        return pa.float64() if largest < 2**52 else None
    return pa.int64() if integer else pa.string()


def _selected(column: _Column) -> str:
    return f"CAST({_quoted(column.name)} AS TEXT)" if column.type == pa.string() else _quoted(column.name)


def _batch(
    rows: list[tuple[Any, ...]], schema: pa.Schema, columns: list[_Column], tally: Tally, *, first_row: int
) -> pa.RecordBatch:
    try:
        arrays = [
            _array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)
        ]
        tally.rows_in += len(rows)
        return pa.RecordBatch.from_arrays(arrays, schema=schema)
    except (pa.ArrowException, UnicodeDecodeError, ValueError, TypeError):
        good = []
        for place, row in enumerate(rows):  # find the rows that are to blame
            column = _bad_column(row, schema)
            if column is None:
                tally.rows_in += 1
                good.append(row)
            else:
                tally.keep_aside(
                    row=first_row + place,
                    column=column,
                    reason="the text is not valid, or not of its column's type",
                )
        arrays = [
            _array(values, field.type)
            for values, field in zip(
                zip(*good, strict=True) if good else [()] * len(columns), schema, strict=True
            )
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _bad_column(row: tuple[Any, ...], schema: pa.Schema) -> str | None:
    for value, field in zip(row, schema, strict=True):
        try:
            _array((value,), field.type)
        except (pa.ArrowException, UnicodeDecodeError, ValueError, TypeError):
            return str(field.name)
    return None


def _array(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    if pa.types.is_string(kind):
        return pa.array(
            [value.decode("utf-8") or None if value is not None else None for value in values], kind
        )
    if pa.types.is_date(kind):
        texts = pa.array(
            [value.decode("ascii") if value is not None else None for value in values], pa.string()
        )
        return texts.cast(kind)
    return pa.array(values, kind)


def _select_sql(columns: Iterable[str], table: str) -> str:
    return f"SELECT {', '.join(columns)} FROM {_quoted(table)}"  # noqa: S608 # names quoted, no values


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _damaged(path: Path, error: Exception) -> SourceError:
    return SourceError(
        what=f"the SQLite database cannot be read ({type(error).__name__})",
        where=str(path),
        mend="ask the sender for it again, or check it with PRAGMA integrity_check",
    )
