"""The file format of each organisation's extract, and the lines in it that nobody can read.

A writer takes the extract part by part, so that a county of millions is written in bounded memory. Each
spoils a few lines as real transfers do; a spoilt record is left out of the truth, as it is not there to link.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO, ClassVar, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from joinedup.people.county.draw import BoolArray, IntArray, happens
from joinedup.people.county.organisations import Part
from joinedup.people.county.workbook import Cell, Workbook

MOST_EXCEL_PEOPLE = 500_000  # of a county whose housing file is still a workbook


class Writer(Protocol):
    """One extract being written."""

    path: Path

    def write(self, part: Part, rng: np.random.Generator) -> BoolArray:
        """Write a part; return which of its records can be read again."""

    def close(self) -> None:
        """Finish the file."""


class CouncilTaxCsv:
    """Windows-1252 CSV with a report's title above the header, and dates with the day first."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "council_tax.csv"
        self._out: IO[bytes] = self.path.open("wb")
        self._started = False

    def write(self, part: Part, rng: np.random.Generator) -> BoolArray:
        if not self._started:
            self._started = True
            names = ",".join(part.rows.schema.names)
            title = "Aldermarch Borough Council – Council Tax Liability Extract,,,\r\n"
            title += "Run date:,31/03/2026\r\n\r\n"
            self._out.write(f"{title}{names}\r\n".encode("cp1252"))
        quoted = {"Liable Party", "Property Address"}
        cells = [
            _quoted(column) if name in quoted else pc.fill_null(column, "")
            for name, column in zip(part.rows.schema.names, part.rows.columns, strict=True)
        ]
        lines = pc.binary_join_element_wise(*cells, ",").to_pylist()
        broken = happens(rng, 0.002, len(lines))
        for row, kind in zip(np.flatnonzero(broken), rng.integers(0, 3, int(broken.sum())), strict=True):
            # A comma without its quotes, a line cut short, or a NUL from a failed transfer.
            line = lines[row]
            lines[row] = (line.replace('"', "") + ",,", line[: len(line) // 3], line[:20] + "\0" + line[20:])[
                kind
            ]
        self._out.write(("\r\n".join(lines) + "\r\n").encode("cp1252", errors="replace") if lines else b"")
        return ~broken

    def close(self) -> None:
        self._out.close()


class GpRegisterParquet:
    """Typed Parquet; what is wrong here is wrong inside the values."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "gp_register.parquet"
        self._out: pq.ParquetWriter | None = None

    def write(self, part: Part, rng: np.random.Generator) -> BoolArray:
        del rng
        rows = pa.table(part.rows)
        for name in ("birth_date", "registered_on"):
            rows = rows.set_column(rows.schema.get_field_index(name), name, rows[name].cast(pa.date32()))
        if self._out is None:
            self._out = pq.ParquetWriter(self.path, rows.schema, compression="zstd")
        self._out.write_table(rows)
        return np.ones(len(rows), dtype=bool)

    def close(self) -> None:
        if self._out is not None:
            self._out.close()


class SchoolCensusJsonLines:
    """JSON Lines with a nested address; missing values are left out; some lines end too soon."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "school_census.jsonl"
        self._out: IO[str] = self.path.open("w", encoding="utf-8", newline="\n")

    def write(self, part: Part, rng: np.random.Generator) -> BoolArray:
        broken = happens(rng, 0.003, len(part.person))
        for row, is_broken in zip(part.rows.to_pylist(), broken, strict=True):
            pupil: dict[str, object] = {}
            address: dict[str, str] = {}
            for name, value in row.items():
                if value is not None:
                    (address if name.startswith("Address.") else pupil)[name.removeprefix("Address.")] = value
            pupil["Address"] = address
            line = json.dumps(pupil)
            self._out.write((line[: 40 + len(line) % 60] if is_broken else line) + "\n")
        return ~broken

    def close(self) -> None:
        self._out.close()


class BenefitsFixedWidth:
    """Fixed-width lines in capitals with a header and a trailer record; the layout is a file beside."""

    widths: ClassVar[dict[str, int]] = {
        "CLAIM_REF": 10, "NINO": 9, "NAME": 40, "DOB": 8, "SEX": 1, "ADDRESS": 40, "TOWN": 24, "POSTCODE": 8,
        "BENEFIT": 3, "START": 8,
    }  # fmt: skip

    def __init__(self, directory: Path) -> None:
        self.path = directory / "benefits.txt"
        self.layout_path = directory / "benefits.layout.toml"
        self._out: IO[str] = self.path.open("w", encoding="ascii", errors="replace", newline="\n")
        self._out.write("HDR20260331ALDERMARCH CUSTOMER EXTRACT\n")
        self._count = 0
        self.layout_path.write_text(self._layout(), encoding="utf-8")

    def write(self, part: Part, rng: np.random.Generator) -> BoolArray:
        cells = []
        for (name, width), column in zip(self.widths.items(), part.rows.columns, strict=True):
            del name
            cells.append(pc.utf8_slice_codeunits(pc.utf8_rpad(pc.fill_null(column, ""), width), 0, width))
        lines = pc.binary_join_element_wise(*cells, "").to_pylist()
        broken = happens(rng, 0.0015, len(lines))
        for row, place in zip(np.flatnonzero(broken), rng.integers(15, 120, int(broken.sum())), strict=True):
            lines[row] = lines[row][:place]
        self._out.write("".join(line + "\n" for line in lines))
        self._count += len(lines)
        return ~broken

    def close(self) -> None:
        self._out.write(f"TRL{self._count:09d}\n")
        self._out.close()

    def _layout(self) -> str:
        text, start = 'skip_starting = ["HDR", "TRL"]\n', 1
        for name, width in self.widths.items():
            text += f'\n[[column]]\nname = "{name}"\nstart = {start}\nwidth = {width}\n'
            start += width
        return text


class HousingWorkbook:
    """An Excel workbook: a note, then tenants below a merged title, then the waiting list."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "housing.xlsx"
        self._names: list[str] = []
        self._tenants: list[list[Cell]] = []
        self._waiting: list[list[Cell]] = []

    def write(self, part: Part, rng: np.random.Generator) -> BoolArray:
        self._names = part.rows.schema.names
        text_dates, waiting = happens(rng, 0.04, len(part.person)), happens(rng, 0.12, len(part.person))
        is_date = [name in ("D.O.B.", "Tenancy start") for name in self._names]
        for row, as_text, waits in zip(_rows_of(part.rows), text_dates, waiting, strict=True):
            cells = [
                _excel_date(value, as_text=bool(as_text)) if dated and value else value
                for value, dated in zip(row, is_date, strict=True)
            ]
            (self._waiting if waits else self._tenants).append(cells)
        return np.ones(len(part.person), dtype=bool)

    def close(self) -> None:
        last = chr(ord("A") + len(self._names) - 1)
        note: list[list[Cell]] = [
            ["Housing register extract"],
            ["Prepared by: Housing Systems"],
            ["Tenants: see the second sheet"],
        ]
        title: list[list[Cell]] = [
            ["Aldermarch Homes – Tenants at 31 March 2026"],
            [],
            [None, "Contact details last reviewed 2019"],
        ]
        with Workbook(self.path) as book:
            book.sheet("Read me", note)
            book.sheet("Tenants", [*title, list(self._names), *self._tenants], merged=[f"A1:{last}1"])
            book.sheet("Waiting list", [list(self._names), *self._waiting])


class HousingCsv:
    """The same as one pipe-separated UTF-8 file, for counties too large for a workbook."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "housing.csv"
        self._out: IO[bytes] = self.path.open("wb")
        self._started = False

    def write(self, part: Part, rng: np.random.Generator) -> BoolArray:
        del rng
        if not self._started:
            self._started = True
            self._out.write(("\ufeff" + "|".join(part.rows.schema.names) + "\n").encode())
        lines = pc.binary_join_element_wise(*(pc.fill_null(column, "") for column in part.rows.columns), "|")
        self._out.write("".join(line + "\n" for line in lines.to_pylist()).encode())
        return np.ones(len(part.person), dtype=bool)

    def close(self) -> None:
        self._out.close()


class Truth:
    """source, record_id and cluster of every record that can be read, as CSV."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._out: IO[str] = path.open("w", encoding="utf-8", newline="\n")
        self._out.write("source,record_id,cluster\n")
        self.rows = 0

    def add(self, source: str, record_ids: pa.Array, person: IntArray) -> None:
        """Add records of one source; record_ids: the source's own."""
        clusters = pc.cast(pa.array(person), pa.string())
        lines = pc.binary_join_element_wise(pa.scalar(source), record_ids, clusters, ",")
        self._out.write("".join(line + "\n" for line in lines.to_pylist()))
        self.rows += len(lines)

    def close(self) -> None:
        """Finish the file."""
        self._out.close()


def _quoted(column: pa.Array) -> pa.Array:
    doubled = pc.replace_substring(pc.fill_null(column, ""), '"', '""')
    return pc.binary_join_element_wise(pa.scalar('"'), doubled, pa.scalar('"'), "")


def _rows_of(batch: pa.RecordBatch) -> Iterator[tuple[str | None, ...]]:
    return zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _excel_date(text: str, *, as_text: bool) -> Cell:
    day = date.fromisoformat(text)
    return f"{day:%d/%m/%Y}" if as_text or day < date(1900, 3, 1) else day
