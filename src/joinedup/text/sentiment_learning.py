"""How a model of sentiment is learned: two linear readings of a text, and a small mixture of what they say.

The first reading tells the five steps that people gave; the second, learned from other comments, how good or bad what
they tell of is. A logistic regression over the scores that each comment had unseen, what was asked and how long it is
(and how satisfied the person said they were, where that is known) says the feeling. Stacking: Wolpert, 1992.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from joinedup.errors import ModelError
from joinedup.text.classify.features import fit_features
from joinedup.text.classify.linear import MOST_SQUARED, fit_squares, scores
from joinedup.text.classify.words import usual_grams
from joinedup.text.embed.embedder import Embedder
from joinedup.text.sentiment import (
    FEELINGS,
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    Mixture,
    SentimentModel,
    asks,
    said_beside,
)

STRENGTH, HINT_STRENGTH = 2.0, 2.0  # how strongly the two readings' weights are held small
MIXTURE_C, FOLDS = 0.1, 5
_STEPS = {1: POSITIVE, 2: POSITIVE, 3: NEUTRAL, 4: NEGATIVE, 5: NEGATIVE}
_PLACES = np.round(np.arange(-0.6, 1.21, 0.1), 1)  # what may be added to a feeling's score
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Felt:
    """A comment whose feeling a person told. step: 1 (very glad) … 5. satisfaction: 5 (very) … 1, 0 where not known."""

    text: str
    question: str
    step: int
    satisfaction: int = 0

    @property
    def feeling(self) -> str:
        """Negative, neutral or positive."""
        return _STEPS[self.step]


def fit_sentiment(
    felt: Sequence[Felt], *, embedder: Embedder | None, seed: int, hints: Sequence[tuple[str, int]] = ()
) -> SentimentModel:
    """Return a model learned from comments whose feeling people told.

    hints: other texts, each with a level of how good what it tells of is, as 0, 1, 2 … in any coding; at most 8,000 are
    used. None of them may be among the texts that the model is then measured on.

    Raises ModelError with fewer than ten comments of each feeling.
    """
    wanted = np.array([FEELINGS.index(each.feeling) for each in felt])
    if min(np.bincount(wanted, minlength=len(FEELINGS))) < 2 * FOLDS:
        raise ModelError(
            what="too few comments of each feeling", where=f"{len(felt)} comments", mend="add examples"
        )
    if len(felt) > MOST_SQUARED:
        raise ModelError(
            what=f"a model of sentiment is learned from at most {MOST_SQUARED:,} comments",
            where=f"{len(felt)} comments",
            mend="draw some of them",
        )
    hints = hints[:MOST_SQUARED]
    texts, questions = [each.text for each in felt], [each.question for each in felt]
    hinted = [text for text, _ in hints]
    contexts = [asks(question) for question in questions]
    features = fit_features(
        [*texts, *hinted],
        embedder=embedder,
        grams=usual_grams(len(texts) + len(hints)),
        vector_weight=1.5,
        contexts=[*contexts, *([()] * len(hints))],
        is_deep=True,
    )
    rows = features.rows(texts, features.vectors(texts, None), contexts)
    steps = np.array([each.step for each in felt])
    weights, offsets, unseen = fit_squares(rows, _columns(steps), np.ones(len(felt)), strength=STRENGTH)
    if hints:
        levels = _columns(np.array([level for _, level in hints]))
        others = features.rows(hinted, features.vectors(hinted, None), None)
        more, add, _ = fit_squares(others, levels, np.ones(len(hints)), strength=HINT_STRENGTH)
        unseen = np.hstack([unseen, scores(rows, more, add)])
        weights, offsets = np.vstack([weights, more]), np.concatenate([offsets, add])
    known = sorted(set(questions))
    satisfaction = [each.satisfaction for each in felt]
    plain = np.hstack([unseen, said_beside(texts, questions, known, None)])
    asked = np.hstack([unseen, said_beside(texts, questions, known, satisfaction)])
    return SentimentModel(
        features,
        questions=known,
        weights=weights,
        offsets=offsets,
        mixtures=(_mixture(plain, wanted, seed=seed), _mixture(asked, wanted, seed=seed)),
        trained_on=len(felt),
    )


def _columns(steps: NDArray[np.int64]) -> Matrix:
    """One column a step, 1 where it holds."""
    return np.asarray(steps[:, None] == np.unique(steps)[None], dtype=np.float64)


def _mixture(seen: Matrix, wanted: NDArray[np.int64], *, seed: int) -> Mixture:
    """A logistic regression, with what is to be added to each feeling's score so that macro-F1 is best unseen."""
    from sklearn.linear_model import LogisticRegression

    middle, spread = seen.mean(axis=0), seen.std(axis=0)
    spread[spread < 1e-9] = 1
    rows = (seen - middle) / spread
    fold = np.random.default_rng(seed).permutation(len(rows)) % FOLDS
    unseen = np.zeros((len(rows), len(FEELINGS)))
    for each in range(FOLDS):
        part = LogisticRegression(C=MIXTURE_C, max_iter=300).fit(rows[fold != each], wanted[fold != each])
        unseen[fold == each] = part.decision_function(rows[fold == each])
    whole = LogisticRegression(C=MIXTURE_C, max_iter=300).fit(rows, wanted)
    weights = whole.coef_ / spread
    offsets = whole.intercept_ - weights @ middle + _added(unseen, wanted)
    return Mixture(weights.astype(np.float32), offsets.astype(np.float32))


def _added(unseen: Matrix, wanted: NDArray[np.int64]) -> Matrix:
    """What to add to each feeling's score; evened over neighbours, so that no single comment decides."""
    said = [
        [(unseen + np.array([negative, neutral, 0.0])).argmax(axis=1) for neutral in _PLACES]
        for negative in _PLACES
    ]
    f1 = np.array([[_macro_f1(each, wanted) for each in row] for row in said])
    size, wide = len(_PLACES), np.pad(f1, 1, mode="edge")
    near = [wide[row : row + size, column : column + size] for row in range(3) for column in range(3)]
    evened = np.sum(near, axis=0)
    negative, neutral = np.unravel_index(int(np.argmax(evened)), f1.shape)
    return np.array([_PLACES[negative], _PLACES[neutral], 0.0])


def _macro_f1(said: NDArray[np.int64], wanted: NDArray[np.int64]) -> float:
    size = len(FEELINGS)
    table = np.bincount(wanted * size + said, minlength=size * size).reshape(size, size)
    return float(np.mean(2 * np.diag(table) / np.maximum(table.sum(axis=0) + table.sum(axis=1), 1)))
