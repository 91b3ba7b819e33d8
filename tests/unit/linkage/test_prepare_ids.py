"""A source's own ids are found and used; sheets whose types differ stack as one source."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq

from joinedup.linkage import link, link_files
from joinedup.linkage.spec import JobKind, Source, Spec

PEOPLE = [
    ("P-017", "Ada", "Quellwright", "1970-02-03", "Thornby"),
    ("P-018", "Ada", "Quelwright", "1970-02-03", "Thornby"),
    ("P-022", "Femi", "Adewalla", "1988-11-30", "Market Eld"),
    ("P-031", "Ivor", "Kitkinson", "1951-07-19", "Thornby"),
]


def write(path: Path, rows: list[tuple[str, ...]], header: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def test_the_records_keep_their_own_ids(tmp_path: Path) -> None:
    rows = [(f"P-{n:03d}", *PEOPLE[n % 4][1:]) for n in range(200)]
    file = write(tmp_path / "people.csv", rows, ["person_ref", "first_name", "surname", "dob", "town"])

    link_files([file], tmp_path / "out")

    ids = pq.read_table(tmp_path / "out" / "people.parquet")["record_id"].to_pylist()
    assert sorted(ids) == sorted(row[0] for row in rows)
    assert 'id = "person_ref"' in (tmp_path / "out" / "spec.toml").read_text(encoding="utf-8")


def test_without_ids_rows_are_numbered(tmp_path: Path) -> None:
    rows = [PEOPLE[n % 4][1:] for n in range(200)]
    file = write(tmp_path / "people.csv", rows, ["first_name", "surname", "dob", "town"])

    link_files([file], tmp_path / "out")

    ids = pq.read_table(tmp_path / "out" / "people.parquet")["record_id"].to_pylist()
    assert sorted(map(int, ids)) == list(range(1, 201))


def test_sheets_with_a_date_in_one_and_a_text_in_the_other_are_one_source(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for number, name in enumerate(("Tenants", "Waiting list")):
        sheet = book.active if number == 0 else book.create_sheet()
        sheet.title = name
        sheet.append(["ref", "first_name", "surname", "dob"])
        for row in range(60):
            born = (
                date(1980, 1 + row % 12, 1 + row % 28)
                if number == 0
                else f"19{50 + row % 40}-05-0{1 + row % 9}"
            )
            sheet.append([f"{name[0]}{row}", "Ada" if row % 2 else "Femi", f"Surname{row % 20}", born])
    book.save(tmp_path / "housing.xlsx")
    source = Source(path="housing.xlsx", name="housing", id="ref", tables=("Tenants", "Waiting list"))

    link(Spec(kind=JobKind.DEDUPE, sources=(source,), folder=tmp_path), tmp_path / "out")

    assert pq.read_table(tmp_path / "out" / "people.parquet").num_rows == 120
