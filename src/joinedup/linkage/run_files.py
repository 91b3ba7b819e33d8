"""The files of a finished run, read back: its records, its people, its scored pairs, its threshold.

Records are numbered by their row in ``people.parquet``. Errors name files, columns and counts, never an id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from joinedup.errors import SourceError

ROWS_AT_ONCE = 4_000_000
Int32 = NDArray[np.int32]


@dataclass(frozen=True)
class PairBatch:
    """A stretch of ``pairs.parquet``: record numbers, weight in bits, and its rows as they are."""

    left: Int32
    right: Int32
    weight: NDArray[np.float64]
    rows: pa.Table


@dataclass(frozen=True)
class RunFiles:
    """A run's records and settings; ``pairs`` streams its scored pairs.

    sources: names, sorted. source, person: of each record, the number of its source and of its person.
    across_only: only pairs across sources were compared (a link job).
    """

    directory: Path
    threshold: float
    across_only: bool
    sources: tuple[str, ...]
    source: Int32
    record_id: pa.Array
    person: Int32
    learnt_from_labels: bool = False

    def __len__(self) -> int:
        return len(self.source)

    @property
    def source_if_across(self) -> Int32 | None:
        """The records' sources where only pairs across sources count, else None."""
        return self.source if self.across_only else None

    def find(self, sources: pa.Array, ids: pa.Array) -> Int32:
        """The record number of each (source, id); -1 where there is no such record."""
        sources, ids = pc.dictionary_encode(sources), pc.dictionary_encode(ids)
        source_code = _codes(sources)
        id_code = _codes(ids)
        found = np.full(len(sources), -1, np.int32)
        for code, name in enumerate(sources.dictionary.to_pylist()):
            if name not in self.sources:
                continue
            rows = np.flatnonzero(self.source == self.sources.index(name)).astype(np.int32)
            at = pc.index_in(ids.dictionary, value_set=self.record_id.take(pa.array(rows)))
            known = np.append(_filled(at), -1)
            row_of = np.where(known >= 0, np.append(rows, np.int32(-1))[known], -1)
            mine = source_code == code
            found[mine] = row_of[id_code[mine]]
        return found

    def pairs(self, columns: Sequence[str] = ()) -> Iterator[PairBatch]:
        """Stream the scored pairs in file order; ``columns`` are read besides ids and weight.

        Raises SourceError where a pair names a record that ``people.parquet`` does not have.
        """
        path = self.directory / "pairs.parquet"
        ends = ["left_source", "left_id", "right_source", "right_id"]
        wanted = [*ends, "match_weight", *(c for c in columns if c not in (*ends, "match_weight"))]
        with _opened(path, dictionaries=ends) as file:
            _require(path, file.schema_arrow.names, wanted)
            for groups in _row_groups(file):
                table = file.read_row_groups(groups, columns=wanted)
                texts = [_text(table.column(name)) for name in ends]
                left, right = self.find(texts[0], texts[1]), self.find(texts[2], texts[3])
                unknown = int(((left < 0) | (right < 0)).sum())
                if unknown:
                    raise SourceError(
                        what=f"{unknown} pairs name a record that people.parquet does not have",
                        where=str(path),
                        mend="run the linkage again: the files are of different runs",
                    )
                weight = table.column("match_weight").cast(pa.float64()).to_numpy()
                yield PairBatch(left, right, weight, table)


def open_run(directory: str | Path) -> RunFiles:
    """Read a run directory; raises SourceError, naming the file or key that is missing or wrong."""
    directory = Path(directory)
    settings = _settings(directory / "run.json")
    threshold = settings.get("threshold_weight")
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)):
        raise SourceError(
            what="no threshold_weight", where=str(directory / "run.json"), mend="run the linkage again"
        )
    path = directory / "people.parquet"
    columns = ["source", "record_id", "person_id"]
    with _opened(path) as file:
        _require(path, file.schema_arrow.names, columns)
        table = file.read(columns=columns)
    names = pc.dictionary_encode(_text(table.column("source")))
    sources = tuple(sorted(names.dictionary.to_pylist()))
    place = np.array([sources.index(name) for name in names.dictionary.to_pylist()], np.int32)
    source = place[_codes(names)] if len(table) else np.empty(0, np.int32)
    ids = _text(table.column("record_id"))
    keys = pa.table({"source": source, "id": ids}).group_by(["source", "id"]).aggregate([])
    if len(keys) < len(table):
        raise SourceError(
            what=f"{len(table) - len(keys)} records share a source and record_id with another",
            where=str(path),
            mend="give each record of a source its own id, and run the linkage again",
        )
    person = _codes(pc.dictionary_encode(_text(table.column("person_id"))))
    return RunFiles(
        directory,
        float(threshold),
        settings.get("kind") == "link",
        sources,
        source,
        ids,
        person,
        settings.get("learnt_from_labels") is True,
    )


def _settings(path: Path) -> dict[str, Any]:
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise SourceError(
            what=f"cannot be read: {problem.strerror}",
            where=str(path),
            mend="name the --out of a linkage run",
        ) from None
    except ValueError:
        settings = None
    if not isinstance(settings, dict):
        raise SourceError(what="not the record of a run", where=str(path), mend="run the linkage again")
    return settings


def _opened(path: Path, dictionaries: list[str] | None = None) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, read_dictionary=dictionaries)
    except (OSError, pa.ArrowInvalid):
        raise SourceError(
            what="cannot be read as Parquet", where=str(path), mend="name the --out of a finished linkage run"
        ) from None


def _require(path: Path, names: Sequence[str], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in names]
    if missing:
        raise SourceError(
            what=f"no column {', '.join(missing)}",
            where=str(path),
            mend="run the linkage again with this version",
        )


def _row_groups(file: pq.ParquetFile) -> Iterator[list[int]]:
    """Row groups together while they stay small enough: looking ids up has a price each time."""
    together: list[int] = []
    rows = 0
    for group in range(file.num_row_groups):
        size = file.metadata.row_group(group).num_rows
        if together and rows + size > ROWS_AT_ONCE:
            yield together
            together, rows = [], 0
        together.append(group)
        rows += size
    if together:
        yield together


def _text(column: pa.ChunkedArray) -> pa.Array:
    """A column as text, whatever it was written as; dictionaries stay dictionaries."""
    if pa.types.is_dictionary(column.type):
        merged = column.unify_dictionaries().combine_chunks()
        merged = merged.chunk(0) if isinstance(merged, pa.ChunkedArray) and merged.num_chunks else merged
        if isinstance(merged, pa.ChunkedArray):
            return pa.array([], pa.string())
        return pa.DictionaryArray.from_arrays(merged.indices, merged.dictionary.cast(pa.string()))
    cast = column.cast(pa.string()).combine_chunks()
    return cast


def _codes(values: pa.DictionaryArray) -> Int32:
    return _filled(values.indices)


def _filled(numbers: pa.Array) -> Int32:
    return np.asarray(pc.fill_null(numbers, -1).to_numpy(zero_copy_only=False), np.int32)
