"""How many pairs show each pattern of levels: all that training needs to know of millions of pairs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_DENSE = 1 << 20  # up to this many possible patterns, counts are kept in a plain array


@dataclass(frozen=True)
class PatternCounts:
    """patterns: distinct, ascending (int64). counts: pairs that show each (float64)."""

    patterns: npt.NDArray[np.int64]
    counts: npt.NDArray[np.float64]

    @property
    def pairs(self) -> float:
        """All pairs together."""
        return float(self.counts.sum())


def count_patterns(chunks: Iterable[npt.NDArray[np.int64]], *, possible: int) -> PatternCounts:
    """Count the patterns of all chunks; the order of the chunks does not matter."""
    if possible <= _DENSE:
        total = np.zeros(possible, np.int64)
        for chunk in chunks:
            total += np.bincount(chunk, minlength=possible)
        found = np.flatnonzero(total)
        return PatternCounts(found.astype(np.int64), total[found].astype(np.float64))
    parts: list[PatternCounts] = []
    for chunk in chunks:
        patterns, counts = np.unique(chunk, return_counts=True)
        parts.append(PatternCounts(patterns, counts.astype(np.float64)))
        if len(parts) >= 16:
            parts = [merged(parts)]
    return merged(parts)


def merged(parts: Iterable[PatternCounts]) -> PatternCounts:
    """Several counts as one."""
    parts = list(parts)
    if not parts:
        return PatternCounts(np.zeros(0, np.int64), np.zeros(0, np.float64))
    patterns, inverse = np.unique(np.concatenate([p.patterns for p in parts]), return_inverse=True)
    counts = np.bincount(inverse, weights=np.concatenate([p.counts for p in parts]), minlength=len(patterns))
    return PatternCounts(patterns, np.asarray(counts, np.float64))
