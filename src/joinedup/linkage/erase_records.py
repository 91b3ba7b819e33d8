"""Take records out of a run's directory, so that nothing in it tells of them any more.

For a person who has their data erased: the rows of their records go from every table, and from joined rows every
value that one of their records gave. Counts in run.json and report.html stay: they tell of nobody. A report that was
asked to show values is removed.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Place = tuple[str, str]
_ENDS = (("left_source", "left_id"), ("right_source", "right_id"))


def erase_records(directory: str | Path, records: Collection[Place]) -> int:
    """Erase records, each a source and its own id, from the outputs of a run; return how many rows went or changed.

    Each file is replaced as a whole, so a crash leaves the old or the new one; calling again finishes the work.
    """
    directory, wanted = Path(directory), set(records)
    if not wanted:
        return 0
    gone = 0
    people = directory / "people.parquet"
    joined = directory / "joined.parquet"
    if people.exists():
        table = pq.read_table(people)
        hit = _is_one_of(table, "source", "record_id", wanted)
        persons = pc.unique(table.filter(hit)["person_id"])
        left = table.filter(pc.invert(hit))
        if joined.exists() and len(persons):
            # Joined rows first: a crash in between must not lose whose rows they are.
            gone += _erase_joined(joined, persons, pc.unique(left["person_id"]), {name for name, _ in wanted})
        if left.num_rows < table.num_rows:
            gone += table.num_rows - left.num_rows
            _replace(people, lambda draft: pq.write_table(left, draft, compression="zstd"))
    if (directory / "pairs.parquet").exists():
        gone += _erase_pairs(directory / "pairs.parquet", wanted)
    for name in ("review.csv", "sample.csv", "decisions.csv"):
        if (directory / name).exists():
            gone += _erase_lines_of_csv(directory / name, wanted)
    if (directory / "review.jsonl").exists():
        gone += _erase_json_lines(directory / "review.jsonl", wanted)
    report = directory / "report.html"
    if gone and report.exists() and _shows_values(directory):
        report.unlink()
    return gone


def _is_one_of(table: pa.Table, source: str, identifier: str, wanted: Collection[Place]) -> pa.ChunkedArray:
    sources = pc.cast(table[source], pa.string())
    hit = None
    for name in sorted({each for each, _ in wanted}):
        ids = pa.array(sorted(value for each, value in wanted if each == name), pa.string())
        found = pc.and_(
            pc.equal(sources, name), pc.is_in(pc.cast(table[identifier], pa.string()), value_set=ids)
        )
        hit = found if hit is None else pc.or_(hit, found)
    return hit


def _erase_joined(path: Path, persons: pa.Array, remaining: pa.Array, sources: set[str]) -> int:
    """Rows of people without any record left go; of the others, every value that an erased record's source gave."""
    table = pq.read_table(path)
    touched = pc.is_in(table["person_id"], value_set=persons)
    keep = pc.or_(pc.invert(touched), pc.is_in(table["person_id"], value_set=remaining))
    count = int(pc.sum(pc.cast(touched, pa.int64())).as_py() or 0)
    table, touched = table.filter(keep), touched.filter(keep)
    given = pa.array(sorted(sources), pa.string())
    for name in [column for column in table.column_names if column.endswith("__source")]:
        field = name.removesuffix("__source")
        drop = pc.and_(touched, pc.is_in(pc.cast(table[name], pa.string()), value_set=given))
        for column in (field, name, f"{field}__rule"):
            if column in table.column_names:
                place = table.column_names.index(column)
                nothing = pa.scalar(None, table[column].type)
                table = table.set_column(
                    place, table.schema.field(place), pc.if_else(drop, nothing, table[column])
                )
    if count:
        _replace(path, lambda draft: pq.write_table(table, draft, compression="zstd"))
    return count


def _erase_pairs(path: Path, wanted: Collection[Place]) -> int:
    """Row group by row group: a large file is never held whole."""
    gone = 0
    draft = path.with_suffix(".erasing")
    with pq.ParquetFile(path) as file, pq.ParquetWriter(draft, file.schema_arrow, compression="zstd") as out:
        for number in range(file.num_row_groups):
            table = file.read_row_group(number)
            hit = _is_one_of(table, *_ENDS[0], wanted)
            hit = pc.or_(hit, _is_one_of(table, *_ENDS[1], wanted))
            kept = table.filter(pc.invert(hit))
            gone += table.num_rows - kept.num_rows
            out.write_table(kept)
    if gone:
        _settle(draft, path)
    else:
        draft.unlink()
    return gone


def _erase_lines_of_csv(path: Path, wanted: Collection[Place]) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        names = list(reader.fieldnames or ())
        rows = list(reader)
    kept = [row for row in rows if not any((row.get(s), row.get(i)) in wanted for s, i in _ENDS)]
    if len(kept) < len(rows):

        def write(draft: Path) -> None:
            with draft.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, names)
                writer.writeheader()
                writer.writerows(kept)

        _replace(path, write)
    return len(rows) - len(kept)


def _erase_json_lines(path: Path, wanted: Collection[Place]) -> int:
    lines = path.read_text("utf-8").splitlines()
    kept = [line for line in lines if not _told_of(json.loads(line), wanted)]
    if len(kept) < len(lines):
        _replace(path, lambda draft: draft.write_text("".join(f"{line}\n" for line in kept), "utf-8"))
    return len(lines) - len(kept)


def _told_of(pair: dict[str, Any], wanted: Collection[Place]) -> bool:
    return tuple(pair["left"]) in wanted or tuple(pair["right"]) in wanted


def _shows_values(directory: Path) -> bool:
    """Whether the report may hold values: unless the spec beside it says that it does not, it is taken to."""
    spec = directory / "spec.toml"
    return not spec.exists() or "show_values = true" in spec.read_text("utf-8")


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    draft = path.with_suffix(".erasing")
    write(draft)
    _settle(draft, path)


def _settle(draft: Path, path: Path) -> None:
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)
