"""Blocks too large to compare: refused, or left to the other rules, and told with their counts either way.

A rule's pairs grow with the square of its blocks: in ten times the records, the namesakes of a common first name and
surname are a hundred times the pairs. A limit on one block stops that where it starts.
"""

from __future__ import annotations

from dataclasses import dataclass

from joinedup.errors import LimitError
from joinedup.linkage.model import BlockingRule
from joinedup.linkage.run import Advice

_MEND = "add a key to the rule, such as a year or a prefix, so that common values are told apart"


@dataclass(frozen=True)
class BlockLimit:
    """records: the most that one block may hold. cut: leave the pairs of a larger one to the other rules, with a
    warning; else it is refused."""

    records: int
    cut: bool


@dataclass(frozen=True)
class LargeBlocks:
    """The blocks of one rule that are over the limit, together. largest: the records of the largest."""

    blocks: int
    records: int
    pairs: int
    largest: int


def told_of_large_blocks(rule: BlockingRule, place: int, found: LargeBlocks, limit: BlockLimit) -> Advice:
    """The warning that these blocks were cut; raises LimitError with the same counts where they may not be.

    place: the rule's, from 0.
    """
    what = (
        f"{found.blocks:,} {'block' if found.blocks == 1 else 'blocks'} of the rule '{rule}' "
        f"{'holds' if found.blocks == 1 else 'hold'} more than {limit.records:,} records "
        f"({found.records:,} records and {found.pairs:,} pairs together; the largest has {found.largest:,} records)"
    )
    if not limit.cut:
        raise LimitError(
            what=what, where=f"blocking rule {place + 1}", mend=f'{_MEND}, or say larger_blocks = "cut"'
        )
    return Advice(f"{what}: their pairs were left to the other rules", _MEND, "blocking")
