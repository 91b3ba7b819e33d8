"""A table is written as its name says, and what goes to a spreadsheet runs nothing there."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joinedup.cli.table_file import write_table
from joinedup.errors import UsageError


def test_csv_is_guarded_and_parquet_is_not(tmp_path):
    rows = pa.table({"raw": ["=1"]})

    write_table(rows, tmp_path / "deep" / "aside.csv")
    write_table(rows, tmp_path / "aside.parquet")

    assert (tmp_path / "deep" / "aside.csv").read_text().splitlines()[1].strip('"') == "'=1"
    assert pq.read_table(tmp_path / "aside.parquet").equals(rows)


def test_a_name_that_does_not_say_how_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"end it in \.parquet or \.csv"):
        write_table(pa.table({}), tmp_path / "aside.txt")
