"""Any of a codebook's tags, each with its own threshold: what a comment is about, learned from people's tagging."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from joinedup.errors import ModelError
from joinedup.text.classify.features import Contexts, TextFeatures, fit_features, unpacked_features
from joinedup.text.classify.linear import MOST_SQUARED, fit_any_of_many, fit_squares, scores
from joinedup.text.classify.packed import Packed, digest_of, unpack
from joinedup.text.classify.together import FEWEST as SECOND_LOOK_FROM
from joinedup.text.classify.together import Together, fit_together, unpacked_together
from joinedup.text.classify.words import Sparse, usual_grams
from joinedup.text.embed.embedder import Embedder, Vectors

KIND = "tags"
FOLDS, FEWEST = 5, 20  # with fewer texts there is nothing to measure a threshold on
STRENGTH = 4.0  # how strongly weights are held small
EVENED = 11  # texts' worth of F1 that a threshold goes by
MARGIN = 5.0  # how fast a tag's probability rises beyond its threshold
Tagged = tuple[tuple[str, float], ...]


class TagModel:
    """A fitted model of any number of tags a text."""

    name = "any of a codebook's tags (words and vectors, linear)"

    def __init__(
        self,
        tags: Sequence[str],
        features: TextFeatures,
        *,
        weights: NDArray[np.float32],
        offsets: NDArray[np.float32],
        thresholds: NDArray[np.float32],
        together: Together | None,
        trained_on: int,
    ) -> None:
        self.tags = tuple(tags)
        self.features = features
        self.trained_on = trained_on
        # What is kept is what is used: a model gives the same answers before it is stored and after.
        self._weights = weights.astype(np.float16).astype(np.float32)
        self._offsets, self.thresholds, self._together = offsets, thresholds, together
        self.version = digest_of(self.to_bytes())

    @property
    def reads_meaning(self) -> bool:
        """Whether it uses an embedder; without one it goes by the words alone."""
        return bool(self.features.embedder_version)

    def predict(
        self, texts: Sequence[str], *, vectors: Vectors | None = None, contexts: Contexts | None = None
    ) -> list[Tagged]:
        """Return each text's tags with their probabilities, likeliest first; none where no tag passes its threshold.

        vectors: the embedder's, if they are known already. contexts: what else is known of each text, as when
        fitting. A probability is 0.5 at its tag's threshold.
        """
        if not texts:
            return []
        found = []
        for row in self.probabilities(texts, vectors=vectors, contexts=contexts):
            said = np.flatnonzero(row >= 0.5)
            ordered = said[np.argsort(-row[said], kind="stable")]
            found.append(tuple((self.tags[place], float(row[place])) for place in ordered))
        return found

    def probabilities(
        self, texts: Sequence[str], *, vectors: Vectors | None = None, contexts: Contexts | None = None
    ) -> NDArray[np.float32]:
        """Return one row a text, one column a tag in the order of `tags`, each 0 … 1 and 0.5 at its threshold."""
        vectors = self.features.vectors(texts, vectors)
        told = scores(self.features.rows(texts, vectors, contexts), self._weights, self._offsets)
        if self._together is not None and vectors is not None:
            told = self._together.scores(told, self.features.known(len(texts), contexts), vectors)
        beyond = told - self.thresholds
        return (1 / (1 + np.exp(-MARGIN * beyond))).astype(np.float32)

    def to_bytes(self) -> bytes:
        """Return the model as bytes that `tags_from_bytes` reads; no pickle."""
        values, arrays = self.features.packed()
        arrays |= {"weights": self._weights.astype(np.float16), "offsets": self._offsets}
        arrays["thresholds"] = self.thresholds
        if self._together is not None:
            arrays |= self._together.packed()
        values |= {"tags": list(self.tags), "trained_on": self.trained_on}
        return Packed(KIND, values, arrays).to_bytes()


def fit_tags(
    texts: Sequence[str],
    sets_of_tags: Sequence[Collection[str]],
    *,
    embedder: Embedder | None,
    seed: int,
    vectors: Vectors | None = None,
    contexts: Contexts | None = None,
    weights: Sequence[float] | None = None,
) -> TagModel:
    """Return a model learned from texts with any number of tags each.

    vectors: the embedder's of the same texts, if known. contexts: what else is known of each (the question asked,
    the service). weights: how much each example counts; 1 by default. Each tag's threshold is where its F1 was best
    in cross-validation.

    Raises ModelError where no text has a tag.
    """
    known = sorted({tag for tags in sets_of_tags for tag in tags})
    if not known:
        raise ModelError(
            what="no example has a tag", where=f"{len(texts)} examples", mend="tag some comments first"
        )
    features = fit_features(
        texts, embedder=embedder, grams=usual_grams(len(texts)), vector_weight=1.0, contexts=contexts
    )
    vectors = features.vectors(texts, vectors)
    rows = features.rows(texts, vectors, contexts)
    counts = np.ones(len(texts)) if weights is None else np.asarray(weights, dtype=float)
    wanted = np.array([[tag in tags for tag in known] for tags in sets_of_tags])
    together = None
    if len(texts) <= MOST_SQUARED:
        signed = np.where(wanted, 1.0, -1.0)
        coefficients, offsets, unseen = fit_squares(rows, signed, counts, strength=STRENGTH)
        if vectors is not None and len(texts) >= SECOND_LOOK_FROM:
            known_contexts = features.known(len(texts), contexts)
            together, unseen = fit_together(unseen, known_contexts, vectors, signed, counts)
    else:
        coefficients, offsets = fit_any_of_many(rows, wanted, counts, seed=seed)
        unseen = _unseen(rows, wanted, counts, seed=seed)
    return TagModel(
        known,
        features,
        weights=coefficients,
        offsets=offsets,
        thresholds=_thresholds(unseen, wanted),
        together=together,
        trained_on=len(texts),
    )


def tags_from_bytes(content: bytes, *, embedder: Embedder | None) -> TagModel:
    """Return the model that `to_bytes` wrote.

    Raises ModelError if the bytes are no such model, or it was fitted with an embedder that is not the one given.
    """
    packed = unpack(content, KIND)
    values, arrays = packed.values, packed.arrays
    return TagModel(
        values["tags"],
        unpacked_features(packed, embedder=embedder),
        weights=arrays["weights"],
        offsets=arrays["offsets"],
        thresholds=arrays["thresholds"],
        together=unpacked_together(arrays),
        trained_on=values["trained_on"],
    )


def _unseen(
    rows: Sparse, wanted: NDArray[np.bool_], counts: NDArray[np.float64], *, seed: int
) -> NDArray[np.float64]:
    """Each text's scores from a model that had not seen it."""
    fold = np.random.default_rng(seed).permutation(len(wanted)) % FOLDS
    told = np.zeros(wanted.shape, dtype=np.float64)
    for each in range(FOLDS):
        learned, asked = np.flatnonzero(fold != each), np.flatnonzero(fold == each)
        model = fit_any_of_many(rows[learned], wanted[learned], counts[learned], seed=seed)
        told[asked] = scores(rows[asked], *model)
    return told


def _thresholds(unseen: NDArray[np.float64], wanted: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Where each tag's F1 is best on texts that the scoring model had not seen; 0 with too few texts to tell."""
    if len(wanted) < FEWEST:
        return np.zeros(wanted.shape[1], dtype=np.float32)
    best = [_best_threshold(unseen[:, tag], wanted[:, tag]) for tag in range(wanted.shape[1])]
    return np.array(best, dtype=np.float32)


def _best_threshold(told: NDArray[np.float64], has: NDArray[np.bool_]) -> float:
    """Between which two scores the F1 is best, evened over its neighbours so that one text does not decide."""
    order = np.argsort(-told, kind="stable")
    right = np.cumsum(has[order])
    f1 = 2 * right / (np.arange(1, len(has) + 1) + has.sum())
    f1 = np.convolve(np.pad(f1, EVENED // 2, mode="edge"), np.ones(EVENED) / EVENED, "valid")
    place = int(f1.argmax())
    following = min(place + 1, len(has) - 1)
    return float(told[order[place]] + told[order[following]]) / 2
