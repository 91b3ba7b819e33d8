"""Whether those who speak of a theme are for it or against it, by the sentiment of their comments."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from joinedup.text.chances import share_between
from joinedup.text.themes.vectors import unit_rows

FOR, AGAINST, MIXED, UNCLEAR = "for", "against", "mixed", ""
LEAST_OPINIONS = 5
LEAST_SIDE = 0.25  # of the opinions: with as many on either side, a theme holds two


@dataclass(frozen=True)
class Stance:
    """code: for, against, mixed, or empty. The others: how many comments of each sentiment."""

    code: str
    positive: int
    neutral: int
    negative: int


def stance_of(sentiments: Collection[str]) -> Stance:
    """Return the stance of comments, each positive, neutral or negative.

    Empty where fewer than five have an opinion. Mixed where either side has at least a quarter of the opinions and
    five comments. Else for or against, if more than half are so beyond chance (Wilson, 95%), or empty.

    >>> stance_of(["positive"] * 9 + ["negative"]).code
    'for'
    """
    positive, negative = (sum(each == word for each in sentiments) for word in ("positive", "negative"))
    opinions = positive + negative
    code = UNCLEAR
    if opinions >= LEAST_OPINIONS:
        few = min(positive, negative)
        if few >= LEAST_OPINIONS and few >= LEAST_SIDE * opinions:
            code = MIXED
        elif share_between(opinions - few, opinions)[0] > 0.5:
            code = FOR if positive > negative else AGAINST
    return Stance(code, positive, len(sentiments) - opinions, negative)


def stances(assignments: Mapping[int, Collection[int]], sentiments: Sequence[str]) -> dict[int, Stance]:
    """Return each theme's stance. assignments: the comments (places in `sentiments`) of each theme."""
    return {number: stance_of([sentiments[at] for at in at_all]) for number, at_all in assignments.items()}


def split_by_stance(
    members: NDArray[np.int64], sentiments: Sequence[str], vectors: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return a mixed theme's members in two: those for, and those against.

    members: places in sentiments and vectors, and what comes back is of them, in their order. Neutral comments go to
    the side whose middle they are nearer to; all of them to the one side there is if nobody is on the other.
    """
    said = np.array([sentiments[at] for at in members.tolist()], dtype=object)
    glad, sorry = said == "positive", said == "negative"
    if not glad.any() or not sorry.any():
        nobody = members[:0]
        return (nobody, members) if sorry.any() else (members, nobody)
    rows = vectors[members]
    middles = unit_rows(np.stack([rows[glad].mean(axis=0), rows[sorry].mean(axis=0)]))
    nearer = (rows @ middles.T).argmax(axis=1) == 0
    side = np.where(glad, True, np.where(sorry, False, nearer)).astype(bool)
    return members[side], members[~side]
