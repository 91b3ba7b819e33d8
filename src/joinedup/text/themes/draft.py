"""Draft themes of texts from their vectors; how many there are is found, not given.

Texts are joined with their nearest neighbours; groups that several drafts of that graph agree on become themes, and
every text then goes to the theme whose middle it is nearest to, seen together with its neighbours. Settings
were chosen on other data than those whose figures are told (docs/explanation/themes.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from joinedup.text.themes.extra import need_extra
from joinedup.text.themes.graph import neighbours, smoothed
from joinedup.text.themes.quotes import choose_quotes, describe
from joinedup.text.themes.runs import JUDGED, NEIGHBOURS, agreed, place_shares
from joinedup.text.themes.terms import theme_terms, theme_titles
from joinedup.text.themes.theme import NO_THEME, DraftTheme, ThemeSet
from joinedup.text.themes.vectors import unit_rows

LEAST = 5  # comments: fewer are an anecdote, not a theme
LEAST_SHARE = 0.001
MOST_THEMES = 30  # more than that, and people lose sight of them
MOST_DRAFTED = 20_000  # distinct texts that groups are found among; the others are placed afterwards
_ROUNDS = 10
_FAR = 3.0  # times the usual deviation: a text this far from every theme has none

Vectors = NDArray[np.float32]


def draft_themes(
    texts: Sequence[str], vectors: Vectors, *, seed: int, runs: int = 3, most: int = MOST_THEMES
) -> ThemeSet:
    """Return draft themes of the texts, largest first.

    vectors: one row a text, of length 1; a row of zeros has no theme. runs: how many drafts are made and agreed
    upon. most: themes; where more are found, the closest are joined until there are as many.

    The same texts, vectors and seed give the same answer, whatever the order of the texts. Texts that differ in case,
    spaces or punctuation at the ends only are drawn as one and counted as many. Fewer than ten distinct texts
    give no themes: read them. Of more than 20,000 distinct texts, groups are found among as many, drawn at
    random, and the others placed.

    Raises MissingExtraError without scikit-learn.
    """
    need_extra()
    distinct = _distinct(texts, vectors)
    if len(distinct.first) < 2 * LEAST:
        return _nothing(len(texts), vectors.shape[1])
    rows = vectors[distinct.first].astype(np.float32)
    placed = _place(rows, distinct.times, total=len(texts), seed=seed, runs=runs, most=most)
    assigned = np.full(len(texts), NO_THEME, dtype=np.int32)
    probability = np.zeros(len(texts), dtype=np.float32)
    read = distinct.number >= 0
    assigned[read] = placed.assigned[distinct.number[read]]
    probability[read] = placed.probability[distinct.number[read]]
    many = int(assigned.max(initial=NO_THEME)) + 1
    if not many:
        return _nothing(len(texts), vectors.shape[1])
    by_rank, probability = _largest_first(assigned, many), np.where(assigned >= 0, probability, 0)
    assigned = np.where(assigned >= 0, by_rank[assigned], NO_THEME).astype(np.int32)
    centres = unit_rows(np.stack([vectors[assigned == k].mean(axis=0) for k in range(many)]))
    terms = theme_terms(texts, assigned, themes=many)
    titles = theme_titles(terms)
    themes = tuple(
        _theme(k, titles[k], terms[k], texts, assigned, probability, vectors, centres[k]) for k in range(many)
    )
    return ThemeSet(themes, assigned, probability.astype(np.float32), placed.agreement, centres)


@dataclass(frozen=True)
class _Distinct:
    """first: a text of each distinct kind, in the kinds' order. number: each text's kind, -1 of nothing to go by."""

    first: NDArray[np.int64]
    number: NDArray[np.int64]
    times: NDArray[np.int64]


@dataclass(frozen=True)
class _Placed:
    assigned: NDArray[np.int32]
    probability: NDArray[np.float32]
    agreement: float


def _distinct(texts: Sequence[str], vectors: Vectors) -> _Distinct:
    number = np.full(len(texts), -1, dtype=np.int64)
    there = np.linalg.norm(vectors, axis=1) > 1e-6
    kinds: dict[str, int] = {}
    first: list[int] = []
    keys = [_plain(text) for text in texts]
    for at in sorted(np.flatnonzero(there).tolist(), key=lambda i: (keys[i], texts[i])):
        kind = kinds.setdefault(keys[at], len(kinds))
        if kind == len(first):
            first.append(at)
        number[at] = kind
    times = np.bincount(number[number >= 0], minlength=len(first))
    return _Distinct(np.array(first, dtype=np.int64), number, times)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" .,!?;:-'\"()").casefold()


def _place(
    rows: Vectors, times: NDArray[np.int64], *, total: int, seed: int, runs: int, most: int
) -> _Placed:
    draw = np.random.default_rng(seed)
    drawn = np.arange(len(rows))
    if len(rows) > MOST_DRAFTED:
        drawn = np.sort(draw.choice(len(rows), MOST_DRAFTED, replace=False))
    centred = unit_rows(rows - rows[drawn].mean(axis=0))
    sample = centred[drawn]
    near = neighbours(sample, min(max(NEIGHBOURS), max(2, len(sample) // 4)))
    found = agreed(near, runs=max(1, runs), seed=seed)
    scale = len(rows) / len(drawn)
    least = max(float(LEAST), LEAST_SHARE * total)
    groups = _large_enough(found.together, times[drawn] * scale, least)
    seen = smoothed(sample, near, many=min(JUDGED, near.many))
    groups, centres = _settled(seen, groups)
    if len(centres) > most:
        groups, centres = _settled(seen, _coarser(seen, groups, most))
    groups = _large_enough(groups, times[drawn] * scale, least)
    shares = place_shares(groups, found.each)
    if not len(centres):
        return _Placed(
            np.full(len(rows), NO_THEME, np.int32), np.zeros(len(rows), np.float32), found.agreement
        )
    likeness = centred @ centres.T
    assigned = likeness.argmax(axis=1).astype(np.int32)
    assigned[drawn] = groups
    closest = np.where(assigned >= 0, likeness[np.arange(len(rows)), np.maximum(assigned, 0)], -1)
    middle = float(np.median(closest))
    usual = 1.4826 * float(np.median(np.abs(closest - middle)))
    assigned[closest < middle - _FAR * usual] = NO_THEME
    mean = np.array([shares[groups == k].mean() if (groups == k).any() else 0 for k in range(len(centres))])
    probability = np.where(assigned >= 0, mean[np.maximum(assigned, 0)], 0)
    probability[drawn] = np.where(assigned[drawn] >= 0, shares, 0)
    counted = np.bincount(assigned[assigned >= 0], weights=times[assigned >= 0], minlength=len(centres))
    kept = np.where(counted >= least, np.cumsum(counted >= least) - 1, NO_THEME).astype(np.int32)
    assigned = np.where(assigned >= 0, kept[assigned], NO_THEME).astype(np.int32)
    return _Placed(assigned, probability.astype(np.float32), found.agreement)


def _large_enough(groups: NDArray[np.int32], times: NDArray[np.floating], least: float) -> NDArray[np.int32]:
    """The groups of at least so many texts, numbered as they were; the rows of the others in -1."""
    counted = np.bincount(groups[groups >= 0], weights=times[groups >= 0], minlength=1)
    return np.where((groups >= 0) & (counted[groups] >= least), groups, NO_THEME).astype(np.int32)


def _settled(rows: Vectors, groups: NDArray[np.int32]) -> tuple[NDArray[np.int32], Vectors]:
    """Every row to the group whose middle is nearest, until none moves; the groups' middles, of length 1."""
    there = np.unique(groups[groups >= 0])
    if not len(there):
        return groups, np.zeros((0, rows.shape[1]), np.float32)
    groups = np.where(groups >= 0, np.searchsorted(there, groups), NO_THEME).astype(np.int32)
    centres = np.zeros((len(there), rows.shape[1]), np.float32)
    for _ in range(_ROUNDS):
        for k in range(len(centres)):
            if (groups == k).any():
                centres[k] = rows[groups == k].mean(axis=0)
        centres = unit_rows(centres)
        now = (rows @ centres.T).argmax(axis=1).astype(np.int32)
        if np.array_equal(now, groups):
            break
        groups = now
    return groups, centres


def _coarser(rows: Vectors, groups: NDArray[np.int32], most: int) -> NDArray[np.int32]:
    """The groups with the closest joined, two at a time, until there are `most` (Ward 1963, on their middles)."""
    numbers, sizes = np.unique(groups[groups >= 0], return_counts=True)
    middles = [rows[groups == number].mean(axis=0).astype(np.float64) for number in numbers]
    held = [[number] for number in numbers.tolist()]
    weights = sizes.astype(np.float64).tolist()
    while len(held) > max(1, most):
        places, many = np.stack(middles), np.array(weights)
        apart = ((places[:, None, :] - places[None, :, :]) ** 2).sum(axis=2)
        cost = apart * many[:, None] * many[None, :] / (many[:, None] + many[None, :])
        np.fill_diagonal(cost, np.inf)
        one, other = sorted(divmod(int(np.argmin(cost)), len(held)))
        whole = weights[one] + weights[other]
        middles[one] = (weights[one] * middles[one] + weights[other] * middles[other]) / whole
        held[one], weights[one] = held[one] + held[other], whole
        del held[other], weights[other], middles[other]
    renumbered = np.full(int(numbers.max(initial=0)) + 1, NO_THEME, dtype=np.int32)
    for place, joined in enumerate(held):
        renumbered[joined] = place
    return np.where(groups >= 0, renumbered[groups], NO_THEME).astype(np.int32)


def _largest_first(assigned: NDArray[np.int32], many: int) -> NDArray[np.int32]:
    order = np.argsort(-np.bincount(assigned[assigned >= 0], minlength=many), kind="stable")
    rank = np.empty(many, dtype=np.int32)
    rank[order] = np.arange(many, dtype=np.int32)
    return rank


def _theme(
    number: int,
    title: str,
    terms: tuple[str, ...],
    texts: Sequence[str],
    assigned: NDArray[np.int32],
    probability: NDArray[np.float32],
    vectors: Vectors,
    centre: Vectors,
) -> DraftTheme:
    members = np.flatnonzero(assigned == number)
    likeness = vectors[members] @ centre
    order = sorted(range(len(members)), key=lambda i: (-round(float(likeness[i]), 5), texts[int(members[i])]))
    members = members[order]
    quotes = choose_quotes(texts, vectors, members, centre)
    return DraftTheme(
        number=number,
        title=title or f"Theme {number + 1}",
        description=describe([texts[at] for at in quotes[:2]]),
        terms=terms,
        members=members,
        quotes=quotes,
        spread=float(1 - likeness.mean()),
        agreement=float(probability[members].mean()),
    )


def _nothing(many: int, dimensions: int) -> ThemeSet:
    return ThemeSet(
        (),
        np.full(many, NO_THEME, dtype=np.int32),
        np.zeros(many, dtype=np.float32),
        1.0,
        np.zeros((0, dimensions), dtype=np.float32),
    )
