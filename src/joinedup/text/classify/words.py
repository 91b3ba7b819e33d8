"""Texts to counts of their words, pairs of words and runs of letters, weighted by how rare they are (TF-IDF)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from joinedup.errors import MissingExtraError

_WORD = r"(?u)\b\w+\b"
Sparse = Any  # scipy's csr_matrix carries no types


@dataclass(frozen=True)
class Grams:
    """What is counted: runs of `shortest` to `longest` words, or of letters within words."""

    of_letters: bool
    shortest: int
    longest: int
    least: int = 1  # texts that must hold it
    most: int = 60_000  # kept: the commonest


def usual_grams(texts: int) -> tuple[Grams, ...]:
    """What is counted in so many texts: single words and pairs, and runs of three to five letters.

    What only one of many texts holds says little and makes models large.
    """
    many = texts >= 2000
    return (
        Grams(of_letters=False, shortest=1, longest=2, least=2 if many else 1),
        Grams(of_letters=True, shortest=3, longest=5, least=3 if many else 2),
    )


class Words:
    """A fitted vocabulary. Two are the same if their arrays are."""

    def __init__(
        self, grams: Sequence[Grams], vocabularies: Sequence[Sequence[str]], rarity: NDArray[np.float32]
    ):
        self.grams = tuple(grams)
        self.vocabularies = tuple(tuple(vocabulary) for vocabulary in vocabularies)
        self.rarity = rarity
        self._counters = [
            _counter(each, {gram: place for place, gram in enumerate(vocabulary)})
            for each, vocabulary in zip(self.grams, self.vocabularies, strict=True)
        ]

    def rows(self, texts: Sequence[str]) -> Sparse:
        """Return one sparse row a text; each kind of gram is a block of length 1."""
        sparse = _sparse()
        blocks, start = [], 0
        for counter in self._counters:
            counts = counter.transform(texts).astype(np.float32)
            counts.data = 1 + np.log(counts.data)
            end = start + counts.shape[1]
            counts = counts.multiply(self.rarity[None, start:end]).tocsr()
            blocks.append(_unit_rows(counts))
            start = end
        return sparse.hstack(blocks, format="csr", dtype=np.float32)


def fit_words(texts: Sequence[str], grams: Sequence[Grams]) -> Words:
    """Return the vocabulary of texts; the order of the texts does not matter."""
    vocabularies, rarity = [], []
    for each in grams:
        counter = _counter(each, None)
        counts = counter.fit_transform(texts)
        names = counter.get_feature_names_out()
        held = np.asarray((counts > 0).sum(axis=0)).ravel()
        keep = np.flatnonzero(held >= each.least)
        if len(keep) > each.most:
            keep = np.sort(keep[np.argsort(-held[keep], kind="stable")[: each.most]])
        vocabularies.append([str(names[place]) for place in keep])
        rarity.append(np.log((1 + len(texts)) / (1 + held[keep])) + 1)
    return Words(grams, vocabularies, np.concatenate(rarity).astype(np.float32))


def _counter(grams: Grams, vocabulary: Mapping[str, int] | None) -> Any:
    try:
        from sklearn.feature_extraction.text import CountVectorizer
    except ImportError as absent:
        raise MissingExtraError(
            what="scikit-learn is not installed", where="joinedup.text", mend="pip install 'joinedup[text]'"
        ) from absent
    span = (grams.shortest, grams.longest)
    if grams.of_letters:
        return CountVectorizer(
            analyzer="char_wb", ngram_range=span, vocabulary=vocabulary, strip_accents="unicode"
        )
    return CountVectorizer(
        ngram_range=span, vocabulary=vocabulary, strip_accents="unicode", token_pattern=_WORD
    )


def _unit_rows(rows: Sparse) -> Sparse:
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1
    return _sparse().diags(1 / lengths).dot(rows).tocsr()


def _sparse() -> Any:
    import scipy.sparse

    return scipy.sparse
