"""What the commands of `joinedup index` share: their options, the moment of a change and who makes it."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

DirOption = Annotated[Path, typer.Option("--dir", metavar="INDEX", help="The folder of the index.")]
ByOption = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who makes the change; else who is signed in.")
]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the version.")]
ThreadsOption = Annotated[
    int,
    typer.Option(
        "--threads", min=1, metavar="NUMBER", help="Cores to use; the outcome does not depend on it."
    ),
]


def now() -> datetime:
    """The moment of a change."""
    return datetime.now(UTC)


def who(by: str | None) -> str:
    """Who makes a change: as said, or who is signed in."""
    return by or getpass.getuser()
