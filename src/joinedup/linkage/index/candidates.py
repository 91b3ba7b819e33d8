"""Which pairs a change to an index brings, and what they weigh: the batch engine's own answer for those alone.

Every new record is looked up under every blocking rule of the frame, among the records that are there and among
the new ones. Both sides' fields are then put through the batch engine's encoding, comparison and scoring, so a
pair weighs the same as in a full rebuild. The work grows with the new records and their candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.errors import LimitError
from joinedup.linkage.block import in_order
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import Int32, Records, order_hashes
from joinedup.linkage.estimate import rule_filters
from joinedup.linkage.index.frame import Frame
from joinedup.linkage.index.segment import Hashes, Segment, plain_records, rule_keys
from joinedup.linkage.score import Scorer, weighed

Int64 = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_ROWS = 2048  # new records a chunk
_CANDIDATES = 1 << 21  # of a chunk, before those that several rules find are told apart
_PAIRS = 1 << 18  # pairs compared at a time


@dataclass(frozen=True)
class NewPairs:
    """Pairs worth keeping, none twice. left, right: record numbers, left the earlier in the batch engine's order.

    weight: bits. pattern: levels. compared: how many candidates were compared. read: how many records' fields
    were read for it, those met in several chunks counted in each.
    """

    left: Int64
    right: Int64
    weight: Floats
    pattern: Int64
    compared: int
    read: int


@dataclass(frozen=True)
class Pool:
    """Segments side by side. A record's *place* is its row, counted through all of them.

    dead: numbers of records that are in a segment and removed, ascending.
    """

    segments: tuple[Segment, ...]
    dead: Int64

    @cached_property
    def starts(self) -> Int64:
        """The place at which each segment begins, and where the last one ends."""
        return np.concatenate([[0], np.cumsum([len(s) for s in self.segments])]).astype(np.int64)

    def by_segment(self, places: Int64) -> Iterator[tuple[Segment, Int64, Int64]]:
        """For each segment that holds some of these places (ascending): it, its rows, where they stand in places."""
        ends = np.searchsorted(places, self.starts)
        for number, segment in enumerate(self.segments):
            begin, end = int(ends[number]), int(ends[number + 1])
            if end > begin:
                yield segment, places[begin:end] - self.starts[number], np.arange(begin, end)

    def numbers(self, places: Int64) -> Int64:
        """The record number of each of these places, in any order."""
        return self._gathered(places, "number", np.int64)

    def sources(self, places: Int64) -> npt.NDArray[np.int16]:
        """The source of each of these places, in any order."""
        return self._gathered(places, "source", np.int16)

    def is_alive(self, numbers: Int64) -> npt.NDArray[np.bool_]:
        """Whether each record number is of a record that has not been removed."""
        if not len(self.dead):
            return np.ones(len(numbers), np.bool_)
        at = np.minimum(np.searchsorted(self.dead, numbers), len(self.dead) - 1)
        return np.asarray(self.dead[at] != numbers, np.bool_)

    def _gathered(self, places: Int64, what: str, kind: type[np.generic]) -> npt.NDArray[Any]:
        out = np.empty(len(places), kind)
        owner = np.searchsorted(self.starts, places, side="right") - 1
        for number, segment in enumerate(self.segments):
            mine = owner == number
            if mine.any():
                out[mine] = getattr(segment, what)[places[mine] - self.starts[number]]
        return out


def records_in_order(frame: Frame, pool: Pool, places: Int64) -> tuple[Records, Int64]:
    """The records at these places (ascending) as the batch engine holds them, and the place of each.

    They stand in the batch engine's order: by source, then by the hash of the identifier.
    """
    tables, ids, sources = [], [], []
    for segment, rows, _ in pool.by_segment(places):
        tables.append(segment.fields(rows))
        ids.append(segment.ids.take(pa.array(rows)))
        sources.append(segment.source[rows])
    all_ids = pa.concat_arrays(ids)
    source = np.concatenate(sources).astype(np.uint16)
    order = batch_order(frame.source_names, source, all_ids)
    plain = plain_records(pa.concat_tables(tables).take(pa.array(order)))
    records = Records(frame.source_names, source[order], all_ids.take(pa.array(order)), plain.columns)
    return records, places[order]


def batch_order(names: Sequence[str], source: npt.NDArray[np.integer], ids: pa.Array) -> Int64:
    """The order in which the batch engine would hold these records, as places in ``ids``."""
    hashes = np.zeros(len(ids), np.uint64)
    for number in np.unique(source).tolist():
        mine = np.flatnonzero(source == number)
        # Through a list of its own, so that the text lies in memory as the batch engine reads it.
        hashes[mine] = order_hashes(
            pa.array(ids.take(pa.array(mine)).to_pylist(), pa.string()), names[number]
        )
    return np.lexsort((hashes, source)).astype(np.int64)


def pairs_of_new(
    frame: Frame,
    old: Sequence[Segment],
    new: Segment,
    *,
    dead: Int64,
    threads: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> NewPairs:
    """Every pair of at least ``frame.keep_weight`` bits of a record in ``new`` with one in ``old`` or in ``new``.

    dead: numbers of removed records, ascending; they pair with nobody.

    Raises LimitError where the rules would find more candidates than ``frame.max_pairs``, before listing any.
    """
    pool = Pool((*old, new), dead)
    keys = rule_keys(frame, new.fields())
    chunks = _chunks(frame, pool, keys)

    def work(chunk: tuple[int, int]) -> NewPairs:
        return _pairs_of_chunk(frame, pool, keys[chunk[0] : chunk[1]], chunk[0])

    parts = []
    for (_, end), part in zip(chunks, in_order(work, chunks, threads=threads), strict=True):
        parts.append(part)
        if progress is not None:
            progress(end, len(new))
    return NewPairs(
        _joined([p.left for p in parts], np.int64),
        _joined([p.right for p in parts], np.int64),
        _joined([p.weight for p in parts], np.float64),
        _joined([p.pattern for p in parts], np.int64),
        sum(p.compared for p in parts),
        sum(p.read for p in parts),
    )


def _chunks(frame: Frame, pool: Pool, keys: Hashes) -> list[tuple[int, int]]:
    """Stretches of the new records with about so many candidates each, counted before any is listed."""
    counts = np.zeros(len(keys), np.int64)
    among_new = 0
    for rule in range(keys.shape[1]):
        for segment in pool.segments:
            found = segment.candidate_counts(rule, np.ascontiguousarray(keys[:, rule]))
            counts += found
            if segment is pool.segments[-1]:
                # Each pair of two new records is found from both ends, and each record finds itself.
                among_new += int(found.sum() + (found > 0).sum()) // 2
    total = int(counts.sum()) - among_new
    if total > frame.max_pairs:
        raise LimitError(
            what=f"the new records would be compared with up to {total:,} others, over {frame.max_pairs:,}",
            where="blocking rules",
            mend="tighten a rule, or raise limits.max_pairs, and build the index anew",
        )
    ends, begin = [], 0
    sums = np.concatenate([[0], np.cumsum(counts)])
    while begin < len(keys):
        fits = int(np.searchsorted(sums, sums[begin] + _CANDIDATES, side="right")) - 1
        end = min(max(fits, begin + 1), begin + _ROWS, len(keys))
        ends.append((begin, end))
        begin = end
    return ends


def _pairs_of_chunk(frame: Frame, pool: Pool, keys: Hashes, begin: int) -> NewPairs:
    """The pairs of the new records from row ``begin`` of the last segment; keys: theirs alone."""
    found, rules = _candidates(frame, pool, keys, begin)
    if not len(found):
        nobody = np.zeros(0, np.int64)
        return NewPairs(nobody, nobody, np.zeros(0), nobody, 0, 0)
    own = pool.starts[-2] + begin + found[:, 0]
    places = np.unique(np.concatenate([own, found[:, 1]]))
    records, place = records_in_order(frame, pool, places)
    rank = np.empty(len(places), np.int32)
    rank[np.searchsorted(places, place)] = np.arange(len(places), dtype=np.int32)
    one, other = rank[np.searchsorted(places, own)], rank[np.searchsorted(places, found[:, 1])]
    left, right = np.minimum(one, other), np.maximum(one, other)
    if rules is not None:
        keep = _let_through(frame, records, left, right, rules)
        left, right = left[keep], right[keep]
    scorer = Scorer(frame.model, records, ComparePlan(records, frame.model.comparisons))
    parts = [
        weighed(scorer, left[at : at + _PAIRS], right[at : at + _PAIRS], keep_weight=frame.keep_weight)[1]
        for at in range(0, len(left), _PAIRS)
    ]
    numbers = pool.numbers(place)
    return NewPairs(
        numbers[_joined([p[0] for p in parts], np.int32)],
        numbers[_joined([p[1] for p in parts], np.int32)],
        _joined([p[2] for p in parts], np.float64),
        _joined([p[3] for p in parts], np.int64),
        len(left),
        len(places),
    )


def _candidates(
    frame: Frame, pool: Pool, keys: Hashes, begin: int
) -> tuple[Int64, npt.NDArray[np.uint64] | None]:
    """Pairs (row counted from ``begin``, place) that a rule finds, each once, and the rules that find each.

    The rules are told as bits, and only where some rule has a ``where``; its condition is not looked at here.
    """
    rules = frame.model.blocking_rules
    total = int(pool.starts[-1])
    own_place = pool.starts[-2] + begin
    codes: list[Int64] = []
    marks: list[npt.NDArray[np.uint64]] = []
    for rule in range(len(rules)):
        for number, segment in enumerate(pool.segments):
            at, row = segment.candidates(rule, np.ascontiguousarray(keys[:, rule]))
            place = row + pool.starts[number]
            keep = place < own_place + at  # of two new records, the later one finds the earlier
            codes.append(at[keep] * total + place[keep])
            marks.append(np.full(int(keep.sum()), np.uint64(1) << np.uint64(rule), np.uint64))
    code = _joined(codes, np.int64)
    if all(rule.where is None for rule in rules):
        code, mark = np.unique(code), None
    else:
        every = _joined(marks, np.uint64)
        order = np.argsort(code, kind="stable")
        first = np.flatnonzero(np.diff(code[order], prepend=-1))
        code = code[order][first]
        mark = np.bitwise_or.reduceat(every[order], first) if len(first) else every[:0]
    found = np.stack([code // total, code % total], axis=1) if len(code) else np.zeros((0, 2), np.int64)
    keep = pool.is_alive(pool.numbers(found[:, 1]))
    if frame.across_only:
        keep &= pool.sources(found[:, 1]) != pool.sources(own_place + found[:, 0])
    return found[keep], None if mark is None else mark[keep]


def _let_through(
    frame: Frame, records: Records, left: Int32, right: Int32, rules: npt.NDArray[np.uint64]
) -> npt.NDArray[np.bool_]:
    """Whether some rule that found the pair has no condition, or one that holds."""
    keep = np.zeros(len(left), np.bool_)
    filters = rule_filters(records, frame.model.blocking_rules)
    for rule, check in enumerate(filters):
        found = (rules & (np.uint64(1) << np.uint64(rule))) != 0
        if check is None:
            keep |= found
    for rule, check in enumerate(filters):
        if check is not None:
            found = (rules & (np.uint64(1) << np.uint64(rule))) != 0
            at = np.flatnonzero(found & ~keep)
            keep[at] = check(left[at], right[at])
    return keep


def _joined(parts: list[npt.NDArray[Any]], kind: type[np.generic]) -> npt.NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, kind)
