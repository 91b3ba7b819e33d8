"""Communities of a graph by modularity (Louvain): how many there are follows from the graph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from joinedup.text.themes.extra import Sparse
from joinedup.text.themes.kernels import move_nodes


def communities(graph: Sparse, *, resolution: float, seed: int) -> NDArray[np.int32]:
    """Return each node's community, numbered from 0 by falling size.

    graph: symmetric, weights above 0. resolution: higher gives more and smaller communities. The order in which
    nodes are looked at is drawn with the seed.
    """
    from scipy.sparse import csr_array

    draw = np.random.default_rng(seed)
    graph = csr_array(graph)
    found = np.arange(graph.shape[0])
    while True:
        loops = graph.diagonal().astype(np.float64)
        bare = graph.tocoo()
        apart = bare.row != bare.col
        rows = csr_array(
            (bare.data[apart], (bare.row[apart], bare.col[apart])), shape=graph.shape, dtype=np.float64
        )
        rows.sort_indices()
        n = graph.shape[0]
        community = np.arange(n)
        order = draw.permutation(n)
        moves = move_nodes(
            rows.indptr.astype(np.int64),
            rows.indices.astype(np.int64),
            rows.data,
            loops,
            order,
            resolution,
            community,
            100,
        )
        _, community = np.unique(community, return_inverse=True)
        found = community[found]
        if not moves or community.max() + 1 == n:
            return by_size(found)
        member = csr_array((np.ones(n), (np.arange(n), community)))
        graph = csr_array(member.T @ graph @ member)


def by_size(found: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the groups numbered anew from 0, largest first (ties: the one that holds the earliest node)."""
    _, first, inverse, counts = np.unique(found, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -counts))
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank[inverse]
