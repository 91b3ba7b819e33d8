"""The sources of a job on Spark: each is read where it lies, and standardised batch by batch by our own code.

What belongs to a column as a whole (which columns are which field, what a field means) is settled first, on the
driver, from the first rows of each source; from then on each batch is standardised by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.engines.spark import (
    gathered,
    joined_batches,
    kept,
    map_batches,
    parquet_frame,
    quoted,
    spread,
)
from joinedup.errors import SourceError
from joinedup.linkage.encode import as_plain_text, order_hashes
from joinedup.linkage.model import Model
from joinedup.linkage.prepare import (
    ID,
    Prepared,
    chosen_fields,
    comparable_fields,
    forenames_parted,
    found_identifiers,
    needed_fields,
    read_whole,
    refuse_missing_fields,
    standardised,
)
from joinedup.linkage.run import FieldCount, SourceCount
from joinedup.linkage.shown import Forms, usual_forms
from joinedup.linkage.source_advice import aside_advice, sheets_advice
from joinedup.linkage.spark_columns import settled_kinds
from joinedup.linkage.spec import FieldSpec, Source, Spec

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

HEAD = 200_000  # rows of a source that the driver looks at to find out what its columns mean
_ROWS = 100_000  # rows that are standardised at a time
_SPREAD = 1_000_000  # rows of a file read on the driver that are handed over at a time
RECORD, COUNT, FORM = 0, 1, 2
_OWN = pa.schema(
    [
        ("_what", pa.int8()),  # RECORD; COUNT: a batch's counts of one field; FORM: how a value is written
        ("_source", pa.int16()),
        ("_id", pa.string()),
        ("_order", pa.int64()),  # the identifier's hash, in the order of signed numbers
        ("_field", pa.string()),
        ("_shown", pa.string()),
        ("_count", pa.int64()),
    ]
)


@dataclass(frozen=True)
class SparkSources:
    """frame: rows of ``_OWN`` and of one text column a field, f0, f1… names: the fields in that order.

    prepared: what ``prepare`` says of a job, its tables left empty.
    """

    frame: DataFrame
    names: tuple[str, ...]
    prepared: Prepared


@dataclass(frozen=True)
class _Opened:
    """One source, ready to be standardised on the workers."""

    source: Source
    number: int
    raw: DataFrame
    chosen: Mapping[str, tuple[str, ...]]
    columns: tuple[str, ...]
    aside: pa.Table | None


def spark_sources(session: SparkSession, spec: Spec, model: Model | None, *, staging: str) -> SparkSources:
    """Read and standardise the sources of a job, as ``prepare`` does on one machine.

    Parquet is read by Spark, and such a source must name its id column, as Spark keeps no order of rows. Whatever
    else ``sources`` reads is read by the driver and handed over. staging: a folder that every machine sees.

    Raises SourceError for a source, column or identifier that is not there.
    """
    kinds: dict[str, FieldSpec] = dict(spec.fields)
    opened = []
    for number, source in enumerate(spec.sources):
        opened.append(_opened(session, spec, source, number, model, kinds, staging=staging))
    names = tuple(dict.fromkeys(name for one in opened for name in one.columns))
    refuse_missing_fields(spec, model, names)
    parts = []
    for one in opened:
        own_kinds = settled_kinds(one.raw, one.source, one.chosen, kinds)
        work = _Standardise(
            one.source,
            one.number,
            one.chosen,
            own_kinds,
            names,
            parted="middle_name" in one.columns and "middle_name" not in one.chosen,
            forms=spec.output.joined,
        )
        wanted = [c for columns in one.chosen.values() for c in columns]
        wanted += [one.source.id] if one.source.id else []
        raw = one.raw.selectExpr(*[quoted(c) for c in dict.fromkeys(wanted)])
        parts.append(map_batches(raw, work, _schema(len(names))))
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.unionByName(part)
    frame = kept(whole, f"{staging}/standardised")
    counts = _counts(frame, spec, opened)
    identifiers = found_identifiers(spec, model, kinds, counts)
    fields = comparable_fields(
        {one.source.name: one.columns for one in opened},
        kinds,
        needed_fields(spec, model),
        apart=identifiers,
    )
    aside = {o.source.name: o.aside for o in opened if o.aside is not None and o.aside.num_rows}
    prepared = Prepared(
        tables={},
        fields=fields,
        sources=counts,
        aside=aside,
        columns={one.source.name: one.chosen for one in opened},
        kinds=kinds,
        warnings=(
            *(aside_advice(name, table) for name, table in aside.items()),
            *(told for s in spec.sources if (told := sheets_advice(s, spec.locate(s.path))) is not None),
        ),
        ids={one.source.name: one.source.id for one in opened},
        shown=_forms(frame) if spec.output.joined else {},
        identifiers=identifiers,
    )
    return SparkSources(frame, names, prepared)


def _opened(
    session: SparkSession,
    spec: Spec,
    source: Source,
    number: int,
    model: Model | None,
    kinds: dict[str, FieldSpec],
    *,
    staging: str,
) -> _Opened:
    aside = None
    if _is_for_spark(spec.locate(source.path), source):
        raw = parquet_frame(session, _address(spec.locate(source.path)))
        head = gathered(raw.limit(HEAD))
    else:
        head, aside = read_whole(spec, source, model)
        raw = None
    if head.num_rows == 0:
        raise SourceError(
            what="there is no record in it",
            where=source.name,
            mend="see what 'joinedup read' says of the file",
        )
    source, chosen, found = chosen_fields(spec, source, model, head)
    for name, kind in found.items():
        kinds.setdefault(name, kind)
    if raw is None:
        if source.id is None:
            numbers = pc.cast(pa.array(np.arange(1, head.num_rows + 1)), pa.string())
            head = head.append_column(ID, numbers)
            source = replace(source, id=ID)
        raw = _handed_over(session, head, f"{staging}/read/{number}")
    elif source.id is None:
        raise SourceError(
            what="no column is said to hold each record's own id",
            where=source.name,
            mend='say which one does: id = "COLUMN" (Spark keeps no order of rows by which to number them)',
        )
    table, _ = standardised(
        head.slice(0, HEAD), source, chosen, kinds, None,
        as_it_is=model is not None, parted=forenames_parted(model),
    )  # fmt: skip
    return _Opened(source, number, raw, chosen, tuple(c for c in table.column_names if c != ID), aside)


def _is_for_spark(path: str, source: Source) -> bool:
    """Whether Spark itself reads it: Parquet files and folders of them, here or in an object store."""
    if source.read or source.tables or path.startswith(("postgres://", "postgresql://", "sqlite://")):
        return False
    return "://" in path or Path(path).suffix.lower() in (".parquet", ".pq")


def _address(path: str) -> str:
    return path if "://" in path or not Path(path).exists() else str(Path(path).resolve())


def _handed_over(session: SparkSession, table: pa.Table, path: str) -> DataFrame:
    """A table of the driver's as Parquet that every machine sees, a bounded part at a time."""
    names = table.column_names
    columns = [c.cast(c.type.value_type) if pa.types.is_dictionary(c.type) else c for c in table.columns]
    table = pa.table(columns, names=names)
    for begin in range(0, table.num_rows, _SPREAD):
        frame = kept(spread(session, table.slice(begin, _SPREAD)), path, append=begin > 0)
    return frame


def _schema(fields: int) -> pa.Schema:
    return pa.schema([*_OWN, *[(f"f{i}", pa.string()) for i in range(fields)]])


@dataclass(frozen=True)
class _Standardise:
    """The work of one source's partitions; see ``SparkSources`` for what comes out."""

    source: Source
    number: int
    chosen: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, FieldSpec]
    names: tuple[str, ...]
    parted: bool
    forms: bool

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for raw in joined_batches(batches, rows=_ROWS):
            written: dict[str, list[pa.Table]] | None = {} if self.forms else None
            table, counts = standardised(
                raw, self.source, self.chosen, dict(self.kinds), written, as_it_is=True, parted=self.parted
            )
            yield self._records(table)
            yield self._tallies(counts, written or {})

    def _records(self, table: pa.Table) -> pa.RecordBatch:
        ids = as_plain_text(table.column(ID))
        hashes = order_hashes(ids.fill_null(""), self.source.name)
        count = len(ids)
        texts = [
            as_plain_text(table.column(name), compared=True)
            if name in table.column_names
            else pa.nulls(count, pa.string())
            for name in self.names
        ]
        own = [
            pa.array(np.full(count, RECORD, np.int8)),
            pa.array(np.full(count, self.number, np.int16)),
            ids,
            pa.array((hashes ^ np.uint64(1 << 63)).view(np.int64)),
            *[pa.nulls(count, _OWN.field(name).type) for name in ("_field", "_shown", "_count")],
        ]
        return pa.RecordBatch.from_arrays([*own, *texts], schema=_schema(len(self.names)))

    def _tallies(
        self, counts: tuple[FieldCount, ...], written: Mapping[str, list[pa.Table]]
    ) -> pa.RecordBatch:
        rows = []
        for place, one in enumerate(counts):
            told = [place, one.column, one.kind, one.valid, one.mended, one.invalid, one.missing]
            rows.append((COUNT, self.number, None, one.field, json.dumps(told), 0))
        for name, tables in written.items():
            for table in tables:
                rows += [
                    (FORM, self.number, value, name, shown, count)
                    for value, shown, count in zip(
                        *(table.column(c).to_pylist() for c in ("value", "shown", "records")), strict=True
                    )
                ]
        what, source, ids, field_, shown, count = zip(*rows, strict=True) if rows else ((),) * 6
        columns = {
            "_what": what,
            "_source": source,
            "_id": ids,
            "_field": field_,
            "_shown": shown,
            "_count": count,
        }
        schema = _schema(len(self.names))
        arrays = [
            pa.array(list(columns[f.name]), f.type) if f.name in columns else pa.nulls(len(rows), f.type)
            for f in schema
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _counts(frame: DataFrame, spec: Spec, opened: list[_Opened]) -> tuple[SourceCount, ...]:
    tallies = gathered(frame.where(f"_what = {COUNT}").select("_source", "_field", "_shown")).to_pylist()
    sizes = gathered(frame.where(f"_what = {RECORD}").groupBy("_source").count()).to_pydict()
    records = dict(zip(sizes["_source"], sizes["count"], strict=True))
    out = []
    for one in opened:
        found: dict[tuple[int, str], FieldCount] = {}
        for row in tallies:
            if row["_source"] != one.number:
                continue
            place, column, kind, valid, mended, invalid, missing = json.loads(row["_shown"])
            before = found.get((place, row["_field"]), FieldCount(row["_field"], column, kind, 0, 0, 0, 0))
            found[place, row["_field"]] = replace(
                before,
                valid=before.valid + valid,
                mended=before.mended + mended,
                invalid=before.invalid + invalid,
                missing=before.missing + missing,
            )
        fields = tuple(found[key] for key in sorted(found))
        aside = one.aside.num_rows if one.aside is not None else 0
        one_each = spec.sources[one.number].one_record_per_person
        out.append(SourceCount(one.source.name, int(records.get(one.number, 0)), aside, one_each, fields))
    return tuple(out)


def _forms(frame: DataFrame) -> dict[str, Forms]:
    """The form in which most records of all sources write each value."""
    forms = frame.where(f"_what = {FORM}").groupBy("_field", "_id", "_shown").sum("_count")
    table = gathered(forms).rename_columns(["field", "value", "shown", "records"])
    out = {}
    for name in pc.unique(table["field"]).to_pylist():
        own = table.filter(pc.equal(table["field"], name)).drop_columns(["field"])
        out[name] = usual_forms([own])
    return out
