"""Tables written for people and programs: Parquet as it is, CSV so that a spreadsheet runs nothing.

A cell that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV Injection").
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from joinedup.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

ENDINGS = (".parquet", ".csv")
# Begins like a formula, and is not merely a number with its sign, as +44 1632 960001 or -3.5 are.
FORMULA = r"^[=@\t\r]|^[+-](?:[^\d. ]|[\d. ]*[^\d. ])"


def check_ending(path: Path) -> None:
    """Refuse a name whose ending does not say how to write; called before any work is done."""
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(
            what="the name does not say how to write it", where=str(path), mend="end it in .parquet or .csv"
        )


def write_table(rows: pa.Table, path: Path) -> None:
    """Write `rows` to `path`, by its ending; folders on the way are made."""
    check_ending(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq

        pq.write_table(rows, path, compression="zstd")
        return
    import pyarrow.csv

    pyarrow.csv.write_csv(harmless(rows), path)


def harmless(rows: pa.Table) -> pa.Table:
    """The same rows with an apostrophe before text that a spreadsheet would run."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = []
    for column in rows.columns:
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column = pc.if_else(
                pc.match_substring_regex(column, FORMULA),
                pc.binary_join_element_wise("'", column, ""),
                column,
            )
        columns.append(column)
    return pa.table(columns, names=rows.column_names)
