"""SQLite connections: whole transactions, readers beside a writer, deleted rows that are gone."""

from __future__ import annotations

import sqlite3

import numpy as np
import pyarrow as pa
import pytest

import joinedup.engines.sqlite as sqlite_engine
from joinedup.engines.sqlite import as_rows, connect, listed, numbers, transaction, whole_numbers, wipe_log


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store #1?.sqlite"


def made(path, *values):
    connection = connect(path)
    with transaction(connection, writing=True):
        connection.execute("CREATE TABLE t (x)")
        connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
    return connection


def test_an_error_undoes_all_that_was_done_inside(path):
    connection = made(path, 1)

    def interrupted():
        with transaction(connection, writing=True):
            connection.execute("INSERT INTO t VALUES (2)")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert connection.execute("SELECT x FROM t").fetchall() == [(1,)]


def test_a_reader_sees_one_state_while_a_writer_goes_on(path):
    writer, reader = made(path, 1), connect(path, read_only=True)

    with transaction(reader, writing=False):
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (1,)
        with transaction(writer, writing=True):
            writer.execute("INSERT INTO t VALUES (2)")
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (1,)

    assert reader.execute("SELECT count(*) FROM t").fetchone() == (2,)


def test_a_second_writer_waits_and_then_says_so(path):
    first, second = made(path), connect(path, wait_seconds=0.05)

    with (
        transaction(first, writing=True),
        pytest.raises(sqlite3.OperationalError, match="locked"),
        transaction(second, writing=True),
    ):
        pass


def test_who_opens_to_read_cannot_write_and_makes_no_file(path, tmp_path):
    made(path).close()
    reader = connect(path, read_only=True)

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("INSERT INTO t VALUES (2)")
    with pytest.raises(sqlite3.OperationalError):
        connect(tmp_path / "none.sqlite", read_only=True)
    assert not (tmp_path / "none.sqlite").exists()


def test_a_copy_where_nothing_can_be_written_is_read_as_it_lies(path, monkeypatch):
    made(path, 1).close()
    opened = sqlite3.connect

    def in_a_folder_without_write_access(address, wait, **rest):
        place = address if "immutable" in address else ":memory:"
        connection = opened(place, wait, **rest, factory=Unwritable)
        connection.is_unwritable = "immutable" not in address
        return connection

    monkeypatch.setattr(sqlite3, "connect", in_a_folder_without_write_access)

    assert connect(path, read_only=True).execute("SELECT x FROM t").fetchall() == [(1,)]


class Unwritable(sqlite3.Connection):
    """Fails as SQLite does where it cannot make the files of its log."""

    def execute(self, *words):
        if self.is_unwritable:
            raise sqlite3.OperationalError("unable to open database file")
        return super().execute(*words)


def test_a_deleted_row_is_in_no_file_once_the_log_is_wiped(path):
    connection = made(path, "a very secret text")
    with transaction(connection, writing=True):
        connection.execute("DELETE FROM t")

    assert wipe_log(connection)
    assert not any(b"very secret" in file.read_bytes() for file in path.parent.iterdir())


def test_a_reader_that_is_busy_keeps_the_log_from_being_wiped(path):
    connection, reader = made(path, 1), connect(path, read_only=True)
    connection.execute("PRAGMA busy_timeout = 50")

    with transaction(reader, writing=False):
        reader.execute("SELECT * FROM t").fetchall()
        with transaction(connection, writing=True):
            connection.execute("DELETE FROM t")
        assert not wipe_log(connection)
    assert wipe_log(connection)


def test_rows_come_as_arrays_and_lists_go_in_as_one_value(path):
    connection = made(path)
    big = 2**62 + 1
    rows = connection.execute("SELECT value, value + 1 FROM json_each(?)", (listed(np.array([3, big])),))

    one, other = whole_numbers(rows, 2)

    assert one.tolist() == [3, big]
    assert other.tolist() == [4, big + 1]
    assert [len(column) for column in whole_numbers([], 3)] == [0, 0, 0]
    assert [column.tolist() for column in numbers([(1, 0.5)], 2)] == [[1.0], [0.5]]


def test_columns_go_in_as_rows_however_many_there_are(path, monkeypatch):
    monkeypatch.setattr(sqlite_engine, "_PART", 2)
    columns = (np.arange(5), pa.array(["a", None, "c", "d", "e"]), np.arange(5) / 2)

    assert list(as_rows(*columns, then=(7, None))) == [
        (0, "a", 0.0, 7, None),
        (1, None, 0.5, 7, None),
        (2, "c", 1.0, 7, None),
        (3, "d", 1.5, 7, None),
        (4, "e", 2.0, 7, None),
    ]
    assert list(as_rows(np.empty(0))) == []
