"""`joinedup drift`: whether data have moved away from what a model was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from joinedup.cli.frame import command
from joinedup.cli.output import Output
from joinedup.cli.progress import progress_bar
from joinedup.cli.tables import table
from joinedup.errors import QualityBelowTarget

if TYPE_CHECKING:
    from rich.console import Console

    from joinedup.linkage import Drift


def add_to(app: typer.Typer) -> None:
    """Register the command."""

    @command(app, "drift")
    def drift(
        out: Output,
        what: Annotated[
            Path, typer.Argument(metavar="DIR_OR_EXTRACT", help="A finished run's folder, or a new extract.")
        ],
        against: Annotated[
            Path | None,
            typer.Option(
                "--against", metavar="DIR_OR_FILE", help="An earlier run's folder, or its training.json."
            ),
        ] = None,
        spec: Annotated[
            Path | None,
            typer.Option(
                "--spec", metavar="FILE", help="How to read an extract (the earlier run's spec.toml)."
            ),
        ] = None,
        source: Annotated[
            str | None,
            typer.Option("--source", metavar="NAME", help="Which of that run's sources the extract is of."),
        ] = None,
        gate: Annotated[bool, typer.Option("--gate", help="End with code 7 where there is drift.")] = False,
    ) -> None:
        """Say whether a run, or a new extract, still looks like what the model was trained on.

        Without --against: like what the run's own model was trained on. Each sign has its threshold and
        what to do; no value of any record is kept or shown.
        """
        from joinedup.linkage import drift_of, drift_summary

        with progress_bar(out, "Comparing"):
            found = drift_of(what, against=against, spec=spec, source=source)
        out.answer(found.as_dict(), draw=lambda console: _draw(console, found))
        if gate and found.alarms:
            drifted = QualityBelowTarget(
                what=drift_summary(found), where=str(what), mend="see what each sign says"
            )
            out.remark(drifted)
            raise typer.Exit(drifted.exit_code)


def _draw(console: Console, found: Drift) -> None:
    from joinedup.linkage import drift_summary

    console.print(drift_summary(found), markup=False)
    for sign in found.alarms:
        console.print(f"• {sign.words[:1].upper()}{sign.words[1:]}.", markup=False)
    near = [sign for sign in found.signs if not sign.alarm][:8]
    if near:
        rows = [(sign.what, sign.place, f"{sign.size:.3f}", f"{sign.least:g}") for sign in near]
        console.print(
            table(
                ("compared", "in", "apart by", "a word from"), rows, title="Nearest to a word", right=(2, 3)
            )
        )
    for note in found.notes:
        console.print(note, markup=False)
