"""Records as codes: every column is numbered by its distinct values, in an order of the records' own.

Records are put in order of source, then of a hash of their identifier, so that nothing later depends on the
order in which rows arrived. All work on text (transforms, character tables) is done once a distinct value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from joinedup.errors import SourceError
from joinedup.linkage.expression import Key, Transform
from joinedup.linkage.kernels import pairs, strings
from joinedup.linkage.transform import transformed
from joinedup.sources import one_of_columns

Int32 = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Codes:
    """One key over all records: codes (int32 a record, -1 missing) into values (distinct texts, no nulls)."""

    codes: Int32
    values: pa.Array


@dataclass(frozen=True)
class Texts:
    """Distinct texts as characters for the kernels: 16-bit ids, and for each text the facts that tell unlike
    texts apart without looking at them (``strings.character_tallies``; uint64, four a text)."""

    chars: npt.NDArray[np.uint16]
    facts: npt.NDArray[np.uint64]
    alphabet: int


@dataclass
class Records:
    """All records of a job. ``key`` gives the codes of any key and remembers them.

    source: the number of each record's source. ids: each record's own identifier (text), in record order.
    """

    source_names: tuple[str, ...]
    source: npt.NDArray[np.uint16]
    ids: pa.Array
    columns: dict[str, Codes]
    _keys: dict[Key, Codes] = field(default_factory=dict)
    _texts: dict[Key, Texts] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.source)

    def key(self, key: Key) -> Codes:
        """Codes of a key over all records; raises SourceError for a column that is not there."""
        if key.column is not None:
            if key.column not in self.columns:
                have = ", ".join(sorted(self.columns))
                raise SourceError(
                    what=f"there is no column '{key.column}'", where="the sources", mend=f"use: {have}"
                )
            return self.columns[key.column]
        if key not in self._keys:
            if key.transform in (Transform.CONCAT, Transform.JOINED):
                self._keys[key] = self._concatenated(key)
            else:
                base = self.key(key.of[0])
                self._keys[key] = _recoded(base, transformed(base.values, key))
        return self._keys[key]

    def derive(self, keys: Iterable[Key], *, threads: int = 2) -> None:
        """Work out the codes of these keys side by side, so that ``key`` has them ready."""
        with ThreadPoolExecutor(max(1, threads)) as pool:
            list(pool.map(self.key, dict.fromkeys(keys)))

    def texts(self, key: Key) -> Texts:
        """The key's distinct values as characters."""
        if key not in self._texts:
            self._texts[key] = as_texts(self.key(key).values)
        return self._texts[key]

    def frequencies(self, key: Key) -> Floats:
        """The share of each distinct value among the records that have one (float64 a value)."""
        codes = self.key(key)
        counts = np.bincount(codes.codes[codes.codes >= 0], minlength=len(codes.values))
        return np.asarray(counts / max(1, counts.sum()), np.float64)

    def written_order(self) -> Int32:
        """The place of each record in the order in which a pair's sides are written (int32 a record).

        First come those of the earlier source; within one source, those of the smaller identifier as text.
        """
        table = pa.table({"source": self.source, "id": self.ids})
        order = pc.sort_indices(table, sort_keys=[("source", "ascending"), ("id", "ascending")])
        place = np.empty(len(self), np.int32)
        place[order.to_numpy()] = np.arange(len(self), dtype=np.int32)
        return place

    def forget(self) -> None:
        """Let go of what can be made again."""
        self._keys.clear()
        self._texts.clear()

    def _concatenated(self, key: Key) -> Codes:
        between = " " if key.transform is Transform.CONCAT else ""
        codes, values = self.key(key.of[0]).codes, self.key(key.of[0]).values
        for part in key.of[1:]:
            other = self.key(part)
            out = np.empty(len(codes), np.int32)
            count = pairs.dense_ids(codes, other.codes, out)
            first = np.empty(count, np.int64)
            present = np.flatnonzero(out >= 0)[::-1]
            first[out[present]] = present  # reversed, so the first record of each value stays
            values = pc.binary_join_element_wise(
                values.take(pa.array(codes[first])), other.values.take(pa.array(other.codes[first])), between
            )
            codes = out
        return _recoded(Codes(codes, values), values)  # "a b" + "c" and "a" + "b c" are one text


def _recoded(base: Codes, derived: pa.Array) -> Codes:
    encoded = derived.dictionary_encode()
    mapping = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    mapping = np.append(mapping, np.int32(-1))  # so that code -1 stays -1
    return Codes(mapping[base.codes], encoded.dictionary)


def as_texts(values: pa.Array) -> Texts:
    """Characters of distinct texts, as dense 16-bit ids."""
    values = values.cast(pa.string())
    offsets = _offsets(values)
    data = np.frombuffer(values.buffers()[2] or b"", np.uint8)[offsets[0] : offsets[-1]]
    if not len(data) or int(data.max()) < 128:
        offsets = offsets - offsets[0]
        chars = data.astype(np.uint16)
        alphabet = 128
    else:
        lengths = pc.utf8_length(values).to_numpy(zero_copy_only=False)
        offsets = np.zeros(len(values) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        points = np.frombuffer("".join(values.to_pylist()).encode("utf-32-le", "surrogatepass"), np.uint32)
        distinct, inverse = np.unique(points, return_inverse=True)
        chars = np.minimum(inverse, 65535).astype(np.uint16)
        alphabet = min(len(distinct), 65536)
    facts = np.empty((len(values), 4), np.uint64)
    strings.character_tallies(chars, offsets, facts)
    return Texts(chars, facts, max(1, alphabet))


def _offsets(texts: pa.Array) -> npt.NDArray[np.int64]:
    """Where each text begins in the array's data buffer, and where the last one ends."""
    if texts.buffers()[1] is None:
        return np.zeros(1, np.int64)
    width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    offsets = np.frombuffer(texts.buffers()[1], width)
    return np.asarray(offsets[texts.offset : texts.offset + len(texts) + 1], np.int64)


def encode(
    tables: Mapping[str, pa.Table],
    *,
    id_columns: Mapping[str, str],
    columns: Sequence[str],
    threads: int = 2,
    id_names: Mapping[str, str | None] | None = None,
) -> Records:
    """Number the given columns of all sources together.

    tables: one a source, by name. id_columns: the identifier column of each source. columns: the fields to
    keep; a source that lacks one has it missing throughout. id_names: what a source itself calls its identifier
    column, where that differs.

    Raises SourceError for an identifier that is missing or given twice (with its count, never its value).
    """
    names = tuple(tables)
    whole = list(tables.values())
    with ThreadPoolExecutor(max(1, threads)) as pool:
        # Columns do not wait for the records' order: each is numbered first and put in that order last.
        identified = pool.submit(_all_identifiers, tables, id_columns, id_names or {})
        coded = pool.map(lambda column: _encode_column(whole, column, identified), columns)
        all_ids, source, _ = identified.result()
        return Records(names, source, all_ids, dict(zip(columns, coded, strict=True)))


_Identified = tuple[pa.Array, npt.NDArray[np.uint16], npt.NDArray[np.int64]]


def _all_identifiers(
    tables: Mapping[str, pa.Table], id_columns: Mapping[str, str], id_names: Mapping[str, str | None]
) -> _Identified:
    """The identifiers in the records' order, the source of each, and the row that each comes from."""
    ids, order, source = [], [], []
    start = 0
    for number, name in enumerate(tables):
        own, place = _identifiers(tables[name], id_columns[name], name, id_names.get(name))
        order.append(place + start)
        ids.append(own)
        source.append(np.full(len(own), number, np.uint16))
        start += len(own)
    permutation = np.concatenate(order) if order else np.zeros(0, np.int64)
    return pa.concat_arrays(ids).take(pa.array(permutation)), np.concatenate(source), permutation


def _identifiers(
    table: pa.Table, column: str, name: str, called: str | None
) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """A source's identifiers as text, and its rows in the order of their hash."""
    if column not in table.column_names:
        raise SourceError(
            what=f"there is no identifier column '{column}'",
            where=name,
            mend=f"name {one_of_columns(table.column_names)}",
        )
    where = f"{name}, column '{called or column}'"
    ids = as_plain_text(table.column(column))
    if ids.null_count:
        raise SourceError(
            what=f"{ids.null_count} records have no identifier",
            where=where,
            mend="give each one",
        )
    hashes = order_hashes(ids, name)
    order = np.argsort(hashes, kind="stable").astype(np.int64)
    in_order = hashes[order]
    # Equal identifiers have equal hashes, so they are counted only where two hashes are equal.
    distinct = pc.count_distinct(ids).as_py() if (in_order[1:] == in_order[:-1]).any() else len(ids)
    if distinct != len(ids):
        times = pc.struct_field(pc.value_counts(ids), "counts")
        raise SourceError(
            what=repeated_words(pc.sum(pc.greater(times, 1)).as_py()),
            where=where,
            mend="name a column whose values are unique, or leave it out and row numbers are used",
        )
    return ids, order


def repeated_words(count: int) -> str:
    """That so many identifiers are given more than once."""
    return f"{'1 identifier is' if count == 1 else f'{count:,} identifiers are'} given more than once"


def order_hashes(ids: pa.Array, name: str) -> npt.NDArray[np.uint64]:
    """What puts the records of source ``name`` in order: a hash of each identifier (text without nulls)."""
    hashes = np.empty(len(ids), np.uint64)
    seed = int.from_bytes(name.encode("utf-8")[:8].ljust(8, b"\0"), "little")
    data = np.frombuffer(ids.buffers()[2] or b"", np.uint8)
    pairs.hash_texts(data, _offsets(ids), np.uint64(seed), hashes)
    return hashes


def as_plain_text(column: pa.ChunkedArray | pa.Array, *, compared: bool = False) -> pa.Array:
    """A column as text: dates as ISO, whole numbers without '.0', lists with ``|`` between; '' is missing.

    compared: as it is compared, where more is told apart: a time of day that is not midnight is kept, and a list
    without members is ``|``, which is not missing.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_timestamp(kind):
        column = _moments(column) if compared else pc.cast(column, pa.date32(), safe=False)
    elif pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        lists = pc.cast(column, pa.list_(pa.string()))
        column = pc.binary_join(lists, "|")
        if compared:
            column = pc.if_else(pc.equal(pc.list_value_length(lists), 0), "|", column)
    text = pc.cast(column, pa.string())
    if pa.types.is_floating(kind):
        text = pc.replace_substring_regex(text, r"^(-?\d+)\.0$", r"\1")
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
        if isinstance(text, pa.ChunkedArray):
            text = pa.concat_arrays(text.chunks) if text.num_chunks else pa.array([], pa.string())
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _moments(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Times as ISO text: the date alone at midnight, else YYYY-MM-DDTHH:MM:SS and what is below a second."""
    text = pc.cast(pc.cast(column, pa.timestamp("us"), safe=False), pa.string())
    text = pc.replace_substring_regex(text, r"(?:\.0+|(\.\d*?[1-9])0+)$", r"\1")
    return pc.replace_substring(pc.replace_substring_regex(text, r" 00:00:00$", ""), " ", "T")


def _encode_column(tables: Sequence[pa.Table], column: str, identified: Future[_Identified]) -> Codes:
    chunks: list[pa.Array] = []
    for table in tables:
        if column not in table.column_names:
            chunks.append(pa.nulls(table.num_rows, pa.string()))
            continue
        data = table.column(column)
        if pa.types.is_dictionary(data.type) and pa.types.is_string(data.type.value_type):
            # A dictionary holds each text once (as Arrow, Parquet and standardise make it) but may hold null.
            chunks += [c.cast(pa.string()) if c.dictionary.null_count else c for c in data.chunks]
        else:
            chunks.append(as_plain_text(data, compared=True))
    parts = [c if pa.types.is_dictionary(c.type) else c.dictionary_encode() for c in chunks]
    parts = [p.cast(pa.dictionary(pa.int32(), pa.string())) for p in parts]
    if any(not _is_one_array(p.dictionary, parts[0].dictionary) for p in parts[1:]):
        parts = pa.chunked_array(parts).unify_dictionaries().chunks
    values = parts[0].dictionary if parts else pa.array([], pa.string())
    indices = [pc.fill_null(p.indices, -1).to_numpy(zero_copy_only=False) for p in parts]
    permutation = identified.result()[2]
    codes = np.concatenate(indices).astype(np.int32)[permutation] if indices else np.zeros(0, np.int32)
    empty = pc.index(values, "").as_py() if len(values) else -1
    if empty >= 0:
        codes[codes == empty] = -1
    mapping = np.full(len(values) + 1, -1, np.int32)
    used = pairs.renumber(codes, mapping)
    back = np.empty(used, np.int64)
    kept = np.flatnonzero(mapping >= 0)
    back[mapping[kept]] = kept
    return Codes(codes, values.take(pa.array(back)))


def _is_one_array(one: pa.Array, other: pa.Array) -> bool:
    """Whether two arrays lie in the same memory, as the dictionaries of a Parquet column's chunks do."""

    def places(array: pa.Array) -> list[int | None]:
        return [None if buffer is None else buffer.address for buffer in array.buffers()]

    return (one.offset, len(one)) == (other.offset, len(other)) and places(one) == places(other)
