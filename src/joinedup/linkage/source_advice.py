"""What to tell a person of a source that was read: rows kept aside, sheets left out, records without ids."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from joinedup.linkage.run import Advice
from joinedup.linkage.spec import Source
from joinedup.sources import sheets_beside


def aside_advice(name: str, refused: pa.Table) -> Advice:
    """What to tell of the rows of a source that could not be read."""
    rows = pc.count_distinct(refused["row"]).as_py()
    return Advice(
        f"{rows:,} {'row' if rows == 1 else 'rows'} of '{name}' could not be read and "
        f"{'was' if rows == 1 else 'were'} kept aside",
        "see the file beside the results: each row has its reason",
        "sources",
    )


def numbered_advice(name: str) -> Advice:
    """What to tell of a source whose records have no id of their own."""
    return Advice(
        f"no column of '{name}' is an identifier that each row has and no two share, so record_id is the row's number",
        "where a column is the records' own id, name it: --id COLUMN, or id in the spec",
        "identifiers",
    )


def sheets_advice(source: Source, path: str) -> Advice | None:
    """What to tell of filled sheets that are not read, where nobody said which to read. path: where the source is."""
    unread = source.not_read
    if not source.tables and "://" not in path:
        unread = sheets_beside(path, options=source.read_options())
    if not unread:
        return None
    sheets, were = ("the sheet", "was") if len(unread) == 1 else ("the sheets", "were")
    return Advice(
        f"{sheets} {', '.join(map(repr, unread))} of '{source.name}' {were} not read",
        "to read another, name it as FILE#SHEET, or say in the spec which: tables = […]",
        "sources",
    )
