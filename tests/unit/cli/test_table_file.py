"""What is written for a spreadsheet does not run in it, and Parquet keeps what it was given."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joinedup.cli.table_file import harmless, write_table
from joinedup.errors import UsageError


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://192.0.2.1")',
        "@SUM(A1)",
        "+cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "+44 1632 960001=1",
        "\t=1+1",
        "-a",
        "--1",
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell):
    assert harmless(pa.table({"raw": [cell]})).to_pylist() == [{"raw": f"'{cell}"}]


@pytest.mark.parametrize(
    "cell", ["+441632960001", "-3.5", "+44 1632 960001", "O'Neill", "a=b", "", "-", None]
)
def test_an_ordinary_cell_is_left_as_it_is(cell):
    assert harmless(pa.table({"raw": pa.array([cell], pa.string())})).to_pylist() == [{"raw": cell}]


def test_text_behind_a_dictionary_is_guarded_too():
    rows = pa.table({"raw": pa.array(["=1", None]).dictionary_encode(), "born": [date(1815, 12, 10), None]})

    assert harmless(rows)["raw"].to_pylist() == ["'=1", None]


def test_csv_is_guarded_and_parquet_is_not(tmp_path):
    rows = pa.table({"raw": ["=1"]})

    write_table(rows, tmp_path / "deep" / "aside.csv")
    write_table(rows, tmp_path / "aside.parquet")

    assert (tmp_path / "deep" / "aside.csv").read_text() == '"raw"\n"\'=1"\n'
    assert pq.read_table(tmp_path / "aside.parquet").equals(rows)


def test_a_name_that_does_not_say_how_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"end it in \.parquet or \.csv"):
        write_table(pa.table({}), Path(tmp_path / "aside.txt"))
