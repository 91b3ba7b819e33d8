"""How well clusters hang together, as compiled loops: links inside, their weights, bridges."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def measure(left, right, weight, ordinal, links, total, weakest):
    """Per cluster: how many links lie inside, the sum of their weights, and which is the weakest."""
    for k in range(len(left)):
        c = ordinal[left[k]]
        if c < 0 or c != ordinal[right[k]]:
            continue
        links[c] += 1
        total[c] += weight[k]
        w = weakest[c]
        if w < 0 or weight[k] < weight[w]:
            weakest[c] = k
        elif weight[k] == weight[w]:
            low, high = min(left[k], right[k]), max(left[k], right[k])
            other_low = min(left[w], right[w])
            if low < other_low or (low == other_low and high < max(left[w], right[w])):
                weakest[c] = k


@njit(cache=True, nogil=True)
def bridges(left, right, nodes, out):
    """Mark the links whose loss alone would part their ends (Tarjan 1974, "A note on finding the bridges").

    Links may be parallel; then neither is a bridge. Nodes are numbered from 0.
    """
    start = np.zeros(nodes + 1, np.int64)
    for e in range(len(left)):
        start[left[e] + 1] += 1
        start[right[e] + 1] += 1
    for v in range(nodes):
        start[v + 1] += start[v]
    fill = start[:-1].copy()
    near = np.empty(2 * len(left), np.int32)
    by = np.empty(2 * len(left), np.int32)
    for e in range(len(left)):
        for side in range(2):
            v, w = (left[e], right[e]) if side == 0 else (right[e], left[e])
            near[fill[v]] = w
            by[fill[v]] = e
            fill[v] += 1
    seen = np.zeros(nodes, np.int32)  # the order in which a node was first reached, from 1
    low = np.zeros(nodes, np.int32)  # the earliest node that can be reached from its subtree
    came_by = np.full(nodes, -1, np.int32)
    stack = np.empty(nodes, np.int32)
    at = start[:-1].copy()
    clock = 0
    for root in range(nodes):
        if seen[root]:
            continue
        clock += 1
        seen[root] = low[root] = clock
        stack[0] = root
        depth = 1
        while depth > 0:
            v = stack[depth - 1]
            if at[v] < start[v + 1]:
                w, e = near[at[v]], by[at[v]]
                at[v] += 1
                if e == came_by[v]:
                    continue
                if seen[w]:
                    low[v] = min(low[v], seen[w])
                else:
                    clock += 1
                    seen[w] = low[w] = clock
                    came_by[w] = e
                    stack[depth] = w
                    depth += 1
            else:
                depth -= 1
                if depth > 0:
                    u = stack[depth - 1]
                    low[u] = min(low[u], low[v])
                    if low[v] > seen[u]:
                        out[came_by[v]] = 1
