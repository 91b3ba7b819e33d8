"""Vectors of texts from their own words, for where no embedding model is set up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from joinedup.text.themes.extra import need_extra


def word_vectors(texts: Sequence[str], *, seed: int, dimensions: int = 100) -> NDArray[np.float32]:
    """Return one row a text, of length 1 (all zeros where a text has no word that another text has too).

    Words weighed by TF-IDF, then their main components (latent semantic analysis). Only comparable with rows
    of the same call.

    Raises MissingExtraError without scikit-learn.
    """
    need_extra()
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not texts:
        return np.zeros((0, 1), dtype=np.float32)
    words = TfidfVectorizer(sublinear_tf=True, min_df=2 if len(texts) > 20 else 1, stop_words="english")
    try:
        table = words.fit_transform(texts)
    except ValueError:  # no word is left: punctuation, or nothing but stop words
        return np.zeros((len(texts), 1), dtype=np.float32)
    kept = min(dimensions, min(table.shape) - 1)
    rows = TruncatedSVD(kept, random_state=seed).fit_transform(table) if kept > 1 else table.toarray()
    return unit_rows(rows)


def unit_rows(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the rows at length 1; rows of zeros stay zeros."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)
