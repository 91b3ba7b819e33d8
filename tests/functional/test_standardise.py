"""`joinedup standardise`: comparable values, and for each how it stands and why."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

PROGRAM = Path(sys.executable).with_name("joinedup")
# 401 023 2137 by hand: 40+0+8+0+12+15+8+3+6 = 92, 92 mod 11 = 4, and 11 - 4 = 7, its last digit.
FILE = """Ref,NHS number,Date of birth,Postcode
a1,401 023 2137,25/12/1980,ls1 4dy
a2,4010232138,31/12/1975,LS14DY
a3,,30/02/1990,LS1 4DY
a4,4010232137,01/04/2030,nowhere
"""


def joinedup(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture
def people(tmp_path) -> Path:
    file = tmp_path / "people.csv"
    file.write_text(FILE)
    return file


def test_each_value_comes_with_its_status_and_reason(people, tmp_path):
    joinedup("standardise", people, "--out", tmp_path / "tidy.parquet", "--on", "2026-03-31")

    rows = pq.read_table(tmp_path / "tidy.parquet").to_pylist()
    assert [row["NHS number"] for row in rows] == ["4010232137", None, None, "4010232137"]
    assert [row["NHS number_status"] for row in rows][1:3] == ["invalid", "missing"]
    assert rows[1]["NHS number_reason"] == "check_digit"
    assert [row["Date of birth"] for row in rows] == [date(1980, 12, 25), date(1975, 12, 31), None, None]
    assert rows[2]["Date of birth_reason"] == "impossible_date"
    assert rows[3]["Date of birth_reason"] == "in_future"
    assert [row["Postcode"] for row in rows] == ["LS1 4DY", "LS1 4DY", "LS1 4DY", None]


def test_the_counts_of_every_column_add_up_to_the_rows(people, tmp_path):
    told = json.loads(joinedup("standardise", people, "--out", tmp_path / "tidy.csv", "--json").stdout)

    assert told["rows"] == 4
    assert [sum(each[s] for s in ("valid", "mended", "invalid", "missing")) for each in told["columns"]] == [
        4
    ] * 4


def test_a_column_can_be_said_to_mean_something_else(people, tmp_path):
    out = ["--out", tmp_path / "tidy.parquet", "--kind", "Postcode=text"]
    told = json.loads(joinedup("standardise", people, *out, "--json").stdout)

    postcode = told["columns"][3]
    assert (postcode["kind"], postcode["why"], postcode["invalid"]) == ("text", "as you said", 0)


@pytest.mark.parametrize(
    ("kind", "said"), [("Shoe size=text", "no such column"), ("Postcode=shoe_size", "no such kind")]
)
def test_a_column_or_kind_that_does_not_exist_is_refused_by_name(people, tmp_path, kind, said):
    result = joinedup("standardise", people, "--out", tmp_path / "tidy.csv", "--kind", kind)

    assert result.returncode == 2
    assert said in result.stderr
    assert not (tmp_path / "tidy.csv").exists()


def test_no_value_appears_on_the_screen(people, tmp_path):
    result = joinedup("standardise", people, "--out", tmp_path / "tidy.csv", "--debug")

    assert result.returncode == 0, result.stderr
    for value in ("401", "1980", "LS1", "nowhere"):
        assert value not in result.stdout + result.stderr


def test_a_refusal_lists_no_columns_that_may_be_somebodys_data(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("SMITH,ANN,LEEDS\nJONES,BOB,YORK\n")

    result = joinedup("standardise", file, "--kind", "surname=surname", "--out", tmp_path / "out.csv")

    assert result.returncode == 2
    assert "one of its 3 columns" in result.stderr
    assert "SMITH" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("order", "day"), [("dmy", date(1980, 4, 3)), ("mdy", date(1980, 3, 4)), ("ymd", None)]
)
def test_the_order_of_dates_can_be_said(tmp_path, order, day):
    file = tmp_path / "people.csv"
    file.write_text("id,born\n1,03/04/1980\n2,05/06/1981\n")

    result = joinedup(
        *(
            "standardise",
            file,
            "--kind",
            "born=date_of_birth",
            "--dates",
            order,
            "--out",
            tmp_path / "out.parquet",
        )
    )

    assert result.returncode == 0, result.stderr
    assert pq.read_table(tmp_path / "out.parquet")["born"][0].as_py() == day


def test_an_order_of_dates_that_is_none_is_refused(people, tmp_path):
    assert joinedup("standardise", people, "--dates", "dym", "--out", tmp_path / "out.csv").returncode == 2
