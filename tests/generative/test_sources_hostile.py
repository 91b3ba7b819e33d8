"""No bytes crash the reader: whatever a file holds and is called, there is a Reading or a clear refusal."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from joinedup.errors import JoinedupError
from joinedup.sources import ReadOptions, read, tables_in

TEXT = [".csv", ".tsv", ".txt", ".json", ".jsonl", ".xml", ".dat", ".unknown", ""]
BINARY = [".xlsx", ".xls", ".ods", ".xlsb", ".parquet", ".sqlite", ".gz", ".zip", ".csv.gz"]
FRAGMENTS = [
    *[
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b":",
        b",",
        b"\n",
        b"\r",
        b"<a>",
        b"</a>",
        b"<b x='1'>",
        b"</b>",
        b"&amp;",
        b"&#0;",
    ],
    *[
        b"<?xml version='1.0'?>",
        b"<!DOCTYPE a>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"null",
        b"true",
        b"1e999",
    ],
    *[
        b"-0",
        b"\\ud800",
        b"\\u0000",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"\0",
        b"\x1a",
        b"id",
        b"name",
    ],
    *[b'{"a":1}', b"sep=;"],
]
fuzz = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ANY_TEXT = st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(FRAGMENTS), max_size=30).map(b"".join))


def survives(path: Path, options: ReadOptions | None = None) -> None:
    """Read to the end; anything but a JoinedupError gets out and fails the test."""
    try:
        tables_in(path)
        reading = read(path, options=options)
        table = reading.table()
    except JoinedupError as error:
        refused = error.what and error.mend
        assert refused  # a refusal is one of the two good outcomes
        return
    table.validate(full=True)
    report = reading.report
    assert report.rows_in == report.rows_good + report.rows_aside == table.num_rows + reading.aside.num_rows
    json.dumps(report.describe())


@pytest.mark.parametrize("ending", TEXT + BINARY)
@fuzz
@given(content=ANY_TEXT)
@example(content=b"{}")
def test_any_bytes_under_any_name(tmp_path, ending, content):
    path = tmp_path / f"file{ending}"
    path.write_bytes(content)

    survives(path)


LAYOUT = '[[column]]\nname="a"\nstart=1\nwidth=2\n[[column]]\nname="b"\nstart=3\nwidth=2\n'


@fuzz
@given(content=ANY_TEXT)
def test_any_bytes_by_a_fixed_layout(tmp_path, content):
    path = tmp_path / "file.dat"
    path.write_bytes(content)

    survives(path, ReadOptions(layout=LAYOUT))


@fuzz
@given(
    content=ANY_TEXT, encoding=st.sampled_from(["utf-16", "utf-32", "shift_jis", "cp037", "utf-7", "cp850"])
)
def test_any_bytes_in_any_declared_encoding(tmp_path, content, encoding):
    path = tmp_path / "file.csv"
    path.write_bytes(content)

    survives(path, ReadOptions(encoding=encoding))


def workbook_xlsx() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["id", "name", "dob"])
    for number in range(20):
        book.active.append([number, f"name {number}", 36526 + number])
    book.active.merge_cells("B3:B5")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for number in range(20):
        sheet.write(number, 0, number)
        sheet.write(number, 1, f"name {number}")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(
        pa.table({"a": list(range(50)), "b": [f"x{n}" for n in range(50)]}), out, row_group_size=20
    )
    return out.getvalue()


def database() -> bytes:
    made = sqlite3.connect(":memory:")
    made.execute("CREATE TABLE people (id INTEGER, name TEXT, dob DATE)")
    made.executemany("INSERT INTO people VALUES (?, ?, ?)", [(n, f"x{n}", "2000-01-01") for n in range(200)])
    made.commit()
    return made.serialize()


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


SEEDS = {
    ".xlsx": workbook_xlsx(),
    ".xls": workbook_xls(),
    ".parquet": parquet(),
    ".sqlite": database(),
    ".csv.gz": gzip.compress(b"id,name\n" + b"1,x\n" * 100),
    ".zip": zipped("people.csv", b"id,name\n" + b"1,x\n" * 100),
}


@pytest.mark.parametrize("ending", sorted(SEEDS))
@fuzz
@given(
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    cut=st.one_of(st.just(1.0), st.floats(0, 1)),
)
@example(changes=[(0.3125, 128)], cut=1.0)
@example(changes=[(0.24609375, 128)], cut=1.0)
def test_a_good_file_damaged(tmp_path, ending, changes, cut):
    content = bytearray(SEEDS[ending])
    for place, byte in changes:
        content[int(place * len(content))] = byte
    path = tmp_path / f"file{ending}"
    path.write_bytes(content[: int(cut * len(content))])

    survives(path)


@fuzz
@given(
    part=st.sampled_from(
        ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]
    ),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6
    ),
)
def test_a_workbook_with_damage_inside_its_packing(tmp_path, part, changes):
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(SEEDS[".xlsx"])) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = bytearray(old.read(name))
            if name == part:
                for place, byte in changes:
                    content[int(place * len(content))] = byte
            new.writestr(name, bytes(content))
    path = tmp_path / "file.xlsx"
    path.write_bytes(out.getvalue())

    survives(path)
