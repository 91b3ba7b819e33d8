"""Whether a comment is glad, sorry or neither, by a model that comes with the package."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from joinedup.errors import ModelError
from joinedup.text.classify.features import TextFeatures, unpacked_features
from joinedup.text.classify.linear import scores, softmax
from joinedup.text.classify.packed import Packed, digest_of, unpack
from joinedup.text.embed.embedder import Embedder, Vectors

KIND = "sentiment"
FEELINGS = NEGATIVE, NEUTRAL, POSITIVE = "negative", "neutral", "positive"
ASKS_GOOD, ASKS_BETTER, ASKS_OPEN = _ASKS = "asks what was good", "asks what could be better", "asks openly"
AT_ONCE = 2_000  # texts whose rows, dense with an embedder's numbers, are held at a time
LEVELS = (1, 2, 3, 4, 5)  # of satisfaction: 5 is very satisfied
_BETTER = re.compile(r"\b(?:improv\w*|better|differently|wrong|bad|worst|change|problem\w*)\b", re.I)
_GOOD = re.compile(r"\b(?:good|best|well|like[ds]?|enjoy\w*|right)\b", re.I)


@dataclass(frozen=True)
class Mixture:
    """How what the readings say, and what is known beside the text, become three scores."""

    weights: NDArray[np.float32]
    offsets: NDArray[np.float32]


class SentimentModel:
    """A fitted model of three feelings."""

    def __init__(
        self,
        features: TextFeatures,
        *,
        questions: Sequence[str],
        weights: NDArray[np.float32],
        offsets: NDArray[np.float32],
        mixtures: tuple[Mixture, Mixture],
        trained_on: int,
    ) -> None:
        """mixtures: without the person's satisfaction, and with it."""
        self._features = features
        self.questions = tuple(questions)
        self.trained_on = trained_on
        # What is kept is what is used: a model gives the same answers before it is stored and after.
        self._weights = weights.astype(np.float16).astype(np.float32)
        self._offsets, self._mixtures = offsets, mixtures
        self.version = digest_of(self.to_bytes())
        self.name = "sentiment by words and meaning" if self.reads_meaning else "sentiment by words alone"

    @property
    def reads_meaning(self) -> bool:
        """Whether it uses an embedder; without one it goes by the words alone."""
        return bool(self._features.embedder_version)

    def predict(
        self,
        texts: Sequence[str],
        *,
        questions: Sequence[str] | None = None,
        satisfaction: Sequence[int | None] | None = None,
        vectors: Vectors | None = None,
    ) -> list[tuple[str, float]]:
        """Return negative, neutral or positive and its probability for each text.

        questions: what each text answers, where known: "nothing" to "What could we do better?" is praise.
        satisfaction: how satisfied the person said they were in the same form, 5 (very) … 1; None where they were not
        asked or did not say. vectors: the embedder's, if they are known already; those of `encode_deep` spare it from
        being asked again.
        """
        asked = [""] * len(texts) if questions is None else list(questions)
        levels = [level or 0 for level in satisfaction or [0] * len(texts)]
        found: list[tuple[str, float]] = []
        for start in range(0, len(texts), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            given = None if vectors is None else vectors[part]
            found += self._predict(texts[part], asked[part], levels[part], given)
        return found

    def _predict(
        self, texts: Sequence[str], asked: list[str], levels: list[int], vectors: Vectors | None
    ) -> list[tuple[str, float]]:
        contexts = [asks(question) if question else () for question in asked]
        rows = self._features.rows(texts, self._features.vectors(texts, vectors), contexts)
        told = scores(rows, self._weights, self._offsets)
        chances = np.zeros((len(texts), len(FEELINGS)), dtype=np.float32)
        is_known = np.array([level in LEVELS for level in levels])
        for mixture, chosen, given in (
            (self._mixtures[0], ~is_known, None),
            (self._mixtures[1], is_known, levels),
        ):
            beside = said_beside(texts, asked, self.questions, given)
            mixed = np.hstack([told, beside])[chosen] @ mixture.weights.T + mixture.offsets
            chances[chosen] = softmax(mixed)
        best = chances.argmax(axis=1)
        return [(FEELINGS[place], float(row[place])) for place, row in zip(best, chances, strict=True)]

    def to_bytes(self) -> bytes:
        """Return the model as bytes, without pickle."""
        values, arrays = self._features.packed()
        arrays |= {"weights": self._weights.astype(np.float16), "offsets": self._offsets}
        for place, mixture in enumerate(self._mixtures):
            arrays |= {f"mixture_{place}": mixture.weights, f"mixture_{place}_offsets": mixture.offsets}
        values |= {"questions": list(self.questions), "trained_on": self.trained_on}
        return Packed(KIND, values, arrays).to_bytes()


def sentiment_from_bytes(content: bytes, *, embedder: Embedder | None) -> SentimentModel:
    """Return the model that `to_bytes` wrote.

    Raises ModelError if the bytes are no such model, or it was fitted with an embedder that is not the one given.
    """
    packed = unpack(content, KIND)
    values, arrays = packed.values, packed.arrays
    without, given = (
        Mixture(arrays[f"mixture_{place}"], arrays[f"mixture_{place}_offsets"]) for place in range(2)
    )
    return SentimentModel(
        unpacked_features(packed, embedder=embedder),
        questions=values["questions"],
        weights=arrays["weights"],
        offsets=arrays["offsets"],
        mixtures=(without, given),
        trained_on=values["trained_on"],
    )


@cache
def shipped_bytes(name: str) -> bytes:
    """The bytes of a model that comes with the package: `sentiment.zip` or `sentiment_words.zip`."""
    return (files("joinedup.text") / "data" / name).read_bytes()


def open_sentiment(*, embedder: Embedder | None = None) -> SentimentModel:
    """Return the model that comes with the package: the better one with its embedder, else the one of words alone."""
    if embedder is not None:
        try:
            return sentiment_from_bytes(shipped_bytes("sentiment.zip"), embedder=embedder)
        except ModelError:
            pass  # another embedder than the one it was fitted with
    return sentiment_from_bytes(shipped_bytes("sentiment_words.zip"), embedder=None)


def asks(question: str) -> tuple[str, ...]:
    """What kind of question it is."""
    if _BETTER.search(question):
        return (ASKS_BETTER,)
    return (ASKS_GOOD,) if _GOOD.search(question) else (ASKS_OPEN,)


def said_beside(
    texts: Sequence[str], questions: Sequence[str], known: Sequence[str], satisfaction: Sequence[int] | None
) -> NDArray[np.float64]:
    """One row a text: its length, the kind of its question, which of the known ones it is, and the satisfaction."""
    kinds = [asks(question)[0] if question else "" for question in questions]
    columns = [np.log1p([len(text.split()) for text in texts])]
    columns += [np.array([said == kind for said in kinds], dtype=float) for kind in _ASKS]
    columns += [np.array([said == question for said in questions], dtype=float) for question in known]
    if satisfaction is not None:
        columns += [np.array([said == level for said in satisfaction], dtype=float) for level in LEVELS]
    return np.column_stack(columns)
