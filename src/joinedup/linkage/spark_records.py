"""The records of a job on Spark: numbered as one machine numbers them, with the keys that blocking looks at.

The number of a record is its place in the order of source, then hash of its identifier (`encode`), so that the
left record of a pair is the same one here as there, and so is every sample that is drawn by number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.engines.spark import gathered, joined_batches, kept, map_batches
from joinedup.errors import SourceError
from joinedup.linkage.encode import Codes, Floats, Records, encode, repeated_words
from joinedup.linkage.expression import Key
from joinedup.linkage.index.shares import text_hashes
from joinedup.linkage.model import BlockingRule
from joinedup.linkage.prepare import ID
from joinedup.linkage.spark_sources import RECORD, SparkSources

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Int64 = npt.NDArray[np.int64]
_ROWS = 100_000
_PLACE_BITS = 33  # Spark's monotonically_increasing_id: the partition above, the row in it below
NUMBER = pa.field("_number", pa.int64())
SOURCE = pa.field("_source", pa.int16())


@dataclass(frozen=True)
class SparkRecords:
    """frame: one row a record: _number (from 0), _source, _id, and f0, f1… (the fields' texts). sizes: records of
    each source. names: the fields."""

    frame: DataFrame
    source_names: tuple[str, ...]
    names: tuple[str, ...]
    sizes: tuple[int, ...]

    def __len__(self) -> int:
        return sum(self.sizes)

    def column(self, name: str) -> str:
        """The frame's column of a field; raises SourceError for a field that is not there."""
        if name not in self.names:
            raise SourceError(
                what=f"there is no column '{name}'",
                where="the sources",
                mend=f"use: {', '.join(sorted(self.names))}",
            )
        return f"f{self.names.index(name)}"

    def possible_pairs(self, *, across_only: bool) -> int:
        """How many pairs there are to choose from."""
        within = sum(n * (n - 1) // 2 for n in self.sizes)
        n = len(self)
        return n * (n - 1) // 2 - (within if across_only else 0)


def number_records(sources: SparkSources, *, staging: str, partitions: int) -> SparkRecords:
    """Put the records in order and number them.

    Raises SourceError for an identifier that is missing or given twice (with its count, never its value).
    """
    names = [source.name for source in sources.prepared.sources]
    rows = sources.frame.where(f"_what = {RECORD}")
    texts = [f"f{i}" for i in range(len(sources.names))]
    ordered = (
        rows.select("_source", "_order", "_id", *texts)
        .repartitionByRange(partitions, "_source", "_order")
        .sortWithinPartitions("_source", "_order", "_id")
        .selectExpr("_source", "_id", *texts, "monotonically_increasing_id() as _at")
    )
    ordered = kept(ordered, f"{staging}/ordered")
    _refuse_bad_ids(ordered, names)
    parts = gathered(ordered.selectExpr(f"shiftright(_at, {_PLACE_BITS}) as part").groupBy("part").count())
    counts = np.zeros(max(parts["part"].to_pylist(), default=0) + 1, np.int64)
    counts[parts["part"].to_numpy()] = parts["count"].to_numpy()
    offsets = ", ".join(f"{n}L" for n in (np.cumsum(counts) - counts).tolist())
    number = (
        f"array({offsets})[cast(shiftright(_at, {_PLACE_BITS}) as int)] + (_at & {(1 << _PLACE_BITS) - 1}L)"
    )
    frame = ordered.selectExpr(f"{number} as _number", "_source", "_id", *texts)
    sizes = tuple(source.records for source in sources.prepared.sources)
    return SparkRecords(frame, tuple(names), sources.names, sizes)


def _refuse_bad_ids(frame: DataFrame, names: Sequence[str]) -> None:
    told = frame.groupBy("_source", "_id").count().where("_id is null or count > 1")
    bad = told.groupBy("_source").agg({"count": "sum", "_id": "count"})
    for row in gathered(
        bad.selectExpr("_source", "`sum(count)` as total", "`count(_id)` as repeated")
    ).to_pylist():
        name, repeated = names[row["_source"]], row["repeated"]
        where = f"{name}, the column of identifiers"
        if repeated:
            raise SourceError(
                what=repeated_words(repeated),
                where=where,
                mend="name a column whose values are unique",
            )
        raise SourceError(
            what=f"{row['total']} records have no identifier", where=where, mend="give each one"
        )


def records_at_hand(records: SparkRecords, *, fields: Sequence[str], one_in: int = 1) -> Records:
    """Records on the driver, as ``encode`` makes them: all, or an even sample of about one in so many."""
    columns = [f"{records.column(name)} as t{i}" for i, name in enumerate(fields)]
    frame = records.frame
    if one_in > 1:
        frame = frame.where(f"pmod(xxhash64(_number), {one_in}) = 0")
    whole = gathered(frame.selectExpr("_source", "_id", *columns))
    tables = {}
    for number, name in enumerate(records.source_names):
        own = whole.filter(pc.equal(whole["_source"], number)).drop_columns(["_source"])
        tables[name] = own.rename_columns([ID, *fields])
    return encode(tables, id_columns=dict.fromkeys(tables, ID), columns=list(fields))


@dataclass
class RowRecords(Records):
    """The rows of a batch as records; a record may stand in several rows. shares: of each row's value under a key,
    its share of the whole job's values."""

    shares: dict[Key, Floats] | None = None

    def frequencies(self, key: Key) -> Floats:
        """The share of each distinct value in the whole job; 0 for a key whose shares the rows do not carry."""
        codes = self.key(key)
        out = np.zeros(len(codes.values))
        rows = (self.shares or {}).get(key)
        if rows is not None:
            present = codes.codes >= 0
            out[codes.codes[present]] = rows[present]
        return out


def row_records(
    table: pa.Table,
    *,
    source_names: tuple[str, ...],
    columns: Sequence[tuple[str, str]],
    shares: Sequence[tuple[Key, str]] = (),
) -> RowRecords:
    """A batch's rows as records, in their order. columns: each field and the table's column that holds it."""
    coded = {}
    for name, column in columns:
        encoded = table.column(column).combine_chunks().dictionary_encode()
        codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
        coded[name] = Codes(codes, encoded.dictionary.cast(pa.string()))
    if "_id" in table.column_names:
        ids: Any = table.column("_id").combine_chunks()
    else:
        ids = pa.nulls(table.num_rows, pa.string())
    source = table.column("_source").to_numpy().astype(np.uint16)
    found = {key: table.column(column).fill_null(0.0).to_numpy() for key, column in shares}
    return RowRecords(source_names, source, ids, coded, shares=found)


@dataclass(frozen=True)
class _WithKeys:
    """The work of a partition: each record's hash under each rule, and the texts of some keys."""

    source_names: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    carried: pa.Schema
    rules: tuple[BlockingRule, ...]
    texts: tuple[Key, ...]

    @property
    def schema(self) -> pa.Schema:
        keys = [(f"k{i}", pa.int64()) for i in range(len(self.rules))]
        return pa.schema([*self.carried, *keys, *[(f"x{i}", pa.string()) for i in range(len(self.texts))]])

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for table in joined_batches(batches, rows=_ROWS):
            records = row_records(table, source_names=self.source_names, columns=self.columns)
            arrays = [table.column(field.name).combine_chunks() for field in self.carried]
            arrays += [pa.array(rule_hashes(records, rule)) for rule in self.rules]
            for key in self.texts:
                codes = records.key(key)
                arrays.append(codes.values.take(pa.array(codes.codes, mask=codes.codes < 0)))
            yield pa.RecordBatch.from_arrays(arrays, schema=self.schema)


def with_keys(
    records: SparkRecords,
    rules: Sequence[BlockingRule],
    *,
    fields: Sequence[str],
    texts: Sequence[Key] = (),
    with_ids: bool = False,
) -> DataFrame:
    """The records with _number, _source, (_id,) the given fields, k0, k1… (63 bits of a hash of what each rule looks
    at; -1 where a part is missing) and x0, x1… (the texts of some keys)."""
    keys = [*(key for rule in rules for key in rule.on), *texts]
    read = dict.fromkeys([*fields, *(column for key in keys for column in key.columns())])
    columns = tuple((name, records.column(name)) for name in read)
    carried = [NUMBER, SOURCE, *([pa.field("_id", pa.string())] if with_ids else [])]
    carried += [pa.field(column, pa.string()) for name, column in columns if name in fields]
    work = _WithKeys(records.source_names, columns, pa.schema(carried), tuple(rules), tuple(texts))
    wanted = ["_number", "_source", *(["_id"] if with_ids else []), *[column for _, column in columns]]
    return map_batches(records.frame.select(*wanted), work, work.schema)


def rule_hashes(records: Records, rule: BlockingRule) -> Int64:
    """63 bits of a hash of what a rule looks at in each record, the same in every process; -1 where a part is missing.

    Of 140 million distinct values, two share a hash with a chance of about one in a thousand; such a pair would be
    compared needlessly, and weighed like any other.
    """
    out = np.zeros(len(records), np.uint64)
    missing = np.zeros(len(records), bool)
    for key in rule.on:
        codes = records.key(key)
        hashes = np.append(text_hashes(codes.values), np.uint64(0))
        missing |= codes.codes < 0
        out = (out ^ hashes[codes.codes]) * np.uint64(0x9E3779B97F4A7C15)
        out ^= out >> np.uint64(32)
    found = (out >> np.uint64(1)).astype(np.int64)
    found[missing] = -1
    return found
