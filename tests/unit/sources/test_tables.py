"""Workbooks, Parquet and SQLite: types are kept, places are named, containers are listed."""

from __future__ import annotations

import datetime as dt
import io
import sqlite3
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from joinedup.errors import LimitError, SourceError, UsageError
from joinedup.sources import ReadOptions, read, tables_in


@pytest.fixture
def workbook(tmp_path):
    """A saved workbook of one sheet, made of rows; `change` may do more to it."""

    def make(rows, change=lambda book: None):
        book = openpyxl.Workbook()
        book.active.title = "People"
        for row in rows:
            book.active.append(row)
        change(book)
        path = tmp_path / "book.xlsx"
        book.save(path)
        return path

    return make


def rows(reading):
    return [tuple(row.values()) for row in reading.table().to_pylist()]


def test_a_sheet_keeps_its_types(workbook):
    path = workbook(
        [
            ["id", "name", "dob", "seen", "pay", "is_old"],
            [1, "Ann", dt.date(1990, 1, 31), dt.datetime(2026, 5, 1, 9, 30), 1.5, True],
            [2, None, None, dt.datetime(2026, 5, 2), 2, False],
        ]
    )

    reading = read(path)

    assert [str(kind) for kind in reading.schema.types] == [
        "int64",
        "string",
        "date32[day]",
        "timestamp[us]",
        "double",
        "bool",
    ]
    assert rows(reading)[0] == (1, "Ann", dt.date(1990, 1, 31), dt.datetime(2026, 5, 1, 9, 30), 1.5, True)
    assert reading.name == "book"


def test_serial_numbers_in_a_date_column_are_dates_and_told(workbook):
    # 36526 is 1 January 2000 in every description of the 1900 date system.
    path = workbook([["id", "date of birth", "count"], [1, 36526, 36526], [2, 32874, 32874]])

    reading = read(path)

    assert rows(reading) == [(1, dt.date(2000, 1, 1), 36526), (2, dt.date(1990, 1, 1), 32874)]
    assert "column date of birth: plain numbers read as Excel dates" in reading.report.notes
    plain = read(path, options=ReadOptions(serial_dates=False))
    assert rows(plain)[0] == (1, 36526, 36526)


def test_a_column_of_several_kinds_is_text_as_shown_and_told(workbook):
    reading = read(workbook([["id", "house"], [1, 12], [2, "12a"], [3, dt.date(2026, 12, 14)]]))

    assert rows(reading) == [(1, "12"), (2, "12a"), (3, "2026-12-14")]
    assert (
        "column house holds values of several kinds (date, int, text): read as text" in reading.report.notes
    )


def test_a_header_below_titles_and_a_shifted_table_is_found(workbook):
    table = [
        ["Housing list"],
        [],
        [None, None, "id", "name"],
        [None, None, 1, "Ann"],
        [],
        [None, None, 2, "Bob"],
    ]

    reading = read(workbook(table))

    assert reading.report.header_row == 3
    assert [row[-2:] for row in rows(reading)] == [(1, "Ann"), (2, "Bob")]
    assert reading.report.rows_in == 2


def test_a_header_row_beyond_the_sheet_is_refused(workbook):
    path = workbook([["id", "name"], [1, "Ann"], [2, "Bob"]])

    with pytest.raises(UsageError, match="there is no row 99"):
        read(path, options=ReadOptions(header_row=99))


def test_cells_merged_downwards_each_get_the_value_and_it_is_told(workbook):
    path = workbook(
        [["ward", "name"], ["North", "Ann"], [None, "Bob"], ["South", "Cat"]],
        lambda book: book.active.merge_cells("A2:A3"),
    )

    reading = read(path)
    assert rows(reading) == [("North", "Ann"), ("North", "Bob"), ("South", "Cat")]
    assert "1 cells filled from the merged range that they belong to" in reading.report.notes
    assert rows(read(path, options=ReadOptions(fill_merged=False)))[1] == (None, "Bob")


def test_names_merged_over_columns_are_joined_with_those_below(workbook):
    path = workbook(
        [["Name", None, "date of birth"], ["first", "last", None], ["Ann", "Smith", dt.date(1990, 1, 1)]],
        lambda book: book.active.merge_cells("A1:B1"),
    )

    reading = read(path)
    assert reading.schema.names == ["Name first", "Name last", "date of birth"]
    assert rows(reading) == [("Ann", "Smith", dt.date(1990, 1, 1))]


def test_several_sheets_are_listed_and_told_and_may_be_named(workbook):
    def second(book):
        book.create_sheet("Cars").append(["plate"])
        book["Cars"].append(["A1"])
        book.create_sheet("Old").sheet_state = "hidden"

    path = workbook([["id"], [1]], second)

    assert tables_in(path) == ["People", "Cars", "Old"]
    first = read(path)
    assert first.name == "book.People"
    assert "sheet 'People' is read; the workbook also has 'Cars', 'Old'" in first.report.notes
    assert rows(read(path, options=ReadOptions(table="Cars"))) == [("A1",)]
    assert rows(read(f"{path}#Cars")) == [("A1",)]
    with pytest.raises(SourceError, match="no sheet 'Dogs'"):
        read(path, options=ReadOptions(table="Dogs"))


def test_old_excel_files_are_read(tmp_path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for place, (name, dob) in enumerate([("name", "dob"), ("Ann", dt.date(1990, 1, 31))]):
        sheet.write(place, 0, name)
        sheet.write(place, 1, dob, xlwt.easyxf(num_format_str="DD/MM/YYYY" if place else "General"))
    book.save(str(tmp_path / "a.xls"))

    assert rows(read(tmp_path / "a.xls")) == [("Ann", dt.date(1990, 1, 31))]


def ods_row(*cells, repeated=1):
    row = TableRow(numberrowsrepeated=repeated)
    for cell in cells:
        row.addElement(cell)
    return row


def ods_cell(text, **more):
    cell = TableCell(valuetype="string", **more)
    cell.addElement(P(text=text))
    return cell


def save_ods(path, *made):
    book = OpenDocumentSpreadsheet()
    table = Table(name="S")
    for row in made:
        table.addElement(row)
    book.spreadsheet.addElement(table)
    book.save(str(path))
    return path


def test_open_document_sheets_are_read_with_their_endless_empty_rows(tmp_path):
    endless = ods_row(TableCell(numbercolumnsrepeated=16_000), repeated=1_048_000)
    day = TableCell(valuetype="date", datevalue="1990-01-31")

    path = save_ods(
        tmp_path / "a.ods", ods_row(ods_cell("name"), ods_cell("dob")), ods_row(ods_cell("Ann"), day), endless
    )

    assert rows(read(path)) == [("Ann", dt.date(1990, 1, 31))]


def test_an_ods_that_would_spread_over_billions_of_cells_is_refused(tmp_path):
    far = ods_row(ods_cell("x", numbercolumnsrepeated=16_000), repeated=1_048_000)

    with pytest.raises(LimitError, match="spreads over"):
        read(save_ods(tmp_path / "a.ods", far))


def test_a_cell_in_the_last_corner_is_refused_before_it_is_laid_out(workbook):
    def corner(book):
        book.active["XFD1048576"] = "x"

    with pytest.raises(LimitError, match="1,048,576 rows by 16,384 columns"):
        read(workbook([["id"], [1]], corner))


def rewritten(path, change):
    """The workbook with its parts changed: change(name, content) -> content."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    path.write_bytes(out.getvalue())
    return path


def test_a_zip_bomb_is_refused_before_it_is_opened(workbook):
    path = rewritten(
        workbook([["id"], [1]]),
        lambda name, content: content + b" " * 80_000_000 if name.endswith("styles.xml") else content,
    )

    assert path.stat().st_size < 200_000
    with pytest.raises(LimitError, match="times its size"):
        read(path)


def test_a_bomb_that_lies_about_its_size_is_refused(workbook):
    path = rewritten(
        workbook([["id"], [1]]),
        lambda name, content: content + b" " * 80_000_000 if name.endswith("styles.xml") else content,
    )
    size = next(i.file_size for i in zipfile.ZipFile(path).infolist() if i.filename.endswith("styles.xml"))
    content = path.read_bytes()
    claimed = size.to_bytes(4, "little")
    assert content.count(claimed) >= 2
    path.write_bytes(content.replace(claimed, (1000).to_bytes(4, "little")))

    with pytest.raises(LimitError, match="times its size"):
        read(path)


def test_one_long_text_used_very_often_is_refused(workbook):
    # 200,000 cells that share one text of 32,000 letters are 6.4 GB once laid out.
    path = workbook([["note"]])
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(3, 200_003))
    rewritten(
        path,
        lambda name, old: old.replace(b"</sheetData>", cells + b"</sheetData>") if "sheet1" in name else old,
    )
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<sst><si><t>{'x' * 32_000}</t></si></sst>")

    with pytest.raises(LimitError, match="bytes of text"):
        read(path)


def test_an_encrypted_workbook_is_named_as_such(tmp_path):
    # What Excel writes: an OLE file whose directory names the stream EncryptedPackage.
    content = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(500)
    )
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)

    with pytest.raises(SourceError, match="protected by a password"):
        read(path)


def test_a_csv_named_xls_is_read_as_what_it_is_and_told(tmp_path):
    path = tmp_path / "export.xls"
    path.write_text("id\tname\n1\tAnn\n2\tBob\n")

    reading = read(path)
    assert rows(reading) == [("1", "Ann"), ("2", "Bob")]
    assert reading.report.notes == ("named .xls but holds csv",)


def test_parquet_is_streamed_by_row_group_with_its_types(tmp_path):
    table = pa.table({"id": [1, 2, 3], "dob": [dt.date(1990, 1, 1)] * 3, "tags": [["a"], [], None]})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=2)

    reading = read(tmp_path / "a.parquet")

    assert reading.schema == table.schema
    batches = list(reading.batches())
    assert [batch.num_rows for batch in batches] == [2, 1]
    assert pa.Table.from_batches(batches) == table


def test_a_broken_row_group_is_kept_aside_and_the_others_are_read(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"id": list(range(3000))}),
        path,
        row_group_size=1000,
        compression="snappy",
        use_dictionary=False,
    )
    start = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    content = bytearray(path.read_bytes())
    content[start : start + 40] = b"\xff" * 40
    path.write_bytes(content)

    reading = read(path)

    assert reading.table().column("id").to_pylist() == [*range(1000), *range(2000, 3000)]
    assert reading.aside.column("row").to_pylist() == list(range(1001, 2001))
    assert reading.report.rows_in == 3000


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "a.db"
    made = sqlite3.connect(path)
    made.execute("CREATE TABLE people (id INTEGER, name TEXT, dob DATE, ref, pay REAL, scan BLOB)")
    made.execute("INSERT INTO people VALUES (1, 'Ann', '1990-01-31', 7, 1, x'00ff')")
    made.execute("INSERT INTO people VALUES (2, '', NULL, 'x', 2.5, NULL)")
    made.commit()
    made.close()
    return path


def test_an_sqlite_table_has_the_types_that_its_values_have(database):
    reading = read(database)

    assert rows(reading) == [
        (1, "Ann", dt.date(1990, 1, 31), "7", 1.0, b"\x00\xff"),
        (2, None, None, "x", 2.5, None),
    ]
    assert reading.report.notes == ("column ref holds values of several kinds: read as text",)


def test_of_several_sqlite_tables_one_must_be_named(database):
    made = sqlite3.connect(database)
    made.execute('CREATE TABLE "odd ""name" (id INTEGER)')
    made.execute('INSERT INTO "odd ""name" VALUES (5)')
    made.commit()
    made.close()

    assert tables_in(database) == ["people", 'odd "name']
    with pytest.raises(SourceError, match="has 2 tables"):
        read(database)
    with pytest.raises(SourceError, match="no table 'x'"):
        read(database, options=ReadOptions(table="x"))
    reading = read(database, options=ReadOptions(table='odd "name'))
    assert (reading.name, rows(reading)) == ('a.odd "name', [(5,)])


def test_an_sqlite_row_with_text_that_is_none_is_kept_aside(database):
    made = sqlite3.connect(database)
    made.execute("INSERT INTO people (id, name) VALUES (3, CAST(x'ff41' AS TEXT))")
    made.commit()
    made.close()

    reading = read(database)
    assert reading.table().column("id").to_pylist() == [1, 2]
    (aside,) = reading.aside.to_pylist()
    assert (aside["row"], aside["column"]) == (3, "name")
