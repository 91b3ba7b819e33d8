"""Which texts lie nearest to which, as lists and as a graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from joinedup.text.themes.extra import Sparse
from joinedup.text.themes.vectors import unit_rows

_AT_ONCE = 1000  # rows: bounds the memory of similarities
_FAINT = 1e-3  # weight of a neighbour that is not alike at all: neighbours stay joined


@dataclass(frozen=True)
class Neighbours:
    """nearest: each row's nearest others, most alike first. similarity: cosines, in the same places."""

    nearest: NDArray[np.int32]
    similarity: NDArray[np.float32]

    @property
    def many(self) -> int:
        """How many neighbours each row has."""
        return int(self.nearest.shape[1])

    def graph(self, many: int, *, keep: NDArray[np.bool_] | None = None) -> Sparse:
        """Return the symmetric graph of each row with its first `many` neighbours.

        Weights are similarities. keep: which of the rows times `many` links to take, all where None.
        """
        return linked(
            self.nearest[:, :many],
            np.maximum(self.similarity[:, :many], _FAINT).astype(np.float64),
            keep=keep,
        )


def neighbours(rows: NDArray[np.float32], many: int) -> Neighbours:
    """Return each row's nearest others by cosine; rows of length 1, more of them than `many`."""
    n = len(rows)
    nearest = np.empty((n, many), dtype=np.int32)
    similarity = np.empty((n, many), dtype=np.float32)
    for start in range(0, n, _AT_ONCE):
        block = rows[start : start + _AT_ONCE] @ rows.T
        here = np.arange(len(block))
        block[here, start + here] = -2  # nobody is their own neighbour
        some = np.argpartition(-block, many - 1, axis=1)[:, :many]
        cosines = np.take_along_axis(block, some, axis=1)
        order = np.lexsort((some, -cosines), axis=1)
        nearest[start : start + len(block)] = np.take_along_axis(some, order, axis=1)
        similarity[start : start + len(block)] = np.take_along_axis(cosines, order, axis=1)
    return Neighbours(nearest, similarity)


def linked(
    nearest: NDArray[np.int32], weights: NDArray[np.float64], *, keep: NDArray[np.bool_] | None = None
) -> Sparse:
    """Return the symmetric graph of links from each row to `nearest`; the larger weight where both ways exist."""
    from scipy.sparse import csr_array

    n, many = nearest.shape
    begin, to, weight = np.repeat(np.arange(n), many), nearest.ravel(), weights.ravel()
    if keep is not None:
        begin, to, weight = begin[keep], to[keep], weight[keep]
    one_way = csr_array((weight, (begin, to)), shape=(n, n))
    return csr_array(one_way.maximum(one_way.T))


def smoothed(
    rows: NDArray[np.float32], near: Neighbours, *, many: int, steps: int = 2
) -> NDArray[np.float32]:
    """Return the rows, each drawn halfway to the mean of its neighbours, `steps` times over; of length 1.

    A short comment says little by itself; what lies around it says more of what it is about.
    """
    from scipy.sparse import csr_array

    n = len(rows)
    weights = np.maximum(near.similarity[:, :many], 0).astype(np.float32).ravel()
    places = (np.repeat(np.arange(n), many), near.nearest[:, :many].ravel())
    around = csr_array((weights, places), shape=(n, n))
    for _ in range(steps):
        rows = unit_rows(rows + unit_rows(around @ rows))
    return rows
