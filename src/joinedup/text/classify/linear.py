"""Linear models fitted by scikit-learn, handed on as plain arrays of weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from joinedup.text.classify.words import Sparse

Weights = NDArray[np.float32]


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


def scores(rows: Sparse, weights: Weights, offsets: Weights) -> NDArray[np.float64]:
    """One row a text, one column a label or tag."""
    told: NDArray[np.float64] = np.asarray(rows @ weights.T, dtype=np.float64) + offsets
    return told


def softmax(values: NDArray[Any]) -> NDArray[np.float32]:
    """Scores to probabilities that sum to 1 in each row."""
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    chances: NDArray[np.float32] = (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)
    return chances
