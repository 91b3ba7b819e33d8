"""How sure a label is, and how often guesses as sure as that are right: what abstaining goes by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from joinedup.text.classify.linear import fit_one_of_many, scores, softmax
from joinedup.text.classify.words import Sparse
from joinedup.text.embed.embedder import Vectors

NEIGHBOURS = 5  # whose mean likeness says how familiar a text is
VOTERS, VOTE_SHARPNESS, VOTE = 20, 20.0, 0.4  # whose labels are heard beside the linear model, and how much
FOLDS = 4
MOST_MEASURED = 12_000  # texts that calibration learns from and is measured on
GROUPS = 10  # of labels, of which each fold goes without one
STRANGERS = 0.1  # the share of texts, of those to come, that belong under none of the labels
CALIBRATION_ROWS = 200
Calibration = NDArray[np.float32]  # columns: sureness, share of guesses at least as sure that are right


@dataclass(frozen=True)
class Examples:
    """What was learned from, as far as later texts are held against it. weights: how much each speaks for its label."""

    vectors: Vectors
    labels: NDArray[np.int64]
    weights: NDArray[np.float32]

    def near(self, vectors: Vectors, labels: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return how near the nearest five lie to each vector (0 … 1), and what the nearest twenty say of its label.

        The second has one column a label; rows sum to 1.
        """
        nearest = np.empty(len(vectors), dtype=np.float32)
        said = np.zeros((len(vectors), labels), dtype=np.float32)
        take = min(VOTERS, len(self.vectors))
        for start in range(0, len(vectors), 1024):
            likeness = vectors[start : start + 1024] @ self.vectors.T
            places = np.argpartition(likeness, -take, axis=1)[:, -take:]
            found = np.take_along_axis(likeness, places, axis=1)
            closest = -np.sort(-found, axis=1)[:, :NEIGHBOURS]
            nearest[start : start + 1024] = np.clip(closest.mean(axis=1), 0, 1)
            votes = np.exp(VOTE_SHARPNESS * (found - 1)) * self.weights[places]
            rows = np.arange(len(votes))[:, None] + start
            np.add.at(said, (np.broadcast_to(rows, places.shape), self.labels[places]), votes)
        return nearest, said / np.maximum(said.sum(axis=1, keepdims=True), 1e-30)


def rarity(wanted: NDArray[np.int64], counts: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
    """How much each label's examples count beside others': the square root of how much rarer it is than the mean."""
    held = np.bincount(wanted, weights=counts, minlength=labels)
    rare: NDArray[np.float64] = np.sqrt(counts.sum() / labels / np.maximum(held, 1e-9))
    return rare


def chances_and_sureness(
    told: NDArray[np.float64], vectors: Vectors | None, examples: Examples | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return each label's probability, by the linear model and the nearest examples, and how sure the likeliest is."""
    chances = softmax(told)
    if vectors is None or examples is None or not len(examples.vectors):
        return chances, chances.max(axis=1)
    nearest, voted = examples.near(vectors, chances.shape[1])
    chances = ((chances + VOTE * voted) / (1 + VOTE)).astype(np.float32)
    return chances, chances.max(axis=1) * nearest


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

    Each fold's model also goes without a tenth of the labels: their texts stand for those that belong nowhere, and
    weigh as much as `STRANGERS` says. With fewer than four labels none is held back. The models here learn from
    a quarter fewer texts than the one they speak for.
    """
    chance = np.random.default_rng(seed)
    order = chance.permutation(len(wanted))[:MOST_MEASURED]
    fold = np.arange(len(order)) % FOLDS
    group = chance.permutation(labels) % GROUPS if labels >= FOLDS else np.full(labels, -1)
    sure, right, weight = [], [], []
    for each in range(FOLDS):
        learned = order[(fold != each) & (group[wanted[order]] != each)]
        asked = order[fold == each]
        if not len(asked) or len(np.unique(wanted[learned])) < 2:
            continue
        weighs = counts[learned] * rarity(wanted[learned], counts[learned], labels)[wanted[learned]]
        model = fit_one_of_many(rows[learned], wanted[learned], weighs, labels=labels, seed=seed)
        near, placed = None, None
        if vectors is not None:
            near = Examples(vectors[learned], wanted[learned], weighs.astype(np.float32))
            placed = vectors[asked]
        chances, said = chances_and_sureness(scores(rows[asked], *model), placed, near)
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
