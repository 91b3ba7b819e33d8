"""The words that set a theme apart from the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer


def theme_terms(
    texts: Sequence[str], assigned: NDArray[np.int32], *, themes: int, most: int = 8
) -> list[tuple[str, ...]]:
    """Return for each theme the words and pairs of words that are commoner in it than elsewhere, best first."""
    if not themes:
        return []
    try:
        counter = CountVectorizer(ngram_range=(1, 2), stop_words=list(ENGLISH_STOP_WORDS), binary=True)
        counts = counter.fit_transform(texts)
    except ValueError:  # nothing but stop words
        return [()] * themes
    names = counter.get_feature_names_out()
    inside = np.zeros((themes, len(names)))
    for theme in range(themes):
        inside[theme] = np.asarray(counts[assigned == theme].sum(axis=0)).ravel()
    sizes = np.maximum(inside.sum(axis=1, keepdims=True), 1)
    overall = np.maximum(np.asarray(counts.sum(axis=0)).ravel(), 1)
    score = inside / sizes * np.log1p(sizes.mean() / overall)
    score[inside < 2] = 0
    found = []
    for theme in range(themes):
        best = np.lexsort((np.arange(len(names)), -score[theme]))[:most]
        found.append(tuple(str(names[i]) for i in best if score[theme, i] > 0))
    return found
