"""The arguments by which commands are told of an input, shared so that they are the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from joinedup.errors import without_passwords

if TYPE_CHECKING:
    from joinedup.cli.output import Output
    from joinedup.sources import ReadOptions

NAMES_A_TABLE = "FILE#NAME means one sheet or table of it"
SourceArgument = Annotated[
    str,
    typer.Argument(metavar="FILE", help=f"A file ({NAMES_A_TABLE}), or the address of a database table."),
]
TableOption = Annotated[
    str | None,
    typer.Option("--table", metavar="NAME", help="One sheet or table, where the file holds several."),
]


def _delimiter(given: str | None) -> str | None:
    """The character that is meant: a tab is hard to type, so its name and its escape stand for it."""
    return "\t" if given is not None and given.lower() in ("\\t", "tab") else given


FormatOption = Annotated[
    str | None,
    typer.Option("--format", metavar="NAME", help="What the file is, where name and contents mislead."),
]
EncodingOption = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help="How its text is encoded: utf-8, cp1252…")
]
DelimiterOption = Annotated[
    str | None,
    typer.Option(
        "--delimiter",
        metavar="CHARACTER",
        help="What stands between its cells; tab for a tab.",
        callback=_delimiter,
    ),
]
HeaderRowOption = Annotated[
    int | None, typer.Option("--header-row", metavar="LINE", help="The line of the column names; 0 for none.")
]
LayoutOption = Annotated[
    Path | None,
    typer.Option("--layout", metavar="TOML", help="Where the columns of a fixed-width file or form stand."),
]


def shown_name(source: str) -> str:
    """What a source is called beside a progress bar: the file's name, or a database address without passwords."""
    return without_passwords(source) if "://" in source else Path(source).name


def told_of_sheets(out: Output, source: str, options: ReadOptions) -> tuple[str, ...]:
    """Remark on the filled sheets of a workbook that are left out because one is read, and return their names."""
    from joinedup.sources import sheets_beside

    beside = sheets_beside(source, options=options)
    if beside:
        listed = ", ".join(map(repr, beside))
        out.warn(f"not read of {Path(source).name}: {listed}; to read another, name it with --table")
    return beside
