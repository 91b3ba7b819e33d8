"""A run's tables written by Spark, as folders of Parquet, where the driver cannot hold the records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.engines.spark import gathered, joined_batches, kept, map_batches
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.model import Model
from joinedup.linkage.outputs import joined_table, match_probability
from joinedup.linkage.shown import Forms
from joinedup.linkage.spark_records import SparkRecords, row_records

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_ROWS = 1 << 17
_PLACE_BITS = 33


def pair_rows(pairs: DataFrame, records: SparkRecords, model: Model, plan: ComparePlan) -> DataFrame:
    """Kept pairs in the columns of pairs.parquet (`write_pairs`)."""
    left = records.frame.selectExpr("_number as left", "_source as left_source", "_id as left_id")
    right = records.frame.selectExpr("_number as right", "_source as right_source", "_id as right_id")
    joined = pairs.select("left", "right", "weight", "pattern").join(left, on="left").join(right, on="right")
    work = _PairRows(
        records.source_names, tuple(c.name for c in model.comparisons), plan.strides, plan.levels
    )
    return map_batches(joined, work, work.schema)


@dataclass(frozen=True)
class _PairRows:
    sources: tuple[str, ...]
    comparisons: tuple[str, ...]
    strides: tuple[int, ...]
    levels: tuple[int, ...]

    @property
    def schema(self) -> pa.Schema:
        texts = [(name, pa.string()) for name in ("left_source", "left_id", "right_source", "right_id")]
        numbers = [("match_weight", pa.float64()), ("match_probability", pa.float64())]
        return pa.schema([*texts, *numbers, *[(f"level_{name}", pa.int16()) for name in self.comparisons]])

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        names = pa.array(self.sources, pa.string())
        for batch in batches:
            sources = [batch.column(f"{side}_source") for side in ("left", "right")]
            left_id, right_id = batch.column("left_id"), batch.column("right_id")
            swap = pc.and_(pc.equal(*sources), pc.greater(left_id, right_id))
            pattern = batch.column("pattern").to_numpy()
            weight = batch.column("weight").to_numpy()
            levels = [
                pa.array((pattern // stride % count).astype(np.int16))
                for stride, count in zip(self.strides, self.levels, strict=True)
            ]
            arrays = [
                names.take(sources[0]), pc.if_else(swap, right_id, left_id),
                names.take(sources[1]), pc.if_else(swap, left_id, right_id),
                pa.array(weight), pa.array(match_probability(weight)), *levels,
            ]  # fmt: skip
            yield pa.RecordBatch.from_arrays(arrays, schema=self.schema)


def with_persons(people: DataFrame, records: SparkRecords, *, staging: str, partitions: int) -> DataFrame:
    """The records with person (the number of its first record) and person_id, named as on one machine.

    people: number and person of the records that share a person or might have.
    """
    frame = records.frame.join(people, on=records.frame["_number"] == people["number"], how="left")
    frame = frame.selectExpr(*records.frame.columns, "coalesce(person, _number) as person")
    frame = kept(frame, f"{staging}/persons")
    firsts = frame.where("person = _number").select("_number")
    placed = firsts.repartitionByRange(partitions, "_number").sortWithinPartitions("_number")
    placed = kept(
        placed.selectExpr("_number as first", "monotonically_increasing_id() as at"), f"{staging}/firsts"
    )
    parts = gathered(placed.selectExpr(f"shiftright(at, {_PLACE_BITS}) as part").groupBy("part").count())
    counts = np.zeros(max(parts["part"].to_pylist(), default=0) + 1, np.int64)
    counts[parts["part"].to_numpy()] = parts["count"].to_numpy()
    offsets = ", ".join(f"{n}L" for n in (np.cumsum(counts) - counts).tolist())
    width = max(6, len(str(len(records))))
    place = f"array({offsets})[cast(shiftright(at, {_PLACE_BITS}) as int)] + (at & {(1 << _PLACE_BITS) - 1}L)"
    named = placed.selectExpr(
        "first as person", f"concat('P', lpad(cast({place} + 1 as string), {width}, '0')) as person_id"
    )
    return frame.join(named, on="person")


def people_rows(persons: DataFrame, records: SparkRecords) -> DataFrame:
    """The columns of people.parquet: source, record_id, person_id."""
    names = ", ".join(
        "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'" for name in records.source_names
    )
    return persons.selectExpr(f"array({names})[_source] as source", "_id as record_id", "person_id")


def joined_rows(
    persons: DataFrame,
    records: SparkRecords,
    *,
    fields: tuple[str, ...],
    prefer: tuple[str, ...],
    shown: Mapping[str, Forms],
    partitions: int,
) -> DataFrame:
    """One row a person, as `write_joined` makes them."""
    columns = tuple((name, records.column(name)) for name in fields)
    work = _JoinedRows(records.source_names, columns, prefer, dict(shown))
    ready = persons.repartition(partitions, "person").sortWithinPartitions("person", "_number")
    return map_batches(ready, work, work.schema)


@dataclass(frozen=True)
class _JoinedRows:
    sources: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    prefer: tuple[str, ...]
    shown: Mapping[str, Forms]

    @property
    def schema(self) -> pa.Schema:
        own = [("person_id", pa.string()), ("records", pa.int64()), ("sources", pa.string())]
        taken = {name for name, _ in own}
        for name, _ in self.columns:
            written = f"field_{name}" if name in taken else name
            own += [
                (written, pa.string()),
                (f"{written}__source", pa.string()),
                (f"{written}__rule", pa.string()),
            ]
        return pa.schema(own)

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        held: pa.Table | None = None
        with ThreadPoolExecutor(1) as pool:
            for table in joined_batches(batches, rows=_ROWS):
                table = table if held is None else pa.concat_tables([held, table])
                person = table["person"].to_numpy()
                last = int(
                    np.searchsorted(person, person[-1])
                )  # sorted: where the last person's records begin
                if last:
                    yield self._joined(table.slice(0, last).combine_chunks(), pool)
                held = table.slice(last)
            if held is not None and held.num_rows:
                yield self._joined(held.combine_chunks(), pool)

    def _joined(self, table: pa.Table, pool: ThreadPoolExecutor) -> pa.RecordBatch:
        records = row_records(table, source_names=self.sources, columns=self.columns)
        _, first, number = np.unique(table["person"].to_numpy(), return_index=True, return_inverse=True)
        made = joined_table(
            records,
            np.arange(table.num_rows, dtype=np.int32),
            number.astype(np.int64),
            table["person_id"].combine_chunks().take(pa.array(first)),
            fields=[name for name, _ in self.columns],
            prefer=self.prefer,
            shown=self.shown,
            pool=pool,
        )
        arrays = [made.column(f.name).combine_chunks().cast(f.type) for f in self.schema]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)
