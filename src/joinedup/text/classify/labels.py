"""One of many: which team, which theme. Learned from examples, and silent where it is not sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from joinedup.errors import ModelError
from joinedup.text.classify.features import TextFeatures, fit_features, packed_words, unpacked_words
from joinedup.text.classify.packed import Packed, digest_of, unpack
from joinedup.text.classify.words import USUAL
from joinedup.text.embed.embedder import Embedder, Vectors

KIND = "labels"
NEIGHBOURS = 5


@dataclass(frozen=True)
class Guess:
    """label: None where the model is not sure enough and a person should choose; best is what it would have said.

    probability: of `best`, 0 … 1. runner_up: the second likeliest, "" if there is none. sureness: what abstaining
    went by, 0 … 1.
    """

    label: str | None
    best: str
    probability: float
    runner_up: str
    sureness: float


class LabelModel:
    """A fitted model of one label a text."""

    def __init__(
        self,
        labels: Sequence[str],
        features: TextFeatures,
        *,
        weights: NDArray[np.float32],
        offsets: NDArray[np.float32],
        examples: Vectors | None,
        calibration: NDArray[np.float32],
        trained_on: int,
    ) -> None:
        self.labels = tuple(labels)
        self.features = features
        self.trained_on = trained_on
        self._weights, self._offsets = weights, offsets
        self._examples = examples
        self._calibration = calibration  # columns: sureness, precision of all that are at least as sure
        self.version = digest_of(self.to_bytes())

    @property
    def reads_meaning(self) -> bool:
        """Whether it uses an embedder; without one it goes by the words alone."""
        return bool(self.features.embedder_version)

    def predict(
        self, texts: Sequence[str], *, vectors: Vectors | None = None, precision: float | None = None
    ) -> list[Guess]:
        """Return one guess a text.

        vectors: the embedder's, if they are known already. precision: abstain so that this share of what is said
        is right, as measured by cross-validation; None never abstains.
        """
        if not texts:
            return []
        vectors = self.features.vectors(texts, vectors)
        chances = self.probabilities(texts, vectors=vectors)
        sure = chances.max(axis=1) * self._familiar(vectors, len(texts))
        least = -1.0 if precision is None else self.threshold(precision)
        guesses = []
        for row, sureness in zip(chances, sure, strict=True):
            first, *rest = np.argsort(-row, kind="stable")[:2]
            guesses.append(
                Guess(
                    label=self.labels[first] if sureness >= least else None,
                    best=self.labels[first],
                    probability=float(row[first]),
                    runner_up=self.labels[rest[0]] if rest else "",
                    sureness=float(sureness),
                )
            )
        return guesses

    def probabilities(self, texts: Sequence[str], *, vectors: Vectors | None = None) -> NDArray[np.float32]:
        """Return one row a text, one column a label in the order of `labels`; rows sum to 1."""
        rows = self.features.rows(texts, self.features.vectors(texts, vectors))
        return _softmax(np.asarray(rows @ self._weights.T) + self._offsets)

    def threshold(self, precision: float) -> float:
        """The least sureness at which cross-validation found this precision; above 1 where none reached it."""
        good = self._calibration[self._calibration[:, 1] >= precision, 0]
        return float(good.min()) if len(good) else 2.0

    def to_bytes(self) -> bytes:
        """Return the model as bytes that `labels_from_bytes` reads; no pickle."""
        values, arrays = packed_words(self.features.words)
        arrays |= {"weights": self._weights, "offsets": self._offsets, "calibration": self._calibration}
        if self._examples is not None:
            arrays["examples"] = self._examples.astype(np.float16)
        values |= {
            "labels": list(self.labels),
            "embedder": self.features.embedder_version,
            "trained_on": self.trained_on,
        }
        return Packed(KIND, values, arrays).to_bytes()

    def _familiar(self, vectors: Vectors | None, count: int) -> NDArray[np.float32]:
        """How near each text lies to its nearest examples, 0 … 1; 1 without an embedder."""
        if vectors is None or self._examples is None or not len(self._examples):
            return np.ones(count, dtype=np.float32)
        return nearness(vectors, self._examples)


def fit_labels(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    embedder: Embedder | None,
    seed: int,
    vectors: Vectors | None = None,
    weights: Sequence[float] | None = None,
) -> LabelModel:
    """Return a model learned from texts with one label each.

    vectors: the embedder's of the same texts, if known. weights: how much each example counts (a person's
    correction more than an import, say); 1 each by default.

    Raises ModelError with fewer than two labels.
    """
    known = sorted(set(labels))
    if len(known) < 2:
        raise ModelError(
            what="a model needs examples of at least two labels",
            where=f"{len(texts)} examples",
            mend="add examples",
        )
    features = fit_features(texts, embedder=embedder, grams=USUAL)
    vectors = features.vectors(texts, vectors)
    number = {label: place for place, label in enumerate(known)}
    wanted = np.array([number[label] for label in labels])
    counts = np.ones(len(texts)) if weights is None else np.asarray(weights, dtype=float)
    coefficients, offsets = _fitted(features.rows(texts, vectors), wanted, counts, len(known), seed)
    return LabelModel(
        known,
        features,
        weights=coefficients,
        offsets=offsets,
        examples=None if vectors is None else vectors.astype(np.float16).astype(np.float32),
        calibration=np.zeros((0, 2), dtype=np.float32),
        trained_on=len(texts),
    )


def labels_from_bytes(content: bytes, *, embedder: Embedder | None) -> LabelModel:
    """Return the model that `to_bytes` wrote.

    Raises ModelError if the bytes are no such model, or it was fitted with an embedder that is not the one given.
    """
    packed = unpack(content, KIND)
    values, arrays = packed.values, packed.arrays
    examples = arrays.get("examples")
    return LabelModel(
        values["labels"],
        TextFeatures(unpacked_words(values, arrays), embedder=embedder, embedder_version=values["embedder"]),
        weights=arrays["weights"],
        offsets=arrays["offsets"],
        examples=None if examples is None else examples.astype(np.float32),
        calibration=arrays["calibration"],
        trained_on=values["trained_on"],
    )


def nearness(vectors: Vectors, examples: Vectors, *, leave_out_self: bool = False) -> NDArray[np.float32]:
    """The mean cosine of each vector with its nearest examples, at least 0."""
    found = np.empty(len(vectors), dtype=np.float32)
    take = min(NEIGHBOURS, len(examples))
    for start in range(0, len(vectors), 1024):
        near = vectors[start : start + 1024] @ examples.T
        nearest = np.partition(near, near.shape[1] - take, axis=1)[:, -take:]
        found[start : start + 1024] = np.clip(nearest.mean(axis=1), 0, 1)
    return found


def _fitted(rows: Any, wanted: Any, counts: Any, labels: int, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=10, max_iter=300, random_state=seed).fit(rows, wanted, sample_weight=counts)
    weights, offsets = model.coef_.astype(np.float32), model.intercept_.astype(np.float32)
    if labels == 2:  # one row of weights speaks for the second of two
        weights, offsets = np.vstack([-weights, weights]) / 2, np.concatenate([-offsets, offsets]) / 2
    return weights, offsets


def _softmax(scores: NDArray[Any]) -> NDArray[np.float32]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)
