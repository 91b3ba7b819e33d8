"""Filters of bits, compiled: how alike two are (Dice), which bits q-grams set, and noise from a keystream."""

from __future__ import annotations

import numpy as np
from numba import njit

from joinedup.linkage.kernels.strings import _bits, _passed_down


@njit(cache=True, nogil=True)
def bit_counts(words, out):
    """How many bits of each row are set."""
    for v in range(words.shape[0]):
        count = 0
        for w in range(words.shape[1]):
            count += _bits(words[v, w])
        out[v] = count


@njit(cache=True, nogil=True, inline="always")
def _dice(words, counts, one, other):
    """Twice the bits set in both over the bits set in either's count; 0 where neither has any."""
    together = counts[one] + counts[other]
    if together == 0:
        return 0.0
    shared = 0
    for w in range(words.shape[1]):
        shared += _bits(words[one, w] & words[other, w])
    return 2.0 * shared / together


@njit(cache=True, nogil=True)
def dice_states(left, right, codes, words, counts, thresholds, out):
    """0 missing, 1 equal, then the first threshold that the Dice coefficient of the two filters reaches."""
    for p in range(len(left)):
        ca = codes[left[p]]
        cb = codes[right[p]]
        if ca < 0 or cb < 0:
            out[p] = 0
        elif ca == cb:
            out[p] = 1
        else:
            out[p] = _passed_down(_dice(words, counts, ca, cb), thresholds)


@njit(cache=True, nogil=True)
def dice_values(left, right, words, counts, out):
    """The Dice coefficient of each pair of rows."""
    for p in range(len(left)):
        out[p] = _dice(words, counts, left[p], right[p])
