"""One call for every kind of source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from joinedup.errors import SourceError, UsageError
from joinedup.sources.csv_file import read_csv
from joinedup.sources.fixed_width import read_fixed_width
from joinedup.sources.json_file import read_json, read_json_lines
from joinedup.sources.options import Progress, ReadOptions
from joinedup.sources.paper import read_image, read_pdf
from joinedup.sources.parquet_file import read_parquet
from joinedup.sources.postgres_table import address_of, is_postgres, postgres_tables, read_postgres
from joinedup.sources.reading import Reading, ReadReport, Tally
from joinedup.sources.recognise import TEXT_FORMATS, recognise
from joinedup.sources.sqlite_table import read_sqlite, sqlite_tables
from joinedup.sources.unpack import inner_name, members, packing, unpacked_copy
from joinedup.sources.workbook import read_workbook, sheets
from joinedup.sources.xml_file import read_xml

_READERS: dict[str, Callable[..., Reading]] = {
    "csv": read_csv,
    "json": read_json,
    "jsonl": read_json_lines,
    "xml": read_xml,
    "fixed": read_fixed_width,
    "parquet": read_parquet,
    "sqlite": read_sqlite,
    "xlsx": read_workbook,
    "xlsb": read_workbook,
    "xls": read_workbook,
    "ods": read_workbook,
    "pdf": read_pdf,
    "image": read_image,
}


def read(
    path_or_uri: str | Path, *, options: ReadOptions | None = None, progress: Progress | None = None
) -> Reading:
    """Return a Reading of one table: a file of any known format (`book.xlsx#Sheet` names its table), or
    postgresql://…?table=schema.table.

    Text formats give text columns as written (empty cells are null); typed formats keep their types.
    What the file looks like is found out here; its rows are read when the Reading is.

    Raises SourceError (with what, where and how to mend it) for a source that cannot be read at all,
    LimitError for one that would unpack beyond a stated limit, MissingExtraError where an optional
    package is needed. A row that cannot be read raises nothing: it is kept aside.
    """
    options = options or ReadOptions()
    if is_postgres(path_or_uri):
        return read_postgres(str(path_or_uri), options=options, progress=progress)
    path, options = _file(path_or_uri, options)
    found = recognise(path, options)
    reader = _READERS.get(found.format)
    if reader is None:
        raise UsageError(
            what="a file cannot be read as postgres", where=str(path), mend="give a postgresql:// URI"
        )
    stem = Path(inner_name(path, options)).stem if packing(path) == "gzip" else path.stem
    tally = Tally(file=str(path), name=stem, format=found.format)
    if found.note:
        tally.note(found.note)
    if found.packed and len(members(path) if packing(path) == "zip" else ()) > 1:
        tally.name = f"{path.stem}.{Path(inner_name(path, options)).stem}"
    if found.packed and found.format not in TEXT_FORMATS:
        copy, keeper = unpacked_copy(path, options=options)
        table = options.table if packing(path) != "zip" else None
        reading = reader(copy, options=replace(options, table=table), tally=tally, progress=progress)
        reading.keep(keeper)
        return reading
    return reader(path, options=options, tally=tally, progress=progress)


def tables_in(path_or_uri: str | Path, *, options: ReadOptions | None = None) -> list[str]:
    """Return the names that `ReadOptions(table=…)` may take: sheets, database tables, files in a .zip.

    A file that is one table gives its own name; a source that names its table gives that one alone.
    """
    options = options or ReadOptions()
    if is_postgres(path_or_uri):
        named = address_of(str(path_or_uri)).table
        return [named] if named else postgres_tables(str(path_or_uri))
    path, options = _file(path_or_uri, options)
    if options.table is not None and path != Path(path_or_uri):
        return [options.table]
    if packing(path) == "zip" and len(members(path)) != 1:
        return [info.filename for info in members(path)]
    found = recognise(path, options)
    if found.format == "sqlite" or found.format in ("xlsx", "xlsb", "xls", "ods"):
        copy, keeper = unpacked_copy(path, options=options) if found.packed else (path, None)
        names = sqlite_tables(copy) if found.format == "sqlite" else sheets(copy, options=options)
        del keeper
        return names
    return [Path(inner_name(path, options)).stem]


def sniff(path_or_uri: str | Path, *, options: ReadOptions | None = None) -> ReadReport:
    """Return what reading would find out about a source: format, encoding, delimiter, header, columns.

    Its counts are 0 and `complete` is False: no row has been read.
    """
    return read(path_or_uri, options=options).report


def _file(path_or_uri: str | Path, options: ReadOptions) -> tuple[Path, ReadOptions]:
    """The path; `book.xlsx#Sheet` names a table too, unless there is a file of that very name."""
    text = str(path_or_uri)
    if "://" in text:
        raise SourceError(
            what=f"sources of the kind {text.split('://', 1)[0][:20]!r} cannot be read",
            where="the address given",
            mend="download the file first, or give a postgresql:// address",
        )
    path = Path(path_or_uri)
    file, mark, table = text.rpartition("#")
    if mark and file and table and not path.exists():
        return Path(file), replace(options, table=options.table or table)
    return path, options
