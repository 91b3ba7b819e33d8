"""What a model sees of a text: the words it holds, and where the embedder places it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from joinedup.errors import ModelError
from joinedup.text.classify.words import Grams, Sparse, Words, fit_words
from joinedup.text.embed.embedder import Embedder, Vectors


class TextFeatures:
    """Words and, where there is an embedder, vectors, side by side."""

    def __init__(self, words: Words, *, embedder: Embedder | None, embedder_version: str) -> None:
        if embedder_version and (embedder is None or embedder.version != embedder_version):
            raise ModelError(
                what="this model was fitted with another embedder, or this machine has none",
                where=f"embedder {embedder_version}",
                mend="run make setup or joinedup text fetch-model, or fit the model again",
            )
        self.words = words
        self.embedder = embedder if embedder_version else None
        self.embedder_version = embedder_version

    def vectors(self, texts: Sequence[str], given: Vectors | None) -> Vectors | None:
        """The texts' vectors: those given, or worked out now; None without an embedder."""
        if self.embedder is None:
            return None
        return self.embedder.encode(texts) if given is None else given

    def rows(self, texts: Sequence[str], vectors: Vectors | None) -> Sparse:
        """Words and vectors as one sparse row a text."""
        import scipy.sparse

        words = self.words.rows(texts)
        if vectors is None:
            return words
        return scipy.sparse.hstack([words, scipy.sparse.csr_matrix(vectors)], format="csr", dtype=np.float32)


def fit_features(texts: Sequence[str], *, embedder: Embedder | None, grams: Sequence[Grams]) -> TextFeatures:
    """Return the features of texts; without an embedder, their words alone."""
    version = embedder.version if embedder is not None else ""
    return TextFeatures(fit_words(texts, grams), embedder=embedder, embedder_version=version)


def packed_words(words: Words) -> tuple[dict[str, Any], dict[str, Any]]:
    """The vocabulary's part of a model: values for JSON, and arrays."""
    grams = [[g.of_letters, g.shortest, g.longest, g.least, g.most] for g in words.grams]
    letters = {
        f"vocabulary_{place}": np.frombuffer("\n".join(vocabulary).encode(), dtype=np.uint8)
        for place, vocabulary in enumerate(words.vocabularies)
    }
    return {"grams": grams}, {**letters, "rarity": words.rarity}


def unpacked_words(values: Any, arrays: Any) -> Words:
    """What `packed_words` told."""
    grams = [Grams(*each) for each in values["grams"]]
    vocabularies = [
        arrays[f"vocabulary_{place}"].tobytes().decode().split("\n") for place in range(len(grams))
    ]
    return Words(grams, vocabularies, arrays["rarity"])
