"""Exports: no formula leaves the house, and a file is whole or not there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joinedup.errors import SourceError
from joinedup.sources import read, write_csv, write_parquet


@pytest.mark.parametrize(
    "cell", ["=1+1", "=HYPERLINK(1)", "+44 1632 960001", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]
)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(tmp_path, cell):
    path = tmp_path / "out.csv"

    assert write_csv(pa.table({"note": [cell]}), path) == 1
    assert read(path).table().column("note").to_pylist() == ["'" + cell]


@pytest.mark.parametrize("cell", ["-12.5", "+44", "-1e9", "-.5", "a=1", "1-2", "O'Brien", "£5"])
def test_numbers_and_plain_text_are_left_alone(tmp_path, cell):
    path = tmp_path / "out.csv"

    assert write_csv(pa.table({"note": [cell]}), path) == 0
    assert path.read_text() == f'"note"\n"{cell}"\n'


def test_a_dangerous_name_is_neutralised_too(tmp_path):
    write_csv(pa.table({"=cmd": ["x"]}), tmp_path / "out.csv")

    assert (tmp_path / "out.csv").read_text() == '"\'=cmd"\n"x"\n'


def test_every_type_is_written_as_a_person_would_write_it(tmp_path):
    table = pa.table(
        {
            "id": pa.array([1, None]),
            "dob": pa.array([dt.date(1990, 1, 31), None]),
            "pay": pa.array([Decimal("12.50"), None]),
            "kind": pa.array(["=a", None]).dictionary_encode(),
            "list": pa.array([["x"], None]),
            "is_old": pa.array([True, None]),
        }
    )

    assert write_csv(table, tmp_path / "out.csv") == 1
    assert (tmp_path / "out.csv").read_text().splitlines()[1:] == [
        '1,1990-01-31,"12.50","\'=a","[\'x\']",true',
        ",,,,,",
    ]


def test_an_export_is_whole_or_not_there(tmp_path):
    def batches():
        yield pa.record_batch({"a": ["x"]})
        raise OSError("disk")

    for write in (write_csv, write_parquet):
        with pytest.raises(OSError, match="disk"):
            write(batches(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_parquet_keeps_types_and_streams(tmp_path):
    batches = (pa.record_batch({"id": [number]}) for number in range(3))

    assert write_parquet(batches, tmp_path / "out.parquet") == 3
    assert pq.read_table(tmp_path / "out.parquet").to_pydict() == {"id": [0, 1, 2]}


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SourceError, match="nothing can be written there"):
        write_csv(pa.table({"a": ["x"]}), tmp_path / "no" / "out.csv")
