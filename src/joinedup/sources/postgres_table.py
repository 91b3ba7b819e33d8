"""A PostgreSQL table, streamed through a server-side cursor (extra: joinedup[postgres]).

The address is postgresql://user@host:port/database?table=schema.table; other parameters go to the server
as they are. A password belongs in the usual password file, and is never shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import pyarrow as pa

from joinedup.errors import MissingExtraError, SourceError
from joinedup.sources.names import fit_names
from joinedup.sources.options import Progress, ReadOptions
from joinedup.sources.reading import Reading, Tally

_SCHEMES = ("postgresql://", "postgres://")
_TYPES: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int2": pa.int64(),
    "int4": pa.int64(),
    "int8": pa.int64(),
    "oid": pa.int64(),
    "float4": pa.float64(),
    "float8": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "bytea": pa.binary(),
}
_COLUMNS_SQL = """
    SELECT a.attname, t.typname, a.atttypmod, greatest(c.reltuples, 0)::bigint, n.nspname, c.relname
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relname = %(table)s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND (n.nspname = %(schema)s OR %(schema)s::text IS NULL AND pg_table_is_visible(c.oid))
    ORDER BY a.attnum
"""
_TABLES_SQL = """
    SELECT schemaname || '.' || tablename FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
    UNION SELECT schemaname || '.' || viewname FROM pg_views
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""


@dataclass(frozen=True)
class Address:
    """server: the address without `table`. shown: without user and password, fit for messages."""

    server: str
    table: str | None
    shown: str


def is_postgres(path_or_uri: str | Path) -> bool:
    """Whether this is a PostgreSQL address."""
    return str(path_or_uri).startswith(_SCHEMES)


def address_of(uri: str) -> Address:
    """Take an address apart. Raises SourceError if it is none."""
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise SourceError(
            what="the address is no address", where="postgresql://…", mend="check it"
        ) from error
    given = parse_qsl(parts.query, keep_blank_values=True)
    table = next((value for key, value in given if key == "table"), None)
    rest = urlencode([(key, value) for key, value in given if key != "table"])
    server = urlunsplit(("postgresql", parts.netloc, parts.path, rest, ""))
    shown = f"postgresql://{host}{f':{port}' if port else ''}{unquote(parts.path)}"
    return Address(server, table, shown)


def without_password(uri: str) -> str:
    """The address without the password, fit for a file that others read: the password file has it then."""
    parts = urlsplit(uri)
    user, mark, host = parts.netloc.rpartition("@")
    given = [
        (key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != "password"
    ]
    query = urlencode(given) if "password=" in parts.query else parts.query
    return urlunsplit((parts.scheme, user.split(":")[0] + mark + host, parts.path, query, parts.fragment))


def postgres_tables(uri: str) -> list[str]:
    """The tables and views that may be read, as schema.table."""
    address = address_of(uri)
    psycopg = _psycopg()
    connection = _connect(psycopg, address)
    try:
        return [str(name) for (name,) in connection.execute(_TABLES_SQL)]
    except psycopg.Error as error:
        raise _failed(error, address) from error
    finally:
        connection.close()


def read_postgres(uri: str, *, options: ReadOptions, progress: Progress | None = None) -> Reading:
    """Return a Reading of the table, as of one moment, read only.

    Integers are int64, floats float64, numeric(p, s) decimal, numeric without a scale text (nothing is
    rounded), dates date32, moments timestamps; any other type its text. A row with a value its column's type
    cannot hold (infinity as a date) is kept aside. Progress counts rows, against the server's estimate.
    """
    address = address_of(uri)
    wanted = options.table or address.table
    if not wanted:
        raise SourceError(
            what="no table is named", where=address.shown, mend="add ?table=schema.table to the address"
        )
    psycopg = _psycopg()
    schema_name, _, table = wanted.rpartition(".")
    connection = _connect(psycopg, address)
    try:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        described = connection.execute(
            _COLUMNS_SQL, {"table": table, "schema": schema_name or None}
        ).fetchall()
    except psycopg.Error as error:
        connection.close()
        raise _failed(error, address) from error
    if not described:
        connection.close()
        raise SourceError(
            what=f"no table {wanted!r} that may be read",
            where=address.shown,
            mend="check its schema and name",
        )
    total = int(described[0][3])
    names, notes = fit_names([row[0] for row in described])
    schema = pa.schema(
        [pa.field(name, _type(row[1], row[2])) for name, row in zip(names, described, strict=True)]
    )
    tally = Tally(file=f"{address.shown}?table={wanted}", name=table, format="postgres")
    tally.notes += notes
    query = psycopg.sql.SQL("SELECT {} FROM {}").format(
        psycopg.sql.SQL(", ").join(
            psycopg.sql.SQL("{}::text" if _as_text(field.type) else "{}").format(
                psycopg.sql.Identifier(row[0])
            )
            for field, row in zip(schema, described, strict=True)
        ),
        psycopg.sql.Identifier(described[0][4], described[0][5]),
    )

    def batches() -> Iterator[pa.RecordBatch]:
        done, size = 0, min(options.batch_rows, 20_000)
        try:
            with connection.cursor(name="joinedup") as cursor:
                cursor.itersize = size
                cursor.execute(query)
                while rows := cursor.fetchmany(size):
                    yield _batch(rows, schema, tally, first_row=done + 1)
                    done += len(rows)
                    if progress is not None:
                        progress(done, max(total, done))
        except psycopg.Error as error:
            raise _failed(error, address) from error
        finally:
            connection.close()

    return Reading(schema=schema, batches=batches, tally=tally)


def _type(name: str, modifier: int) -> pa.DataType:
    if name == "numeric" and modifier >= 4:
        precision, scale = (modifier - 4) >> 16 & 0xFFFF, (modifier - 4) & 0x7FF
        if precision <= 38 and scale <= precision:
            return pa.decimal128(precision, scale)
    return _TYPES.get(name, pa.string())


def _as_text(kind: pa.DataType) -> bool:
    """What is sent as text: text, and what Python cannot hold in full (years beyond 9999, infinity, NaN)."""
    return bool(pa.types.is_string(kind) or pa.types.is_temporal(kind) or pa.types.is_decimal(kind))


def _batch(rows: list[tuple[Any, ...]], schema: pa.Schema, tally: Tally, *, first_row: int) -> pa.RecordBatch:
    good = rows
    try:
        batch = _arrays(good, schema)
    except (pa.ArrowException, ValueError, ArithmeticError):
        good = []
        for place, row in enumerate(rows):
            column = _bad_column(row, schema)
            if column is None:
                good.append(row)
            else:
                tally.keep_aside(
                    row=first_row + place,
                    column=column,
                    reason="the value is beyond what the column's type can hold",
                )
        batch = _arrays(good, schema)
    tally.rows_in += len(good)
    return batch


def _arrays(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    arrays = [_array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    if pa.types.is_date(kind):
        return pa.array([None if value is None else dt.date.fromisoformat(value) for value in values], kind)
    if pa.types.is_timestamp(kind):
        return pa.array([None if value is None else _moment(value) for value in values], kind)
    if pa.types.is_decimal(kind):
        return pa.array([None if value is None else Decimal(value) for value in values], kind)
    if pa.types.is_string(kind):
        return pa.array([value or None for value in values], kind)
    return pa.array(values, kind)


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _bad_column(row: tuple[Any, ...], schema: pa.Schema) -> str | None:
    for value, field in zip(row, schema, strict=True):
        try:
            _array((value,), field.type)
        except (pa.ArrowException, ValueError, ArithmeticError):
            return str(field.name)
    return None


def _connect(psycopg: Any, address: Address) -> Any:
    try:
        return psycopg.connect(
            address.server,
            connect_timeout=10,
            options="-c datestyle=ISO -c timezone=UTC -c bytea_output=hex",
            client_encoding="utf8",
        )
    except (psycopg.Error, ValueError, UnicodeError) as error:
        raise _failed(error, address) from error


def _failed(error: Exception, address: Address) -> SourceError:
    """The server's complaint by its kind: its own words may hold names and values."""
    kind = str(error).lower()
    if "authentication" in kind or "password" in kind or "role" in kind:
        what, mend = "the server refuses the user", "check the user name and the password file"
    elif "permission" in kind:
        what, mend = "the table may not be read", "ask its owner for the right to SELECT"
    elif 'database "' in kind and "does not exist" in kind:
        what, mend = "there is no such database", "check the address"
    elif type(error).__name__ == "OperationalError":
        what, mend = (
            "the server cannot be reached, or closed the connection",
            "check host and port, and that it runs",
        )
    else:
        what, mend = (
            f"the server or the address is not in order ({type(error).__name__})",
            "check the address",
        )
    return SourceError(what=what, where=address.shown, mend=mend)


def _psycopg() -> Any:
    try:
        import psycopg
        import psycopg.sql
    except ImportError as error:
        raise MissingExtraError(
            what="PostgreSQL needs the package psycopg",
            where="postgresql://…",
            mend="install joinedup[postgres]",
        ) from error
    return psycopg
