"""Which pairs a blocking rule lets through, as compiled loops over sorted runs."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def dense_ids(first, second, out):
    """Number the distinct (first, second) codes from 0 in order of first appearance.

    -1 where either is missing. Open addressing on the 64-bit combined code. Returns how many there are.
    """
    size = 16
    while 3 * size < 4 * len(first):  # at most three quarters full
        size *= 2
    table = np.full(size, -1, np.int64)
    ids = np.empty(size, np.int32)
    mask = np.uint64(size - 1)
    count = 0
    for i in range(len(first)):
        if first[i] < 0 or second[i] < 0:
            out[i] = -1
            continue
        key = (np.int64(first[i]) << np.int64(32)) | np.int64(second[i])
        at = np.int64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(20)) & mask)
        while table[at] != -1 and table[at] != key:
            at = (at + 1) & np.int64(mask)
        if table[at] == -1:
            table[at] = key
            ids[at] = count
            count += 1
        out[i] = ids[at]
    return count


@njit(cache=True, nogil=True)
def runs(groups, count, order, starts):
    """Sort record numbers by group (stable counting sort), missing left out; starts has count + 1 entries."""
    for i in range(len(groups)):
        if groups[i] >= 0:
            starts[groups[i] + 1] += 1
    for g in range(count):
        starts[g + 1] += starts[g]
    fill = starts[:count].copy()
    for i in range(len(groups)):
        g = groups[i]
        if g >= 0:
            order[fill[g]] = i
            fill[g] += 1


@njit(cache=True, nogil=True)
def partners(order, starts, source, across_only, first_partner, until, totals):
    """For each sorted position, where its partners start and end; totals is the running count of pairs.

    Records are numbered so that a source's stand together, so within a run each source is one stretch.
    """
    total = np.int64(0)
    for g in range(len(starts) - 1):
        end = starts[g + 1]
        boundary = end
        for at in range(end - 1, starts[g] - 1, -1):
            if across_only:
                if at + 1 < end and source[order[at]] != source[order[at + 1]]:
                    boundary = at + 1
                first_partner[at] = boundary if at + 1 < end else end
            else:
                first_partner[at] = at + 1
            until[at] = end
    for at in range(len(order)):
        total += until[at] - first_partner[at]
        totals[at] = total
    return total


@njit(cache=True, nogil=True, inline="always")
def _pair_hash(one, other):
    """31 bits that hang on both records of a pair."""
    mixed = np.uint64(one) * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(other) * np.uint64(0xC2B2AE3D27D4EB4F)
    return np.uint32((mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(33))


@njit(cache=True, nogil=True)
def list_pairs(order, first_partner, until, begin, end, groups, earlier, one_in, left, right):
    """Write the pairs of sorted positions begin..end that no earlier rule found; return how many.

    groups: of each record under each rule, shape (records, rules). earlier: the rules (columns) to look at.
    one_in: keep about one pair in so many, by a hash of its two records. The smaller record number comes first,
    as it does in each run of ``order``.
    """
    count = 0
    for at in range(begin, end):
        i = order[at]
        for to in range(first_partner[at], until[at]):
            k = order[to]
            if one_in > 1 and _pair_hash(i, k) % np.uint32(one_in) != 0:
                continue
            seen = False
            for r in earlier:
                g = groups[i, r]
                if g >= 0 and g == groups[k, r]:
                    seen = True
                    break
            if not seen:
                left[count] = i
                right[count] = k
                count += 1
    return count


@njit(cache=True, nogil=True)
def hash_texts(data, offsets, seed, out):
    """A 64-bit hash of each text (FNV-1a with a final mix), to put records in an order of their own."""
    for v in range(len(offsets) - 1):
        h = np.uint64(0xCBF29CE484222325) ^ np.uint64(seed)
        for k in range(offsets[v], offsets[v + 1]):
            h = (h ^ np.uint64(data[k])) * np.uint64(0x100000001B3)
        h ^= h >> np.uint64(33)
        h *= np.uint64(0xFF51AFD7ED558CCD)
        h ^= h >> np.uint64(33)
        h *= np.uint64(0xC4CEB9FE1A85EC53)
        h ^= h >> np.uint64(33)
        out[v] = h


@njit(cache=True, nogil=True)
def renumber(codes, old_to_new):
    """Renumber codes in place by first appearance; old_to_new starts at -1. Returns how many are used."""
    count = 0
    for i in range(len(codes)):
        c = codes[i]
        if c >= 0:
            if old_to_new[c] < 0:
                old_to_new[c] = count
                count += 1
            codes[i] = old_to_new[c]
    return count
