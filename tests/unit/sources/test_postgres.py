"""PostgreSQL tables, from a server of the tests' own."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from joinedup.errors import SourceError
from joinedup.linkage import link_files
from joinedup.sources import read, tables_in
from joinedup.sources.postgres_table import address_of, without_password


@pytest.fixture
def people(postgres_uri):
    """The address of a table of every kind of column."""
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(postgres_uri, autocommit=True) as server:
        server.execute('DROP SCHEMA IF EXISTS "Odd" CASCADE')
        server.execute('CREATE SCHEMA "Odd"')
        server.execute(
            'CREATE TABLE "Odd".people (id int, name text, dob date, seen timestamptz, pay numeric(10,2), '
            "big numeric, old bool, tags text[], f float8, b bytea)"
        )
        server.execute(
            """INSERT INTO "Odd".people VALUES
            (1, 'Zoë', '1990-01-31', '2026-05-01 10:00+01', 12.50, 123456789012345678901234567890.5, true,
             '{a,b}', 1.5, '\\x00ff'),
            (2, '', 'infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
            (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"""
        )
    return f"{postgres_uri}?table=Odd.people"


@pytest.mark.needs_postgres
def test_a_table_keeps_its_types_and_its_impossible_rows_are_kept_aside(people):
    reading = read(people)

    first, second = reading.table().to_pylist()
    assert first == {
        "id": 1,
        "name": "Zoë",
        "dob": dt.date(1990, 1, 31),
        "seen": dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC),
        "pay": Decimal("12.50"),
        "big": "123456789012345678901234567890.5",
        "old": True,
        "tags": "{a,b}",
        "f": 1.5,
        "b": b"\x00\xff",
    }
    assert second["id"] == 3
    (aside,) = reading.aside.to_pylist()
    assert (aside["row"], aside["column"]) == (2, "dob")
    assert (reading.name, reading.report.rows_in, reading.report.rows_good) == ("people", 3, 2)


@pytest.mark.needs_postgres
def test_tables_are_listed_and_a_missing_one_is_told(people, postgres_uri):
    assert "Odd.people" in tables_in(postgres_uri)
    with pytest.raises(SourceError, match=r"no table 'Odd\.cars'"):
        read(f"{postgres_uri}?table=Odd.cars")
    with pytest.raises(SourceError, match="no table is named"):
        read(postgres_uri)


@pytest.mark.needs_postgres
def test_a_large_table_comes_in_batches(postgres_uri):
    import psycopg

    with psycopg.connect(postgres_uri, autocommit=True) as server:
        server.execute("DROP TABLE IF EXISTS many")
        server.execute("CREATE TABLE many AS SELECT n AS id FROM generate_series(1, 50000) AS n")

    sizes = [batch.num_rows for batch in read(f"{postgres_uri}?table=many").batches()]

    assert (sum(sizes), max(sizes)) == (50_000, 20_000)


@pytest.mark.needs_postgres
def test_a_missing_database_is_told(postgres_uri):
    with pytest.raises(SourceError, match="no such database"):
        read(postgres_uri.replace("/postgres", "/nowhere") + "?table=x")


def test_an_address_is_shown_without_user_and_password():
    address = address_of("postgresql://me:secret@db.example:5432/records?table=a.b&sslmode=require")

    assert address.shown == "postgresql://db.example:5432/records"
    assert address.table == "a.b"
    assert address.server == "postgresql://me:secret@db.example:5432/records?sslmode=require"


@pytest.mark.needs_postgres
def test_an_address_that_names_its_table_is_that_table_alone(people, postgres_uri):
    assert tables_in(people) == ["Odd.people"]
    assert "Odd.people" in tables_in(postgres_uri)


def test_a_table_is_named_by_its_address_before_the_server_is_asked():
    assert tables_in("postgresql://127.0.0.1:1/db?table=a.people") == ["a.people"]


def test_an_address_can_be_written_down_without_its_password():
    assert without_password("postgresql://u:p@db:5/x?table=t") == "postgresql://u@db:5/x?table=t"
    assert without_password("postgresql://db/x?password=p&table=t") == "postgresql://db/x?table=t"


@pytest.mark.needs_postgres
def test_tables_of_a_database_are_linked_and_no_password_is_written(people, postgres_uri, tmp_path):
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(postgres_uri, autocommit=True) as server:
        for table in ("north", "south"):
            server.execute(f"DROP TABLE IF EXISTS {table}")
            server.execute(
                f"CREATE TABLE {table} (id text, first_name text, surname text, date_of_birth date)"
            )
            server.execute(
                f"INSERT INTO {table} SELECT n::text, 'First' || n, 'Sur' || n, DATE '1950-01-01' + n * 97 "
                "FROM generate_series(1, 60) n"
            )
    addresses = [_with_password(f"{postgres_uri}?table=public.{table}") for table in ("north", "south")]

    result = link_files(addresses, tmp_path / "out")

    assert [source.name for source in result.run.sources] == ["north", "south"]
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert b"s3cr3tpw" not in written


def _with_password(uri: str) -> str:
    scheme, rest = uri.split("://", 1)
    user, mark, host = rest.rpartition("@")
    return (
        f"{scheme}://{user.split(':')[0] or 'postgres'}:s3cr3tpw@{host}"
        if mark
        else f"{scheme}://:s3cr3tpw@{rest}"
    )
