"""Records judged one by one: a good row of text cells, a blank line, or a reason to keep it aside."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa

from joinedup.sources.reading import RAW_LIMIT, Tally
from joinedup.sources.records import Dialect, Record

_SPACE = b" \t\x0b\x0c"


@dataclass
class RowJudge:
    """What the careful and the fast path share: the rules for one record, and the counts for the notes.

    mixed: whether what is valid UTF-8 is read so, though the file began in another encoding.
    """

    names: tuple[str, ...]
    dialect: Dialect
    encoding: str
    fallback: str | None
    pad: bool
    tally: Tally
    mixed: bool = False
    blank: int = 0
    padded: int = 0
    by_fallback: int = 0
    by_utf8: int = 0
    _fallback_lines: list[int] = field(default_factory=list)
    _reasons: Counter[str] = field(default_factory=Counter)

    def judge(self, record: Record, raw: bytes, *, line: int) -> list[str | None] | None:
        """Return the row's cells, empty ones None; or None after counting it as blank or keeping it aside."""
        if record.cells is None:
            assert record.fault is not None
            self.keep_aside(raw, line=line, reason=record.fault.value)
            return None
        cells = record.cells
        if not raw:
            self.blank += 1
            return None
        if len(cells) != len(self.names):
            fitted = self.fit(cells) if self.pad else None
            if fitted is None or is_blank(raw):
                self.wrong_width(raw, len(cells), line=line)
                return None
            cells = fitted
            self.padded += 1
        if b"\0" in raw:
            column = next((n for n, c in zip(self.names, cells, strict=True) if b"\0" in c), None)
            self.keep_aside(raw, line=line, reason="a NUL byte stands in the row", column=column)
            return None
        self.tally.rows_in += 1
        if self.mixed and not raw.isascii() and _decodes(raw, "utf-8"):
            self.by_utf8 += 1
            return [cell.decode("utf-8") if cell else None for cell in cells]
        try:
            return [cell.decode(self.encoding) if cell else None for cell in cells]
        except UnicodeDecodeError:
            self.tally.rows_in -= 1
            return self._by_fallback(cells, raw, line)

    def as_utf8(self, data: bytes) -> tuple[bytes, int]:
        """Whole records of a one-byte encoding as UTF-8, and how many of their lines were that before."""
        if not self.mixed:
            return data.decode(self.encoding).encode("utf-8"), 0
        lines = data.split(b"\n")
        already = 0
        for place, line in enumerate(lines):
            if not line.isascii():
                if _decodes(line, "utf-8"):
                    already += 1
                else:
                    lines[place] = line.decode(self.encoding).encode("utf-8")
        return b"\n".join(lines), already

    def fit(self, cells: list[bytes]) -> list[bytes] | None:
        """Cells made as many as there are columns, if nothing is lost by it."""
        width = len(self.names)
        if len(cells) < width:
            return cells + [b""] * (width - len(cells))
        return None if any(cells[width:]) else cells[:width]

    def wrong_width(self, raw: bytes, cells: int, *, line: int) -> None:
        """Count a row with too few or too many cells: blank if it holds only spaces, else kept aside."""
        if is_blank(raw):
            self.blank += 1
        else:
            self.keep_aside(raw, line=line, reason=f"{cells} cells where {len(self.names)} are expected")

    def keep_aside(self, raw: bytes, *, line: int, reason: str, column: str | None = None) -> None:
        self.tally.keep_aside(row=line, reason=reason, column=column, raw=self._readable(raw))

    def batch(self, rows: list[list[str | None]]) -> pa.RecordBatch:
        """The rows as a batch of text columns."""
        columns = zip(*rows, strict=True) if rows else [()] * len(self.names)
        arrays = [pa.array(column, pa.string()) for column in columns]
        return pa.RecordBatch.from_arrays(arrays, schema=text_schema(self.names))

    def notes(self) -> list[str]:
        told = []
        if self.by_fallback:
            lines = ", ".join(map(str, self._fallback_lines)) + (", …" if self.by_fallback > 5 else "")
            told.append(
                f"{self.by_fallback} rows were not valid {self.encoding} and were read as {self.fallback} "
                f"(lines {lines})"
            )
        if self.by_utf8:
            told.append(f"{self.by_utf8} rows were valid utf-8, unlike others, and were read so")
        if self.blank:
            told.append(f"{self.blank} blank lines passed over")
        if self.padded:
            told.append(f"{self.padded} rows with too few or too many cells were fitted")
        return told

    def _by_fallback(self, cells: list[bytes], raw: bytes, line: int) -> list[str | None] | None:
        if self.fallback is not None:
            try:
                found = [cell.decode(self.fallback) if cell else None for cell in cells]
            except UnicodeDecodeError:
                found = None
            if found is not None:
                self.tally.rows_in += 1
                self.by_fallback += 1
                if self.by_fallback <= 5:
                    self._fallback_lines.append(line)
                return found
        column = next(
            (n for n, c in zip(self.names, cells, strict=True) if not _decodes(c, self.encoding)), None
        )
        reason = f"the bytes are not valid {self.encoding}" + (
            f" nor {self.fallback}" if self.fallback else ""
        )
        self.keep_aside(raw, line=line, reason=reason, column=column)
        return None

    def _readable(self, raw: bytes) -> str:
        raw = raw[: 4 * RAW_LIMIT]
        try:
            return raw.decode(self.encoding)
        except UnicodeDecodeError:
            return raw.decode(self.encoding, "backslashreplace")


def text_schema(names: tuple[str, ...]) -> pa.Schema:
    """All columns text, as written: leading zeros matter."""
    return pa.schema([pa.field(name, pa.string()) for name in names])


def is_blank(raw: bytes) -> bool:
    """Whether a line holds nothing but spaces and tabs."""
    return not raw.strip(_SPACE)


def _decodes(cell: bytes, encoding: str) -> bool:
    try:
        cell.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
