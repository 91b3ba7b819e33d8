"""The arguments by which commands are told of an input, shared so that they are the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SourceArgument = Annotated[
    str, typer.Argument(metavar="FILE", help="A file, or the address of a database table.")
]
TableOption = Annotated[
    str | None,
    typer.Option("--table", metavar="NAME", help="One sheet or table, where the file holds several."),
]
FormatOption = Annotated[
    str | None,
    typer.Option("--format", metavar="NAME", help="What the file is, where name and contents mislead."),
]
EncodingOption = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help="How its text is encoded: utf-8, cp1252…")
]
DelimiterOption = Annotated[
    str | None, typer.Option("--delimiter", metavar="CHARACTER", help="What stands between its cells.")
]
HeaderRowOption = Annotated[
    int | None, typer.Option("--header-row", metavar="LINE", help="The line of the column names; 0 for none.")
]
LayoutOption = Annotated[
    Path | None,
    typer.Option("--layout", metavar="TOML", help="Where the columns of a fixed-width file or form stand."),
]
