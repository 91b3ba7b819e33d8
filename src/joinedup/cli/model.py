"""`joinedup model`: what is done to a linkage model by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from joinedup.cli.frame import command
from joinedup.cli.output import Output
from joinedup.cli.tables import table

if TYPE_CHECKING:
    from rich.console import Console


def add_to(app: typer.Typer) -> None:
    """Register the group of commands."""
    group = typer.Typer(no_args_is_help=True)
    app.add_typer(group, name="model", help="Work on a linkage model by itself.")

    @group.callback()
    def _group() -> None:
        """Work on a linkage model by itself."""

    @command(group, "import-splink")
    def import_splink(
        out: Output,
        file: Annotated[
            Path, typer.Argument(metavar="FILE", help="The settings or model JSON of Splink 4 or 5.")
        ],
        to: Annotated[
            Path | None, typer.Option("--out", metavar="PATH", help="Write our model here, as JSON.")
        ] = None,
    ) -> None:
        """Read Splink's model as ours: the same levels, weights and blocking rules, or a refusal by name."""
        from joinedup.linkage import model_from_splink

        model = model_from_splink(file)
        document = model.as_dict()
        if to is not None:
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

        def draw(console: Console) -> None:
            rows = [
                (comparison.name, level.label, _shown(level.m), _shown(level.u))
                for comparison in model.comparisons
                for level in comparison.levels
            ]
            console.print(table(("comparison", "level", "m", "u"), rows, right=(2, 3)))
            for rule in model.blocking_rules:
                console.print(f"blocking rule: {rule}", markup=False)
            if to is not None:
                console.print(f"Written to {to}", markup=False)

        out.answer(document, draw=draw)


def _shown(probability: float | None) -> str | None:
    return None if probability is None else f"{probability:.3g}"
