"""`joinedup profile`: how good a file's data are, by the Government Data Quality Framework."""

from __future__ import annotations

from datetime import date, datetime
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
from joinedup.cli.tables import duration, figure, share, table
from joinedup.errors import QualityBelowTarget

if TYPE_CHECKING:
    from rich.console import Console

    from joinedup.quality import QualityResult


def add_to(app: typer.Typer) -> None:
    """Register the command."""

    @command(app, "profile")
    def profile(
        out: Output,
        source: SourceArgument,
        folder: Annotated[
            Path, typer.Option("--out", metavar="DIR", help="Where quality.json, quality.html and more go.")
        ],
        rules: Annotated[
            Path | None,
            typer.Option("--rules", metavar="TOML", help="Quality rules; without, some are suggested."),
        ] = None,
        reference: Annotated[
            Path | None,
            typer.Option(
                "--reference", metavar="FILE", help="An authoritative sample, to measure accuracy by."
            ),
        ] = None,
        on: Annotated[
            datetime | None,
            typer.Option(
                "--on", formats=["%Y-%m-%d"], metavar="DATE", help="The day ages are reckoned from."
            ),
        ] = None,
        quick: Annotated[
            bool, typer.Option("--quick", help="Leave out checking the values of UK person fields.")
        ] = False,
        table_name: TableOption = None,
        format_name: FormatOption = None,
        encoding: EncodingOption = None,
        delimiter: DelimiterOption = None,
        header_row: HeaderRowOption = None,
        layout: LayoutOption = None,
    ) -> None:
        """Measure the quality of FILE: six dimensions, its columns, rules and what is below target.

        Earlier runs in the same DIR are the trend. Ends with code 7 where a rule of severity "fail" is below
        its target; the files are written all the same.
        """
        from joinedup import __version__
        from joinedup.quality import profile as measure
        from joinedup.quality import write_quality
        from joinedup.sources import ReadOptions, read

        day = on.date() if on else date.today()
        with progress_bar(out, f"Measuring {shown_name(source)}") as advance:
            options = ReadOptions(
                table=table_name,
                format=format_name,
                encoding=encoding,
                delimiter=delimiter,
                header_row=header_row,
                layout=layout,
            )
            reading = read(source, options=options, progress=advance)
            result = measure(
                reading, rules=rules, reference=reference, on=day, history=folder, validate=not quick
            )
        written = write_quality(result, folder, version=__version__)
        document: dict[str, Any] = {**result.as_dict(), "files": [str(path) for path in written]}
        document["sheets_not_read"] = told_of_sheets(out, source, options)
        out.answer(document, draw=lambda console: _draw(console, result, written))
        if result.failed:
            below = QualityBelowTarget(
                what=f"{len(result.failed)} rules of severity fail are below target",
                where=result.dataset,
                mend=f"see {folder / 'action-plan.md'}",
            )
            out.remark(below)
            raise typer.Exit(below.exit_code)


def _draw(console: Console, result: QualityResult, written: tuple[Path, ...]) -> None:
    aside = result.source.rows_aside
    console.print(f"{result.dataset}: {figure(result.rows)} rows, {figure(aside)} kept aside", markup=False)
    rows = [
        (d.dimension.value, share(d.measured), d.standing.value if d.standing else None, d.basis)
        for d in result.dimensions
    ]
    console.print(table(("dimension", "measured", "standing", "what was measured"), rows, right=(1,)))
    headings = ("column", "means", "type", "complete", "distinct", "valid")
    console.print(table(headings, result.summary_rows(), right=(3, 4, 5)))
    for issue in result.issues:
        target = f"{share(issue.measured)}, target {share(issue.rule.target)}"
        console.print(f"Below target: {issue.rule.id}: {target}", markup=False)
    console.print(f"{duration(result.seconds)}. Written: {', '.join(map(str, written))}", markup=False)
