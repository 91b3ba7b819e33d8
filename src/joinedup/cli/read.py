"""`joinedup read`: what a file is, how many of its rows are good, and why the others are not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from joinedup.cli.frame import command
from joinedup.cli.output import Output
from joinedup.cli.progress import progress_bar
from joinedup.cli.source_options import (
    DelimiterOption,
    EncodingOption,
    FormatOption,
    HeaderRowOption,
    LayoutOption,
    SourceArgument,
    TableOption,
    shown_name,
)
from joinedup.cli.table_file import check_ending, write_table
from joinedup.cli.tables import duration, figure, table

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

    from joinedup.sources import Reading

MOST_REASONS = 10


def add_to(app: typer.Typer) -> None:
    """Register the command."""

    @command(app, "read")
    def read(
        out: Output,
        source: SourceArgument,
        table_name: TableOption = None,
        aside_out: Annotated[
            Path | None,
            typer.Option(
                "--aside-out", metavar="PATH", help="Write the rows kept aside, as .csv or .parquet."
            ),
        ] = None,
        format_name: FormatOption = None,
        encoding: EncodingOption = None,
        delimiter: DelimiterOption = None,
        header_row: HeaderRowOption = None,
        layout: LayoutOption = None,
    ) -> None:
        """Read FILE whole: what it is, how many rows are good, and why the others are kept aside."""
        import pyarrow as pa

        from joinedup.sources import ReadOptions, tables_in
        from joinedup.sources import read as read_source

        if aside_out:
            check_ending(aside_out)
        options: dict[str, Any] = {
            "format": format_name,
            "encoding": encoding,
            "delimiter": delimiter,
            "header_row": header_row,
            "layout": layout,
        }
        several = tables_in(source, options=ReadOptions(**options)) if table_name is None else [table_name]
        documents, asides = [], []
        for name in several if len(several) > 1 else [table_name]:
            with progress_bar(out, f"Reading {name or shown_name(source)}") as advance:
                reading = read_source(source, options=ReadOptions(table=name, **options), progress=advance)
                for _ in reading.batches():
                    pass  # drained for its report; the rows themselves are not asked for
            documents.append(_document(reading))
            asides.append(_with_table(reading))
        if aside_out:
            write_table(pa.concat_tables(asides), aside_out)
        answer = {"tables": documents, "aside_out": str(aside_out) if aside_out else None}
        out.answer(answer, draw=lambda console: _draw(console, documents, aside_out))


def _document(reading: Reading) -> dict[str, Any]:
    schema = [{"name": field.name, "type": str(field.type)} for field in reading.schema]
    return {**reading.report.describe(), "columns": schema, "reasons": _reasons(reading.aside)}


def _reasons(aside: pa.Table) -> list[dict[str, Any]]:
    """Why rows were kept aside: each reason with its column, how many rows, and the first of them."""
    grouped = aside.group_by(["reason", "column"]).aggregate([("row", "count"), ("row", "min")])
    rows = sorted(grouped.to_pylist(), key=lambda row: (-row["row_count"], row["row_min"]))
    return [
        {
            "reason": row["reason"],
            "column": row["column"],
            "rows": row["row_count"],
            "first_row": row["row_min"],
        }
        for row in rows
    ]


def _with_table(reading: Reading) -> pa.Table:
    import pyarrow as pa

    rows = reading.aside
    return rows.add_column(1, "table", pa.array([reading.name] * rows.num_rows, pa.string()))


def _draw(console: Console, documents: list[dict[str, Any]], aside_out: Path | None) -> None:
    for told in documents:
        found = [told["format"], told["encoding"], _between(told["delimiter"]), _header(told["header_row"])]
        console.print(f"{told['name']}: {', '.join(word for word in found if word)}", markup=False)
        console.print(
            f"{figure(told['rows_in'])} rows = {figure(told['rows_good'])} good + "
            f"{figure(told['rows_aside'])} kept aside, in {duration(told['seconds'])}"
        )
        console.print(table(("column", "type"), [(each["name"], each["type"]) for each in told["columns"]]))
        if told["reasons"]:
            rows = [(r["reason"], r["column"], r["rows"], r["first_row"]) for r in told["reasons"]]
            headings = ("why rows were kept aside", "column", "rows", "first row")
            console.print(table(headings, rows[:MOST_REASONS], right=(2, 3)))
            if len(rows) > MOST_REASONS:
                console.print(f"and {figure(len(rows) - MOST_REASONS)} further reasons; --json has them all")
        for note in told["notes"]:
            console.print(f"Note: {note}", markup=False)
    if aside_out:
        console.print(f"Rows kept aside are in {aside_out}", markup=False)


def _between(delimiter: str | None) -> str | None:
    words = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
    return f"{words.get(delimiter, repr(delimiter))} between cells" if delimiter else None


def _header(row: int | None) -> str | None:
    if row is None:
        return None
    return f"column names on row {row}" if row else "no column names"
