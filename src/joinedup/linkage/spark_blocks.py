"""Blocking on Spark: blocks counted before any pair is listed, large ones divided, none left out unsaid.

A rule's pairs grow with the square of its largest blocks: namesakes of a common first name and surname are a
hundred times as many pairs in ten times the records. So blocks are counted first, by their hashes alone; what is
over a limit is refused or cut with its count, and a block too large for one task is divided into cells: its records
are dealt into parts, and each two parts meet in a cell of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from joinedup.engines.spark import gathered, spread
from joinedup.errors import LimitError
from joinedup.linkage.large_blocks import BlockLimit, LargeBlocks, told_of_large_blocks
from joinedup.linkage.model import BlockingRule
from joinedup.linkage.run import Advice

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_BLOCK = "_rule smallint, _block bigint"


@dataclass(frozen=True)
class BlockLimits:
    """most_pairs: of one rule, and of all together. block: on one block of a rule. cell: records of a part of a block;
    blocks of more than two parts are divided, and a cell never holds more than about two parts."""

    most_pairs: int
    block: BlockLimit | None = None
    cell: int = 1024


@dataclass(frozen=True)
class Blocks:
    """frame: the records with their keys (`with_keys`), those of blocks that were cut as if missing. raw: pairs that
    each rule finds by itself. large: blocks of several cells, as rows of _rule, _block, _parts. largest: the records
    of each rule's largest block. warnings: what was cut."""

    frame: DataFrame
    rules: tuple[BlockingRule, ...]
    raw: tuple[int, ...]
    large: pa.Table
    largest: tuple[int, ...]
    warnings: tuple[Advice, ...]


def count_blocks(
    frame: DataFrame, rules: Sequence[BlockingRule], *, across_only: bool, limits: BlockLimits
) -> Blocks:
    """Count the pairs of each rule and find the blocks that need care.

    Raises LimitError, with the rule and its counts, where a rule or a block would be over a limit.
    """
    blocks = _blocks(frame, len(rules)).persist()
    warnings: tuple[Advice, ...] = ()
    try:
        if limits.block is not None:
            over = gathered(blocks.where(f"_records > {limits.block.records}"))
            if over.num_rows:
                warnings = _over(over, rules, limits.block, across_only=across_only)
                frame = _without(frame, over, len(rules))
                blocks = blocks.where(f"_records <= {limits.block.records}")
        pairs = "_records * (_records - 1) div 2" + (" - _within" if across_only else "")
        counted = blocks.selectExpr("_rule", "_records", f"cast({pairs} as decimal(38, 0)) as _pairs")
        summed = counted.groupBy("_rule").agg({"_pairs": "sum", "_records": "max"})
        told = gathered(
            summed.selectExpr("_rule", "cast(`sum(_pairs)` as string) as pairs", "`max(_records)` as most")
        )
        large = gathered(
            blocks.where(f"_records > {2 * limits.cell}").selectExpr(
                "_rule", "_block", f"cast(ceil(_records / {limits.cell}) as int) as _parts"
            )
        )
    finally:
        blocks.unpersist()
    found = {row["_rule"]: (int(row["pairs"]), row["most"]) for row in told.to_pylist()}
    raw = tuple(found.get(place, (0, 0))[0] for place in range(len(rules)))
    for place, (rule, count) in enumerate(zip(rules, raw, strict=True)):
        if count > limits.most_pairs:
            raise LimitError(
                what=f"the blocking rule '{rule}' would compare {count:,} pairs, over the limit of "
                f"{limits.most_pairs:,}",
                where=f"blocking rule {place + 1}",
                mend="add a key to the rule (a prefix of a name, a year), or raise limits.max_pairs",
            )
    if sum(raw) > limits.most_pairs:
        raise LimitError(
            what=f"the blocking rules together would compare up to {sum(raw):,} pairs, over {limits.most_pairs:,}",
            where="blocking rules",
            mend="tighten a rule, or raise limits.max_pairs",
        )
    most = tuple(found.get(place, (0, 0))[1] for place in range(len(rules)))
    return Blocks(frame, tuple(rules), raw, large, most, warnings)


def _blocks(frame: DataFrame, rules: int) -> DataFrame:
    """_rule, _block, _records and _within (pairs within one source) of each block of two records and more."""
    keys = ", ".join(f"cast({i} as smallint), k{i}" for i in range(rules))
    long = frame.selectExpr("_source", f"stack({rules}, {keys}) as (_rule, _block)").where("_block >= 0")
    counted = long.groupBy("_rule", "_block", "_source").count()
    own = counted.selectExpr("_rule", "_block", "count as _records", "count * (count - 1) div 2 as _within")
    summed = own.groupBy("_rule", "_block").agg({"_records": "sum", "_within": "sum"})
    renamed = summed.selectExpr("_rule", "_block", "`sum(_records)` as _records", "`sum(_within)` as _within")
    return renamed.where("_records > 1")


def _over(
    over: pa.Table, rules: Sequence[BlockingRule], limit: BlockLimit, *, across_only: bool
) -> tuple[Advice, ...]:
    """What is told of blocks over the limit, rule by rule; raises LimitError where they are not to be cut."""
    told = []
    rows = over.to_pylist()
    for place, rule in enumerate(rules):
        own = [row for row in rows if row["_rule"] == place]
        if own:
            sizes = [row["_records"] for row in own]
            pairs = sum(n * (n - 1) // 2 for n in sizes)
            pairs -= sum(row["_within"] for row in own) if across_only else 0
            found = LargeBlocks(len(own), sum(sizes), pairs, max(sizes))
            told.append(told_of_large_blocks(rule, place, found, limit))
    return tuple(told)


def _without(frame: DataFrame, over: pa.Table, rules: int) -> DataFrame:
    """The records with the keys of these blocks missing, so that no rule takes a pair for found by a cut one."""
    session = frame.sparkSession
    for place in range(rules):
        own = over.filter(pc.equal(over["_rule"], place)).select(["_block"])
        if own.num_rows:
            cut = spread(session, own.rename_columns(["_cut"])).hint("broadcast")
            others = [name for name in frame.columns if name != f"k{place}"]
            joined = frame.join(cut, on=frame[f"k{place}"] == cut["_cut"], how="left")
            changed = joined.selectExpr(*others, f"if(_cut is null, k{place}, -1L) as k{place}")
            frame = changed.select(*frame.columns)
    return frame


def cells(blocks: Blocks, *, partitions: int) -> DataFrame:
    """The records once for each rule that reads them, and once more for each cell that their part meets in.

    Beside what the records hold: _rule, _block, _cell, _part, and _split (the cell is of two parts, and only pairs of
    different parts are its own). Partitioned and sorted by rule, block and cell, then by number.
    """
    frame, rules = blocks.frame, len(blocks.rules)
    keys = ", ".join(f"cast({i} as smallint), k{i}" for i in range(rules))
    long = frame.selectExpr("*", f"stack({rules}, {keys}) as (_rule, _block)").where("_block >= 0")
    if blocks.large.num_rows:
        large = spread(frame.sparkSession, blocks.large).hint("broadcast")
        long = long.join(large, on=["_rule", "_block"], how="left")
        dealt = long.selectExpr(
            "*", "if(_parts is null, 0, cast(pmod(xxhash64(_number), _parts) as int)) as _part",
        ).selectExpr("*", "explode(sequence(0, coalesce(_parts, 1) - 1)) as _other")  # fmt: skip
        long = dealt.selectExpr(
            *frame.columns, "_rule", "_block", "_part",
            "cast(least(_part, _other) as bigint) * coalesce(_parts, 1) + greatest(_part, _other) as _cell",
            "_part != _other as _split",
        )  # fmt: skip
        # A cell of two parts is split for the records of both, as each meets the other's part there.
    else:
        long = long.selectExpr(
            *frame.columns, "_rule", "_block", "0 as _part", "0L as _cell", "false as _split"
        )
    cell = ["_rule", "_block", "_cell"]
    return long.repartition(partitions, *cell).sortWithinPartitions(*cell, "_number")
