"""What a model sees of a text: the words it holds, and where the embedder places it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from joinedup.errors import ModelError
from joinedup.text.classify.packed import Packed
from joinedup.text.classify.words import Grams, Sparse, Words, fit_words
from joinedup.text.embed.embedder import DeepEmbedder, Embedder, Vectors

Contexts = Sequence[
    Collection[str]
]  # for each text what else is known: the question that was asked, the service
MOST_CONTEXTS = 40  # the commonest; each adds one column
MOST_SPLIT = (
    8  # of which the commonest have words and vectors of their own: "wait" to one question is not to another
)
SPLIT_WEIGHT = 0.7
SHAPE_WEIGHT = 0.5
INNER_WEIGHT = 0.7  # of the numbers of an embedder's inner layers beside those of its last


class TextFeatures:
    """Words, vectors where there is an embedder, and what else is known of a text, side by side."""

    def __init__(
        self,
        words: Words,
        *,
        embedder: Embedder | None,
        embedder_version: str,
        vector_weight: float,
        contexts: Sequence[str],
        is_deep: bool = False,
    ) -> None:
        """is_deep: the vectors are those of `encode_deep`."""
        if is_deep and not isinstance(embedder, DeepEmbedder):
            raise ModelError(
                what="this model reads an embedder's inner layers, and this one tells none",
                where=f"embedder {embedder_version}",
                mend="run make setup or joinedup text fetch-model, or fit the model again",
            )
        if embedder_version and (embedder is None or embedder.version != embedder_version):
            raise ModelError(
                what="this model was fitted with another embedder, or this machine has none",
                where=f"embedder {embedder_version}",
                mend="run make setup or joinedup text fetch-model, or fit the model again",
            )
        self.words = words
        self.embedder = embedder if embedder_version else None
        self.embedder_version = embedder_version
        self.vector_weight = vector_weight
        self.contexts = tuple(contexts)
        self.is_deep = is_deep

    def vectors(self, texts: Sequence[str], given: Vectors | None) -> Vectors | None:
        """The texts' vectors: those given, or worked out now; None without an embedder."""
        if self.embedder is None:
            return None
        if not isinstance(self.embedder, DeepEmbedder) or not self.is_deep:
            return self.embedder.encode(texts) if given is None else given
        is_all = given is not None and given.shape[1] > self.embedder.dimensions
        vectors = given if is_all and given is not None else self.embedder.encode_deep(texts)
        weights = np.full(vectors.shape[1], INNER_WEIGHT, dtype=np.float32)
        weights[: self.embedder.dimensions] = 1
        return vectors * weights

    def rows(self, texts: Sequence[str], vectors: Vectors | None, contexts: Contexts | None) -> Sparse:
        """One sparse row a text; a context that no example had says nothing."""
        import scipy.sparse

        words = self.words.rows(texts)
        blocks = [words, scipy.sparse.csr_matrix(_shapes(texts) * np.float32(SHAPE_WEIGHT))]
        if vectors is not None:
            blocks.append(scipy.sparse.csr_matrix(vectors * np.float32(self.vector_weight)))
        if self.contexts:
            known = self.known(len(texts), contexts)
            blocks.append(scipy.sparse.csr_matrix(known))
            plain = words[:, : len(self.words.vocabularies[0])]
            for place in range(min(MOST_SPLIT, len(self.contexts))):
                chosen = scipy.sparse.diags(known[:, place] * np.float32(SPLIT_WEIGHT))
                blocks.append(chosen @ plain)
                if vectors is not None:
                    blocks.append(chosen @ scipy.sparse.csr_matrix(vectors))
        return scipy.sparse.hstack(blocks, format="csr", dtype=np.float32)

    def known(self, texts: int, contexts: Contexts | None) -> NDArray[np.float32]:
        """One row for each of so many texts, one column a context: 1 where it holds."""
        known = np.zeros((texts, len(self.contexts)), dtype=np.float32)
        for row, said in enumerate(contexts or ()):
            for place, context in enumerate(self.contexts):
                known[row, place] = context in said
        return known

    def packed(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The features' part of a model: values for JSON, and arrays."""
        values, arrays = _packed_words(self.words)
        values |= {
            "embedder": self.embedder_version,
            "vector_weight": self.vector_weight,
            "contexts": list(self.contexts),
            "is_deep": self.is_deep,
        }
        return values, arrays


def fit_features(
    texts: Sequence[str],
    *,
    embedder: Embedder | None,
    grams: Sequence[Grams],
    vector_weight: float,
    contexts: Contexts | None,
    is_deep: bool = False,
) -> TextFeatures:
    """Return the features of texts; without an embedder, their words and contexts alone.

    is_deep: with the embedder's inner layers, where it tells them.
    """
    return TextFeatures(
        fit_words(texts, grams),
        embedder=embedder,
        embedder_version=embedder.version if embedder is not None else "",
        vector_weight=vector_weight,
        contexts=_commonest(contexts or ()),
        is_deep=is_deep and isinstance(embedder, DeepEmbedder),
    )


def unpacked_features(packed: Packed, *, embedder: Embedder | None) -> TextFeatures:
    """Return the features of a packed model.

    Raises ModelError if they were fitted with an embedder that is not the one given.
    """
    values = packed.values
    return TextFeatures(
        _unpacked_words(values, packed.arrays),
        embedder=embedder,
        embedder_version=values["embedder"],
        vector_weight=values["vector_weight"],
        contexts=values["contexts"],
        is_deep=values.get("is_deep", False),
    )


def _commonest(contexts: Contexts) -> list[str]:
    """The contexts that more than one text has but not all, commonest first."""
    held = Counter(context for said in contexts for context in set(said))
    told = [(count, context) for context, count in held.items() if 1 < count < len(contexts)]
    return [context for _, context in sorted(told, key=lambda each: (-each[0], each[1]))][:MOST_CONTEXTS]


def _shapes(texts: Sequence[str]) -> NDArray[np.float32]:
    """How long a text is, whether it exclaims, asks or shouts, and whether it turns ("but")."""
    return np.array(
        [
            (
                np.log1p(len(text.split())) / 4,
                "!" in text,
                "?" in text,
                text.isupper(),
                " but " in text.lower(),
            )
            for text in texts
        ],
        dtype=np.float32,
    ).reshape(len(texts), 5)


def _packed_words(words: Words) -> tuple[dict[str, Any], dict[str, Any]]:
    """The vocabulary's part of a model: values for JSON, and arrays."""
    grams = [[g.of_letters, g.shortest, g.longest, g.least, g.most] for g in words.grams]
    letters = {
        f"vocabulary_{place}": np.frombuffer("\n".join(vocabulary).encode(), dtype=np.uint8)
        for place, vocabulary in enumerate(words.vocabularies)
    }
    return {"grams": grams}, {**letters, "rarity": words.rarity}


def _unpacked_words(values: Any, arrays: Any) -> Words:
    """What `_packed_words` told."""
    grams = [Grams(*each) for each in values["grams"]]
    vocabularies = [
        arrays[f"vocabulary_{place}"].tobytes().decode().split("\n") for place in range(len(grams))
    ]
    return Words(grams, vocabularies, arrays["rarity"])
