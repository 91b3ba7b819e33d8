"""Pairs on disk in descending order of weight: dealt into parts by weight, each part sorted by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from joinedup.linkage.kept import ROWS, PairColumns, SpilledPairs
from joinedup.linkage.spill import Columns, Spill

MOST = 1 << 22  # rows sorted at a time
_DIGIT = 16
_BINS = 1 << _DIGIT


def in_descending_weight(
    pairs: SpilledPairs, wanted: Callable[[PairColumns, int], Columns], *, most: int | None = None
) -> Iterator[Columns]:
    """Chunks of what is wanted of the pairs, strongest pairs first, equal ones in their own order.

    wanted: of a chunk of pairs and the place of its first, the columns to have, of fixed-width types. most: rows
    held at a time. As much of the disk is used besides as those columns and 8 bytes a pair take.
    """

    def source() -> Iterator[Columns]:
        begin = 0
        for chunk in pairs.chunks():
            yield {"key": _descending_key(chunk.weight), **wanted(chunk, begin)}
            begin += len(chunk)

    for chunk in _sorted(source, len(pairs), 64 - _DIGIT, pairs.folder, most or MOST):
        yield {name: column for name, column in chunk.items() if name != "key"}


def _descending_key(weight: npt.NDArray[np.float64]) -> npt.NDArray[np.uint64]:
    """Whole numbers that rise as the weights fall."""
    bits = (weight + 0.0).view(np.uint64)  # so that -0.0 counts as 0.0
    top = np.uint64(1 << 63)
    return np.where(bits & top, bits, ~(bits | top))


def _sorted(
    source: Callable[[], Iterator[Columns]], count: int, shift: int, folder: Path, most: int
) -> Iterator[Columns]:
    """The rows of a source in the order of their keys, which differ below bit shift + 16 at most."""
    if count <= most:
        chunks = list(source())
        whole = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}
        order = np.argsort(whole["key"], kind="stable")
        yield {name: column[order] for name, column in whole.items()}
        return
    if shift < 0:  # all keys are equal
        yield from source()
        return
    counts = np.zeros(_BINS, np.int64)
    for chunk in source():
        counts += np.bincount(_digit(chunk["key"], shift), minlength=_BINS)
    part_of = _parts(counts, most)
    spills: dict[int, Spill] = {}
    try:
        for chunk in source():
            number = part_of[_digit(chunk["key"], shift)]
            for part in np.unique(number).tolist():
                mine = {name: column[number == part] for name, column in chunk.items()}
                if part not in spills:
                    spills[part] = Spill(folder, {name: column.dtype for name, column in mine.items()})
                spills[part].append(mine)
        for part in sorted(spills):
            spill = spills[part]
            yield from _sorted(partial(spill.chunks, ROWS), len(spill), shift - _DIGIT, folder, most)
            spill.close()
    finally:
        for spill in spills.values():
            spill.close()


def _digit(keys: npt.NDArray[np.uint64], shift: int) -> npt.NDArray[np.int64]:
    return (keys >> np.uint64(shift) & np.uint64(_BINS - 1)).astype(np.int64)


def _parts(counts: npt.NDArray[np.int64], most: int) -> npt.NDArray[np.int64]:
    """Which part each bin goes to: neighbours together as long as they are not too many, in the bins' order."""
    part_of = np.zeros(len(counts), np.int64)
    part = held = 0
    for at in np.flatnonzero(counts).tolist():
        if held and held + counts[at] > most:
            part, held = part + 1, 0
        part_of[at] = part
        held += int(counts[at])
    return part_of
