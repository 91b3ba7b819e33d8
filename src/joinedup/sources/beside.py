"""The sheets of a workbook beside the one that is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from joinedup.errors import JoinedupError, SourceError
from joinedup.sources.options import ReadOptions
from joinedup.sources.read import read, tables_in

_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def sheets_beside(path_or_uri: str | Path, *, options: ReadOptions | None = None) -> tuple[str, ...]:
    """Return the filled sheets of a workbook beside the one that `read` takes of itself, in their order.

    Empty where a sheet was named (`options.table`, `book.xlsx#Sheet`), of a workbook of one filled sheet, and of
    files of any other kind: of those with several tables `read` asks for a name.
    """
    options = options or ReadOptions()
    if options.table is not None or Path(path_or_uri).suffix.lower() not in _WORKBOOKS:
        return ()
    try:
        names = tables_in(path_or_uri, options=options)
        taken = read(path_or_uri, options=options).name if len(names) > 1 else ""
    except JoinedupError:
        return ()  # reading it says why
    return tuple(
        n for n in names if taken and not taken.endswith(f".{n}") and _is_filled(path_or_uri, n, options)
    )


def _is_filled(path: str | Path, name: str, options: ReadOptions) -> bool:
    try:
        read(path, options=replace(options, table=name))
    except SourceError as problem:
        return "empty" not in problem.what
    return True
