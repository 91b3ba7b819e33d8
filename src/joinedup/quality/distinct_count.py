"""How many different values there are: exact as long as memory allows, then a stated estimate.

Exact counting keeps one 64-bit hash a distinct value and puts them in order now and then. Beyond the limit a
HyperLogLog sketch of 2^14 registers answers (Flajolet and others, 2007; small counts by linear counting),
with a standard error of 1.04 / sqrt(2^14) = 0.8%.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .hash_kernels import Hashes, append_hashes, drop_repeats, note_hashes
from .kernels import NULL_HASH

REGISTERS = 1 << 14
STANDARD_ERROR = 1.04 / math.sqrt(REGISTERS)
_FIRST_ORDER = 1 << 20
_MOSTLY_DIFFERENT = 0.875


@dataclass(frozen=True)
class DistinctCount:
    """count: how many; exact: whether that is a count or an estimate (standard error 0.8%)."""

    count: int
    exact: bool


class HashCounter:
    """Counts distinct hashes. ``limit``: the most distinct hashes that are kept for exactness.

    What comes is kept as it comes, and put in order without its repeats when it has grown much. Where repeats
    turned out to be rare, ordering again would free little: it waits until the limit asks for it.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._different = np.empty(0, np.uint64)  # in order, each once
        self._fresh: list[Hashes] = []
        self._kept = 0  # hashes in both
        self._order_at = min(_FIRST_ORDER, limit)
        self._exact = True
        self._registers = np.zeros(REGISTERS, np.uint8)

    @property
    def exact(self) -> bool:
        """Whether the count is still exact."""
        return self._exact

    @property
    def held_bytes(self) -> int:
        """Memory held for exactness."""
        return self._kept * self._different.itemsize

    def add(self, hashes: Hashes, *, skip_nulls: bool = True) -> None:
        """Take in hashes, which must not change from then on; those of missing values do not count unless
        ``skip_nulls`` is false."""
        if not self._exact:
            note_hashes(hashes, 0, len(hashes), self._registers)
            return
        wanted = int(np.count_nonzero(hashes != np.uint64(NULL_HASH))) if skip_nulls else len(hashes)
        if self._kept + wanted > self._order_at:
            self._put_in_order()
            if self._kept + wanted > self.limit:
                self.give_up()
                note_hashes(hashes, 0, len(hashes), self._registers)
                return
        if wanted < len(hashes):
            there = np.empty(wanted, np.uint64)
            append_hashes(hashes, there, 0)
            hashes = there
        self._fresh.append(hashes)
        self._kept += wanted

    def give_up(self) -> None:
        """Free the hashes; from now on the count is an estimate. The sketch learns what they were."""
        for hashes in (self._different, *self._fresh):
            note_hashes(hashes, 0, len(hashes), self._registers)
        self._different, self._fresh, self._kept = np.empty(0, np.uint64), [], 0
        self._exact = False

    def result(self) -> DistinctCount:
        """The count so far."""
        if not self._exact:
            return DistinctCount(hyperloglog_estimate(self._registers), False)
        if self._fresh:
            self._put_in_order()
        return DistinctCount(self._kept, True)

    def _put_in_order(self) -> None:
        """Sort what is held and drop repeats."""
        before = self._kept
        held = np.concatenate((self._different, *self._fresh))
        self._fresh = []
        held.sort()
        self._kept = drop_repeats(held)
        rare = self._kept > _MOSTLY_DIFFERENT * before
        self._different = held[: self._kept] if rare else held[: self._kept].copy()
        self._order_at = self.limit if rare else min(max(_FIRST_ORDER, 2 * self._kept), self.limit)


def hyperloglog_estimate(registers: npt.NDArray[np.uint8]) -> int:
    """The estimated number of distinct values behind the registers."""
    size = len(registers)
    raw = (0.7213 / (1 + 1.079 / size)) * size * size / float(np.sum(np.exp2(-registers.astype(np.float64))))
    empty = int(np.count_nonzero(registers == 0))
    if raw <= 2.5 * size and empty:
        return round(size * math.log(size / empty))
    return round(raw)
