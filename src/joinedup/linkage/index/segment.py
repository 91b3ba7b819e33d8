"""A segment: records of an index in immutable files that every process maps and shares.

It holds the records' standardised fields, how they were written, and for each blocking rule of the frame where
the records with a given hash of the rule's values stand. The order of rows is that of the record numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.linkage.encode import Codes, Records, as_plain_text
from joinedup.linkage.expression import Key
from joinedup.linkage.index.columns import layout_of, value_hashes, write_hashes, write_key_columns
from joinedup.linkage.index.frame import Frame
from joinedup.linkage.index.mapped import (
    Arrays,
    ArraysWriter,
    damaged,
    read_manifest,
    sync_folder,
    write_manifest,
)
from joinedup.linkage.index.plan import Plan
from joinedup.linkage.kernels import lookup

_RULE_PARTS = ("hashes", "directory", "starts", "rows")

Int64 = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


def rule_keys(frame: Frame, fields: pa.Table) -> Hashes:
    """A 64-bit hash of what each blocking rule looks at, shape (records, rules); 0 where a value is missing.

    fields: the standardised fields, at least those that the rules read. Records that agree on a rule have equal
    hashes; that two others have is so unlikely (1 in 2**64 a pair) that it is not looked into.
    """
    records = plain_records(fields)
    out = np.empty((fields.num_rows, len(frame.model.blocking_rules)), np.uint64)
    for number, rule in enumerate(frame.model.blocking_rules):
        out[:, number] = mixed_hashes(records, rule.on)
    return out


def plain_records(fields: pa.Table) -> Records:
    """A table's columns as codes, in the table's own order, to take keys of; without identifiers."""
    columns = {name: _codes(fields.column(name)) for name in fields.column_names}
    return Records(("",), np.zeros(fields.num_rows, np.uint16), pa.array([], pa.string()), columns)


def write_segment(
    directory: Path,
    frame: Frame,
    *,
    fields: pa.Table,
    number: Int64,
    source: npt.NDArray[np.int16],
    ids: pa.Array,
    written: pa.Table | None = None,
) -> None:
    """Write records as a segment, on the disk when this returns.

    fields: ``frame.columns`` as text, standardised; a column that is not there is taken as missing. number: the
    record numbers, ascending. source: of each record. ids: its own identifier, text. written: the raw columns
    as text, for showing.
    """
    assert len(number) == fields.num_rows == len(source) == len(ids)
    assert bool(np.all(number[1:] > number[:-1]))
    directory.mkdir(parents=True, exist_ok=True)
    fields = _all_columns(fields, frame.columns)
    arrays = ArraysWriter(directory / "arrays.bin")
    arrays.add("number", number.astype(np.int64))
    arrays.add("source", source.astype(np.int16))
    ids = as_plain_text(ids)
    hashes = _id_hashes(source, ids)
    order = np.argsort(hashes, kind="stable").astype(np.int32)
    arrays.add("id hashes", hashes[order])
    arrays.add("id rows", order)
    records = plain_records(fields)
    rules = enumerate(frame.model.blocking_rules)
    bits = [_write_rule(arrays, number, mixed_hashes(records, rule.on)) for number, rule in rules]
    key_bits = write_key_columns(arrays, frame.model, records)
    arrays.close()
    _write_table(directory / "fields.arrow", fields.append_column("_id", ids))
    if written is not None:
        _write_table(directory / "written.arrow", written)
    write_manifest(
        directory / "segment.json",
        {
            "frame": frame.number,
            "records": fields.num_rows,
            "rule_bits": bits,
            "key_bits": key_bits,
            "columns": list(frame.columns),
            "has_written": written is not None,
            "arrays": arrays.places,
        },
    )
    for folder in (directory, directory.parent):
        sync_folder(folder)


@dataclass(frozen=True)
class _Rule:
    """Where records stand by a rule's hash: distinct hashes, a directory of their high bits, runs of rows."""

    hashes: Hashes
    bits: int
    directory: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int32]


class Segment:
    """A segment opened for reading. frame: the frame's number. number, source, ids: of each row (read-only).

    Raises SourceError where its files are damaged or lacking.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.manifest: dict[str, Any] = read_manifest(directory / "segment.json")
        try:
            self._open(directory)
        except (pa.ArrowException, ValueError, LookupError, TypeError, AttributeError, OverflowError):
            raise damaged(directory) from None

    def _open(self, directory: Path) -> None:
        self.frame = int(self.manifest["frame"])
        self._rows = int(self.manifest["records"])
        places = {name: (kind, at, count) for name, (kind, at, count) in self.manifest["arrays"].items()}
        self.arrays = Arrays(directory / "arrays.bin", places)
        self.number: Int64 = self.arrays["number"]
        self.source: npt.NDArray[np.int16] = self.arrays["source"]
        # Mapped now, so that it stays readable when a later version has dropped the files.
        self._table = _map_table(directory / "fields.arrow")
        self._written = _map_table(directory / "written.arrow") if self.manifest["has_written"] else None
        self.ids: pa.Array = _one_array(self._table.column("_id"))
        self._rules = [self._rule(rule, bits) for rule, bits in enumerate(self.manifest["rule_bits"])]

    def __len__(self) -> int:
        return self._rows

    def is_readable(self) -> bool:
        """Whether Arrow finds its tables sound, to the last value, and every row in all of them."""
        tables = [self._table] if self._written is None else [self._table, self._written]
        try:
            for table in tables:
                table.validate(full=True)
        except pa.ArrowException:
            return False
        return all(len(part) == len(self) for part in (self.number, self.source, *tables))

    def fields(self, rows: Int64 | None = None) -> pa.Table:
        """The standardised fields of these rows (all: None) as text, in the order given."""
        table = self._table.drop_columns(["_id"])
        return _plain(table if rows is None else table.take(pa.array(rows)))

    def written(self, rows: Int64) -> list[dict[str, str | None]]:
        """How these rows were written in their source, column by column; empty where that was not kept."""
        if self._written is None:
            return [{} for _ in rows]
        found: list[dict[str, str | None]] = _plain(self._written.take(pa.array(rows))).to_pylist()
        return found

    def written_table(self, rows: Int64 | None = None) -> pa.Table | None:
        """The same as a table; None where it was not kept."""
        if self._written is None:
            return None
        table = self._written
        return _plain(table if rows is None else table.take(pa.array(rows)))

    def rows_of(self, numbers: Int64) -> Int64:
        """The row of each record number, -1 where it is not here."""
        numbers = np.asarray(numbers, np.int64)
        if not len(self):
            return np.full(len(numbers), -1, np.int64)
        at = np.minimum(np.searchsorted(self.number, numbers), len(self) - 1)
        return np.where(self.number[at] == numbers, at, -1).astype(np.int64)

    def find(self, source: int, ids: pa.Array) -> Int64:
        """The row of the record with each of these identifiers in a source, -1 where there is none.

        Of several with one identifier (a record that was removed, and came again) the last one.
        """
        ids = as_plain_text(ids)
        wanted = _id_hashes(np.full(len(ids), source, np.int16), ids)
        hashes, rows = self.arrays["id hashes"], self.arrays["id rows"]
        out = np.full(len(ids), -1, np.int64)
        begin, end = np.searchsorted(hashes, wanted, "left"), np.searchsorted(hashes, wanted, "right")
        hit = np.flatnonzero(end > begin)
        # Rows of one hash stand in their own order, so the last fitting one is looked for from the end.
        step = 1
        while len(hit):
            row = rows[end[hit] - step].astype(np.int64)
            same = pc.equal(self.ids.take(pa.array(row)), ids.take(pa.array(hit)))
            good = pc.fill_null(same, False).to_numpy(zero_copy_only=False) & (self.source[row] == source)
            out[hit[good]] = row[good]
            hit = hit[~good & (end[hit] - begin[hit] > step)]
            step += 1
        return out

    def candidate_counts(self, rule: int, keys: Hashes) -> Int64:
        """How many rows have each of these hashes under a rule."""
        own = self._rules[rule]
        begins, ends = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
        lookup.find_runs(
            np.ascontiguousarray(keys), own.hashes, own.bits, own.directory, own.starts, begins, ends
        )
        return ends - begins

    def candidates(self, rule: int, keys: Hashes) -> tuple[Int64, Int64]:
        """The rows with each of these hashes under a rule: (place in keys, row), ascending by both."""
        own = self._rules[rule]
        begins, ends = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
        total = lookup.find_runs(
            np.ascontiguousarray(keys), own.hashes, own.bits, own.directory, own.starts, begins, ends
        )
        at, row = np.empty(total, np.int64), np.empty(total, np.int64)
        lookup.list_runs(begins, ends, own.rows, at, row)
        return at, row

    def key_layout(self, plan: Plan) -> Int64:
        """Where the columns of each key that the plan compares begin (see ``kernels.match``)."""
        return layout_of(self.arrays, self.manifest["key_bits"], plan)

    def rule_layout(self) -> Int64:
        """For each rule: where its hashes begin, how many, the directory's bits and beginning, starts, rows."""
        out = np.empty((len(self._rules), 6), np.int64)
        for rule, bits in enumerate(self.manifest["rule_bits"]):
            places = [self.arrays.place(f"rule {rule} {part}") for part in _RULE_PARTS]
            (hashes, count), (directory, _), (starts, _), (rows, _) = places
            out[rule] = hashes, count, bits, directory, starts, rows
        return out

    def _rule(self, rule: int, bits: int) -> _Rule:
        parts = (self.arrays[f"rule {rule} {part}"] for part in _RULE_PARTS)
        hashes, directory, starts, rows = parts
        return _Rule(hashes, bits, directory, starts, rows)


def _codes(column: pa.ChunkedArray) -> Codes:
    encoded = as_plain_text(column).dictionary_encode()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    return Codes(codes, encoded.dictionary)


def mixed_hashes(records: Records, keys: tuple[Key, ...]) -> Hashes:
    """One hash a record of several keys together, 0 where one is missing."""
    first = records.key(keys[0])
    out = np.append(value_hashes(first.values), np.uint64(0))[first.codes]
    for key in keys[1:]:
        own = records.key(key)
        lookup.mix_in(own.codes, value_hashes(own.values), out)
    return out


def _write_rule(arrays: ArraysWriter, rule: int, keys: Hashes) -> int:
    """Write where the records of each hash stand; returns how many high bits the directory goes by."""
    order = np.argsort(keys, kind="stable").astype(np.int32)
    order = order[np.searchsorted(keys[order], np.uint64(1)) :]
    in_order = keys[order]
    starts = np.flatnonzero(np.append(True, in_order[1:] != in_order[:-1])) if len(order) else np.zeros(0)
    hashes = in_order[starts.astype(np.int64)]
    bits = write_hashes(arrays, f"rule {rule}", hashes)
    arrays.add(f"rule {rule} starts", np.append(starts, len(order)).astype(np.int32))
    arrays.add(f"rule {rule} rows", order)
    return bits


def _id_hashes(source: npt.NDArray[np.int16], ids: pa.Array) -> Hashes:
    hashes = value_hashes(ids)
    lookup.mix_in(source.astype(np.int32), np.arange(1 << 15, dtype=np.uint64), hashes)
    return hashes


def _all_columns(fields: pa.Table, columns: tuple[str, ...]) -> pa.Table:
    nothing = pa.nulls(fields.num_rows, pa.string())
    have = fields.column_names
    return pa.table({name: fields.column(name) if name in have else nothing for name in columns})


def _write_table(path: Path, table: pa.Table) -> None:
    """As an Arrow file that can be mapped: text, as a dictionary where values repeat (but never identifiers)."""
    texts = {name: as_plain_text(table.column(name), compared=True) for name in table.column_names}
    columns = {name: text if name == "_id" else _stored(text) for name, text in texts.items()}
    whole = pa.table(columns).combine_chunks()
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, whole.schema) as writer:
        writer.write_table(whole)
    sync_folder(path)  # a file's contents are synced as a folder's are


def _stored(values: pa.Array) -> pa.Array:
    encoded = values.dictionary_encode()
    return encoded if 2 * len(encoded.dictionary) < len(values) else values


def _map_table(path: Path) -> pa.Table:
    try:
        return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    except (OSError, pa.ArrowException):
        raise damaged(path) from None


def _plain(table: pa.Table) -> pa.Table:
    return pa.table({name: _one_array(table.column(name)) for name in table.column_names})


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    text = column.cast(pa.string())
    if text.num_chunks == 1:
        return text.chunk(0)
    return pa.concat_arrays(text.chunks) if text.num_chunks else pa.array([], pa.string())
