"""The tables that a run writes: scored pairs, people, and one joined row a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import Int32, Records
from joinedup.linkage.kept import KeptPairs
from joinedup.linkage.model import Model
from joinedup.linkage.shown import Forms

_ROWS = 1 << 19  # rows written at a time
_PEOPLE = 1 << 19


def write_pairs(path: Path, records: Records, model: Model, plan: ComparePlan, pairs: KeptPairs) -> None:
    """One row a kept pair: left_source, left_id, right_source, right_id, match_weight (bits), match_probability,
    and for each comparison ``level_<name>``: the place of the level in the model, counted from 0.

    The left record is of the earlier source or, within one source, has the smaller identifier as text.
    """
    names = pa.array(records.source_names, pa.string())
    levels = [f"level_{comparison.name}" for comparison in model.comparisons]
    schema = pa.schema(
        [
            (c, pa.dictionary(pa.int32(), pa.string()) if c.endswith("source") else pa.string())
            for c in ("left_source", "left_id", "right_source", "right_id")
        ]
        + [("match_weight", pa.float64()), ("match_probability", pa.float64())]
        + [(name, pa.uint8()) for name in levels]
    )
    with pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=1, use_dictionary=["left_source", "right_source"]
    ) as writer:
        for chunk in pairs.chunks():
            left, right, weight = chunk.left, chunk.right, chunk.weight
            left_id, right_id = records.ids.take(pa.array(left)), records.ids.take(pa.array(right))
            source = records.source
            turn = (source[left] == source[right]) & pc.greater(left_id, right_id).to_numpy(
                zero_copy_only=False
            )
            swap = pa.array(turn)
            vectors = plan.levels_of(chunk.pattern)
            writer.write_table(
                pa.table(
                    [
                        pa.DictionaryArray.from_arrays(pa.array(source[left].astype(np.int32)), names),
                        pc.if_else(swap, right_id, left_id),
                        pa.DictionaryArray.from_arrays(pa.array(source[right].astype(np.int32)), names),
                        pc.if_else(swap, left_id, right_id),
                        pa.array(weight),
                        pa.array(match_probability(weight)),
                        *[pa.array(np.ascontiguousarray(vectors[:, c])) for c in range(len(levels))],
                    ],
                    schema=schema,
                )
            )


def match_probability(weight: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """2^w / (1 + 2^w), without overflow."""
    small = np.exp2(-np.abs(weight))
    return np.where(weight >= 0, 1 / (1 + small), small / (1 + small))


@dataclass(frozen=True)
class PersonNames:
    """A short name for each record's person: P and a number, in order of the person's first record.

    people: for each person the number of its first record, by which it is known. number: of each record, the place of
    its person there.
    """

    people: Int32
    number: Int32

    def of(self, records: npt.NDArray[np.integer] | slice) -> pa.Array:
        """The names of these records' people, as text."""
        width = max(6, len(str(len(self.number))))
        texts = pc.utf8_lpad(pc.cast(pa.array(self.number[records] + np.int32(1)), pa.string()), width, "0")
        return pc.binary_join_element_wise("P", texts, "")


def person_names(person: Int32) -> PersonNames:
    """Names for people who are known by the number of a record of their own, their first."""
    first = np.zeros(len(person), bool)
    first[person] = True
    place = np.cumsum(first, dtype=np.int32) - np.int32(1)
    return PersonNames(np.flatnonzero(first).astype(np.int32), place[person])


def write_people(path: Path, records: Records, names: PersonNames) -> None:
    """One row a record: source, record_id (the source's own), person_id."""
    sources = pa.array(records.source_names, pa.string())
    schema = pa.schema(
        [
            ("source", pa.dictionary(pa.int32(), pa.string())),
            ("record_id", pa.string()),
            ("person_id", pa.string()),
        ]
    )
    with pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=1, use_dictionary=["source"]
    ) as writer:
        for begin in range(0, len(records), _ROWS):
            rows = slice(begin, begin + _ROWS)
            source = pa.DictionaryArray.from_arrays(pa.array(records.source[rows].astype(np.int32)), sources)
            columns = [source, records.ids[rows], names.of(rows)]
            writer.write_table(pa.table(columns, schema=schema))


def write_joined(
    path: Path,
    records: Records,
    names: PersonNames,
    *,
    fields: Sequence[str],
    prefer: Sequence[str] = (),
    shown: Mapping[str, Forms] | None = None,
    threads: int = 2,
) -> None:
    """One row a person: person_id, records, sources, then for each field its preferred value, the source that
    gave it (``<field>__source``) and the rule (``<field>__rule``). A field named like one of the first three
    is written as ``field_<name>``.

    The rules, in order: 'only value'; 'most frequent'; 'preferred source' (the order given, else that of the
    sources); 'longest'; 'first in the alphabet'. A person without the value has null in all three. shown: how
    the values of a field are written (the rules go by the values as they are compared).
    """
    by_person = np.argsort(names.number, kind="stable").astype(np.int32)
    held = np.concatenate([[0], np.cumsum(np.bincount(names.number, minlength=len(names.people)))])
    writer: pq.ParquetWriter | None = None
    try:
        with ThreadPoolExecutor(max(1, threads)) as pool:
            for begin in range(0, len(names.people), _PEOPLE):
                end = min(begin + _PEOPLE, len(names.people))
                rows = np.sort(by_person[held[begin] : held[end]])
                number = (names.number[rows] - begin).astype(np.int64)
                table = joined_table(
                    records,
                    rows,
                    number,
                    names.of(names.people[begin:end]),
                    fields=fields,
                    prefer=prefer,
                    shown=shown,
                    pool=pool,
                )
                if writer is None:
                    writer = pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=1)
                writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def joined_table(
    records: Records,
    rows: Int32,
    number: npt.NDArray[np.int64],
    person_id: pa.Array,
    *,
    fields: Sequence[str],
    prefer: Sequence[str],
    shown: Mapping[str, Forms] | None,
    pool: ThreadPoolExecutor,
) -> pa.Table:
    """The joined rows of some people (see ``write_joined``). rows: all their records; number: the place of each one's
    person in ``person_id``."""
    order = [name for name in prefer if name in records.source_names]
    order += [name for name in records.source_names if name not in order]
    rank = np.array([order.index(name) for name in records.source_names], np.int64)
    count = len(person_id)
    columns: dict[str, pa.Array] = {
        "person_id": person_id,
        "records": pa.array(np.bincount(number, minlength=count)),
        "sources": _sources(records, rows, number, count),
    }
    found = pool.map(lambda name: _preferred(records, name, rows, number, count, rank, order), fields)
    for name, (code, source, rule) in zip(fields, found, strict=True):
        values = records.columns[name].values.take(code)
        if shown and name in shown:
            values = shown[name].of(values)
        own = f"field_{name}" if name in _OWN else name
        columns[own], columns[f"{own}__source"], columns[f"{own}__rule"] = values, source, rule
    return pa.table(columns)


_OWN = ("person_id", "records", "sources")
_RULES = ("only value", "most frequent", "preferred source", "longest", "first in the alphabet")


def _sources(records: Records, rows: Int32, number: npt.NDArray[np.int64], count: int) -> pa.Array:
    """The names of each person's sources, joined with a comma. rows, number: the records and whose they are."""
    if len(records.source_names) > 60:
        return pa.nulls(count, pa.string())
    masks = np.zeros(count, np.int64)
    np.bitwise_or.at(masks, number, np.int64(1) << records.source[rows].astype(np.int64))
    distinct, place = np.unique(masks, return_inverse=True)
    texts = [
        ",".join(n for i, n in enumerate(records.source_names) if mask >> i & 1) for mask in distinct.tolist()
    ]
    return pa.array(texts).take(pa.array(place))


def _preferred(
    records: Records,
    name: str,
    rows: Int32,
    number: npt.NDArray[np.int64],
    count: int,
    rank: npt.NDArray[np.int64],
    order: list[str],
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """For each person the code of the preferred value, the source that gave it, and the rule.

    rows, number: the records and, as numbers below count, whose they are. rank: of each source.
    """
    codes = records.columns[name]
    given = codes.codes[rows]
    at = np.flatnonzero(given >= 0)
    # One row for each (person, value): how often, and the best-placed source that gave it.
    key = number[at] << 32 | given[at]
    sort = np.argsort(key)
    key = key[sort]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    often = np.diff(first, append=len(key))
    places = (
        np.minimum.reduceat(rank[records.source[rows[at[sort]]]], first)
        if len(first)
        else np.zeros(0, np.int64)
    )
    owner, code = key[first] >> 32, key[first] & 0x7FFFFFFF
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    # Most people have one value; only where there are several must they be put in order.
    held = np.diff(starts, append=len(owner))
    rivals = np.flatnonzero(np.repeat(held > 1, held))
    rival_values = codes.values.take(pa.array(code[rivals]))
    alphabet = np.zeros(len(owner), np.int64)
    alphabet[rivals] = pc.rank(rival_values, sort_keys="ascending", tiebreaker="dense").to_numpy()
    lengths = np.zeros(len(owner), np.int64)
    lengths[rivals] = pc.utf8_length(rival_values).to_numpy()
    criteria = (-often, places, -lengths, alphabet)
    best = np.arange(len(owner))
    best[rivals] = rivals[np.lexsort((*(values[rivals] for values in reversed(criteria)), owner[rivals]))]
    winner = best[starts]
    rule = np.zeros(len(winner), np.int8)
    several = held > 1
    second = best[np.minimum(starts + 1, len(best) - 1)] if len(best) else winner
    decided = np.zeros(len(winner), bool)
    for step, values in enumerate(criteria):
        differs = several & ~decided & (values[winner] != values[second])
        rule[differs] = step + 1
        decided |= differs
    row = np.full(count, -1, np.int64)
    row[owner[winner]] = np.arange(len(winner))
    taken = pa.array(np.where(row < 0, 0, row), mask=row < 0)
    value = pa.array(code[winner]).take(taken)
    source = pa.array(order).take(pa.array(places[winner])).take(taken)
    return value, source, pa.array(_RULES).take(pa.array(rule)).take(taken)
