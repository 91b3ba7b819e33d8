"""`joinedup read`: what a file is, and an account of every row."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

PROGRAM = Path(sys.executable).with_name("joinedup")
# The sixth line has a cell too many; the quote on the last is never closed.
FILE = 'id;name\n1;Ada\n2;Di\n3;Ed\n4;Fay\n5;Bob;Esq\n6;"Cyd\n'


def joinedup(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture
def people(tmp_path) -> Path:
    file = tmp_path / "people.csv"
    file.write_text(FILE)
    return file


def test_machines_are_told_what_the_file_is_and_where_each_row_went(people):
    (told,) = json.loads(joinedup("read", people, "--json").stdout)["tables"]

    assert (told["format"], told["delimiter"], told["header_row"]) == ("csv", ";", 1)
    assert (told["rows_in"], told["rows_good"], told["rows_aside"]) == (6, 4, 2)
    assert sum(reason["rows"] for reason in told["reasons"]) == 2
    assert {reason["first_row"] for reason in told["reasons"]} == {6, 7}


def test_people_are_told_the_same(people):
    result = joinedup("read", people)

    assert result.returncode == 0
    assert "people: csv, utf-8, semicolons between cells, column names on row 1" in result.stdout
    assert "6 rows = 4 good + 2 kept aside" in result.stdout


def test_rows_kept_aside_can_be_had_and_run_nothing_in_a_spreadsheet(people, tmp_path):
    people.write_text(FILE.replace("5;Bob;Esq", "=1+1;a;b"))

    joinedup("read", people, "--aside-out", tmp_path / "aside.csv")

    with (tmp_path / "aside.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["file", "table", "row", "column", "reason", "raw"]
    assert [row["raw"] for row in rows if row["raw"].endswith("1+1;a;b")] == ["'=1+1;a;b"]


def test_no_row_kept_aside_is_quoted_on_the_screen(people):
    result = joinedup("read", people)

    assert "Bob" not in result.stdout + result.stderr
    assert "Cyd" not in result.stdout + result.stderr


def test_every_sheet_of_a_workbook_is_read(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "North"
    book.active.append(["id", "name"])
    book.active.append([1, "Ada"])
    book.create_sheet("South").append(["id", "name"])
    book["South"].append([2, "Bob"])
    book.save(tmp_path / "people.xlsx")

    told = json.loads(joinedup("read", tmp_path / "people.xlsx", "--json").stdout)["tables"]
    one = json.loads(joinedup("read", tmp_path / "people.xlsx", "--table", "South", "--json").stdout)[
        "tables"
    ]

    assert [(each["name"], each["rows_good"]) for each in told] == [("people.North", 1), ("people.South", 1)]
    assert [each["name"] for each in one] == ["people.South"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["absent.csv"], 3, "no such file (absent.csv)"),
        (["{people}", "--delimiter", "ab"], 2, "delimiter"),
        (["{people}", "--aside-out", "aside.txt"], 2, "end it in .parquet or .csv"),
        (["{people}", "--format", "papyrus"], 2, "papyrus"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(people, arguments, exit_code, said):
    result = joinedup("read", *(argument.format(people=people) for argument in arguments))

    assert result.returncode == exit_code
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
