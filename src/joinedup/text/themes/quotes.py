"""The comments that show a theme: typical of it, easy to read, and unlike each other."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MOST_QUOTES = 5
_LOOKED_AT = 60  # of a theme's most typical comments
_SHORT, _LONG = 20, 300  # letters: between them a comment says something and can be read at once
_SAME = 0.4  # how much being like a quote that is there already counts against a comment
_CUT = 140


def choose_quotes(
    texts: Sequence[str],
    vectors: NDArray[np.float32],
    members: NDArray[np.int64],
    centre: NDArray[np.float32],
    *,
    most: int = MOST_QUOTES,
) -> tuple[int, ...]:
    """Return the indexes of up to `most` comments, the most typical first.

    members: indexes of the theme's comments, most typical first. Texts that read the same are quoted once. By
    maximal marginal relevance (Carbonell and Goldstein 1998); shorter and longer ones only where there are no others.
    """
    once: dict[str, int] = {}
    for at in members.tolist():
        once.setdefault(re.sub(r"\W+", " ", texts[at]).strip().casefold(), at)
    every = list(once.values())
    pool = [at for at in every if _SHORT <= len(texts[at].strip()) <= _LONG][:_LOOKED_AT]
    if len(pool) < most:
        pool += [at for at in every if at not in set(pool)][: most - len(pool)]
    typical = vectors[pool] @ centre
    alike = vectors[pool] @ vectors[pool].T
    chosen: list[int] = []
    while len(chosen) < min(most, len(pool)):
        like_chosen = alike[:, chosen].max(axis=1) if chosen else np.zeros(len(pool))
        worth = (1 - _SAME) * typical - _SAME * like_chosen
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(np.round(worth, 5))))
    return tuple(pool[i] for i in chosen)


def describe(quotes: Sequence[str]) -> str:
    """Return a sentence that lets the comments speak; empty of none."""
    said = [f"“{_cut(quote)}”" for quote in quotes if quote.strip()]
    return f"People say, for example: {' and '.join(said)}." if said else ""


def _cut(text: str) -> str:
    """The first words, whole ones, that fit."""
    text = re.sub(r"\s+", " ", text).strip()
    if len(text) <= _CUT:
        return text.rstrip(".")
    return text[: _CUT + 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"
