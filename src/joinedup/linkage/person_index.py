"""Files beside a run's results by which one person is found among a million without reading the rest.

``write_person_index`` makes them once; ``person_lookup`` reads them, mapped into memory. They hold what the
sources hold, so they are kept, held and erased as the sources and results are.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from joinedup.errors import SourceError
from joinedup.linkage.encode import as_plain_text
from joinedup.linkage.explain import match_probability
from joinedup.linkage.model import load_model
from joinedup.linkage.prepare import ID, prepare, read_source
from joinedup.linkage.run_files import RunFiles, open_run
from joinedup.linkage.spec import Spec
from joinedup.people import FieldKind

FORMAT = 1
BATCH = 512  # rows that are unpacked to reach one
DOUBTFUL = 0.99  # a person is doubtful whose weakest link is less likely than this
IDENTIFIERS = (
    FieldKind.NHS_NUMBER,
    FieldKind.NINO,
    FieldKind.UPN,
    FieldKind.UTR,
    FieldKind.PHONE,
    FieldKind.EMAIL,
)
"""The kinds by which a person can be searched for, besides a record's own id."""


@dataclass(frozen=True)
class PersonIndexWritten:
    """How much an index holds. keys: what a search can hit."""

    directory: Path
    people: int
    records: int
    links: int
    keys: int


def write_person_index(directory: str | Path, spec: Spec) -> PersonIndexWritten:
    """Write the index of a finished run into its directory (``index``); what was there is replaced at the end.

    spec: of the run, its sources where they lie now.

    Raises SourceError where a source or output is missing, or a source has changed since the run.
    """
    directory = Path(directory)
    draft, final = directory / "index.draft", directory / "index"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    run = open_run(directory)
    people = int(run.person.max(initial=-1)) + 1
    names = _person_ids(directory, run, people)
    member = np.argsort(run.person, kind="stable").astype(np.int32)
    first = np.zeros(people + 1, np.int64)
    np.cumsum(np.bincount(run.person, minlength=people), out=first[1:])
    source_of, row_of, columns, keys = _write_sources(draft, spec, run)
    model = load_model(directory / "model.json")
    weakest, links = _write_links(draft, run, people, [f"level_{c.name}" for c in model.comparisons])
    for name, values in (
        ("members", member),
        ("first", first),
        ("record_source", source_of),
        ("record_row", row_of),
    ):
        np.save(draft / f"{name}.npy", values)
    _write_people(draft, run, names, first, member, weakest)
    _write_joined(draft, directory, names)
    count = _write_keys(draft, keys)
    told = {
        "format": FORMAT,
        "people": people,
        "threshold": run.threshold,
        "sources": columns,
        "kinds": sorted({kind for source in columns for kind in source["searched"]}),
    }
    (draft / "index.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    shutil.rmtree(final, ignore_errors=True)
    draft.rename(final)
    return PersonIndexWritten(final, people, len(run), links, count)


def key_of(kind: str, *values: str) -> int:
    """What is looked for: a kind and its standardised values as one number of 64 bits."""
    text = "\x1f".join((kind, *values)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


def _person_ids(directory: Path, run: RunFiles, people: int) -> pa.Array:
    """The person's name in the outputs, by its number."""
    column = as_plain_text(pq.read_table(directory / "people.parquet", columns=["person_id"])["person_id"])
    some = np.zeros(people, np.int64)
    some[run.person] = np.arange(len(run))
    return column.take(pa.array(some))


def _write_sources(
    draft: Path, spec: Spec, run: RunFiles
) -> tuple[NDArray[np.int16], NDArray[np.int32], list[dict[str, Any]], list[NDArray[Any]]]:
    """Each source's rows as text in small packed batches; for each record its source and row; and all keys."""
    source_of, row_of = np.full(len(run), -1, np.int16), np.full(len(run), -1, np.int32)
    told, keys = [], []
    # One source at a time, and nobody is to be kept apart: an identifier that only another source has is not missed.
    alone = replace(spec.clusters, identifiers=())
    quiet = replace(spec, output=replace(spec.output, joined=False), clusters=alone)
    model = spec.load_model()
    for number, source in enumerate(spec.sources):
        raw = read_source(spec, replace(source, fields={}))
        prepared = prepare(replace(quiet, sources=(source,)), None if source.fields else model)
        table = prepared.tables[source.name]
        ids = as_plain_text(table.column(ID))
        record = run.find(pa.array([source.name]).take(pa.array(np.zeros(len(ids), np.int32))), ids)
        if raw.num_rows != table.num_rows or (record < 0).any():
            raise SourceError(
                what="the source has changed since the run", where=source.name, mend="run the linkage again"
            )
        source_of[record], row_of[record] = number, np.arange(len(record), dtype=np.int32)
        texts = pa.table({name: as_plain_text(raw.column(name)) for name in raw.column_names})
        _write_packed(draft / f"source_{number}.arrow", texts)
        kinds = {name: field.kind for name, field in prepared.kinds.items() if field.kind is not None}
        found = dict(_keys_of(table, kinds))
        person = run.person[record]
        keys += [_pairs_of(numbers, person[at]) for at, numbers in found.values()]
        told.append(
            {
                "name": source.name,
                "id": source.id,
                "rows": raw.num_rows,
                "columns": raw.column_names,
                "fields": {name: list(used) for name, used in prepared.columns[source.name].items()},
                "kinds": {name: str(kind.value) for name, kind in kinds.items()},
                "searched": sorted(found),
            }
        )
    if (row_of < 0).any():
        raise SourceError(
            what=f"{int((row_of < 0).sum())} records of the run are in no source any more",
            where=str(run.directory),
            mend="the source has changed since the run; run the linkage again",
        )
    return source_of, row_of, told, keys


def _keys_of(
    table: pa.Table, kinds: Mapping[str, FieldKind]
) -> Iterator[tuple[str, tuple[NDArray[np.int64], NDArray[np.uint64]]]]:
    """By kind: rows, and the key of each."""
    yield "record_id", _numbers("record_id", [table.column(ID)])
    named: dict[FieldKind, list[str]] = {}
    for name, kind in kinds.items():
        if name in table.column_names:
            named.setdefault(kind, []).append(name)
    for kind in IDENTIFIERS:
        parts = [_numbers(kind.value, [table.column(name)]) for name in named.get(kind, ())]
        if parts:
            yield kind.value, (np.concatenate([a for a, _ in parts]), np.concatenate([n for _, n in parts]))
    surname, born = named.get(FieldKind.SURNAME), named.get(FieldKind.DATE_OF_BIRTH)
    if surname and born:
        ends = [table.column(surname[0]), table.column(born[0])]
        yield "surname_born", _numbers("surname_born", ends)
        if first := named.get(FieldKind.FIRST_NAME):
            yield "name_born", _numbers("name_born", [table.column(first[0]), *ends])


def _numbers(kind: str, columns: Sequence[pa.ChunkedArray]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """The rows in which every column has a value, and their keys."""
    texts = [as_plain_text(column) for column in columns]
    present = texts[0].is_valid()
    for text in texts[1:]:
        present = pc.and_(present, text.is_valid())
    rows = np.flatnonzero(present.to_numpy(zero_copy_only=False))
    if len(texts) == 1:
        encoded = texts[0].take(pa.array(rows)).dictionary_encode()
        distinct = np.array([key_of(kind, value) for value in encoded.dictionary.to_pylist()], np.uint64)
        return rows, distinct[encoded.indices.to_numpy()] if len(rows) else distinct
    values = [text.take(pa.array(rows)).to_pylist() for text in texts]
    return rows, np.fromiter(
        (key_of(kind, *each) for each in zip(*values, strict=True)), np.uint64, len(rows)
    )


def _pairs_of(numbers: NDArray[np.uint64], person: NDArray[np.int32]) -> NDArray[Any]:
    out = np.empty(len(numbers), [("key", np.uint64), ("person", np.int32)])
    out["key"], out["person"] = numbers, person
    return np.unique(out)


def _write_keys(draft: Path, parts: Sequence[NDArray[Any]]) -> int:
    every = np.unique(np.concatenate(parts)) if parts else np.empty(0, [("key", "u8"), ("person", "i4")])
    np.save(draft / "keys.npy", np.ascontiguousarray(every["key"]))
    np.save(draft / "key_person.npy", np.ascontiguousarray(every["person"]))
    return len(every)


def _write_links(
    draft: Path, run: RunFiles, people: int, levels: Sequence[str]
) -> tuple[NDArray[np.float32], int]:
    """The scored pairs within each person, person by person; and each person's weakest link (NaN for none)."""
    ends, weights, vectors = [], [], []
    for batch in run.pairs(levels):
        inside = np.flatnonzero(run.person[batch.left] == run.person[batch.right])
        ends.append(np.stack([batch.left[inside], batch.right[inside]], axis=1))
        weights.append(batch.weight[inside].astype(np.float32))
        rows = batch.rows.select(list(levels)).take(pa.array(inside))
        vectors.append(
            np.stack([rows.column(name).to_numpy() for name in levels], axis=1).astype(np.uint8)
            if levels
            else np.empty((len(inside), 0), np.uint8)
        )
    end = np.concatenate([np.empty((0, 2), np.int32), *ends])
    weight = np.concatenate([np.empty(0, np.float32), *weights])
    vector = np.concatenate([np.empty((0, len(levels)), np.uint8), *vectors])
    person = run.person[end[:, 0]]
    order = np.lexsort((-weight, person))
    first = np.zeros(people + 1, np.int64)
    np.cumsum(np.bincount(person, minlength=people), out=first[1:])
    for name, values in (("link_ends", end), ("link_weight", weight), ("link_levels", vector)):
        np.save(draft / f"{name}.npy", values[order])
    np.save(draft / "link_first.npy", first)
    weakest = np.full(people, np.inf, np.float32)
    linked = weight >= run.threshold
    np.minimum.at(weakest, person[linked], weight[linked])
    weakest[np.isinf(weakest)] = np.nan
    return weakest, len(weight)


def _write_people(
    draft: Path,
    run: RunFiles,
    names: pa.Array,
    first: NDArray[np.int64],
    member: NDArray[np.int32],
    weakest: NDArray[np.float32],
) -> None:
    """One row a person, for lists: no value of any record. weakest: probability of the least certain link."""
    count = np.diff(first)
    masks = np.zeros(len(count), np.int64)
    np.bitwise_or.at(masks, run.person, np.int64(1) << run.source.astype(np.int64))
    distinct, place = np.unique(masks, return_inverse=True)
    texts = [", ".join(n for i, n in enumerate(run.sources) if mask >> i & 1) for mask in distinct.tolist()]
    absent = np.isnan(weakest)
    chance = np.array([match_probability(float(w)) for w in np.unique(weakest[~absent])])
    certainty = np.full(len(count), np.nan)
    certainty[~absent] = chance[np.unique(weakest[~absent], return_inverse=True)[1]]
    doubtful = (count > 1) & ~(certainty >= DOUBTFUL)
    table = pa.table(
        {
            "number": pa.array(np.arange(len(count), dtype=np.int32)),
            "person_id": names,
            "records": pa.array(count.astype(np.int32)),
            "size": pa.array(np.minimum(count, 5).astype(np.int8)),
            "source_set": pa.array(place.astype(np.int32)),
            "sources": pa.DictionaryArray.from_arrays(
                pa.array(place.astype(np.int32)), pa.array(texts, pa.string())
            ),
            "certainty": pa.array(certainty, mask=absent),
            "doubtful": pa.array(doubtful),
        }
    )
    with pa.ipc.new_file(draft / "people.arrow", table.schema) as out:
        out.write_table(table)


def _write_joined(draft: Path, directory: Path, names: pa.Array) -> None:
    """joined.parquet in the order of the people's numbers; nothing where the run wrote none."""
    path = directory / "joined.parquet"
    if not path.exists():
        return
    table = pq.read_table(path)
    order = pc.index_in(names, value_set=table.column("person_id").combine_chunks())
    _write_packed(draft / "joined.arrow", table.take(order))


def _write_packed(path: Path, table: pa.Table) -> None:
    """An Arrow file whose batches are small, so that one row costs the unpacking of one batch."""
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(path, table.schema, options=options) as out:
        for batch in table.combine_chunks().to_batches(max_chunksize=BATCH):
            out.write_batch(batch)
