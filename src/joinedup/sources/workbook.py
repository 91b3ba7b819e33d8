"""A sheet of an Excel (.xlsx, .xlsb, .xls) or OpenDocument (.ods) workbook, with its types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import python_calamine as calamine

from joinedup.errors import JoinedupError, SourceError
from joinedup.sources.cells import (
    FIRST_SERIAL,
    LAST_SERIAL,
    CellType,
    as_text,
    column_type,
    convert,
    kinds_of,
)
from joinedup.sources.header import find_header, looks_like_date_name, looks_like_header
from joinedup.sources.names import fit_names
from joinedup.sources.options import Progress, ReadOptions
from joinedup.sources.reading import Reading, Tally
from joinedup.sources.sniff import refuse_header_row
from joinedup.sources.workbook_guard import damaged, encrypted, guard_workbook

Row = Sequence[Any]
_Range = tuple[tuple[int, int], tuple[int, int]]


def sheets(path: Path, *, options: ReadOptions) -> list[str]:
    """The names of the worksheets, in their order."""
    return [meta.name for meta in _open(path, options).sheets_metadata if _is_table(meta)]


def read_workbook(
    path: Path, *, options: ReadOptions, tally: Tally, progress: Progress | None = None
) -> Reading:
    """Return a Reading of one sheet: `options.table`, else the first visible one that holds anything.

    The header is found (or `options.header_row`, a sheet row); empty rows are passed over; cells merged over
    rows each get the value, a name merged over columns is joined with the names below it. Columns are
    bool, int64, float64, date32, timestamp or text; a column of several kinds is text, as it would be shown.
    Cells that hold an Excel error (#N/A) are missing: the reader does not tell them from empty ones.
    """
    workbook = _open(path, options)
    try:
        sheet, others = _chosen(workbook, path, options, tally)
        merged: list[_Range] = list(sheet.merged_cell_ranges or [])
        start = sheet.start or (0, 0)
    except BaseException as error:
        raise _translated(error, path) from error
    if others:
        tally.name = f"{tally.name}.{sheet.name}"
    grid = _Grid(sheet, merged, start, fill=options.fill_merged)
    top = list(islice(grid.rows(), 500))
    if not top:
        raise SourceError(
            what="the sheet is empty", where=f"{path}, sheet {sheet.name!r}", mend="name another sheet"
        )
    place, names, below = _header(top, grid, options, tally)
    if options.columns is not None:
        names = list(options.columns)
    if len(names) != len(top[0][1]):
        raise SourceError(
            what=f"{len(names)} column names are given for {len(top[0][1])} columns",
            where=f"{path}, sheet {sheet.name!r}",
            mend="give as many as there are",
        )
    kinds = kinds_of((row for _, row in islice(grid.rows(), below, None)), len(names))
    types = [
        _type(name, kind, tally, serial_dates=options.serial_dates)
        for name, kind in zip(names, kinds, strict=True)
    ]
    schema = pa.schema([pa.field(name, kind.arrow) for name, kind in zip(names, types, strict=True)])
    tally.header_row = top[place][0] if place is not None else 0
    total = path.stat().st_size

    def batches() -> Iterator[pa.RecordBatch]:
        rows: list[Row] = []
        for _, row in islice(grid.rows(), below, None):
            rows.append(row)
            if len(rows) >= options.batch_rows:
                yield _batch(rows, types, schema, tally)
                rows = []
        yield _batch(rows, types, schema, tally)
        if grid.blank:
            tally.note(f"{grid.blank} empty rows passed over")
        if grid.filled:
            tally.note(f"{grid.filled} cells filled from the merged range that they belong to")
        if progress is not None:
            progress(total, total)

    return Reading(schema=schema, batches=batches, tally=tally)


class _Grid:
    """The sheet's rows that hold anything, each with its 1-based number; merged ranges filled."""

    def __init__(self, sheet: Any, merged: list[_Range], start: tuple[int, int], *, fill: bool) -> None:
        self._sheet = sheet
        self._start = start
        self.left = start[1]
        self.across = {  # names over several columns: {(row, column): columns}
            (first[0], first[1]): last[1] - first[1] + 1
            for first, last in merged
            if first[0] == last[0] and last[1] > first[1]
        }
        self._down = [(first, last) for first, last in merged if last[0] > first[0]] if fill else []
        self._down.sort()
        self.blank = 0
        self.filled = 0

    def rows(self) -> Iterator[tuple[int, Row]]:
        self.blank = self.filled = 0
        first_row, first_column = self._start
        opening: Row = next(self._sheet.iter_rows(), [])
        if not any(cell != "" for cell in opening):
            first_row = 0  # the reader gives the empty rows above the table too
        waiting, open_ranges = list(reversed(self._down)), []
        for number, cells in enumerate(self._sheet.iter_rows(), start=first_row):
            while waiting and waiting[-1][0][0] <= number:
                (top, left), (bottom, right) = waiting.pop()
                if top == number and left >= first_column:
                    value = cells[left - first_column] if left - first_column < len(cells) else ""
                    open_ranges.append((bottom, left - first_column, right - first_column, value))
            if not any(cell != "" for cell in cells):
                self.blank += 1
                continue
            for bottom, left, right, value in open_ranges:
                for column in range(left, min(right + 1, len(cells))):
                    if number <= bottom and cells[column] == "" and value != "":
                        cells[column] = value
                        self.filled += 1
            open_ranges = [kept for kept in open_ranges if kept[0] > number]
            yield number + 1, cells


def _header(
    top: list[tuple[int, Row]], grid: _Grid, options: ReadOptions, tally: Tally
) -> tuple[int | None, list[str], int]:
    """Where the header is among the rows, the names, and how many rows stand above the data."""
    texts = [[as_text(cell) or "" for cell in row] for _, row in top]
    width = len(texts[0])
    if options.header_row == 0:
        place = None
    elif options.header_row is not None:
        place = next((at for at, (number, _) in enumerate(top) if number >= options.header_row), None)
        if place is None:
            refuse_header_row(options.header_row)
    else:
        place = find_header(texts, width=_used(texts))
    if place is None:
        if options.header_row is None and options.columns is None:
            tally.note("no row of column names was found")
        return None, [f"column_{number}" for number in range(1, width + 1)], 0
    found, below = texts[place], place + 1
    spans = {
        column - grid.left: count for (row, column), count in grid.across.items() if row == top[place][0] - 1
    }
    if spans and below < len(texts) and looks_like_header(texts[below], texts[below + 1 :][:200]):
        over = list(found)
        for column, count in spans.items():
            for right in range(max(column, 0), min(column + count, width)):
                over[right] = found[column] if 0 <= column < width else ""
        found = [
            upper if lower in ("", upper) else f"{upper} {lower}"
            for upper, lower in zip(over, texts[below], strict=True)
        ]
        tally.note("the names stand in two rows, joined")
        below += 1
    if place:
        tally.note(f"{place} {'row' if place == 1 else 'rows'} above the table passed over")
    names, notes = fit_names(found)
    tally.notes += notes
    return place, names, below


def _used(texts: list[list[str]]) -> int:
    """Columns that hold anything in the first rows."""
    return sum(any(row[place] for row in texts) for place in range(len(texts[0])))


def _type(name: str, kind: CellType, tally: Tally, *, serial_dates: bool) -> CellType:
    decided = column_type(kind)
    in_range = kind.least is not None and kind.least >= FIRST_SERIAL and (kind.most or 0) <= LAST_SERIAL
    numbers_only = kind.kinds <= {"int"}
    if (
        serial_dates
        and in_range
        and (kind.kinds == {"int", "date"} or numbers_only)
        and looks_like_date_name(name)
    ):
        tally.note(f"column {name}: plain numbers read as Excel dates")
        return CellType(kinds=frozenset({"date"}), arrow=pa.date32())
    if len(kind.kinds) > 1 and pa.types.is_string(decided.arrow):
        tally.note(
            f"column {name} holds values of several kinds ({', '.join(sorted(kind.kinds))}): read as text"
        )
    return decided


def _batch(rows: list[Row], types: list[CellType], schema: pa.Schema, tally: Tally) -> pa.RecordBatch:
    tally.rows_in += len(rows)
    columns = zip(*rows, strict=True) if rows else [()] * len(types)
    arrays = [
        pa.array([convert(cell, kind) for cell in column], kind.arrow)
        for column, kind in zip(columns, types, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _open(path: Path, options: ReadOptions) -> Any:
    guard_workbook(path, options=options)
    try:
        with path.open("rb") as file:
            return calamine.CalamineWorkbook.from_filelike(file)
    except BaseException as error:
        raise _translated(error, path) from error


def _chosen(workbook: Any, path: Path, options: ReadOptions, tally: Tally) -> tuple[Any, bool]:
    tables = [meta for meta in workbook.sheets_metadata if _is_table(meta)]
    names = [meta.name for meta in tables]
    if options.table is not None:
        if options.table not in names:
            raise SourceError(
                what=f"no sheet {options.table!r} in the workbook",
                where=str(path),
                mend=f"name one of: {', '.join(names[:10])}",
            )
        return workbook.get_sheet_by_name(options.table), len(names) > 1
    seen = [meta.name for meta in tables if meta.visible == calamine.SheetVisibleEnum.Visible] or names
    for name in seen:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.height:
            if len(names) > 1:
                others = ", ".join(repr(other) for other in names if other != name)
                tally.note(f"sheet {name!r} is read; the workbook also has {others}")
            return sheet, len(names) > 1
    raise SourceError(
        what="the workbook holds no filled sheet", where=str(path), mend="ask the sender for it again"
    )


def _is_table(meta: Any) -> bool:
    return bool(meta.typ == calamine.SheetTypeEnum.WorkSheet)


def _translated(error: BaseException, path: Path) -> BaseException:
    """The reader's errors (and its panics, which are no Exceptions) in our words; others as they are."""
    if isinstance(error, calamine.PasswordError):
        return encrypted(path)
    if isinstance(error, JoinedupError):
        return error
    if isinstance(error, Exception) or type(error).__name__ == "PanicException":
        if "password" in str(error).lower() or _holds_encrypted_package(path):
            return encrypted(path)
        return damaged(path, error)
    return error


def _holds_encrypted_package(path: Path) -> bool:
    """An encrypted .xlsx is an OLE file with a stream of this name."""
    with path.open("rb") as file:
        start = file.read(8 << 20)
    return start.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in start
