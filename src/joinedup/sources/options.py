"""What the reader is told instead of finding out: everything may be left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from joinedup.errors import UsageError

MEBIBYTE = 1 << 20

Progress = Callable[[int, int], None]
"""Called now and then with (bytes done, bytes in all) of the file as it lies on disk; (rows done, rows
in all) for a database table, where no byte count exists. A total of 0 means it is not known."""

FORMATS = (
    "csv",
    "json",
    "jsonl",
    "xml",
    "fixed",
    "parquet",
    "sqlite",
    "postgres",
    "xlsx",
    "xlsb",
    "xls",
    "ods",
    "pdf",
    "image",
)


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """How to read one source. What is None is found out and told in the report.

    format: one of FORMATS, where name and contents mislead.
    table: the sheet, the database table, or the file inside a .zip.
    encoding: of a text file. fallback_encoding: how a row is read that is not valid in that encoding
        (counted in the report's notes); None keeps such rows aside instead.
    delimiter, quote, escape: one ASCII character each; a quote or escape of "" says there is none.
    header_row: 1-based line (sheet row) of the column names; 0 says there are none.
    columns: names to use instead of those found; as many as there are columns.
    ragged: a row with too few or too many cells is kept aside, or padded with missing cells ("pad";
        a row with too many filled cells is kept aside even so).
    nul_bytes: a row with a NUL byte is kept aside, or the NULs are removed.
    record: the XML element that is a record, or the dotted path of the list of records in JSON.
    layout: a TOML file (or its text) that says where the columns of a fixed-width file stand, or
        where the fields of a paper form are.
    fill_merged: give every cell of a merged Excel range the range's value.
    serial_dates: read plain numbers as dates in Excel columns that are named for a date.
    batch_rows: rows a batch, where rows are gathered one by one.
    chunk_bytes: bytes read at a time. max_record_bytes: a longer row is kept aside, its raw text cut.
    max_unpacked_bytes: limit for what must be unpacked as a whole (workbooks, packed databases).
    max_ratio: how many times its packed size a file may unpack to, beyond the first 64 MiB.
    min_confidence: OCR fields less sure than this are told in the notes.
    careful: never use the fast CSV path (the result is the same; for proof).
    """

    format: str | None = None
    table: str | None = None
    encoding: str | None = None
    fallback_encoding: str | None = "cp1252"
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    header_row: int | None = None
    columns: tuple[str, ...] | None = None
    ragged: Literal["aside", "pad"] = "aside"
    nul_bytes: Literal["aside", "remove"] = "aside"
    record: str | None = None
    layout: Path | str | None = None
    fill_merged: bool = True
    serial_dates: bool = True
    batch_rows: int = 65_536
    chunk_bytes: int = 8 * MEBIBYTE
    max_record_bytes: int = 64 * MEBIBYTE
    max_unpacked_bytes: int = 2048 * MEBIBYTE
    max_ratio: int = 250
    min_confidence: float = 0.8
    careful: bool = False

    def __post_init__(self) -> None:
        for name in ("delimiter", "quote", "escape"):
            value = getattr(self, name)
            if value is None or (value == "" and name != "delimiter"):
                continue
            if len(value) != 1 or not value.isascii() or value in "\r\n\0":
                raise UsageError(
                    what=f"{name} is not one ASCII character",
                    where="options",
                    mend=f"give one character as {name}, not a line end",
                )
        if self.format is not None and self.format not in FORMATS:
            raise UsageError(
                what=f"unknown format {self.format!r}",
                where="options",
                mend=f"use one of {', '.join(FORMATS)}",
            )
        for name in ("batch_rows", "chunk_bytes", "max_record_bytes", "max_unpacked_bytes", "max_ratio"):
            if getattr(self, name) < 1:
                raise UsageError(what=f"{name} is below 1", where="options", mend="give a positive number")
        if self.header_row is not None and self.header_row < 0:
            raise UsageError(
                what="header_row is negative", where="options", mend="give a 1-based line, or 0 for no header"
            )
        for name in ("encoding", "fallback_encoding"):
            _check_encoding(name, getattr(self, name))


def _check_encoding(name: str, encoding: str | None) -> None:
    if encoding is None:
        return
    try:
        b"a".decode(encoding, "replace")
    except (LookupError, ValueError) as error:
        raise UsageError(
            what=f"unknown {name}", where="options", mend="use a name such as utf-8, cp1252, utf-16"
        ) from error
