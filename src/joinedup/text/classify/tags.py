"""Any of a codebook's tags, each with its own threshold: what a comment is about, learned from people's tagging."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from joinedup.errors import ModelError
from joinedup.text.classify.features import TextFeatures, fit_features, packed_words, unpacked_words
from joinedup.text.classify.packed import Packed, digest_of, unpack
from joinedup.text.classify.words import USUAL
from joinedup.text.embed.embedder import Embedder, Vectors

KIND = "tags"
Tagged = tuple[tuple[str, float], ...]


class TagModel:
    """A fitted model of any number of tags a text."""

    def __init__(
        self,
        tags: Sequence[str],
        features: TextFeatures,
        *,
        weights: NDArray[np.float32],
        offsets: NDArray[np.float32],
        thresholds: NDArray[np.float32],
        trained_on: int,
    ) -> None:
        self.tags = tuple(tags)
        self.features = features
        self.trained_on = trained_on
        self._weights, self._offsets, self.thresholds = weights, offsets, thresholds
        self.version = digest_of(self.to_bytes())

    @property
    def reads_meaning(self) -> bool:
        """Whether it uses an embedder; without one it goes by the words alone."""
        return bool(self.features.embedder_version)

    def predict(self, texts: Sequence[str], *, vectors: Vectors | None = None) -> list[Tagged]:
        """Return each text's tags with their probabilities, likeliest first; none where no tag passes its threshold."""
        if not texts:
            return []
        chances = self.probabilities(texts, vectors=vectors)
        found = []
        for row in chances:
            said = np.flatnonzero(row >= self.thresholds)
            ordered = said[np.argsort(-row[said], kind="stable")]
            found.append(tuple((self.tags[place], float(row[place])) for place in ordered))
        return found

    def probabilities(self, texts: Sequence[str], *, vectors: Vectors | None = None) -> NDArray[np.float32]:
        """Return one row a text, one column a tag in the order of `tags`, each 0 … 1."""
        rows = self.features.rows(texts, self.features.vectors(texts, vectors))
        scores = np.asarray(rows @ self._weights.T) + self._offsets
        return (1 / (1 + np.exp(-scores))).astype(np.float32)

    def to_bytes(self) -> bytes:
        """Return the model as bytes that `tags_from_bytes` reads; no pickle."""
        values, arrays = packed_words(self.features.words)
        arrays |= {"weights": self._weights, "offsets": self._offsets, "thresholds": self.thresholds}
        values |= {
            "tags": list(self.tags),
            "embedder": self.features.embedder_version,
            "trained_on": self.trained_on,
        }
        return Packed(KIND, values, arrays).to_bytes()


def fit_tags(
    texts: Sequence[str],
    sets_of_tags: Sequence[Collection[str]],
    *,
    embedder: Embedder | None,
    seed: int,
    vectors: Vectors | None = None,
    weights: Sequence[float] | None = None,
) -> TagModel:
    """Return a model learned from texts with any number of tags each.

    vectors: the embedder's of the same texts, if known. weights: how much each example counts; 1 by default.

    Raises ModelError where no text has a tag.
    """
    known = sorted({tag for tags in sets_of_tags for tag in tags})
    if not known:
        raise ModelError(
            what="no example has a tag", where=f"{len(texts)} examples", mend="tag some comments first"
        )
    features = fit_features(texts, embedder=embedder, grams=USUAL)
    rows = features.rows(texts, features.vectors(texts, vectors))
    counts = np.ones(len(texts)) if weights is None else np.asarray(weights, dtype=float)
    wanted = np.array([[tag in tags for tag in known] for tags in sets_of_tags])
    coefficients, offsets = _fitted(rows, wanted, counts, seed)
    thresholds = np.full(len(known), 0.5, dtype=np.float32)
    return TagModel(
        known, features, weights=coefficients, offsets=offsets, thresholds=thresholds, trained_on=len(texts)
    )


def tags_from_bytes(content: bytes, *, embedder: Embedder | None) -> TagModel:
    """Return the model that `to_bytes` wrote.

    Raises ModelError if the bytes are no such model, or it was fitted with an embedder that is not the one given.
    """
    packed = unpack(content, KIND)
    values, arrays = packed.values, packed.arrays
    return TagModel(
        values["tags"],
        TextFeatures(unpacked_words(values, arrays), embedder=embedder, embedder_version=values["embedder"]),
        weights=arrays["weights"],
        offsets=arrays["offsets"],
        thresholds=arrays["thresholds"],
        trained_on=values["trained_on"],
    )


def _fitted(rows: Any, wanted: NDArray[np.bool_], counts: Any, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    weights = np.zeros((wanted.shape[1], rows.shape[1]), dtype=np.float32)
    offsets = np.zeros(wanted.shape[1], dtype=np.float32)
    for place in range(wanted.shape[1]):
        if wanted[:, place].all():  # every example has it
            offsets[place] = 5
            continue
        model = LogisticRegression(
            C=3, max_iter=300, class_weight="balanced", random_state=seed, solver="liblinear"
        )
        model.fit(rows, wanted[:, place], sample_weight=counts)
        weights[place], offsets[place] = model.coef_[0], model.intercept_[0]
    return weights, offsets
