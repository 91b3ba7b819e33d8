"""How sure a label is, and how often guesses as sure as that are right: what abstaining goes by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from joinedup.text.classify.linear import fit_one_of_many, scores, softmax
from joinedup.text.classify.words import Sparse
from joinedup.text.embed.embedder import Vectors

NEIGHBOURS = 5
FOLDS = 4
MOST_MEASURED = 3000  # texts that calibration learns from and is measured on
STRANGERS = 0.1  # the share of texts, of those to come, that belong under none of the labels
CALIBRATION_ROWS = 200
Calibration = NDArray[np.float32]  # columns: sureness, share of guesses at least as sure that are right


def nearness(vectors: Vectors, examples: Vectors) -> NDArray[np.float32]:
    """The mean cosine of each vector with its nearest five examples, 0 … 1."""
    found = np.empty(len(vectors), dtype=np.float32)
    take = min(NEIGHBOURS, len(examples))
    for start in range(0, len(vectors), 1024):
        near = vectors[start : start + 1024] @ examples.T
        nearest = np.partition(near, near.shape[1] - take, axis=1)[:, -take:]
        found[start : start + 1024] = np.clip(nearest.mean(axis=1), 0, 1)
    return found


def calibrate(
    rows: Sparse,
    vectors: Vectors | None,
    wanted: NDArray[np.int64],
    counts: NDArray[np.float64],
    *,
    labels: int,
    seed: int,
) -> Calibration:
    """Return how precise guesses of each sureness are, from models that had not seen the text.

    Each fold's model also goes without a share of the labels: their texts stand for those that belong nowhere, and
    weigh as much as `STRANGERS` says. With fewer than four labels none is held back. The models here learn from
    fewer texts than the one they speak for, so the figures are on the careful side.
    """
    chance = np.random.default_rng(seed)
    order = chance.permutation(len(wanted))[:MOST_MEASURED]
    fold = np.arange(len(order)) % FOLDS
    group = chance.permutation(labels) % FOLDS if labels >= FOLDS else np.full(labels, -1)
    sure, right, weight = [], [], []
    for each in range(FOLDS):
        learned = order[(fold != each) & (group[wanted[order]] != each)]
        asked = order[fold == each]
        if not len(asked) or len(np.unique(wanted[learned])) < 2:
            continue
        model = fit_one_of_many(rows[learned], wanted[learned], counts[learned], labels=labels, seed=seed)
        chances = softmax(scores(rows[asked], *model))
        said = chances.max(axis=1)
        if vectors is not None:
            said = said * nearness(vectors[asked], vectors[learned])
        stranger = group[wanted[asked]] == each
        strangers = max(int(stranger.sum()), 1)
        each_weighs = STRANGERS / (1 - STRANGERS) * max(int((~stranger).sum()), 1) / strangers
        sure.append(said)
        right.append(chances.argmax(axis=1) == wanted[asked])
        weight.append(np.where(stranger, each_weighs, 1.0))
    if not sure:
        return np.zeros((0, 2), dtype=np.float32)
    return _curve(np.concatenate(sure), np.concatenate(right), np.concatenate(weight))


def threshold(calibration: Calibration, precision: float) -> float:
    """The least sureness at which this precision was measured; above 1 where it never was."""
    good = calibration[calibration[:, 1] >= precision, 0]
    return float(good.min()) if len(good) else 2.0


def _curve(sure: NDArray[np.float32], right: NDArray[np.bool_], weight: NDArray[np.float64]) -> Calibration:
    order = np.argsort(-sure, kind="stable")
    held = np.cumsum(weight[order])
    precision = np.cumsum(weight[order] * right[order]) / held
    least = min(20, len(order)) - 1  # fewer guesses than these say nothing of precision
    places = np.unique(np.linspace(least, len(order) - 1, CALIBRATION_ROWS).astype(int))
    return np.column_stack([sure[order][places], precision[places]]).astype(np.float32)
