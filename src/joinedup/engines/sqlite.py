"""SQLite as a store that survives a crash: connections, transactions, and rows as arrays."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Int64 = NDArray[np.int64]
_PART = 1 << 17  # rows


def connect(
    path: Path, *, read_only: bool = False, cache_mb: int = 64, wait_seconds: float = 30.0
) -> sqlite3.Connection:
    """Open a database whose commits are on the disk when they return, and whose deleted rows are wiped.

    Readers and one writer do not wait for each other (write-ahead log). Transactions are begun by
    ``transaction`` alone. A connection may go from thread to thread, but serves one at a time.
    read_only: the file must be there; also opens a copy in a folder that cannot be written to.

    Raises sqlite3.Error where it is no database.
    """
    if read_only:
        connection = _read_only(path, wait_seconds)
    else:
        connection = sqlite3.connect(path, wait_seconds, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute(f"PRAGMA journal_size_limit = {64 << 20}")  # a bulk load leaves a log of its size
    connection.execute(f"PRAGMA cache_size = {-1024 * int(cache_mb)}")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def _read_only(path: Path, wait_seconds: float) -> sqlite3.Connection:
    address = f"file:{quote(str(path))}?mode=ro"
    connection = _uri(address, wait_seconds)
    try:
        connection.execute("PRAGMA schema_version")
    except sqlite3.OperationalError:
        connection.close()
        if not path.exists() or path.with_name(path.name + "-wal").exists():
            raise
        # On a medium that cannot be written to there is nobody who could change it either.
        connection = _uri(address + "&immutable=1", wait_seconds)
    return connection


def _uri(address: str, wait_seconds: float) -> sqlite3.Connection:
    return sqlite3.connect(address, wait_seconds, isolation_level=None, check_same_thread=False, uri=True)


@contextmanager
def transaction(connection: sqlite3.Connection, *, writing: bool) -> Iterator[None]:
    """All that is done inside sees one state, and counts as a whole: an error undoes every change."""
    connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def wipe_log(connection: sqlite3.Connection) -> bool:
    """Move the log into the database and cut it to nothing, so that no deleted row is left in it.

    Whether that could be done: a reader that is busy prevents it.
    """
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def whole_numbers(rows: Iterable[tuple[Any, ...]], columns: int) -> tuple[Int64, ...]:
    """Rows of whole numbers (no nulls) as one int64 array a column."""
    table = np.fromiter(chain.from_iterable(rows), np.int64).reshape(-1, columns)
    return tuple(np.ascontiguousarray(table[:, column]) for column in range(columns))


def numbers(rows: Iterable[tuple[Any, ...]], columns: int) -> tuple[NDArray[np.float64], ...]:
    """Rows of numbers as one float64 array a column; whole numbers are exact up to 2**53."""
    table = np.fromiter(chain.from_iterable(rows), np.float64).reshape(-1, columns)
    return tuple(np.ascontiguousarray(table[:, column]) for column in range(columns))


def as_rows(*columns: NDArray[Any] | pa.Array, then: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Equally long columns as rows for ``executemany``, with the values of ``then`` at the end of each.

    Made in parts, so that a long table is never there as Python's objects.
    """

    def part(begin: int) -> Iterator[tuple[Any, ...]]:
        values = [
            column[begin : begin + _PART].tolist()
            if isinstance(column, np.ndarray)
            else column.slice(begin, _PART).to_pylist()
            for column in columns
        ]
        return zip(*values, *(repeat(value) for value in then), strict=False)

    return chain.from_iterable(part(begin) for begin in range(0, len(columns[0]), _PART))


def listed(values: NDArray[np.integer]) -> str:
    """Whole numbers as the text that ``json_each`` takes apart: a bound list of any length."""
    return json.dumps(values.tolist())
