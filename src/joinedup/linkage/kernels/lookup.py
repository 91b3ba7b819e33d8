"""Finding records by the hash of what a blocking rule looks at, compiled.

A *directory* holds, for each value of the highest bits of a hash, where the sorted hashes with those bits
begin, so that a look-up touches two or three places of a large array and no more.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, inline="always")
def mixed(one, other):
    """64 bits that hang on both hashes and their order; never 0, which stands for a missing value."""
    h = (one ^ (one >> np.uint64(32))) * np.uint64(0x9E3779B97F4A7C15) + other
    h ^= h >> np.uint64(29)
    h *= np.uint64(0xBF58476D1CE4E5B9)
    h ^= h >> np.uint64(32)
    return h if h != np.uint64(0) else np.uint64(1)


@njit(cache=True, nogil=True)
def mix_in(codes, hashes, out):
    """Mix one more key into each record's hash; 0 where a key is missing (code -1) stays 0."""
    for i in range(len(codes)):
        if codes[i] < 0:
            out[i] = np.uint64(0)
        elif out[i] != np.uint64(0):
            out[i] = mixed(out[i], hashes[codes[i]])


@njit(cache=True, nogil=True)
def fill_directory(hashes, bits, directory):
    """Fill ``directory`` (2**bits + 1 places) from ascending hashes."""
    at = 0
    for high in range(len(directory) - 1):
        while at < len(hashes) and np.int64(hashes[at] >> np.uint64(64 - bits)) < high:
            at += 1
        directory[high] = at
    directory[len(directory) - 1] = len(hashes)


@njit(cache=True, nogil=True, inline="always")
def place_of(wanted, hashes, bits, directory):
    """Where a hash stands among ascending ones, or -1."""
    high = np.int64(wanted >> np.uint64(64 - bits))
    for at in range(directory[high], directory[high + 1]):
        if hashes[at] >= wanted:
            return at if hashes[at] == wanted else -1
    return -1


@njit(cache=True, nogil=True)
def find_runs(wanted, hashes, bits, directory, starts, begins, ends):
    """Where the records of each wanted hash begin and end (0, 0 where there are none); returns how many in all."""
    total = np.int64(0)
    for i in range(len(wanted)):
        begins[i] = 0
        ends[i] = 0
        if wanted[i] == np.uint64(0):
            continue
        at = place_of(wanted[i], hashes, bits, directory)
        if at >= 0:
            begins[i] = starts[at]
            ends[i] = starts[at + 1]
            total += ends[i] - begins[i]
    return total


@njit(cache=True, nogil=True)
def list_runs(begins, ends, rows, at, row):
    """Write the records of each run: which wanted hash found it, and its row."""
    count = 0
    for i in range(len(begins)):
        for k in range(begins[i], ends[i]):
            at[count] = i
            row[count] = rows[k]
            count += 1
