"""Which format a file has: by its contents first, by its name where contents leave it open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from joinedup.errors import SourceError
from joinedup.sources.csv_file import read_fully
from joinedup.sources.encoding import find_encoding
from joinedup.sources.options import ReadOptions
from joinedup.sources.unpack import inner_name, is_workbook, open_bytes, packing

_BY_NAME = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".psv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".geojson": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".xml": "xml",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xlsb": "xlsb",
    ".xls": "xls",
    ".ods": "ods",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".pdf": "pdf",
    ".png": "image",
    ".jpg": "image",
    ".jpeg": "image",
    ".tif": "image",
    ".tiff": "image",
    ".bmp": "image",
    ".webp": "image",
}
_BY_CONTENT = (
    (b"PAR1", "parquet"),
    (b"PARE", "parquet"),
    (b"SQLite format 3\0", "sqlite"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
)
_ENOUGH_TO_TELL = 256
"""Bytes from which on a share of control characters says something: a short text may be odd by chance."""
_CONTROLS = bytes({*range(1, 32)} - {7, 8, 9, 10, 11, 12, 13, 26, 27, 28, 29, 30, 31})
"""Control characters that no text has many of. Zero bytes are not counted: old systems pad with them."""
_MOST_CONTROLS = 0.04
"""Bytes at random have 7%. An odd row among others stays below, and is kept aside by itself."""

TEXT_FORMATS = ("csv", "json", "jsonl", "xml", "fixed")


@dataclass(frozen=True)
class Recognised:
    """format: one of FORMATS. packed: whether the file must be unpacked first. note: a surprise, in words."""

    format: str
    packed: bool
    note: str | None = None


def recognise(path: Path, options: ReadOptions) -> Recognised:
    """Return the format. Raises SourceError for a file that is none of those known."""
    packed = packing(path) is not None
    name = inner_name(path, options)
    source = open_bytes(path, options=options)
    try:
        start = read_fully(source, 4096)
    finally:
        source.close()
    if options.format is not None:
        return Recognised(options.format, packed)
    if options.layout is not None and not start.startswith(
        (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
    ):
        return Recognised("fixed", packed)
    named = _BY_NAME.get(Path(name).suffix.lower())
    found = _by_content(start, path, packed=packed, named=named)
    if found in TEXT_FORMATS and options.encoding is None and _is_binary(start):
        found = None
    if found is None:
        raise SourceError(
            what="the file is of no format that can be read" if start else "the file is empty",
            where=str(path),
            mend="save it as CSV, Excel, JSON, XML, Parquet or SQLite, or say its format or its encoding",
        )
    note = f"named {Path(name).suffix} but holds {found}" if named is not None and found != named else None
    if {named, found} == {"json", "jsonl"}:
        note = None
    return Recognised(found, packed, note)


def _by_content(start: bytes, path: Path, *, packed: bool, named: str | None) -> str | None:
    for magic, found in _BY_CONTENT:
        if start.startswith(magic):
            return "xlsx" if found == "xls" and named in ("xlsx", "xlsb") else found
    if start[:4] == b"PK\x03\x04" and (packed or is_workbook(path)):
        return named if named in ("xlsx", "xlsb", "ods") else _workbook_kind(start)
    if named in ("parquet", "sqlite", "pdf", "image", "xlsx", "xlsb", "ods") and start:
        return named if not _is_text(start) else _text_kind(start, None)
    if named == "xls":
        return _text_kind(start, None) if _is_text(start) else named if start else None
    if named in TEXT_FORMATS:
        return _text_kind(start, named)
    return _text_kind(start, None) if start and _is_text(start) else None


def _workbook_kind(start: bytes) -> str:
    return "ods" if b"opendocument.spreadsheet" in start[:200] else "xlsx"


def _text_kind(start: bytes, named: str | None) -> str:
    text = start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if named == "xml" or (
        text.startswith((b"<?xml", b"<!--", b"<!DOCTYPE")) and named in (None, "json", "jsonl")
    ):
        return "xml"
    if named in ("json", "jsonl") or (named is None and text[:1] in (b"{", b"[")):
        first = text.split(b"\n", 1)
        several = len(first) == 2 and first[0].rstrip().endswith(b"}") and first[1].lstrip()[:1] == b"{"
        return "jsonl" if several and text[:1] == b"{" else (named or "json")
    return "csv"


def _is_binary(start: bytes) -> bool:
    """Whether a file cannot be text in any encoding that would be found out. One that is declared is believed."""
    if len(start) < _ENOUGH_TO_TELL:
        return False
    controls = len(start) - len(start.translate(None, _CONTROLS))
    if controls <= _MOST_CONTROLS * len(start):
        return not start.strip(b"\0")
    # Text in UTF-8 may hold any number of odd characters; bytes that are none by chance do not read as it.
    return not find_encoding(start).name.startswith(("utf-8", "utf-16", "utf-32")) and not _reads_as_utf8(
        start
    )


def _reads_as_utf8(start: bytes) -> bool:
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as fault:
        return fault.reason == "unexpected end of data"  # a character that is cut off
    return True


def _is_text(start: bytes) -> bool:
    """Few control characters, apart from the zero bytes of UTF-16."""
    if start.startswith(b"PK\x03\x04"):
        return False
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or start[1::2].count(0) > 0.7 * len(start) / 2:
        return True
    control = sum(byte < 32 and byte not in (7, 8, 9, 10, 11, 12, 13, 27, 31) for byte in start)
    return control <= len(start) // 100
