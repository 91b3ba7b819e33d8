"""What is doubtful about a set of themes, by rules that anyone can check.

They hold for drafts and for what people made of them. None stops a person; each says what to look at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from joinedup.text.themes.stance import MIXED, Stance

MOST_THEMES = 70
COMFORTABLE = 30  # people who were given more said that they were overwhelmed
LEAST, LEAST_SHARE = 5, 0.001
ALIKE = 0.9
OVERLAP = 0.5
MOST_OF_ALL = 0.25
_TELL = 5  # pairs by name; the others are counted


@dataclass(frozen=True)
class Lint:
    """One doubt. rule: its code. themes: the numbers it is about. words: what a person reads."""

    rule: str
    themes: tuple[int, ...]
    words: str


def lint(
    titles: Mapping[int, str],
    assignments: Mapping[int, Set[int]],
    *,
    total: int,
    centres: Mapping[int, NDArray[np.float32]] | None = None,
    stances: Mapping[int, Stance] | None = None,
) -> tuple[Lint, ...]:
    """Return what is doubtful about the themes; nothing where there are none.

    titles: by theme number. assignments: the comments of each theme. total: comments that were read. centres: each
    theme's middle, of length 1: with them, themes that lie close are found as well as those that are named alike.
    stances: with them, themes in which people are for and against.

    Rules: too_many (above 70), many (above 30), small (below 5 comments or 0.1%), near_duplicates (alike by 90%),
    overlap (half of the smaller one's comments in the other as well), catch_all (above a quarter of all comments),
    mixed_stance (for and against in one theme), no_title.
    """
    numbers = sorted(titles)
    return (
        *_how_many(numbers),
        *_small(numbers, assignments, total),
        *_catch_all(numbers, assignments, titles, total),
        *_pairs(numbers, titles, _likeness(titles, centres or {}), "near_duplicates", _DUPLICATES),
        *_pairs(numbers, titles, _overlap(assignments), "overlap", _OVERLAPS),
        *_mixed(numbers, titles, stances or {}),
        *(Lint("no_title", (n,), f"Theme {n} has no title.") for n in numbers if not titles[n].strip()),
    )


_DUPLICATES = "“{one}” and “{other}” are near-duplicates. Consider merging them."
_OVERLAPS = (
    "“{one}” and “{other}” share many of their comments. Consider merging them, or say what sets them apart."
)


def _how_many(numbers: Sequence[int]) -> Iterable[Lint]:
    many = len(numbers)
    if many > MOST_THEMES:
        yield Lint(
            "too_many",
            tuple(numbers),
            f"{many} themes: more than {MOST_THEMES} cannot be signed off with care.",
        )
    elif many > COMFORTABLE:
        yield Lint("many", tuple(numbers), f"{many} themes: above {COMFORTABLE}, people lose sight of them.")


def _small(numbers: Sequence[int], assignments: Mapping[int, Set[int]], total: int) -> Iterable[Lint]:
    least = max(LEAST, LEAST_SHARE * total)
    for number in numbers:
        size = len(assignments.get(number, ()))
        if size < least:
            said = "1 comment" if size == 1 else f"{size:,} comments"
            rule = "5 comments" if least == LEAST else f"0.1% of all comments ({least:,.0f})"
            yield Lint("small", (number,), f"{said}: fewer than {rule}.")


def _catch_all(
    numbers: Sequence[int], assignments: Mapping[int, Set[int]], titles: Mapping[int, str], total: int
) -> Iterable[Lint]:
    for number in numbers:
        share = len(assignments.get(number, ())) / total if total else 0
        if share > MOST_OF_ALL and len(numbers) > 2:
            yield Lint(
                "catch_all",
                (number,),
                f"“{titles[number]}” holds {share:.0%} of all comments. Consider splitting it.",
            )


def _mixed(
    numbers: Sequence[int], titles: Mapping[int, str], stances: Mapping[int, Stance]
) -> Iterable[Lint]:
    for number in numbers:
        stance = stances.get(number)
        if stance is not None and stance.code == MIXED:
            yield Lint(
                "mixed_stance",
                (number,),
                f"“{titles[number]}” holds {stance.positive:,} positive and {stance.negative:,} negative comments. "
                "Consider splitting it by stance.",
            )


def _pairs(
    numbers: Sequence[int],
    titles: Mapping[int, str],
    is_so: Callable[[int, int], bool],
    rule: str,
    words: str,
) -> Iterable[Lint]:
    found = [pair for pair in combinations(numbers, 2) if is_so(*pair)]
    for one, other in found[:_TELL]:
        yield Lint(rule, (one, other), words.format(one=titles[one], other=titles[other]))
    if more := found[_TELL:]:
        about = tuple(sorted({number for pair in more for number in pair}))
        yield Lint(rule, about, f"{len(more):,} more pairs of themes are so.")


def _likeness(
    titles: Mapping[int, str], centres: Mapping[int, NDArray[np.float32]]
) -> Callable[[int, int], bool]:
    plain = {n: " ".join(sorted(re.findall(r"\w+", title.casefold()))) for n, title in titles.items()}

    def alike(one: int, other: int) -> bool:
        if plain[one] and SequenceMatcher(None, plain[one], plain[other]).ratio() >= ALIKE:
            return True
        return one in centres and other in centres and float(centres[one] @ centres[other]) >= ALIKE

    return alike


def _overlap(assignments: Mapping[int, Set[int]]) -> Callable[[int, int], bool]:
    def overlapping(one: int, other: int) -> bool:
        here, there = assignments.get(one, frozenset()), assignments.get(other, frozenset())
        fewer = min(len(here), len(there))
        return fewer >= LEAST and len(here & there) >= OVERLAP * fewer

    return overlapping
