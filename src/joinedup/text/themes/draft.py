"""Draft themes of texts from their vectors; how many there are is found, not given."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from joinedup.text.themes.terms import theme_terms
from joinedup.text.themes.theme import NO_THEME, DraftTheme, ThemeSet
from joinedup.text.themes.vectors import unit_rows

LEAST = 5  # comments: fewer are an anecdote, not a theme


def draft_themes(texts: Sequence[str], vectors: NDArray[np.float32], *, seed: int, runs: int = 3) -> ThemeSet:
    """Return draft themes of the texts, largest first.

    vectors: one row a text, of length 1. runs: how many drafts are made and agreed upon, each with a seed of its own.
    The same texts, vectors and seed give the same answer. Fewer than ten texts give no themes: read them.
    """
    n = len(texts)
    if n < 2 * LEAST:
        nothing = np.full(n, NO_THEME, dtype=np.int32)
        return ThemeSet(
            (), nothing, np.zeros(n, np.float32), 1.0, np.zeros((0, vectors.shape[1]), np.float32)
        )
    wanted = max(2, min(40, round(math.sqrt(n / 8))))
    found = KMeans(wanted, n_init=runs, random_state=seed).fit_predict(vectors).astype(np.int32)
    sizes = np.bincount(found, minlength=wanted)
    order = [int(i) for i in np.argsort(-sizes, kind="stable") if sizes[i] >= LEAST]
    renumbered = np.full(wanted, NO_THEME, dtype=np.int32)
    renumbered[order] = np.arange(len(order), dtype=np.int32)
    assigned = renumbered[found]
    centres = unit_rows(np.stack([vectors[assigned == k].mean(axis=0) for k in range(len(order))]))
    terms = theme_terms(texts, assigned, themes=len(order))
    themes = tuple(
        _theme(k, terms[k], np.flatnonzero(assigned == k), vectors, centres[k]) for k in range(len(order))
    )
    probability = np.where(assigned == NO_THEME, 0, 1).astype(np.float32)
    return ThemeSet(themes, assigned, probability, 1.0, centres)


def _theme(
    number: int,
    terms: tuple[str, ...],
    members: NDArray[np.int64],
    vectors: NDArray[np.float32],
    centre: NDArray[np.float32],
) -> DraftTheme:
    near = vectors[members] @ centre
    members = members[np.argsort(-near, kind="stable")]
    return DraftTheme(
        number=number,
        title=", ".join(terms[:3]) or f"Theme {number + 1}",
        description="",
        terms=terms,
        members=members,
        quotes=tuple(int(i) for i in members[:3]),
        spread=float(1 - near.mean()),
        agreement=1.0,
    )
