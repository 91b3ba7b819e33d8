"""Pairs compared on Spark: how many show each pattern (for training), and which are worth keeping."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from joinedup.engines.spark import gathered, kept, map_batches
from joinedup.linkage.expression import Key, keys_of
from joinedup.linkage.index.frame import rare_keys
from joinedup.linkage.model import BlockingRule, Model
from joinedup.linkage.patterns import PatternCounts
from joinedup.linkage.spark_blocks import BlockLimits, Blocks, cells, count_blocks
from joinedup.linkage.spark_pairs import (
    BIN,
    FOUND,
    NEW,
    PAIR,
    PATTERNS,
    Cells,
    PatternWork,
    ScoreWork,
    asks_written_order,
)
from joinedup.linkage.spark_records import SparkRecords, with_keys

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class SparkScored:
    """pairs: rows of FOUND that are pairs. by_rule, histogram: as of ``KeptPairs``. blocks: what they came from."""

    pairs: DataFrame
    count: int
    by_rule: tuple[int, ...]
    histogram: np.ndarray[tuple[int], np.dtype[np.int64]]
    blocks: Blocks


@dataclass(frozen=True)
class SparkPairs:
    """The pairs of some records, under any rules and models.

    staging: a folder that every machine sees. partitions: into how many tasks the work is divided.
    """

    records: SparkRecords
    across_only: bool
    limits: BlockLimits
    staging: str
    partitions: int

    def patterns(
        self,
        model: Model,
        rules: Sequence[BlockingRule],
        *,
        only: Sequence[int] | None = None,
        most_pairs: int | None = None,
    ) -> PatternCounts:
        """Pattern counts of the pairs that rules let through together; of an even sample where one rule finds more than
        ``most_pairs``, the same sample that one machine takes. only: the comparisons that are looked at, by number."""
        blocks = self._blocks(model, rules)
        step = 1 if most_pairs is None else max(1, math.ceil(sum(blocks.raw) / most_pairs))
        chosen = tuple(range(len(model.comparisons)) if only is None else only)
        work = PatternWork(self._cells(model, rules, one_in=step), model, chosen)
        found = map_batches(cells(blocks, partitions=self.partitions), work, PATTERNS)
        table = gathered(found.groupBy("pattern").sum("pairs")).rename_columns(["pattern", "pairs"])
        table = table.sort_by("pattern")
        return PatternCounts(
            table["pattern"].to_numpy().astype(np.int64), table["pairs"].to_numpy().astype(np.float64)
        )

    def count(self, rules: Sequence[BlockingRule]) -> int:
        """How many pairs rules let through together, each counted once."""
        nothing = Model(comparisons=(), blocking_rules=())
        return round(self.patterns(nothing, rules).pairs)

    def score(self, model: Model, *, keep_weight: float) -> SparkScored:
        """Compare and weigh every candidate pair, keeping those of at least ``keep_weight`` bits."""
        rarities = [key for key in rare_keys(model) if str(key) not in model.term_frequencies]
        blocks = self._blocks(model, model.blocking_rules, texts=rarities)
        shared, shares = _with_shares(blocks.frame, rarities)
        ready = cells(_on(blocks, shared), partitions=self.partitions)
        work = ScoreWork(self._cells(model, model.blocking_rules, shares=shares), model, keep_weight)
        found = kept(map_batches(ready, work, FOUND), f"{self.staging}/pairs")
        counts = gathered(found.where(f"what = {BIN}").groupBy("left").sum("right"))
        histogram = np.zeros(128, np.int64)
        histogram[counts.column(0).to_numpy()] = counts.column(1).to_numpy()
        told = gathered(found.where(f"what = {NEW}").groupBy("rule").sum("right"))
        by_rule = dict(zip(told.column(0).to_pylist(), told.column(1).to_pylist(), strict=True))
        pairs = found.where(f"what = {PAIR}").drop("what")
        new = tuple(int(by_rule.get(place, 0)) for place in range(len(model.blocking_rules)))
        return SparkScored(pairs, pairs.count(), new, histogram, blocks)

    def _blocks(self, model: Model, rules: Sequence[BlockingRule], texts: Sequence[Key] = ()) -> Blocks:
        frame = with_keys(
            self.records,
            rules,
            fields=_fields(model, rules),
            texts=texts,
            with_ids=asks_written_order(_conditions(model, rules)),
        )
        frame = kept(frame, f"{self.staging}/keys")  # read for the counts, for each rarity, and for the pairs
        # Only the model's own rules list all their pairs; those of training are sampled, or sure and small.
        own = tuple(rules) == model.blocking_rules
        limits = self.limits if own else replace(self.limits, block=None)
        return count_blocks(frame, rules, across_only=self.across_only, limits=limits)

    def _cells(
        self,
        model: Model,
        rules: Sequence[BlockingRule],
        *,
        shares: tuple[tuple[Key, str], ...] = (),
        one_in: int = 1,
    ) -> Cells:
        columns = tuple((name, self.records.column(name)) for name in _fields(model, rules))
        return Cells(
            self.records.source_names, columns, tuple(rules), self.across_only, shares=shares, one_in=one_in
        )


def _fields(model: Model, rules: Sequence[BlockingRule]) -> tuple[str, ...]:
    """What a worker reads of a record to judge a pair: the comparisons', the contexts' and the conditions' fields."""
    conditions = [level.when for comparison in model.comparisons for level in comparison.levels]
    conditions += [rule.where for rule in rules if rule.where is not None]
    keys = [key for condition in conditions for key in keys_of(condition)]
    keys += rare_keys(model)
    keys += [key for context in model.contexts for key in context.on]
    return tuple(sorted({name for key in keys for name in key.columns()}))


def _conditions(model: Model, rules: Sequence[BlockingRule]) -> list[str]:
    levels = [str(level.when) for comparison in model.comparisons for level in comparison.levels]
    return levels + [str(rule.where) for rule in rules if rule.where is not None]


def _on(blocks: Blocks, frame: DataFrame) -> Blocks:
    return Blocks(frame, blocks.rules, blocks.raw, blocks.large, blocks.largest, blocks.warnings)


def _with_shares(frame: DataFrame, keys: Sequence[Key]) -> tuple[DataFrame, tuple[tuple[Key, str], ...]]:
    """The records with s0, s1…: each one's value under a key, as its share of all records that have one."""
    shares = []
    for place, key in enumerate(keys):
        text, share = f"x{place}", f"s{place}"
        counts = frame.where(f"{text} is not null").groupBy(text).count()
        total = gathered(counts.selectExpr("sum(count) as total")).column(0).to_pylist()[0] or 1
        told = counts.selectExpr(text, f"cast(count as double) / cast({total} as double) as {share}")
        frame = frame.join(told, on=text, how="left")
        shares.append((key, share))
    return frame.drop(*[f"x{place}" for place in range(len(keys))]), tuple(shares)


def scored_columns(scored: SparkScored, *, most: int) -> pa.Table | None:
    """The kept pairs on the driver, in the order of their records; None where there are more than ``most``."""
    if scored.count > most:
        return None
    return gathered(scored.pairs).sort_by([("left", "ascending"), ("right", "ascending")])
