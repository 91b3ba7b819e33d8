"""Joining records under constraints, as compiled loops over links in descending weight.

A cluster is named by its root in a union–find forest. What a root holds for its cluster: ``masks`` (one bit
a one-to-one source), ``held`` (per identifier: a code, NONE or SEVERAL), a list of the records that a clerk
said are different from one of its members, and, where evidence is averaged, a list of its edges to others.
"""

from __future__ import annotations

import numpy as np
from numba import njit

JOINED, INSIDE, ONE_TO_ONE, CONTRADICTION, DECISION, THIN = 0, 1, 2, 3, 4, 5
NONE, SEVERAL = -1, -2
SCALE = 1048576.0  # evidence is added up in whole 2^-20 bits, so that the order of adding cannot matter


@njit(cache=True, nogil=True)
def find(parent, x):
    """The root of x; halves the path on the way."""
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x


@njit(cache=True, nogil=True)
def connect(left, right, weight, threshold, parent):
    """Join the ends of every link of at least the threshold; the smaller number becomes the root."""
    for k in range(len(left)):
        if weight[k] >= threshold:
            a = find(parent, left[k])
            b = find(parent, right[k])
            if a < b:
                parent[b] = a
            elif b < a:
                parent[a] = b


@njit(cache=True, nogil=True)
def labels(parent, out):
    """The smallest record number of each record's cluster, whichever record is the root."""
    first = np.full(len(parent), -1, np.int32)
    for i in range(len(parent)):
        root = find(parent, i)
        if first[root] < 0:
            first[root] = i
        out[i] = first[root]


@njit(cache=True, nogil=True)
def _has_code(ring, given, start, k, code):
    x = start
    while True:
        if given[x, k] == code:
            return True
        x = ring[x]
        if x == start:
            return False


@njit(cache=True, nogil=True)
def _holds_all(ring, given, a, b, k):
    """Whether every code that b's cluster has is in a's."""
    x = b
    while True:
        if given[x, k] >= 0 and not _has_code(ring, given, a, k, given[x, k]):
            return False
        x = ring[x]
        if x == b:
            return True


@njit(cache=True, nogil=True)
def refusal(a, b, parent, masks, given, held, ring, other, following, head, entries):
    """Why the clusters of roots a and b must not be joined, or JOINED where nothing forbids it."""
    if len(other) > 0:
        near, far = (a, b) if entries[a] <= entries[b] else (b, a)
        h = head[near]
        while h >= 0:
            if find(parent, other[h]) == far:
                return DECISION
            h = following[h]
    for k in range(held.shape[1]):
        x = held[a, k]
        y = held[b, k]
        if x == y and x != SEVERAL:
            continue
        if x == NONE or y == NONE:
            continue
        if x >= 0 and y >= 0:
            return CONTRADICTION
        # A clerk joined two codes: nobody may bring in a third, but those who have one of them are welcome.
        if not _holds_all(ring, given, a, b, k) and not _holds_all(ring, given, b, a, k):
            return CONTRADICTION
    for w in range(masks.shape[1]):
        if masks[a, w] & masks[b, w]:
            return ONE_TO_ONE
    return JOINED


@njit(cache=True, nogil=True)
def merge(a, b, parent, size, masks, held, ring, following, head, tail, entries):
    """Hang root b under root a, with all that its cluster holds."""
    parent[b] = a
    size[a] += size[b]
    for w in range(masks.shape[1]):
        masks[a, w] |= masks[b, w]
    for k in range(held.shape[1]):
        if held[a, k] == NONE:
            held[a, k] = held[b, k]
        elif held[b, k] != NONE and held[a, k] != held[b, k]:
            held[a, k] = SEVERAL
    if len(ring) > 0:
        ring[a], ring[b] = ring[b], ring[a]
    if len(following) > 0 and head[b] >= 0:
        if head[a] < 0:
            head[a] = head[b]
        else:
            following[tail[a]] = head[b]
        tail[a] = tail[b]
        entries[a] += entries[b]


@njit(cache=True, nogil=True)
def list_different(left, right, other, following, head, tail, entries):
    """Give each record its list of the records that it is said to differ from."""
    for d in range(len(left)):
        for side in range(2):
            x = left[d] if side == 0 else right[d]
            h = 2 * d + side
            other[h] = right[d] if side == 0 else left[d]
            following[h] = -1
            if head[x] < 0:
                head[x] = h
            else:
                following[tail[x]] = h
            tail[x] = h
            entries[x] += 1


@njit(cache=True, nogil=True)
def join(
    left,
    right,
    forced,
    parent,
    size,
    masks,
    given,
    held,
    ring,
    other,
    following,
    head,
    tail,
    entries,
    outcome,
):
    """Join links in the order given, the first ``forced`` of them whatever the constraints say."""
    for at in range(len(left)):
        a = find(parent, left[at])
        b = find(parent, right[at])
        if a == b:
            outcome[at] = INSIDE
            continue
        if at >= forced:
            why = refusal(a, b, parent, masks, given, held, ring, other, following, head, entries)
            if why != JOINED:
                outcome[at] = why
                continue
        if size[b] > size[a] or (size[b] == size[a] and b < a):
            a, b = b, a
        merge(a, b, parent, size, masks, held, ring, following, head, tail, entries)
        outcome[at] = JOINED


@njit(cache=True, nogil=True)
def _slot(table, mask, a, b):
    """Where the pair of roots (a, b) stands in the table, or the free place where it would."""
    key = (np.int64(min(a, b)) << np.int64(32)) | np.int64(max(a, b))
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    at = np.int64((mixed ^ (mixed >> np.uint64(32))) & mask)
    while table[at] != -1 and table[at] != key:
        at = (at + 1) & np.int64(mask)
    return at, key


@njit(cache=True, nogil=True)
def _refill(table, edge_at, mask, parent, ends, alive):
    """Empty the table of the pairs whose roots are no longer roots; returns how many places are taken."""
    table[:] = -1
    used = 0
    for e in range(len(alive)):
        if alive[e]:
            at, key = _slot(table, mask, find(parent, ends[e, 0]), find(parent, ends[e, 1]))
            table[at] = key
            edge_at[at] = e
            used += 1
    return used


@njit(cache=True, nogil=True)
def join_by_average(
    left,
    right,
    forced,
    ends,
    evidence,
    split,
    absent,
    parent,
    size,
    masks,
    given,
    held,
    ring,
    other,
    following,
    head,
    tail,
    entries,
    outcome,
):
    """As ``join``, and refuse where the mean evidence over all pairs across two clusters is below ``split``.

    ends, evidence: every scored pair that may lie between two clusters, each once; evidence in 2^-20 bits.
    A pair that was not scored counts as ``absent``. Moving the shorter edge list at each merge, an edge moves
    at most log2(edges) times: O(E log E) table operations in all, and O(E) memory.
    """
    edges = len(evidence)
    places = 16
    while places < 4 * edges:
        places *= 2
    table = np.full(places, -1, np.int64)
    edge_at = np.zeros(places, np.int32)
    mask = np.uint64(places - 1)
    alive = np.ones(edges, np.uint8)
    count = np.ones(edges, np.int64)
    after = np.full(2 * edges, -1, np.int32)
    first = np.full(len(parent), -1, np.int32)
    last = np.full(len(parent), -1, np.int32)
    degree = np.zeros(len(parent), np.int32)
    for e in range(edges):
        for side in range(2):
            x = ends[e, side]
            h = 2 * e + side
            if first[x] < 0:
                first[x] = h
            else:
                after[last[x]] = h
            last[x] = h
            degree[x] += 1
    used = _refill(table, edge_at, mask, parent, ends, alive)
    for link in range(len(left)):
        a = find(parent, left[link])
        b = find(parent, right[link])
        if a == b:
            outcome[link] = INSIDE
            continue
        if link >= forced:
            why = refusal(a, b, parent, masks, given, held, ring, other, following, head, entries)
            if why == JOINED:
                at, key = _slot(table, mask, a, b)
                e = edge_at[at]
                cross = np.int64(size[a]) * np.int64(size[b])
                if (evidence[e] / SCALE + (cross - count[e]) * absent) / cross < split:
                    why = THIN
            if why != JOINED:
                outcome[link] = why
                continue
        if degree[b] > degree[a] or (degree[b] == degree[a] and b < a):
            a, b = b, a
        h = first[b]
        while h >= 0:
            follows = after[h]
            e = h >> 1
            if alive[e]:
                c = find(parent, ends[e, 1 - (h & 1)])
                at, key = _slot(table, mask, a, c)
                if c == a:
                    alive[e] = 0
                elif table[at] == key:
                    kept = edge_at[at]
                    evidence[kept] += evidence[e]
                    count[kept] += count[e]
                    alive[e] = 0
                else:
                    table[at] = key
                    edge_at[at] = e
                    used += 1
                    after[h] = -1
                    if first[a] < 0:
                        first[a] = h
                    else:
                        after[last[a]] = h
                    last[a] = h
                    degree[a] += 1
            h = follows
        merge(a, b, parent, size, masks, held, ring, following, head, tail, entries)
        outcome[link] = JOINED
        if 10 * used > 7 * places:
            used = _refill(table, edge_at, mask, parent, ends, alive)
