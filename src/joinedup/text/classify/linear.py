"""Linear models fitted by scikit-learn, handed on as plain arrays of weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from joinedup.text.classify.words import Sparse

Weights = NDArray[np.float32]
MOST_SQUARED = 8_000  # rows that `fit_squares` is given: 256 MB for each square of them
DENSE_SHARE = 25  # a column that one row in so many has is a dense one


def fit_one_of_many(
    rows: Sparse, wanted: NDArray[np.int64], counts: NDArray[np.float64], *, labels: int, seed: int
) -> tuple[Weights, Weights]:
    """Return one row of weights and one offset a label, by multinomial logistic regression.

    counts: how much each row counts.
    """
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=3, max_iter=120, tol=1e-3, random_state=seed)
    model.fit(rows, wanted, sample_weight=counts)
    weights, offsets = model.coef_, model.intercept_
    if len(weights) == 1:  # one row speaks for the second of two
        weights, offsets = np.vstack([-weights, weights]) / 2, np.concatenate([-offsets, offsets]) / 2
    every = np.zeros((labels, weights.shape[1]), dtype=np.float32)
    offset = np.full(labels, -30, dtype=np.float32)  # a label that no row has is never said
    every[model.classes_], offset[model.classes_] = weights, offsets
    return every, offset


def fit_any_of_many(
    rows: Sparse, wanted: NDArray[np.bool_], counts: NDArray[np.float64], *, seed: int
) -> tuple[Weights, Weights]:
    """Return one row of weights and one offset a tag, by a linear support vector machine each.

    A tag's examples count more, by the square root of how much rarer they are than the rest.
    """
    from sklearn.svm import LinearSVC

    tags = wanted.shape[1]
    weights = np.zeros((tags, rows.shape[1]), dtype=np.float32)
    offsets = np.zeros(tags, dtype=np.float32)
    for tag in range(tags):
        has = wanted[:, tag]
        if has.all() or not has.any():
            offsets[tag] = 1 if has.all() else -1
            continue
        rarity = np.sqrt((~has).sum() / has.sum())
        model = LinearSVC(C=0.1, random_state=seed)
        model.fit(rows, has, sample_weight=counts * np.where(has, rarity, 1.0))
        weights[tag], offsets[tag] = model.coef_[0], model.intercept_[0]
    return weights, offsets


def fit_squares(
    rows: Sparse, wanted: NDArray[Any], counts: NDArray[np.float64], *, strength: float
) -> tuple[Weights, Weights, NDArray[np.float64]]:
    """Return one row of weights and one offset a column of `wanted`, and what would be said of each row unseen.

    Ridge regression by the rows' likenesses: all columns at once, and with them, in closed form, the score that
    each row would have had from a model fitted without it (Allen's PRESS; Hastie and others, "The Elements of
    Statistical Learning", 2009, section 7.10). Memory and work grow with the square and the cube of the rows: up to
    `MOST_SQUARED` of them.

    strength: how strongly weights are held small. counts: how much each row counts, above 0.
    """
    shares, unseen = solved_squares(_likeness(rows), wanted, counts, strength=strength)
    weights = np.asarray(rows.T @ shares).T.astype(np.float32)
    return weights, shares.sum(axis=0).astype(np.float32), unseen


def solved_squares(
    likeness: NDArray[np.float32], wanted: NDArray[Any], counts: NDArray[np.float64], *, strength: float
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return each row's share in each column's weights (their sum is the offset), and the unseen scores.

    likeness: every row times every row; it is overwritten.
    """
    from scipy.linalg import lapack

    likeness += np.float32(1)  # the offset is a column of ones
    likeness[np.diag_indices(len(likeness))] += (strength / counts).astype(np.float32)
    factor, failed = lapack.spotrf(likeness, lower=1, overwrite_a=1, clean=1)
    inverse, unsolved = lapack.spotri(factor, lower=1, overwrite_c=1) if not failed else (factor, failed)
    if failed or unsolved:
        raise ValueError("likenesses are not positive definite")
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    targets = wanted.astype(np.float32)
    shares: NDArray[np.float32] = inverse @ targets
    unseen = targets - shares / np.diag(inverse)[:, None]
    return shares, unseen.astype(np.float64)


def _likeness(rows: Sparse) -> NDArray[np.float32]:
    """Every row times every row: columns that many rows have as dense numbers, which is many times quicker."""
    columns = rows.tocsc()
    is_dense = np.diff(columns.indptr) > rows.shape[0] / DENSE_SHARE
    dense = columns[:, is_dense].toarray().astype(np.float32)
    found: NDArray[np.float32] = dense @ dense.T
    rare = columns[:, ~is_dense].tocsr()
    other = rare.T.tocsc()
    for start in range(0, len(found), 512):
        found[start : start + 512] += (rare[start : start + 512] @ other).toarray()
    return found


def scores(rows: Sparse, weights: Weights, offsets: Weights) -> NDArray[np.float64]:
    """One row a text, one column a label or tag."""
    told: NDArray[np.float64] = np.asarray(rows @ weights.T, dtype=np.float64) + offsets
    return told


def softmax(values: NDArray[Any]) -> NDArray[np.float32]:
    """Scores to probabilities that sum to 1 in each row."""
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    chances: NDArray[np.float32] = (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)
    return chances
