"""Where new comments go once people signed themes off: to one of those themes, or honestly to none."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from joinedup.errors import ModelError
from joinedup.text.classify.packed import Packed, unpack
from joinedup.text.themes.extra import need_extra
from joinedup.text.themes.theme import NO_THEME
from joinedup.text.themes.vectors import unit_rows

_KIND = "theme places"
_FOLDS = 5
_LEAST = 5  # comments of a theme: from fewer, nothing is learned
_STRENGTH = 10.0

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class ThemePlaces:
    """A model of signed-off themes over the embedder's vectors; it holds no comment.

    numbers: the themes it knows. sureness: measured out of sample, pairs of a least sureness and the precision that
    placing at it had, by falling sureness.
    """

    numbers: NDArray[np.int64]
    origin: Vectors
    weights: Vectors
    biases: Vectors
    centres: Vectors
    sureness: NDArray[np.float64]
    version: str = field(default="")

    def place(
        self, vectors: Vectors, *, precision: float = 0.8
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return each row's theme, or NO_THEME, and the probability that the model gave its best theme.

        precision: the share of placed comments that shall be right; where the model has never been as good,
        it places none.
        """
        if not len(vectors):
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        best, probability, sure = self._scored(vectors)
        placed = np.where(sure >= self.threshold(precision), self.numbers[best], NO_THEME)
        return placed, probability

    def threshold(self, precision: float) -> float:
        """The least sureness at which placing was this precise, or infinity."""
        enough = self.sureness[self.sureness[:, 1] >= precision, 0]
        return float(enough.min()) if len(enough) else float("inf")

    def to_bytes(self) -> bytes:
        """Return the model as bytes that `places_from_bytes` reads; no code runs in reading them."""
        return Packed(_KIND, {}, self._arrays()).to_bytes()

    def _arrays(self) -> dict[str, NDArray[np.generic]]:
        return {
            "numbers": self.numbers,
            "origin": self.origin,
            "weights": self.weights,
            "biases": self.biases,
            "centres": self.centres,
            "sureness": self.sureness,
        }

    def _scored(self, vectors: Vectors) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        raised = vectors @ self.weights.T + self.biases
        raised = np.exp(raised - raised.max(axis=1, keepdims=True))
        shares = raised / raised.sum(axis=1, keepdims=True)
        best = shares.argmax(axis=1)
        probability = shares[np.arange(len(best)), best].astype(np.float64)
        likeness = np.einsum("nd,nd->n", unit_rows(vectors - self.origin), self.centres[best])
        return best, probability, probability * np.clip(likeness, 0, 1)


def fit_places(vectors: Vectors, assignments: Mapping[int, Collection[int]], *, seed: int) -> ThemePlaces:
    """Return a model of where comments belong.

    vectors: the embedder's, one row a comment. assignments: the comments (rows) of each theme, as people left them; a
    comment of several themes is an example of each. Themes of fewer than five comments are not learned.

    Raises ModelError where fewer than two themes can be learned, MissingExtraError without scikit-learn.
    """
    need_extra()
    from sklearn.model_selection import StratifiedKFold
    from threadpoolctl import threadpool_limits

    pairs = [
        (row, number)
        for number in sorted(assignments)
        if len(assignments[number]) >= _LEAST
        for row in sorted(assignments[number])
    ]
    known = sorted({number for _, number in pairs})
    if len(known) < 2:
        raise ModelError(
            what="too few themes to place comments by",
            where=f"{len(known)} themes of at least {_LEAST} comments",
            mend="sign off two themes or more",
        )
    rows = vectors[[row for row, _ in pairs]].astype(np.float32)
    themes = np.array([number for _, number in pairs], dtype=np.int64)
    scores, right = np.zeros(len(rows)), np.zeros(len(rows), dtype=bool)
    with threadpool_limits(1):  # on small matrices, threads wait for each other more than they work
        for learn, test in StratifiedKFold(_FOLDS, shuffle=True, random_state=seed).split(rows, themes):
            model = _fitted(rows[learn], themes[learn])
            best, _, scores[test] = model._scored(rows[test])
            right[test] = model.numbers[best] == themes[test]
        return _fitted(rows, themes, sureness=_precisions(scores, right))


def places_from_bytes(content: bytes) -> ThemePlaces:
    """Return the model. Raises ModelError where the bytes hold none."""
    arrays = unpack(content, _KIND).arrays
    return ThemePlaces(**arrays, version=hashlib.sha256(content).hexdigest()[:12])


def _fitted(
    rows: Vectors, themes: NDArray[np.int64], *, sureness: NDArray[np.float64] | None = None
) -> ThemePlaces:
    from sklearn.linear_model import LogisticRegression

    learned = LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=300).fit(rows, themes)
    weights, biases = learned.coef_, learned.intercept_
    if len(learned.classes_) == 2:  # scikit-learn keeps one row for two classes
        weights, biases = np.vstack([-weights, weights]) / 2, np.concatenate([-biases, biases]) / 2
    origin = rows.mean(axis=0)
    centred = unit_rows(rows - origin)
    found = ThemePlaces(
        numbers=learned.classes_.astype(np.int64),
        origin=origin.astype(np.float32),
        weights=weights.astype(np.float32),
        biases=biases.astype(np.float32),
        centres=unit_rows(np.stack([centred[themes == n].mean(axis=0) for n in learned.classes_])),
        sureness=np.zeros((0, 2)) if sureness is None else sureness,
    )
    version = hashlib.sha256(found.to_bytes()).hexdigest()[:12]
    return ThemePlaces(**found._arrays(), version=version)  # type: ignore[arg-type]  # a dict of arrays


def _precisions(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """A hundred least scores at most, each with the share of right ones at or above it."""
    order = np.argsort(-scores, kind="stable")
    so_far = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    at = np.unique(np.linspace(min(20, len(order)) - 1, len(order) - 1, 100).astype(np.int64))
    return np.column_stack([scores[order][at], so_far[at]])
