"""How much memory a job may take, and what that leaves for its pairs."""

from __future__ import annotations

import os
import resource
import sys
from dataclasses import dataclass

import pyarrow as pa

from joinedup.errors import LimitError

# What a pair held in memory takes at its highest: its columns, and the copies made to sort and cluster it.
BYTES_A_KEPT_PAIR = 100
# The same where clusters are made in parts, with the evidence between groups.
_BYTES_A_CLUSTERED_PAIR = 250
_WORKING = 256 << 20  # chunks under way, and the libraries' own buffers
LEAST = 1 << 29  # bytes that Python and its libraries take by themselves, about
_FEWEST = 1 << 16  # pairs that are held at a time however little is left
_MOST = 1 << 22


@dataclass(frozen=True)
class Budget:
    """total: bytes that the process is to stay within, not counting ``before``: what it held for other purposes
    when the job began (a notebook's data, another job's)."""

    total: int
    before: int = 0

    @classmethod
    def of(cls, memory_gb: float) -> Budget:
        """The budget of a job that begins now. What Python and its libraries take by themselves is the job's."""
        return cls(int(memory_gb * 1e9), max(0, resident_bytes() - LEAST // 2))

    @property
    def taken(self) -> int:
        """Bytes that the process takes now, without what it held before."""
        return max(0, resident_bytes() - self.before)

    @property
    def left(self) -> int:
        """Bytes that the process may still take, beside those it works with; 0 where it has none."""
        return max(0, self.total - self.taken - _WORKING)

    def check(self, stage: str) -> None:
        """Raise LimitError where the records alone take more than the budget. A budget that Python itself would fill
        decides about the pairs alone."""
        taken = self.taken
        if taken > max(self.total, LEAST):
            raise LimitError(
                what=f"the records take {taken / 1e9:.1f} GB, over the limit of {self.total / 1e9:g} GB",
                where=stage,
                mend="raise limits.memory_gb, name only the fields that the model needs, or use fewer blocking rules",
            )

    def kept_pairs(self) -> int:
        """How many scored pairs may be held in memory; more go to disk."""
        return self.left // BYTES_A_KEPT_PAIR

    def clustered_pairs(self) -> int:
        """How many pairs on disk may be taken up at a time to be clustered."""
        return min(_MOST, max(_FEWEST, self.left // _BYTES_A_CLUSTERED_PAIR))


def give_back() -> None:
    """Return to the system what Arrow keeps of memory that nobody uses any more; it may be as much as a table."""
    pa.default_memory_pool().release_unused()


def resident_bytes() -> int:
    """The memory that this process takes now; where that is not told, the most it has taken."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return int(peak_memory_mb() * 1024 * 1024)


def peak_memory_mb() -> float:
    """The highest resident memory of this process so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024) if sys.platform == "darwin" else peak / 1024
