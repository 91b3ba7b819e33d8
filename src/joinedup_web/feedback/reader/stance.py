"""The stance of comments on a theme, where nothing better is known than whether they are pleased."""

from __future__ import annotations

from collections.abc import Iterable

FROM_SENTIMENT = {"negative": "against", "neutral": "mixed", "positive": "for"}


def stance_of(stances: Iterable[str]) -> str:
    """Return for or against where two thirds of those with a stance are, mixed where neither, empty where none is."""
    known = [stance for stance in stances if stance]
    for side in ("against", "for"):
        if known and 3 * known.count(side) >= 2 * len(known):
            return side
    return "mixed" if known else ""
