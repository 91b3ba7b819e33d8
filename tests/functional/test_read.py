"""`joinedup read`: what a file is, and an account of every row."""

from __future__ import annotations

import csv
import json
import sqlite3
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


def test_a_sheet_or_table_can_be_named_behind_the_file(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "North"
    book.active.append(["id", "name"])
    book.create_sheet("South").append(["id", "name"])
    book["South"].append([2, "Bob"])
    book.save(tmp_path / "people.xlsx")
    with sqlite3.connect(tmp_path / "people.db") as made:
        made.execute("CREATE TABLE cars (id INTEGER)")
        made.execute("CREATE TABLE people (id INTEGER)")

    def names(source: str) -> list[str]:
        return [each["name"] for each in json.loads(joinedup("read", source, "--json").stdout)["tables"]]

    assert names(f"{tmp_path}/people.xlsx#South") == ["people.South"]
    assert names(f"{tmp_path}/people.db#people") == ["people.people"]
    missing = joinedup("read", f"{tmp_path}/people.xlsx#West")
    assert (missing.returncode, "no sheet 'West'" in missing.stderr) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["absent.csv"], 3, "no such file (absent.csv)"),
        (["{people}", "--delimiter", "ab"], 2, "delimiter"),
        (["{people}", "--aside-out", "aside.txt"], 2, "end it in .parquet or .csv"),
        (["{people}", "--format", "papyrus"], 2, "papyrus"),
        (["{people}", "--header-row", "99"], 2, "there is no row 99"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(people, arguments, exit_code, said):
    result = joinedup("read", *(argument.format(people=people) for argument in arguments))

    assert result.returncode == exit_code
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


@pytest.mark.parametrize("flags", [[], ["--json"]])
@pytest.mark.parametrize("command", ["read", "profile"])
def test_a_file_does_not_steer_the_terminal(tmp_path, command, flags):
    file = tmp_path / "people\x1b[31m.csv"
    file.write_text("id,\x1b[31mname\x9b2J\n1,\x1b[2JAda\n2,Bob\n")
    more = ["--out", tmp_path / "quality"] if command == "profile" else []

    result = joinedup(command, file, *more, *flags)

    assert result.returncode == 0
    assert not {"\x1b", "\x9b"} & set(result.stdout + result.stderr)
    assert "1b[31mname" in result.stdout


@pytest.mark.parametrize("tab", ["\\t", "tab", "TAB", "\t"])
@pytest.mark.parametrize("command", ["read", "profile", "standardise"])
def test_a_tab_can_be_said_in_words(tmp_path, command, tab):
    file = tmp_path / "people.csv"
    file.write_text("surname,first\tsex\nLee, A\tm\nRoe, B\tf\n")
    out = {"read": (), "profile": ("--out", tmp_path / "q"), "standardise": ("--out", tmp_path / "out.csv")}

    result = joinedup(command, file, "--delimiter", tab, "--json", *out[command])

    assert result.returncode == 0, result.stderr
    assert "surname,first" in result.stdout


@pytest.mark.parametrize("command", ["read", "profile", "standardise"])
def test_commands_that_read_take_the_same_word_for_how(tmp_path, command):
    (tmp_path / "layout.toml").write_text(
        '[[column]]\nname = "surname"\nstart = 1\nwidth = 6\n[[column]]\nname = "town"\nstart = 7\nwidth = 5\n'
    )
    (tmp_path / "fixed.txt").write_bytes("SMITH LEEDS\nJONES YORK \n".encode("utf-16-le"))
    (tmp_path / "people.csv").write_text("of 2026\nLee;surname\nRoe;Ann\n")
    out = {"read": (), "profile": ("--out", tmp_path / "q"), "standardise": ("--out", tmp_path / "out.csv")}

    fixed = joinedup(
        command,
        tmp_path / "fixed.txt",
        *("--layout", tmp_path / "layout.toml", "--encoding", "utf-16-le", "--json"),
        *out[command],
    )
    cut = joinedup(
        command,
        tmp_path / "people.csv",
        *("--format", "csv", "--delimiter", ";", "--header-row", "2", "--json"),
        *out[command],
    )

    assert fixed.returncode == cut.returncode == 0, fixed.stderr + cut.stderr
    assert '"town"' in fixed.stdout
    assert '"Lee"' in cut.stdout
