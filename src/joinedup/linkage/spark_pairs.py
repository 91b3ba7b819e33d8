"""Candidate pairs on Spark's workers: listed in bounded chunks from the cells, and given to our own engine.

A pair comes once, under the first rule that finds it. Records travel, pairs do not: a worker lists and judges the
pairs of its cells by itself, and only what is worth keeping leaves it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from joinedup.engines.spark import joined_batches
from joinedup.linkage.block import CHUNK, filtered
from joinedup.linkage.compare import ComparePlan
from joinedup.linkage.encode import Int32
from joinedup.linkage.estimate import rule_filters
from joinedup.linkage.expression import Key
from joinedup.linkage.kernels.cells import list_cell_pairs
from joinedup.linkage.model import BlockingRule, Model
from joinedup.linkage.patterns import PatternCounts, count_patterns, merged
from joinedup.linkage.score import Scorer, weighed
from joinedup.linkage.spark_records import RowRecords, row_records

Batches = Iterator[pa.RecordBatch]
_ROWS = 1 << 16  # rows of cells that are looked at together, and whatever more the last cell has
PAIR, BIN, NEW = 0, 1, 2
FOUND = pa.schema(
    [
        ("what", pa.int8()),  # PAIR; BIN: pairs of one whole bit of weight; NEW: new pairs of a rule
        ("rule", pa.int16()),
        ("left", pa.int64()),  # of a BIN its place in the histogram
        ("right", pa.int64()),  # of a BIN and of NEW the count
        ("weight", pa.float64()),
        ("pattern", pa.int64()),
        ("adjustment", pa.float64()),
    ]
)
PATTERNS = pa.schema([("pattern", pa.int64()), ("pairs", pa.int64())])


@dataclass(frozen=True)
class Cells:
    """How the rows of cells are read. columns: each field and the column that holds it. shares: likewise, of each key
    whose rarity counts. one_in: take an even sample of about one pair in so many, the same as one machine would."""

    source_names: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    rules: tuple[BlockingRule, ...]
    across_only: bool
    shares: tuple[tuple[Key, str], ...] = ()
    one_in: int = 1

    def stream(
        self, batches: Batches
    ) -> Iterator[tuple[int, RowRecords, npt.NDArray[np.int64], Iterator[tuple[Int32, Int32]]]]:
        """For each stretch of cells of one rule: the rule, its rows as records, the number of each row's record, and
        its pairs chunk by chunk as places of rows; the left record has the smaller number."""
        for table in self._whole_cells(batches):
            rule_column = table.column("_rule").to_numpy()
            edges = np.concatenate(
                [[0], np.flatnonzero(np.diff(rule_column)) + 1, [len(rule_column)]]
            ).tolist()
            for begin, end in pairwise(edges):
                part = table.slice(begin, end - begin)
                rule = int(rule_column[begin])
                records = row_records(
                    part, source_names=self.source_names, columns=self.columns, shares=self.shares
                )
                number = part.column("_number").to_numpy()
                yield rule, records, number, self._pairs(rule, part, records, number)

    def _whole_cells(self, batches: Batches) -> Iterator[pa.Table]:
        held: pa.Table | None = None
        for table in joined_batches(batches, rows=_ROWS):
            table = table if held is None else pa.concat_tables([held, table])
            starts = _starts(table)
            if len(starts) < 2:
                held = table.combine_chunks()
                continue
            last = int(starts[-1])
            yield table.slice(0, last).combine_chunks()
            held = table.slice(last).combine_chunks()
        if held is not None and held.num_rows:
            yield held

    def _pairs(
        self, rule: int, part: pa.Table, records: RowRecords, number: npt.NDArray[np.int64]
    ) -> Iterator[tuple[Int32, Int32]]:
        starts = _starts(part)
        until = np.repeat(np.append(starts[1:], len(number)), np.diff(np.append(starts, len(number))))
        keys = np.stack([part.column(f"k{i}").to_numpy() for i in range(len(self.rules))], axis=1)
        filters = rule_filters(records, self.rules[: rule + 1])
        earlier = np.array([r for r in range(rule) if filters[r] is None], np.int64)
        split = part.column("_split").to_numpy(zero_copy_only=False)
        places = part.column("_part").to_numpy()
        totals = np.cumsum(until - np.arange(len(until)) - 1)
        for begin, end in _chunks(totals):
            room = int(totals[end - 1] - (totals[begin - 1] if begin else 0))
            left, right = np.empty(room, np.int32), np.empty(room, np.int32)
            count = list_cell_pairs(
                begin, end, until, number, records.source, places, split, self.across_only,
                keys, earlier, self.one_in, left, right,
            )  # fmt: skip
            left, right = left[:count], right[:count]
            if any(check is not None for check in filters):
                left, right = filtered(rule, left, right, keys, filters)
            if len(left):
                yield left, right


def _starts(table: pa.Table) -> npt.NDArray[np.int64]:
    """Where each cell begins."""
    changed = np.zeros(table.num_rows, bool)
    changed[:1] = True
    for name in ("_rule", "_block", "_cell"):
        values = table.column(name).to_numpy()
        changed[1:] |= values[1:] != values[:-1]
    return np.flatnonzero(changed)


def _chunks(totals: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Stretches of rows with about CHUNK pairs each. totals: the running count of pairs."""
    total = int(totals[-1]) if len(totals) else 0
    if total == 0:
        return
    marks = np.arange(CHUNK, total + CHUNK, CHUNK)
    ends = np.unique(np.minimum(np.searchsorted(totals, marks, side="left") + 1, len(totals)))
    begins = np.concatenate([[0], ends[:-1]])
    yield from zip(begins.tolist(), ends.tolist(), strict=True)


@dataclass
class _Engine:
    """The compare plan and scorer of a worker, made for the first rows and moved on to the next."""

    model: Model
    plan: ComparePlan | None = None
    scorer: Scorer | None = None

    def planned(self, records: RowRecords) -> ComparePlan:
        self.plan = (
            ComparePlan(records, self.model.comparisons) if self.plan is None else self.plan.on(records)
        )
        return self.plan

    def scored(self, records: RowRecords) -> Scorer:
        plan = self.planned(records)
        if self.scorer is None:
            self.scorer = Scorer(self.model, records, plan)
        else:
            self.scorer = self.scorer.on(self.model, records, plan)
        return self.scorer


@dataclass(frozen=True)
class ScoreWork:
    """The work of a partition of cells: its kept pairs by record number, and its counts; rows of FOUND."""

    cells: Cells
    model: Model
    keep_weight: float

    def __call__(self, batches: Batches) -> Batches:
        engine = _Engine(self.model)
        histogram = np.zeros(128, np.int64)
        new = np.zeros(len(self.cells.rules), np.int64)
        for rule, records, number, chunks in self.cells.stream(batches):
            scorer = engine.scored(records)
            for left, right in chunks:
                new[rule] += len(left)
                bins, (one, other, weight, pattern, taken) = weighed(
                    scorer, left, right, keep_weight=self.keep_weight
                )
                histogram += bins
                yield _rows(PAIR, rule, number[one], number[other], weight, pattern, taken)
        at = np.flatnonzero(histogram)
        yield _rows(BIN, 0, at, histogram[at])
        for rule in np.flatnonzero(new).tolist():
            yield _rows(NEW, rule, np.zeros(1, np.int64), new[rule : rule + 1])


def _rows(
    what: int,
    rule: int,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    weight: npt.NDArray[np.float64] | None = None,
    pattern: npt.NDArray[np.int64] | None = None,
    adjustment: npt.NDArray[np.float64] | None = None,
) -> pa.RecordBatch:
    count = len(left)
    arrays = [
        np.full(count, what, np.int8),
        np.full(count, rule, np.int16),
        left,
        right,
        np.zeros(count) if weight is None else weight,
        np.zeros(count, np.int64) if pattern is None else pattern,
        np.zeros(count) if adjustment is None else adjustment,
    ]
    return pa.RecordBatch.from_arrays([pa.array(a) for a in arrays], schema=FOUND)


@dataclass(frozen=True)
class PatternWork:
    """The work of a partition of cells: how many of its pairs show each pattern; rows of PATTERNS. only: the
    comparisons that are looked at, by number; the level of every other is 0."""

    cells: Cells
    model: Model
    only: tuple[int, ...] = field(default=())

    def __call__(self, batches: Batches) -> Batches:
        engine = _Engine(self.model)
        found: list[PatternCounts] = []
        for _, records, _, chunks in self.cells.stream(batches):
            plan = engine.planned(records).only(self.only)
            found.append(_counted(plan, chunks))
            if len(found) >= 16:
                found = [merged(found)]
        counts = merged(found)
        arrays = [pa.array(counts.patterns), pa.array(counts.counts.astype(np.int64))]
        yield pa.RecordBatch.from_arrays(arrays, schema=PATTERNS)


def _counted(plan: ComparePlan, chunks: Iterator[tuple[Int32, Int32]]) -> PatternCounts:
    return count_patterns((plan(left, right) for left, right in chunks), possible=plan.patterns)


def asks_written_order(comparisons: Sequence[str]) -> bool:
    """Whether any condition, as text, asks which record is written left."""
    return any("crossed(" in text for text in comparisons)
