"""Whether a comment is glad, sorry or neither, by a model that comes with the package."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from joinedup.errors import ModelError
from joinedup.text.classify import LabelModel, fit_labels, labels_from_bytes
from joinedup.text.embed.embedder import Embedder, Vectors

NEGATIVE, NEUTRAL, POSITIVE = "negative", "neutral", "positive"
ASKS_GOOD, ASKS_BETTER, ASKS_OPEN = "asks what was good", "asks what could be better", "asks openly"
_BETTER = re.compile(r"\b(?:improv\w*|better|differently|wrong|bad|worst|change|problem\w*)\b", re.I)
_GOOD = re.compile(r"\b(?:good|best|well|like[ds]?|enjoy\w*|right)\b", re.I)
Felt = tuple[str, str, str]  # a text, the question that it answers, its feeling


class SentimentModel:
    """A fitted model of three feelings."""

    def __init__(self, model: LabelModel) -> None:
        self._model = model
        self.version = model.version
        self.name = "sentiment by words and meaning" if model.reads_meaning else "sentiment by words alone"

    @property
    def reads_meaning(self) -> bool:
        """Whether it uses an embedder; without one it goes by the words alone."""
        return self._model.reads_meaning

    def predict(
        self, texts: Sequence[str], *, questions: Sequence[str] | None = None, vectors: Vectors | None = None
    ) -> list[tuple[str, float]]:
        """Return negative, neutral or positive and its probability for each text.

        questions: what each text answers, where known: "nothing" to "What could we do better?" is praise.
        vectors: the embedder's, if they are known already.
        """
        contexts = None if questions is None else [_asks(question) for question in questions]
        guesses = self._model.predict(texts, vectors=vectors, contexts=contexts)
        return [(guess.best, guess.probability) for guess in guesses]

    def to_bytes(self) -> bytes:
        """Return the model as bytes, without pickle."""
        return self._model.to_bytes()


def fit_sentiment(felt: Sequence[Felt], *, embedder: Embedder | None, seed: int) -> SentimentModel:
    """Return a model learned from comments whose feeling people told."""
    model = fit_labels(
        [text for text, _, _ in felt],
        [feeling for _, _, feeling in felt],
        embedder=embedder,
        seed=seed,
        contexts=[_asks(question) for _, question, _ in felt],
        is_calibrated=False,
        keeps_examples=False,
    )
    return SentimentModel(model)


@cache
def shipped_bytes(name: str) -> bytes:
    """The bytes of a model that comes with the package: `sentiment.zip` or `sentiment_words.zip`."""
    return (files("joinedup.text") / "data" / name).read_bytes()


def open_sentiment(*, embedder: Embedder | None = None) -> SentimentModel:
    """Return the model that comes with the package: the better one with its embedder, else the one of words alone."""
    if embedder is not None:
        try:
            return SentimentModel(labels_from_bytes(shipped_bytes("sentiment.zip"), embedder=embedder))
        except ModelError:
            pass  # another embedder than the one it was fitted with
    return SentimentModel(labels_from_bytes(shipped_bytes("sentiment_words.zip"), embedder=None))


def _asks(question: str) -> tuple[str, ...]:
    if _BETTER.search(question):
        return (ASKS_BETTER,)
    return (ASKS_GOOD,) if _GOOD.search(question) else (ASKS_OPEN,)
