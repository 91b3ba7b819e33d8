"""All commands gathered, in the order a newcomer meets them, and the program's entry point."""

from __future__ import annotations

import typer

from joinedup.cli import (
    audit,
    demo,
    drift,
    evaluate,
    fairness,
    index,
    keys,
    link,
    model,
    private,
    profile,
    read,
    site,
    standardise,
    text,
    version,
)
from joinedup.cli.frame import Commands, DebugOption, JsonOption, QuietOption
from joinedup.cli.output import Output

app = typer.Typer(
    name="joinedup",
    cls=Commands,
    help="Read any departmental file, measure it, and link records about the same person.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _options(
    context: typer.Context,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    context.obj = Output(as_json=as_json, quiet=quiet, debug=debug)


for room in (
    demo,
    read,
    profile,
    standardise,
    link,
    index,
    evaluate,
    fairness,
    drift,
    model,
    private,
    audit,
    keys,
    text,
    site,
    version,
):
    room.add_to(app)


def main() -> None:
    """Run the command line on the process's arguments; leaves by SystemExit with a documented code."""
    app()
