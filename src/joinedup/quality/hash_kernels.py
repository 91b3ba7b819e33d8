"""Compiled passes over the hashes of a column: keep them, drop repeats, or note them in a sketch."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, uint64

from joinedup.values.words import high_zeros

from .kernels import NULL_HASH

Hashes = npt.NDArray[np.uint64]
_KERNEL: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}  # as in `kernels`


@njit(**_KERNEL)  # type: ignore[untyped-decorator]  # Numba's own decorator tells no types
def append_hashes(hashes: Hashes, kept: Hashes, used: int) -> int:
    """Write the hashes of non-missing rows behind the first ``used`` of those kept; return the number then."""
    for at in range(hashes.shape[0]):
        h = hashes[at]
        if h != uint64(NULL_HASH):
            kept[used] = h
            used += 1
    return used


@njit(**_KERNEL)  # type: ignore[untyped-decorator]  # Numba's own decorator tells no types
def drop_repeats(held: Hashes) -> int:
    """Move the different ones of sorted hashes to the front; return how many there are."""
    count = 0
    for at in range(held.shape[0]):
        h = held[at]
        if count == 0 or held[count - 1] != h:
            held[count] = h
            count += 1
    return count


@njit(**_KERNEL)  # type: ignore[untyped-decorator]  # Numba's own decorator tells no types
def note_hashes(hashes: Hashes, start: int, end: int, registers: npt.NDArray[np.uint8]) -> None:
    """Update HyperLogLog registers (2^14 of them) with the hashes of non-missing rows."""
    for at in range(start, end):
        h = hashes[at]
        if h == uint64(NULL_HASH):
            continue
        place = h >> uint64(50)
        rank = high_zeros(h << uint64(14) | uint64(1 << 13)) + uint64(1)
        if rank > registers[place]:
            registers[place] = rank
