"""What a workbook would grow to, found out before it is opened.

A few kilobytes of .xlsx or .ods can stand for terabytes: packed nothings, one cell in the last corner of
the sheet, one long text used a million times. The reader that opens it lays out every cell, so we count
first.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from lxml import etree

from joinedup.errors import LimitError, SourceError
from joinedup.sources.options import MEBIBYTE, ReadOptions

MOST_CELLS = 150_000_000
_MOST_TEXT = 4 << 30
_FREE_BYTES = 64 * MEBIBYTE
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{0,3})(\d{0,7})["']""")
_SHARED = re.compile(rb"""t=["']s["'][^>]*>\s*<(?:\w+:)?v>(\d+)<""")
_OVERLAP = 256


def guard_workbook(path: Path, *, options: ReadOptions) -> None:
    """Raise LimitError for a workbook that would unpack or spread out beyond reason.

    Raises SourceError for one that is damaged or encrypted. Old .xls files are not packed, and their sheets
    are small: they pass.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if any(info.flag_bits & 1 for info in infos):
                raise encrypted(path)
            budget = _Budget(path, options, len(infos))
            longest = np.zeros(0, np.int64)
            for info in sorted(infos, key=lambda info: "sharedstrings" not in info.filename.lower()):
                blocks = budget.count(_unpacked(archive, info))
                name = info.filename
                if name == "META-INF/manifest.xml":
                    if b"encryption-data" in b"".join(blocks):
                        raise encrypted(path)
                elif name == "content.xml":
                    _check_ods(blocks, path)
                elif "sharedstrings" in name.lower():
                    longest = _shared_lengths(b"".join(blocks))
                else:  # a sheet may lie under any name
                    _check_xlsx_sheet(blocks, path, longest)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise damaged(path, error) from error
    except (EOFError, UnicodeDecodeError) as error:
        raise damaged(path, error) from error


def encrypted(path: Path) -> SourceError:
    return SourceError(
        what="the workbook is protected by a password",
        where=str(path),
        mend="open it with the password, and save a copy without one",
    )


def damaged(path: Path, error: BaseException) -> SourceError:
    return SourceError(
        what=f"the workbook is damaged or no workbook ({type(error).__name__})",
        where=str(path),
        mend="open it in a spreadsheet program and save it again as .xlsx",
    )


class _Budget:
    """Counts what has been unpacked so far, whatever the archive says of itself."""

    def __init__(self, path: Path, options: ReadOptions, files: int) -> None:
        self._path = path
        self._options = options
        self._packed = max(path.stat().st_size, 1)
        self._done = 0
        if files > 100_000:
            raise self._refusal("holds more than 100,000 files")

    def count(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self._done += len(block)
            if self._done > self._options.max_unpacked_bytes:
                raise self._refusal(f"unpacks to more than {self._options.max_unpacked_bytes:,} bytes")
            if self._done > _FREE_BYTES and self._done > self._options.max_ratio * self._packed:
                raise self._refusal(f"unpacks to more than {self._options.max_ratio} times its size")
            yield block

    def _refusal(self, what: str) -> LimitError:
        return LimitError(
            what=f"the workbook {what}: it may be a compression bomb",
            where=str(self._path),
            mend="save the sheet as CSV, or raise max_unpacked_bytes or max_ratio if you trust the sender",
        )


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member's true contents: to the end of its packed bytes, not to the size that it claims."""
    file: Any = archive.fp
    file.seek(info.header_offset)
    header = file.read(30)
    if header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("no local header")
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    at, left = info.header_offset + 30 + name_length + extra_length, info.compress_size
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError("compression")
    unpack = zlib.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        file.seek(at)
        block = file.read(min(left, 256 * 1024))
        if not block:
            raise zipfile.BadZipFile("cut short")
        at, left = at + len(block), left - len(block)
        if unpack is None:
            yield block
            continue
        while block and not unpack.eof:
            out = unpack.decompress(block, MEBIBYTE)
            block = unpack.unconsumed_tail
            if out:
                yield out


def _shared_lengths(text: bytes) -> np.ndarray[Any, np.dtype[np.int64]]:
    """About how long each shared text is, in bytes of XML."""
    ends = np.fromiter((found.start() for found in re.finditer(rb"</(?:\w+:)?si>", text)), np.int64)
    return np.diff(ends, prepend=0)


def _check_xlsx_sheet(
    blocks: Iterator[bytes], path: Path, lengths: np.ndarray[Any, np.dtype[np.int64]]
) -> None:
    columns: set[bytes] = set()
    last_row, text, tail = 0, 0, b""
    suspicious = bool(len(lengths)) and int(lengths.max()) > 2_000
    for block in blocks:
        block = tail + block
        found = _REFERENCE.findall(block)
        if found:
            letters, digits = zip(*found, strict=True)
            columns.update(letters)
            last_row = max(last_row, max(int(number or 0) for number in set(digits)))
        if suspicious:
            used = np.array([int(index) for index in _SHARED.findall(block)], np.int64)
            text += int(lengths[used[used < len(lengths)]].sum())
        tail = block[-_OVERLAP:]
        if text > _MOST_TEXT:
            raise _spread(path, f"{text:,} bytes of text")
    width = max((_column_number(letters) for letters in columns), default=0)
    if last_row * width > MOST_CELLS:
        raise _spread(path, f"{last_row:,} rows by {width:,} columns")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_ods(blocks: Iterator[bytes], path: Path) -> None:
    """Rows and columns up to the last filled cell of each table, repeats counted."""
    parser: Any = etree.XMLPullParser(
        events=("end",), resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    rows = last_row = width = column = 0
    filled_to = 0
    text = 0
    try:
        for block in blocks:
            parser.feed(block)
            for _, element in parser.read_events():
                kind = etree.QName(element).localname if isinstance(element.tag, str) else ""
                if kind in ("table-cell", "covered-table-cell"):
                    repeat = _repeat(element, "number-columns-repeated")
                    column += repeat
                    if len(element) or any(name.endswith("value-type") for name in element.attrib):
                        filled_to = column
                        text += repeat * sum(len(part) for part in element.itertext())
                elif kind == "table-row":
                    repeat = _repeat(element, "number-rows-repeated")
                    rows += repeat
                    if filled_to:
                        last_row, width = rows, max(width, filled_to)
                    if text * repeat > _MOST_TEXT or last_row * width > MOST_CELLS:
                        raise _spread(path, f"{last_row:,} rows by {width:,} columns")
                    column = filled_to = text = 0
                    element.clear()
                elif kind == "table":
                    rows = last_row = width = 0
                    element.clear()
    except etree.LxmlError as error:
        raise damaged(path, error) from error


def _repeat(element: Any, name: str) -> int:
    for key, value in element.attrib.items():
        if key.endswith(name):
            return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 1
    return 1


def _spread(path: Path, what: str) -> LimitError:
    return LimitError(
        what=f"a sheet spreads over {what}, more than can be laid out in memory",
        where=str(path),
        mend="delete the stray cells far off the table, or save the sheet as CSV",
    )
