"""Which pairs are compared at all: blocking rules, counted before they run and listed in bounded chunks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from joinedup.errors import LimitError
from joinedup.linkage.encode import Int32, Records
from joinedup.linkage.kernels import pairs
from joinedup.linkage.large_blocks import BlockLimit, LargeBlocks, told_of_large_blocks
from joinedup.linkage.model import BlockingRule
from joinedup.linkage.run import Advice

S = TypeVar("S")
T = TypeVar("T")
PairFilter = Callable[[Int32, Int32], npt.NDArray[np.bool_]]

CHUNK = 1 << 18  # pairs a chunk; with two threads and look-ahead this bounds the memory of every stage


@dataclass(frozen=True)
class _Run:
    """A rule's records in the order of their groups, smaller numbers first; where each one's partners begin and
    end in that order."""

    order: Int32
    first: Int32
    until: Int32


@dataclass(frozen=True)
class _Task:
    """A stretch of one rule's sorted records: about CHUNK raw pairs."""

    rule: int
    run: _Run
    begin: int
    end: int
    raw: int


@dataclass
class Blocking:
    """Blocking rules over records.

    across_only: only pairs of different sources are wanted. groups: each record's group under each rule,
    shape (records, rules), -1 where a key is missing or its block was cut. raw: pairs a rule finds by itself, before
    ``where``. warnings: of blocks that were cut.
    """

    records: Records
    rules: tuple[BlockingRule, ...]
    across_only: bool
    groups: Int32
    sizes: tuple[int, ...]
    raw: tuple[int, ...]
    warnings: tuple[Advice, ...] = ()

    def forget(self) -> None:
        """Let go of the groups when all pairs have been listed."""
        self.groups = np.empty((0, 0), np.int32)

    def _sorted(self, rule: int) -> tuple[_Run, npt.NDArray[np.int64]]:
        return _sorted_runs(self.records, self.groups[:, rule], self.sizes[rule], self.across_only)

    def stream(
        self,
        work: Callable[[int, Int32, Int32], T],
        filters: Sequence[PairFilter | None],
        *,
        threads: int = 2,
        rules: Sequence[int] | None = None,
        one_in: int = 1,
    ) -> Iterator[T]:
        """Apply ``work(rule, left, right)`` to each chunk of pairs, in a fixed order whatever the threads.

        A pair comes once, under the first rule that finds it; left < right as record numbers. filters: for a
        rule with a ``where``, a function that says for which of the pairs it holds. one_in: take an even sample
        of about one pair in so many, the same pairs each time.
        """
        chosen = range(len(self.rules)) if rules is None else rules

        def one(task: _Task) -> T:
            left = np.empty(task.raw, np.int32)
            right = np.empty(task.raw, np.int32)
            earlier = np.array([r for r in range(task.rule) if filters[r] is None], np.int64)
            run = task.run
            count = pairs.list_pairs(
                run.order, run.first, run.until, task.begin, task.end,
                self.groups, earlier, one_in, left, right,
            )  # fmt: skip
            left, right = left[:count], right[:count]
            if any(filters[r] is not None for r in range(task.rule + 1)):
                left, right = filtered(task.rule, left, right, self.groups, filters)
            return work(task.rule, left, right)

        return in_order(one, self._tasks(chosen), threads=threads)

    def _tasks(self, rules: Sequence[int]) -> Iterator[_Task]:
        """Each rule's stretches; a rule is sorted while what came before it is still worked on."""
        for rule in rules:
            run, totals = self._sorted(rule)
            total = int(totals[-1]) if len(totals) else 0
            if total == 0:
                continue
            marks = np.arange(CHUNK, total + CHUNK, CHUNK)
            ends = np.minimum(np.searchsorted(totals, marks, side="left") + 1, len(totals))
            ends = np.unique(ends)
            begins = np.concatenate([[0], ends[:-1]])
            raw = np.diff(totals[ends - 1], prepend=0)
            del totals  # eight bytes a record that nobody needs while the pairs are listed
            for begin, end, count in zip(begins.tolist(), ends.tolist(), raw.tolist(), strict=True):
                yield _Task(rule, run, begin, end, count)


def filtered(
    rule: int,
    left: Int32,
    right: Int32,
    groups: npt.NDArray[np.integer],
    filters: Sequence[PairFilter | None],
) -> tuple[Int32, Int32]:
    """The pairs for which the rule's own ``where`` holds, and that of no earlier rule that finds them.

    groups: of each record under each rule, shape (records, rules), negative where a key is missing.
    """
    keep = np.ones(len(left), bool)
    for r in range(rule):
        check = filters[r]
        if check is not None:
            same = (groups[left, r] >= 0) & (groups[left, r] == groups[right, r])
            at = np.flatnonzero(same & keep)
            keep[at[check(left[at], right[at])]] = False
    own = filters[rule]
    if own is not None:
        at = np.flatnonzero(keep)
        keep[at] = own(left[at], right[at])
    return left[keep], right[keep]


def in_order(work: Callable[[S], T], tasks: Iterable[S], *, threads: int) -> Iterator[T]:
    """Results in the order of the tasks, with only a few under way at a time (bounded memory).

    The tasks are drawn as they are needed, by the caller's own thread, while others are worked on.
    """
    if threads <= 1:
        yield from map(work, tasks)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[T]] = deque()
        for task in tasks:
            waiting.append(pool.submit(work, task))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def blocking(
    records: Records,
    rules: Sequence[BlockingRule],
    *,
    across_only: bool,
    most_pairs: int | None = None,
    block_limit: BlockLimit | None = None,
    threads: int = 2,
) -> Blocking:
    """Group the records under each rule and count its pairs, listing none yet.

    Raises LimitError, with the rule and its counts, where a rule would find more than ``most_pairs``, or one of its
    blocks holds more than ``block_limit`` and may not be cut.
    """
    groups = np.empty((len(records), len(rules)), np.int32)
    sizes, raw = [], []
    large: dict[int, LargeBlocks] = {}

    def grouped(number: int) -> tuple[int, int]:
        own, size = group(records, rules[number])
        if block_limit is not None:
            own, found = _without_large(records, own, size, block_limit, across_only=across_only)
            if found.blocks:
                large[number] = found
        groups[:, number] = own
        return size, count_pairs(records, own, size, across_only=across_only)

    with ThreadPoolExecutor(max(1, threads)) as pool:
        counted = list(pool.map(grouped, range(len(rules))))
    warnings = tuple(
        told_of_large_blocks(rules[number], number, large[number], block_limit)
        for number in sorted(large)
        if block_limit is not None
    )
    for number, (rule, (size, count)) in enumerate(zip(rules, counted, strict=True)):
        if most_pairs is not None and count > most_pairs:
            raise LimitError(
                what=f"the blocking rule '{rule}' would compare {count:,} pairs, over the limit of {most_pairs:,}",
                where=f"blocking rule {number + 1}",
                mend="add a key to the rule (a prefix of a name, a year), or raise limits.max_pairs",
            )
        sizes.append(size)
        raw.append(count)
    return Blocking(records, tuple(rules), across_only, groups, tuple(sizes), tuple(raw), warnings)


def _without_large(
    records: Records, groups: Int32, size: int, limit: BlockLimit, *, across_only: bool
) -> tuple[Int32, LargeBlocks]:
    """The groups with those over the limit as if their key were missing, and what these are."""
    held = np.bincount(groups[groups >= 0], minlength=size)
    over = np.append(held > limit.records, False)  # the last place serves group -1
    if not over.any():
        return groups, LargeBlocks(0, 0, 0, 0)
    within = over[groups]
    only = np.where(within, groups, np.int32(-1))
    pairs = count_pairs(records, only, size, across_only=across_only)
    sizes = held[over[:-1]]
    found = LargeBlocks(len(sizes), int(sizes.sum()), pairs, int(sizes.max()))
    return np.where(within, np.int32(-1), groups), found


def group(records: Records, rule: BlockingRule) -> tuple[Int32, int]:
    """Each record's group under a rule (-1 where a key is missing), and how many groups there are."""
    first = records.key(rule.on[0])
    codes, size = first.codes, len(first.values)
    for key in rule.on[1:]:
        out = np.empty(len(codes), np.int32)
        size = int(pairs.dense_ids(codes, records.key(key).codes, out))
        codes = out
    return codes, size


def count_pairs(records: Records, groups: Int32, size: int, *, across_only: bool) -> int:
    """How many pairs share a group (of different sources, if across_only), as an exact whole number."""
    counts = np.bincount(groups[groups >= 0], minlength=size).astype(
        object if len(groups) > 2**31 else np.int64
    )
    total = int((counts * (counts - 1) // 2).sum())
    if across_only:
        for source in range(len(records.source_names)):
            own = groups[(records.source == source) & (groups >= 0)]
            counts = np.bincount(own, minlength=size).astype(np.int64)
            total -= int((counts * (counts - 1) // 2).sum())
    return total


def _sorted_runs(
    records: Records, groups: Int32, size: int, across_only: bool
) -> tuple[_Run, npt.NDArray[np.int64]]:
    """A rule's run, and the running count of its pairs."""
    groups = np.ascontiguousarray(groups)
    present = int((groups >= 0).sum())
    order = np.empty(present, np.int32)
    starts = np.zeros(size + 1, np.int64)
    pairs.runs(groups, size, order, starts)
    first = np.empty(present, np.int32)
    until = np.empty(present, np.int32)
    totals = np.empty(present, np.int64)
    pairs.partners(order, starts, records.source, across_only, first, until, totals)
    return _Run(order, first, until), totals
