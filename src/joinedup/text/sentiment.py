"""Whether a comment is glad, sorry or neither, by a model that comes with the package."""

from __future__ import annotations

from collections.abc import Sequence

from joinedup.text.embed.embedder import Embedder, Vectors

NEGATIVE, NEUTRAL, POSITIVE = "negative", "neutral", "positive"
_GLAD = frozenset(
    [
        "good",
        "great",
        "excellent",
        "helpful",
        "kind",
        "lovely",
        "thank",
        "thanks",
        "brilliant",
        "easy",
        "quick",
        "friendly",
        "happy",
    ]
)
_SORRY = frozenset(
    [
        "bad",
        "poor",
        "rude",
        "slow",
        "late",
        "terrible",
        "awful",
        "never",
        "wait",
        "waiting",
        "worse",
        "difficult",
        "hard",
    ]
)


class SentimentModel:
    """A fitted model of three feelings."""

    version = "words"

    def predict(self, texts: Sequence[str], *, vectors: Vectors | None = None) -> list[tuple[str, float]]:
        """Return negative, neutral or positive and its probability for each text."""
        return [_by_words(text) for text in texts]


def open_sentiment(*, embedder: Embedder | None = None) -> SentimentModel:
    """Return the model; without an embedder, the one that goes by words alone."""
    return SentimentModel()


def _by_words(text: str) -> tuple[str, float]:
    words = text.lower().split()
    lean = sum(word.strip(".,!") in _GLAD for word in words) - sum(
        word.strip(".,!") in _SORRY for word in words
    )
    return (POSITIVE, 0.6) if lean > 0 else (NEGATIVE, 0.6) if lean < 0 else (NEUTRAL, 0.5)
