"""The scored pairs that a job keeps: in memory, or on disk where they are more than it may hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from joinedup.errors import LimitError
from joinedup.linkage.spill import Spill

Int32 = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

ROWS = (
    1 << 19
)  # pairs that are looked at at a time, in memory and on disk alike, so that sums come out the same
_FIELDS: Mapping[str, npt.DTypeLike] = {
    "left": np.int32, "right": np.int32, "weight": np.float64, "pattern": np.int64
}  # fmt: skip


@dataclass(frozen=True)
class PairColumns:
    """Pairs, equally long columns. left < right: record numbers (int32). weight: bits (float64). pattern: levels
    (int64). adjustment: what the model's contexts took from the weight, in bits, 0 or less."""

    left: Int32
    right: Int32
    weight: Floats
    pattern: npt.NDArray[np.int64]
    adjustment: Floats

    def __len__(self) -> int:
        return len(self.left)


class KeptPairs(Protocol):
    """The pairs worth keeping of a job, in the order in which they were found.

    by_rule: how many new pairs each rule found, kept or not. histogram: all candidate pairs by whole bits of weight
    from -64 to +63.
    """

    @property
    def by_rule(self) -> tuple[int, ...]: ...

    @property
    def histogram(self) -> npt.NDArray[np.int64]: ...

    def __len__(self) -> int: ...

    def chunks(self) -> Iterator[PairColumns]:
        """All pairs, ROWS at a time; none at all as one chunk without rows."""
        ...

    def take(self, places: npt.NDArray[np.int64]) -> PairColumns:
        """A few pairs by their places."""
        ...


@dataclass(frozen=True)
class Scored(PairColumns):
    """Kept pairs in memory; see ``KeptPairs``."""

    by_rule: tuple[int, ...]
    histogram: npt.NDArray[np.int64]

    def chunks(self) -> Iterator[PairColumns]:
        for begin in range(0, max(1, len(self.left)), ROWS):
            part = slice(begin, begin + ROWS)
            yield PairColumns(
                self.left[part],
                self.right[part],
                self.weight[part],
                self.pattern[part],
                self.adjustment[part],
            )

    def take(self, places: npt.NDArray[np.int64]) -> PairColumns:
        return PairColumns(
            self.left[places], self.right[places], self.weight[places], self.pattern[places],
            self.adjustment[places],
        )  # fmt: skip


@dataclass(frozen=True)
class SpilledPairs:
    """Kept pairs on disk; see ``KeptPairs``.

    folder: where more may be written. with_contexts: whether adjustments are held too, or are all 0.
    """

    spill: Spill
    folder: Path
    by_rule: tuple[int, ...]
    histogram: npt.NDArray[np.int64]
    with_contexts: bool

    def __len__(self) -> int:
        return len(self.spill)

    def chunks(self) -> Iterator[PairColumns]:
        for begin in range(0, max(1, len(self)), ROWS):
            yield self._read(begin, begin + ROWS)

    def take(self, places: npt.NDArray[np.int64]) -> PairColumns:
        parts = [self._read(int(place), int(place) + 1) for place in places]
        return _joined(parts) if parts else self._read(0, 0)

    def _read(self, begin: int, end: int) -> PairColumns:
        rows = self.spill.read(begin, end)
        return PairColumns(
            rows["left"],
            rows["right"],
            rows["weight"],
            rows["pattern"].astype(np.int64),
            rows["adjustment"] if self.with_contexts else np.zeros(len(rows["left"])),
        )


class Keeping:
    """Gathers kept pairs as they are found.

    most: how many are held in memory; beyond it all go to a nameless file in ``folder`` (raising OSError where the
    disk is full), or with no folder are refused. patterns: how many patterns there may be. with_contexts: whether
    the model has contexts, without which no pair has an adjustment.
    """

    def __init__(self, *, most: int | None, folder: Path | None, patterns: int, with_contexts: bool) -> None:
        self._most, self._folder, self._with_contexts = most, folder, with_contexts
        self._fields = {**_FIELDS, "pattern": np.min_scalar_type(max(1, patterns - 1))}
        if with_contexts:
            self._fields["adjustment"] = np.float64
        self._parts: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in (*_FIELDS, "adjustment")}
        self._held = 0
        self._spill: Spill | None = None

    def add(self, pairs: PairColumns) -> None:
        """Keep these too; raises LimitError where there are more than may be held, and no folder."""
        if self._spill is not None:
            self._write(self._spill, pairs)
            return
        for name, arrays in self._parts.items():
            arrays.append(getattr(pairs, name))
        self._held += len(pairs)
        if self._most is None or self._held <= self._most:
            return
        if self._folder is None:
            raise LimitError(
                what=f"more than {self._most:,} pairs would be kept, over the memory limit",
                where="compare and score",
                mend="raise keep_probability, tighten a blocking rule, or raise limits.memory_gb",
            )
        self._spill = Spill(self._folder, self._fields)
        for columns in zip(*self._parts.values(), strict=True):
            self._write(self._spill, PairColumns(*columns))
        self._parts.clear()

    def finish(self, by_rule: tuple[int, ...], histogram: npt.NDArray[np.int64]) -> Scored | SpilledPairs:
        """All that was kept, in the order in which it was added."""
        if self._spill is not None and self._folder is not None:
            return SpilledPairs(self._spill, self._folder, by_rule, histogram, self._with_contexts)
        whole: dict[str, npt.NDArray[Any]] = {}
        for name, arrays in self._parts.items():
            whole[name] = np.concatenate(arrays) if arrays else np.zeros(0, _FIELDS.get(name, np.float64))
            arrays.clear()  # so that only one column at a time is held twice
        return Scored(**whole, by_rule=by_rule, histogram=histogram)

    def _write(self, spill: Spill, pairs: PairColumns) -> None:
        spill.append({name: getattr(pairs, name) for name in self._fields})


def lowest(
    pairs: KeptPairs, key: Callable[[PairColumns], tuple[npt.NDArray[Any], ...]], count: int
) -> npt.NDArray[np.int64]:
    """The places of the ``count`` pairs that come first by a key, in its order; equal ones in their own order.

    key: of a chunk, its sort columns, the first of them most important.
    """
    best: tuple[npt.NDArray[Any], ...] | None = None
    begin = 0
    for chunk in pairs.chunks():
        columns = (*key(chunk), np.arange(begin, begin + len(chunk)))
        begin += len(chunk)
        at = _candidates(columns[0], count)
        columns = tuple(column[at] for column in columns)
        if best is not None:
            columns = tuple(np.concatenate(both) for both in zip(best, columns, strict=True))
        order = np.lexsort(columns[::-1])[:count]
        best = tuple(column[order] for column in columns)
    return np.zeros(0, np.int64) if best is None else np.asarray(best[-1], np.int64)


def _candidates(values: npt.NDArray[Any], count: int) -> npt.NDArray[np.int64]:
    """Where those stand that may be among the ``count`` smallest; millions need not be sorted for it."""
    if len(values) <= count:
        return np.arange(len(values))
    return (
        np.flatnonzero(values <= np.partition(values, count - 1)[count - 1])
        if count
        else np.zeros(0, np.int64)
    )


def _joined(parts: list[PairColumns]) -> PairColumns:
    names = ("left", "right", "weight", "pattern", "adjustment")
    return PairColumns(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
