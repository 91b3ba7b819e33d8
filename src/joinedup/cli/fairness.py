"""`joinedup fairness`: linkage errors by group, since unequal error becomes unequal service."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from joinedup.cli.evaluate import RunArgument
from joinedup.cli.frame import command
from joinedup.cli.output import Output
from joinedup.cli.progress import progress_bar
from joinedup.cli.tables import table
from joinedup.errors import QualityBelowTarget, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from joinedup.linkage import Fairness, Interval, SampleFairness

KEPT = "fairness.json"


def add_to(app: typer.Typer) -> None:
    """Register the command."""

    @command(app, "fairness")
    def fairness(
        out: Output,
        folder: RunArgument,
        truth: Annotated[
            Path | None,
            typer.Option(
                "--truth",
                metavar="FILE",
                help="CSV or Parquet: source, record_id, cluster, and what is true of the person.",
            ),
        ] = None,
        people: Annotated[
            Path | None,
            typer.Option(
                "--people", metavar="FILE", help="What is true of each person: cluster and columns."
            ),
        ] = None,
        sample: Annotated[
            Path | None,
            typer.Option(
                "--sample", metavar="FILE", help="Without the truth: a sample.csv that a clerk labelled."
            ),
        ] = None,
        groups: Annotated[
            list[str] | None,
            typer.Option(
                "--group", metavar="COLUMN", help="A further column to divide people by; repeatable."
            ),
        ] = None,
        on: Annotated[
            datetime | None,
            typer.Option("--on", formats=["%Y-%m-%d"], help="The day at which ages are counted (today)."),
        ] = None,
        names: Annotated[
            Path | None,
            typer.Option("--names", metavar="FILE", help="Your own rules for naming traditions (TOML)."),
        ] = None,
        spec: Annotated[
            Path | None,
            typer.Option("--spec", metavar="FILE", help="The run's spec: tell what was never compared."),
        ] = None,
        html: Annotated[
            Path | None, typer.Option("--html", metavar="FILE", help="Write the report as one HTML page.")
        ] = None,
        keep: Annotated[
            bool, typer.Option("--keep", help=f"Write DIR/{KEPT} too, for the website to show.")
        ] = False,
        gate: Annotated[
            bool, typer.Option("--gate", help="End with code 7 where a difference is clear.")
        ] = False,
    ) -> None:
        """Say whom the linkage in DIR fails: errors by sex, age, naming tradition and address, with truth.

        Each group is compared with everybody else. Groups of fewer than ten people are not shown.
        Without the truth, a clerk's labels give an estimate; without either, it cannot be known.
        """
        from joinedup import __version__
        from joinedup.linkage import fairness as errors_by_group
        from joinedup.linkage import fairness_document, fairness_html, fairness_of_sample

        day = on.date() if on else date.today()
        if (truth is None) == (sample is None):
            raise UsageError(
                what="whom the linkage fails cannot be known from the linkage alone",
                where=str(folder),
                mend="give --truth FILE, or have pairs labelled ('joinedup sample') and give --sample FILE",
            )
        if sample is not None:
            if html is not None or keep or people is not None or spec is not None:
                raise UsageError(
                    what="--html, --keep, --people and --spec go with the truth", mend="leave them out"
                )
            estimated = fairness_of_sample(folder, sample, on=day, groups=groups or (), names=names)
            out.answer(estimated.as_dict(), draw=lambda console: _draw_sample(console, estimated))
            return
        assert truth is not None
        with progress_bar(out, "Counting errors by group"):
            found = errors_by_group(
                folder, truth, on=day, people=people, groups=groups or (), names=names, spec=spec
            )
        document = fairness_document(found)
        if html is not None:
            html.write_text(fairness_html(found, generated_on=day, version=__version__), encoding="utf-8")
        if keep:
            (folder / KEPT).write_text(json.dumps(found.as_dict(), indent=2) + "\n", encoding="utf-8")
        out.answer(document, draw=lambda console: draw_fairness(console, found, document))
        if gate and found.clear:
            unequal = QualityBelowTarget(
                what="the linkage fails one group more often than others",
                where=str(folder),
                mend="see the findings and where the errors arise",
            )
            out.remark(unequal)
            raise typer.Exit(unequal.exit_code)


def draw_fairness(console: Console, found: Fairness, told: dict[str, Any]) -> None:
    """Every group's rates in a table, and the findings."""
    for grouping in found.groupings:
        rows = [
            (g.name, g.people, *(_rate(g.share(m), m.value in ("missed", "wrong")) for m in g.rates))
            for g in grouping.groups
        ]
        columns = ("group", "people", "missed links", "wrong links", "torn apart", "mixed")
        title = f"{grouping.title} ({grouping.basis})"
        console.print(table(columns, rows, title=title, right=(1, 2, 3, 4, 5)))
        if not rows:
            console.print("No group can be shown without telling of fewer than ten people.\n")
    for sentence in told["findings"]:
        console.print(f"• {sentence}", markup=False)
    console.print()
    for sentence in told["notes"]:
        console.print(sentence, markup=False)


def _rate(found: Interval | None, with_limits: bool) -> str:
    if found is None:
        return "too few"
    limits = f" ({found.low * 100:.1f}–{found.high * 100:.1f})" if with_limits else ""
    return f"{found.value:.1%}{limits}"


def _draw_sample(console: Console, found: SampleFairness) -> None:
    for heading, rows in found.tables():
        columns = ("group", "pairs labelled", "precision", "recall of the pairs kept")
        console.print(table(columns, rows, title=heading, right=(1,)))
    for sentence in found.notes:
        console.print(sentence, markup=False)
