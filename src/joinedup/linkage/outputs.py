"""The tables that a run writes: scored pairs, people, and one joined row a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import Int32, Records
from joinedup.linkage.model import Model
from joinedup.linkage.score import Scored
from joinedup.linkage.shown import Forms

_ROWS = 1 << 19


def write_pairs(path: Path, records: Records, model: Model, plan: ComparePlan, scored: Scored) -> None:
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
        for begin in range(0, max(1, len(scored.left)), _ROWS):
            part = slice(begin, begin + _ROWS)
            left, right, weight = scored.left[part], scored.right[part], scored.weight[part]
            left_id, right_id = records.ids.take(pa.array(left)), records.ids.take(pa.array(right))
            source = records.source
            turn = (source[left] == source[right]) & pc.greater(left_id, right_id).to_numpy(
                zero_copy_only=False
            )
            swap = pa.array(turn)
            vectors = plan.levels_of(scored.pattern[part])
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


def person_ids(person: Int32) -> pa.Array:
    """A short name for each record's person: P and a number, in order of the person's first record."""
    number = np.asarray(person, np.int64)
    first = np.zeros(len(number), bool)
    first[number] = True  # a person is known by the number of a record of its own
    place = np.cumsum(first)
    width = max(6, len(str(len(number))))
    texts = pc.utf8_lpad(pc.cast(pa.array(np.arange(1, int(first.sum()) + 1)), pa.string()), width, "0")
    return pc.binary_join_element_wise("P", texts, "").take(pa.array(place[number] - 1))


def write_people(path: Path, records: Records, ids: pa.Array) -> None:
    """One row a record: source, record_id (the source's own), person_id."""
    names = pa.array(records.source_names, pa.string())
    source = pa.DictionaryArray.from_arrays(pa.array(records.source.astype(np.int32)), names)
    table = pa.table({"source": source, "record_id": records.ids, "person_id": ids})
    pq.write_table(table, path, compression="zstd", compression_level=1, use_dictionary=["source"])


def write_joined(
    path: Path,
    records: Records,
    person: Int32,
    ids: pa.Array,
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
    people, number = np.unique(person, return_inverse=True)
    count = len(people)
    order = [name for name in prefer if name in records.source_names]
    order += [name for name in records.source_names if name not in order]
    rank = np.array([order.index(name) for name in records.source_names], np.int64)[records.source]
    columns: dict[str, pa.Array] = {
        "person_id": ids.take(pa.array(people)),
        "records": pa.array(np.bincount(number, minlength=count)),
        "sources": _sources(records, number, count),
    }
    with ThreadPoolExecutor(max(1, threads)) as pool:
        found = pool.map(lambda name: _preferred(records, name, number, count, rank, order), fields)
    for name, (code, source, rule) in zip(fields, found, strict=True):
        values = records.columns[name].values
        value = (shown[name].of(values) if shown and name in shown else values).take(code)
        own = f"field_{name}" if name in _OWN else name
        columns[own], columns[f"{own}__source"], columns[f"{own}__rule"] = value, source, rule
    pq.write_table(pa.table(columns), path, compression="zstd", compression_level=1)


_OWN = ("person_id", "records", "sources")
_RULES = ("only value", "most frequent", "preferred source", "longest", "first in the alphabet")


def _sources(records: Records, number: npt.NDArray[np.int64], count: int) -> pa.Array:
    """The names of each person's sources, joined with a comma."""
    if len(records.source_names) > 60:
        return pa.nulls(count, pa.string())
    masks = np.zeros(count, np.int64)
    np.bitwise_or.at(masks, number, np.int64(1) << records.source.astype(np.int64))
    distinct, place = np.unique(masks, return_inverse=True)
    texts = [
        ",".join(n for i, n in enumerate(records.source_names) if mask >> i & 1) for mask in distinct.tolist()
    ]
    return pa.array(texts).take(pa.array(place))


def _preferred(
    records: Records,
    name: str,
    number: npt.NDArray[np.int64],
    count: int,
    rank: npt.NDArray[np.int64],
    order: list[str],
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """For each person the code of the preferred value, the source that gave it, and the rule."""
    codes = records.columns[name]
    at = np.flatnonzero(codes.codes >= 0)
    # One row for each (person, value): how often, and the best-placed source that gave it.
    key = number[at].astype(np.int64) << 32 | codes.codes[at]
    sort = np.argsort(key)
    key = key[sort]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    often = np.diff(first, append=len(key))
    places = np.minimum.reduceat(rank[at][sort], first) if len(first) else np.zeros(0, np.int64)
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
