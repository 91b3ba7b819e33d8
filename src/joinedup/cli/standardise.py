"""`joinedup standardise`: person fields in comparable form, each value with how it stands and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
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
    told_of_sheets,
)
from joinedup.cli.table_file import check_ending, write_table
from joinedup.cli.tables import figure, table
from joinedup.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

    from joinedup.people import FieldKind, Meaning, StandardisedField


class DateOrder(Enum):
    """In which order day, month and year stand."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


STATUSES = ("valid", "mended", "invalid", "missing")
MOST_REASONS = 12


def add_to(app: typer.Typer) -> None:
    """Register the command."""

    @command(app, "standardise")
    def standardise(
        out: Output,
        source: SourceArgument,
        out_file: Annotated[
            Path, typer.Option("--out", metavar="PATH", help="Where the table is written: .parquet or .csv.")
        ],
        kinds: Annotated[
            list[str] | None,
            typer.Option("--kind", metavar="COLUMN=KIND", help="Say what a column means; may be repeated."),
        ] = None,
        dates: Annotated[
            DateOrder | None,
            typer.Option("--dates", help="How its dates in numbers are written; without, it is found out."),
        ] = None,
        on: Annotated[
            datetime | None,
            typer.Option(
                formats=["%Y-%m-%d"], metavar="DATE", help="The day dates are judged on; else today."
            ),
        ] = None,
        table_name: TableOption = None,
        format_name: FormatOption = None,
        encoding: EncodingOption = None,
        delimiter: DelimiterOption = None,
        header_row: HeaderRowOption = None,
        layout: LayoutOption = None,
    ) -> None:
        """Standardise the person fields of FILE: comparable values, and a status and a reason for each.

        What each column means is found from its name and its contents. Beside every column NAME stand
        NAME_status (valid, mended, invalid or missing) and NAME_reason.
        """
        from dataclasses import replace

        from joinedup.people import find_meanings, standardise_table
        from joinedup.sources import ReadOptions, read

        check_ending(out_file)
        how = ReadOptions(
            table=table_name,
            format=format_name,
            encoding=encoding,
            delimiter=delimiter,
            header_row=header_row,
            layout=layout,
        )
        with progress_bar(out, f"Reading {shown_name(source)}") as advance:
            reading = read(source, options=how, progress=advance)
            rows = reading.table()
        with progress_bar(out, f"Standardising {reading.name}"):
            meanings = _with_said(find_meanings(rows), kinds or [])
            day = on.date() if on else date.today()
            options = {
                name: replace(
                    meaning.options, on=day, date_order=dates.value if dates else meaning.options.date_order
                )
                for name, meaning in meanings.items()
            }
            said = {name: meaning.kind for name, meaning in meanings.items()}
            fields = standardise_table(rows, said, options=options)
        write_table(_beside(fields), out_file)
        document = {
            "name": reading.name,
            "rows": rows.num_rows,
            "rows_aside": reading.report.rows_aside,
            "sheets_not_read": told_of_sheets(out, source, how),
            "out": str(out_file),
            "columns": [_column(name, meanings[name], fields[name]) for name in fields],
        }
        out.answer(document, draw=lambda console: _draw(console, document))


def _with_said(meanings: Mapping[str, Meaning], said: list[str]) -> dict[str, Meaning]:
    from dataclasses import replace

    from joinedup.sources import one_of_columns

    chosen = dict(meanings)
    for words in said:
        name, _, kind = words.rpartition("=")
        if name not in chosen:
            raise UsageError(
                what="no such column",
                where=f"--kind {words}",
                mend=f"name {one_of_columns(list(chosen))}",
            )
        chosen[name] = replace(chosen[name], kind=_kind(kind, words), confidence=1.0, why="as you said")
    return chosen


def _kind(word: str, words: str) -> FieldKind:
    from joinedup.people import FieldKind

    known = {kind.value: kind for kind in FieldKind}
    if word not in known:
        raise UsageError(what="no such kind", where=f"--kind {words}", mend=f"use one of: {', '.join(known)}")
    return known[word]


def _beside(fields: Mapping[str, StandardisedField]) -> pa.Table:
    """The standardised columns, each with its status and reason beside it."""
    import pyarrow as pa

    columns: dict[str, Any] = {}
    for name, field in fields.items():
        columns[name] = field.values
        columns[f"{name}_status"] = pa.DictionaryArray.from_arrays(field.status, pa.array(STATUSES))
        columns[f"{name}_reason"] = field.reasons
    return pa.table(columns)


def _column(name: str, meaning: Meaning, field: StandardisedField) -> dict[str, Any]:
    from joinedup.values.reasons import reason_words

    counts = {status.name.lower(): count for status, count in field.counts.items()}
    reasons = [
        {"reason": code, "words": reason_words(code), "rows": rows}
        for code, rows in field.reason_counts().items()
    ]
    told = {"name": name, "kind": meaning.kind.value, "confidence": meaning.confidence, "why": meaning.why}
    return {**told, **counts, "reasons": reasons, "notes": field.notes}


def _draw(console: Console, document: dict[str, Any]) -> None:
    aside = document["rows_aside"]
    console.print(
        f"{document['name']}: {figure(document['rows'])} rows, {figure(aside)} kept aside", markup=False
    )
    rows = [
        (
            each["name"],
            f"{each['kind']} ({each['confidence']:.0%})",
            *(each[status] for status in STATUSES),
        )
        for each in document["columns"]
    ]
    console.print(table(("column", "means (how sure)", *STATUSES), rows, right=(2, 3, 4, 5)))
    reasons = [
        (each["name"], reason["words"], reason["rows"])
        for each in document["columns"]
        for reason in each["reasons"]
        if reason["reason"] != "empty"
    ]
    if reasons:
        reasons.sort(key=lambda row: -row[2])
        console.print(table(("column", "reason", "rows"), reasons[:MOST_REASONS], right=(2,)))
        if len(reasons) > MOST_REASONS:
            console.print(f"and {figure(len(reasons) - MOST_REASONS)} rarer reasons; --json has them all\n")
    console.print(f"Written to {document['out']}", markup=False)
