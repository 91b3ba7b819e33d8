"""Compiled loops over a weighted graph in rows (begin, neighbour, weight), each edge in both its ends' rows."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def move_nodes(begin, neighbour, weight, loops, order, resolution, community, rounds):
    """Move nodes, in the order given, to the neighbouring community that gains most modularity; return the moves.

    The first phase of Blondel et al. (2008, J. Stat. Mech. P10008). loops: each node's weight to itself, counted
    twice. community: changed in place, numbers below the number of nodes. Ends when a round moves nothing, or
    after `rounds`.
    """
    n = len(begin) - 1
    strength = np.zeros(n)
    for i in range(n):
        strength[i] = loops[i]
        for at in range(begin[i], begin[i + 1]):
            strength[i] += weight[at]
    whole = strength.sum()
    total = np.zeros(n)
    for i in range(n):
        total[community[i]] += strength[i]
    to = np.zeros(n)
    seen = np.empty(n, dtype=np.int64)
    moves = 0
    for _ in range(rounds):
        moved = 0
        for i in order:
            own = community[i]
            count = 0
            for at in range(begin[i], begin[i + 1]):
                c = community[neighbour[at]]
                if to[c] == 0.0:
                    seen[count] = c
                    count += 1
                to[c] += weight[at]
            total[own] -= strength[i]
            best = own
            most = to[own] - resolution * strength[i] * total[own] / whole
            for s in range(count):
                c = seen[s]
                gain = to[c] - resolution * strength[i] * total[c] / whole
                if gain > most + 1e-12 * whole:  # a tie stays where it is
                    most = gain
                    best = c
            total[best] += strength[i]
            community[i] = best
            if best != own:
                moved += 1
            for s in range(count):
                to[seen[s]] = 0.0
        moves += moved
        if moved == 0:
            break
    return moves
