"""`joinedup demo`: a fictional county on disk, measured, linked, and held against the truth."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from joinedup.cli.evaluate import draw_evaluation
from joinedup.cli.fairness import KEPT
from joinedup.cli.frame import command
from joinedup.cli.linkage_report import draw_run, run_document
from joinedup.cli.output import Output
from joinedup.cli.progress import progress_bar, stage_bar
from joinedup.cli.site import is_installed, serve_instead
from joinedup.cli.tables import duration, share, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from joinedup.people.county import CountyFiles
    from joinedup.quality import QualityResult
    from joinedup.sources import ReadOptions

WITHOUT_ADDRESS = 50  # one more for so many people: enough of them to measure whether the linkage fails them
MARK = "demonstration.json"  # a folder with it is served as a demonstration
ON = date(2026, 3, 31)  # the day the county is looked at, so that every run says the same


def add_to(app: typer.Typer) -> None:
    """Register the command."""

    @command(app, "demo")
    def demo(
        out: Output,
        people: Annotated[
            int,
            typer.Option("--people", min=100, metavar="NUMBER", help="How many people live in the county."),
        ] = 20_000,
        workspace: Annotated[
            Path, typer.Option("--dir", metavar="DIR", help="Where everything goes; made if absent.")
        ] = Path("workspace"),
        seed: Annotated[
            int, typer.Option("--seed", metavar="NUMBER", help="The same seed, the same county.")
        ] = 1,
        port: Annotated[
            int,
            typer.Option(
                "--port",
                min=1,
                max=65535,
                metavar="NUMBER",
                help="Where the website listens on this machine.",
            ),
        ] = 8000,
        no_serve: Annotated[
            bool, typer.Option("--no-serve", help="Build only; `joinedup serve --dir DIR` shows it later.")
        ] = False,
    ) -> None:
        """Build the demonstration (five organisations' extracts, their quality, the people joined up); serve it.

        The county is made from a seed; nobody in it exists. The truth is kept apart and is used to
        say how good the linkage is, never by the linkage itself. With --json nothing is served.
        """
        from joinedup import __version__
        from joinedup.linkage import evaluate, fairness, link, load_spec, write_evaluation
        from joinedup.people.county import write_county
        from joinedup.quality import profile, write_quality
        from joinedup.sources import read

        started = time.monotonic()
        with progress_bar(out, "Making the county") as advance:
            county = write_county(
                workspace / "county",
                people=people,
                seed=seed,
                without_address=people // WITHOUT_ADDRESS,
                progress=advance,
            )
        measured: dict[str, QualityResult] = {}
        tables = _tables(county)
        for name, (path, options) in tables.items():
            with progress_bar(out, f"Measuring {name}") as advance:
                reading = read(path, options=options, progress=advance)
                measured[name] = profile(reading, on=ON)
                write_quality(measured[name], workspace / "quality" / name, version=__version__)
        spec = workspace / "spec.toml"
        spec.write_text(_spec_toml(county, measured, workspace), encoding="utf-8")
        with stage_bar(out, "Linking") as progress:
            # By its whole place: the spec that `link` writes beside its results must find the files from there.
            result = link(load_spec(spec.absolute()), workspace / "linked", progress=progress)
        found = evaluate(result.directory, county.truth)
        write_evaluation(found, result.directory, version=__version__)
        with progress_bar(out, "Counting errors by group"):
            groups = fairness(
                result.directory,
                county.truth,
                on=ON,
                people=county.people,
                spec=result.directory / "spec.toml",
            )
            (result.directory / KEPT).write_text(
                json.dumps(groups.as_dict(), indent=2) + "\n", encoding="utf-8"
            )
        mark = {"people": people, "seed": seed, "spec": spec.name, "linked": "linked", "quality": "quality"}
        (workspace / MARK).write_text(json.dumps(mark, indent=2) + "\n", encoding="utf-8")
        seconds = time.monotonic() - started
        document = {
            "workspace": str(workspace),
            "people": people,
            "seconds": round(seconds, 1),
            "extracts": {name: _extract(path, measured[name]) for name, (path, _) in tables.items()},
            "linkage": run_document(result.run, result.directory),
            "evaluation": found.as_dict(),
        }

        def draw(console: Console) -> None:
            console.print(
                f"A county of {people:,} people, none of whom exists, in {workspace}\n", markup=False
            )
            console.print(_quality_table({name: path for name, (path, _) in tables.items()}, measured))
            draw_run(console, result.run, result.directory)
            console.print("\nHeld against the truth, which the linkage never saw:")
            draw_evaluation(console, found)
            console.print(f"\nAll in {duration(seconds)}. Open in a browser:")
            for page in (result.directory / "report.html", *sorted((workspace / "quality").glob("*/*.html"))):
                console.print(f"  {page}", markup=False)
            if not served:
                how = f"joinedup serve --dir {workspace}" if installed else "pip install 'joinedup[web]'"
                console.print(f"\nOr see it all in the website: {how}", markup=False)

        installed = is_installed()
        served = installed and not no_serve and not out.as_json
        out.answer(document, draw=draw)
        if served:
            out.say("\nOr see it all in the website, which starts now; Ctrl+C ends it.")
            serve_instead(workspace, port=port, quiet=out.quiet)


def _how_to_read(county: CountyFiles, path: Path) -> ReadOptions:
    """What reading must be told: the layout of fixed width, and of a workbook the longest sheet."""
    from joinedup.sources import ReadOptions, read, tables_in

    if path.suffix == ".txt":
        return ReadOptions(layout=county.layout.resolve())
    if path.suffix != ".xlsx":
        return ReadOptions()
    sheets = [ReadOptions(table=name) for name in tables_in(path)]
    return max(sheets, key=lambda options: read(path, options=options).table().num_rows)


def _tables(county: CountyFiles) -> dict[str, tuple[Path, ReadOptions]]:
    """What is measured, by name: each extract, and each further sheet of a workbook with the same columns."""
    from joinedup.sources import ReadOptions

    found: dict[str, tuple[Path, ReadOptions]] = {}
    for name, path in county.extracts.items():
        options = _how_to_read(county, path)
        found[name] = (path, options)
        for sheet in _sheets_alike(path, options.table) if options.table is not None else ():
            if sheet != options.table:
                found[f"{name}_{sheet.lower().replace(' ', '_')}"] = (path, ReadOptions(table=sheet))
    return found


def _spec_toml(county: CountyFiles, measured: Mapping[str, QualityResult], workspace: Path) -> str:
    """The job, as a person would write it: the five extracts, each with the column of its own ids."""
    lines = ['kind = "link_and_dedupe"', ""]
    for name, path in county.extracts.items():
        place = path.relative_to(workspace).as_posix()
        lines += [
            "[[sources]]",
            f"path = {json.dumps(place)}",
            f"name = {json.dumps(name)}",
            f"id = {json.dumps(measured[name].columns[0].name)}",
        ]
        options = _how_to_read(county, path)
        if options.layout is not None:
            lines.append(f"read = {{ layout = {json.dumps(str(options.layout))} }}")
        if options.table is not None:
            lines.append(f"tables = {json.dumps(_sheets_alike(path, options.table))}")
        lines.append("")
    return "\n".join(lines)


def _sheets_alike(path: Path, best: str) -> list[str]:
    """The sheets of a workbook that have the columns of the best one, in its order."""
    from joinedup.sources import ReadOptions, read, tables_in

    found = {name: read(path, options=ReadOptions(table=name)).schema.names for name in tables_in(path)}
    return [name for name, names in found.items() if names == found[best]]


def _extract(path: Path, result: QualityResult) -> dict[str, Any]:
    source = result.source
    dimensions = {each.dimension.value: each.measured for each in result.dimensions}
    return {
        "file": str(path),
        "format": source.format,
        "rows_in": source.rows_in,
        "rows_good": source.rows_good,
        "rows_aside": source.rows_aside,
        "dimensions": dimensions,
    }


def _quality_table(extracts: Mapping[str, Path], measured: Mapping[str, QualityResult]) -> Any:
    rows = []
    for name, path in extracts.items():
        told = _extract(path, measured[name])
        shares = [share(told["dimensions"][word]) for word in ("completeness", "uniqueness", "validity")]
        rows.append((name, told["format"], told["rows_good"], told["rows_aside"], *shares))
    headings = ("extract", "format", "rows", "kept aside", "complete", "unique", "valid")
    return table(headings, rows, right=(2, 3, 4, 5, 6))
