"""One of many: which team, which theme. Learned from examples, begun from descriptions, silent where not sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from joinedup.errors import ModelError
from joinedup.text.classify.features import Contexts, TextFeatures, fit_features, unpacked_features
from joinedup.text.classify.linear import fit_one_of_many, scores
from joinedup.text.classify.packed import Packed, digest_of, unpack
from joinedup.text.classify.sureness import (
    Calibration,
    Examples,
    calibrate,
    chances_and_sureness,
    rarity,
    threshold,
)
from joinedup.text.classify.words import Grams, usual_grams
from joinedup.text.embed.embedder import Embedder, Vectors

KIND = "labels"
FEW_EXAMPLES = 30  # a label, on average; below, what a text means says more than which words it has
DESCRIBED_SHARPNESS = 10.0  # how much a likeness to a description tells
_DESCRIBED_GRAMS = (
    Grams(of_letters=False, shortest=1, longest=1),
    Grams(of_letters=True, shortest=3, longest=5),
)


@dataclass(frozen=True)
class Guess:
    """label: None where the model is not sure enough and a person should choose; `best` is what it would have said.

    probability: of `best`, 0 … 1. runner_up: the second likeliest, "" if there is none. sureness: what abstaining
    goes by, 0 … 1: the probability times the likeness to the nearest examples.
    """

    label: str | None
    best: str
    probability: float
    runner_up: str
    sureness: float


class LabelModel:
    """A fitted model of one label a text."""

    name = "one label of many (words and vectors, logistic regression)"

    def __init__(
        self,
        labels: Sequence[str],
        features: TextFeatures,
        *,
        weights: NDArray[np.float32],
        offsets: NDArray[np.float32],
        examples: Examples | None,
        calibration: Calibration,
        trained_on: int,
    ) -> None:
        self.labels = tuple(labels)
        self.features = features
        self.trained_on = trained_on
        # What is kept is what is used: a model gives the same answers before it is stored and after.
        self._weights = weights.astype(np.float16).astype(np.float32)
        self._offsets = offsets
        self._examples = examples if examples is None else _as_kept(examples)
        self._calibration = calibration
        self.version = digest_of(self.to_bytes())

    @property
    def reads_meaning(self) -> bool:
        """Whether it uses an embedder; without one it goes by the words alone."""
        return bool(self.features.embedder_version)

    def predict(
        self,
        texts: Sequence[str],
        *,
        vectors: Vectors | None = None,
        contexts: Contexts | None = None,
        precision: float | None = None,
    ) -> list[Guess]:
        """Return one guess a text.

        vectors: the embedder's, if they are known already. contexts: what else is known of each text, as when
        fitting. precision: abstain so that at least this share of what is said is right, as cross-validation
        measured it; None never abstains. A model that was never measured (of descriptions alone) then says nothing.
        """
        if not texts:
            return []
        vectors = self.features.vectors(texts, vectors)
        chances, sure = self._read(texts, vectors, contexts)
        least = -1.0 if precision is None else self.threshold(precision)
        return [self._guess(row, float(sureness), least) for row, sureness in zip(chances, sure, strict=True)]

    def probabilities(
        self, texts: Sequence[str], *, vectors: Vectors | None = None, contexts: Contexts | None = None
    ) -> NDArray[np.float32]:
        """Return one row a text, one column a label in the order of `labels`; rows sum to 1."""
        return self._read(texts, self.features.vectors(texts, vectors), contexts)[0]

    def threshold(self, precision: float) -> float:
        """The least sureness at which cross-validation found this precision; above 1 where none reached it."""
        return threshold(self._calibration, precision)

    def to_bytes(self) -> bytes:
        """Return the model as bytes that `labels_from_bytes` reads; no pickle."""
        values, arrays = self.features.packed()
        arrays |= {"weights": self._weights.astype(np.float16), "offsets": self._offsets}
        arrays["calibration"] = self._calibration
        if self._examples is not None:
            arrays["examples"] = self._examples.vectors.astype(np.float16)
            arrays["example_labels"] = self._examples.labels.astype(np.int32)
            arrays["example_weights"] = self._examples.weights
        values |= {"labels": list(self.labels), "trained_on": self.trained_on}
        return Packed(KIND, values, arrays).to_bytes()

    def _read(
        self, texts: Sequence[str], vectors: Vectors | None, contexts: Contexts | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        told = scores(self.features.rows(texts, vectors, contexts), self._weights, self._offsets)
        return chances_and_sureness(told, vectors, self._examples)

    def _guess(self, row: NDArray[np.float32], sureness: float, least: float) -> Guess:
        first, *rest = np.argsort(-row, kind="stable")[:2]
        best = self.labels[first]
        return Guess(
            label=best if sureness >= least else None,
            best=best,
            probability=float(row[first]),
            runner_up=self.labels[rest[0]] if rest else "",
            sureness=sureness,
        )


def fit_labels(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    embedder: Embedder | None,
    seed: int,
    vectors: Vectors | None = None,
    contexts: Contexts | None = None,
    weights: Sequence[float] | None = None,
    descriptions: Mapping[str, str] | None = None,
    is_calibrated: bool = True,
    keeps_examples: bool = True,
) -> LabelModel:
    """Return a model learned from texts with one label each.

    vectors: the embedder's of the same texts, if known. contexts: what else is known of each (the question asked,
    the service). weights: how much each example counts (a person's correction more than an import, say); 1 by
    default. descriptions: label -> what it is for; each counts as one example, so a team that has none can be
    named. is_calibrated: whether precision is measured by cross-validation, some four times the work; without it
    the model abstains wherever a precision is asked for. keeps_examples: whether later texts are also held against
    the examples' vectors, which the model then carries (no words of theirs).

    Raises ModelError with fewer than two labels.
    """
    texts, labels = [*texts, *(descriptions or {}).values()], [*labels, *(descriptions or {})]
    known = sorted(set(labels))
    if len(known) < 2:
        raise ModelError(
            what="a model needs examples of at least two labels",
            where=f"{len(texts)} examples",
            mend="add examples, or describe the labels",
        )
    added = len(descriptions or {})
    if contexts is not None:
        contexts = [*contexts, *([()] * added)]
    few = len(texts) < FEW_EXAMPLES * len(known)
    features = fit_features(
        texts,
        embedder=embedder,
        grams=usual_grams(len(texts)),
        vector_weight=3.0 if few else 1.5,
        contexts=contexts,
    )
    if vectors is not None and embedder is not None and added:
        vectors = np.vstack([vectors, embedder.encode(texts[-added:])])
    vectors = features.vectors(texts, vectors)
    number = {label: place for place, label in enumerate(known)}
    wanted = np.array([number[label] for label in labels])
    counts = np.ones(len(texts))
    if weights is not None:
        counts[: len(weights)] = weights
    rows = features.rows(texts, vectors, contexts)
    weighs = counts * rarity(wanted, counts, len(known))[wanted]
    coefficients, offsets = fit_one_of_many(rows, wanted, weighs, labels=len(known), seed=seed)
    measured = np.zeros((0, 2), dtype=np.float32)
    if is_calibrated:
        measured = calibrate(rows, vectors, wanted, counts, labels=len(known), seed=seed)
    return LabelModel(
        known,
        features,
        weights=coefficients,
        offsets=offsets,
        examples=_examples(vectors, wanted, weighs) if keeps_examples else None,
        calibration=measured,
        trained_on=len(texts),
    )


def describe_labels(descriptions: Mapping[str, str], *, embedder: Embedder | None) -> LabelModel:
    """Return a model that knows only what each label is for: its best guesses are suggestions to begin with.

    It has measured nothing, so it abstains wherever a precision is asked for.

    Raises ModelError with fewer than two labels.
    """
    if len(descriptions) < 2:
        raise ModelError(
            what="there is nothing to choose between", where="descriptions", mend="describe two labels"
        )
    known = sorted(descriptions)
    texts = [f"{label}. {descriptions[label]}" for label in known]
    features = fit_features(
        texts, embedder=embedder, grams=_DESCRIBED_GRAMS, vector_weight=2.0, contexts=None
    )
    vectors = features.vectors(texts, None)
    rows = features.rows(texts, vectors, None)
    return LabelModel(
        known,
        features,
        weights=np.asarray(rows.todense(), dtype=np.float32) * np.float32(DESCRIBED_SHARPNESS / 2),
        offsets=np.zeros(len(known), dtype=np.float32),
        examples=_examples(vectors, np.arange(len(known)), np.ones(len(known))),
        calibration=np.zeros((0, 2), dtype=np.float32),
        trained_on=0,
    )


def labels_from_bytes(content: bytes, *, embedder: Embedder | None) -> LabelModel:
    """Return the model that `to_bytes` wrote.

    Raises ModelError if the bytes are no such model, or it was fitted with an embedder that is not the one given.
    """
    packed = unpack(content, KIND)
    values, arrays = packed.values, packed.arrays
    return LabelModel(
        values["labels"],
        unpacked_features(packed, embedder=embedder),
        weights=arrays["weights"],
        offsets=arrays["offsets"],
        examples=_kept_examples(packed),
        calibration=arrays["calibration"],
        trained_on=values["trained_on"],
    )


def _examples(
    vectors: Vectors | None, wanted: NDArray[np.int64], weighs: NDArray[np.float64]
) -> Examples | None:
    return None if vectors is None else Examples(vectors, wanted, weighs.astype(np.float32))


def _as_kept(examples: Examples) -> Examples:
    kept = examples.vectors.astype(np.float16).astype(np.float32)
    return Examples(kept, examples.labels, examples.weights)


def _kept_examples(packed: Packed) -> Examples | None:
    arrays = packed.arrays
    if "examples" not in arrays:
        return None
    vectors = arrays["examples"].astype(np.float32)
    return Examples(vectors, arrays["example_labels"].astype(np.int64), arrays["example_weights"])
