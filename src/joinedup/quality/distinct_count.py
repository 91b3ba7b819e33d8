"""How many different values there are: exact as long as memory allows, then a stated estimate.

Exact counting keeps one 64-bit hash a distinct value and sorts them now and then. Beyond the limit a
HyperLogLog sketch of 2^14 registers answers (Flajolet and others, 2007; small counts by linear counting),
with a standard error of 1.04 / sqrt(2^14) = 0.8%.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .hash_kernels import append_hashes, drop_repeats, note_hashes
from .kernels import NULL_HASH

REGISTERS = 1 << 14
STANDARD_ERROR = 1.04 / math.sqrt(REGISTERS)
_FIRST_ROOM = 1 << 20


@dataclass(frozen=True)
class DistinctCount:
    """count: how many; exact: whether that is a count or an estimate (standard error 0.8%)."""

    count: int
    exact: bool


class HashCounter:
    """Counts distinct hashes. ``limit``: the most distinct hashes that are kept for exactness."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._kept: npt.NDArray[np.uint64] | None = np.empty(0, np.uint64)
        self._used = 0
        self._settled = False  # nothing has come since what is held was put in order
        self._registers = np.zeros(REGISTERS, np.uint8)

    @property
    def exact(self) -> bool:
        """Whether the count is still exact."""
        return self._kept is not None

    @property
    def held_bytes(self) -> int:
        """Memory held for exactness."""
        return 0 if self._kept is None else self._kept.nbytes

    def add(self, hashes: npt.NDArray[np.uint64], *, skip_nulls: bool = True) -> None:
        """Take in hashes; those of missing values do not count unless ``skip_nulls`` is false."""
        self._settled = False
        if self._kept is None:
            note_hashes(hashes, 0, len(hashes), self._registers)
            return
        wanted = int(np.count_nonzero(hashes != np.uint64(NULL_HASH))) if skip_nulls else len(hashes)
        if self._used + wanted > len(self._kept):
            self._make_room(wanted)
        if self._kept is None:
            note_hashes(hashes, 0, len(hashes), self._registers)
        elif wanted == len(hashes):
            self._kept[self._used : self._used + wanted] = hashes
            self._used += wanted
        else:
            self._used = append_hashes(hashes, self._kept, self._used)

    def give_up(self) -> None:
        """Free the hashes; from now on the count is an estimate. The sketch learns what they were."""
        if self._kept is not None:
            note_hashes(self._kept, 0, self._used, self._registers)
        self._kept = None

    def result(self) -> DistinctCount:
        """The count so far."""
        if self._kept is not None:
            if not self._settled:
                self._squeeze()
                self._settled = True
            return DistinctCount(self._used, True)
        return DistinctCount(hyperloglog_estimate(self._registers), False)

    def _make_room(self, more: int) -> None:
        assert self._kept is not None
        self._squeeze()
        if self._used + more > self.limit:
            self.give_up()
            return
        needed = self._used + more
        if needed > 0.7 * len(self._kept):
            room = min(max(_FIRST_ROOM, 2 * len(self._kept), needed), max(self.limit, needed))
            grown = np.empty(room, np.uint64)
            grown[: self._used] = self._kept[: self._used]
            self._kept = grown

    def _squeeze(self) -> None:
        """Sort what is held in place and drop repeats."""
        assert self._kept is not None
        held = self._kept[: self._used]
        held.sort()
        self._used = drop_repeats(held)


def hyperloglog_estimate(registers: npt.NDArray[np.uint8]) -> int:
    """The estimated number of distinct values behind the registers."""
    size = len(registers)
    raw = (0.7213 / (1 + 1.079 / size)) * size * size / float(np.sum(np.exp2(-registers.astype(np.float64))))
    empty = int(np.count_nonzero(registers == 0))
    if raw <= 2.5 * size and empty:
        return round(size * math.log(size / empty))
    return round(raw)
