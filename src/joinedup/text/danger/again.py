"""A second look for danger at texts that have their vectors: phrasings that no phrase foresaw, in English.

A linear model over the sentence embedder's vectors, made by `bench/make_danger_model.py` from cases written for
this package and ordinary comments; its weights are data. It costs next to nothing once a text has its vector.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from joinedup.errors import ModelError
from joinedup.text.danger.look import SAFEGUARDING, THREAT_TO_LIFE, Danger

REASON = "reads like messages from people in danger"
_KINDS = (THREAT_TO_LIFE, SAFEGUARDING)


@dataclass(frozen=True, slots=True)
class DangerModel:
    """embedder: the name (its first part) of the embedder whose vectors it reads. threshold: at or above, it speaks."""

    version: str
    embedder: str
    threshold: float
    weights: npt.NDArray[np.float64]
    bias: npt.NDArray[np.float64]

    def probabilities(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """For each vector the probability of a threat to life and of a safeguarding matter; (n, 2)."""
        if vectors.ndim != 2 or vectors.shape[1] != self.weights.shape[1]:
            raise ModelError(
                what=f"vectors of {vectors.shape[-1]} dimensions",
                where="the second look for danger",
                mend=f"give vectors of {self.embedder}, of {self.weights.shape[1]} dimensions",
            )
        scores = vectors.astype(np.float64) @ self.weights.T + self.bias
        scores -= scores.max(axis=1, keepdims=True, initial=0.0)
        powers = np.exp(scores)
        result: npt.NDArray[np.float64] = powers[:, 1:] / powers.sum(axis=1, keepdims=True)
        return result


def look_again(vectors: npt.NDArray[np.float32]) -> tuple[tuple[Danger, ...], ...]:
    """For each text's vector the danger it reads like, or (); at most one a text. English texts only.

    vectors: one row a text, of length 1, as the sentence embedder gives them. To be used beside `look`, never
        in its stead. Raises ModelError if the vectors are of another embedder's width.
    """
    model = danger_model()
    result: list[tuple[Danger, ...]] = []
    for row in model.probabilities(vectors):
        sure = float(row.sum()) >= model.threshold
        result.append((Danger(_KINDS[int(row.argmax())], (REASON,)),) if sure else ())
    return tuple(result)


@cache
def danger_model() -> DangerModel:
    """The model that comes with the package."""
    text = (files("joinedup.text") / "data" / "danger_model.json").read_text(encoding="utf-8")
    data = json.loads(text)
    return DangerModel(
        version=data["version"],
        embedder=data["embedder"],
        threshold=data["threshold"],
        weights=np.asarray(data["weights"], dtype=np.float64) / 1000,
        bias=np.asarray(data["bias"], dtype=np.float64) / 1000,
    )
