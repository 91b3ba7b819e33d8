"""What is doubtful about a set of themes, by rules that anyone can check."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

MOST_THEMES = 70


@dataclass(frozen=True)
class Lint:
    """One doubt. rule: its code. themes: the numbers it is about. words: what a person reads."""

    rule: str
    themes: tuple[int, ...]
    words: str


def lint(titles: Mapping[int, str], assignments: Mapping[int, Set[int]], *, total: int) -> tuple[Lint, ...]:
    """Return what is doubtful about the themes.

    titles: by theme number. assignments: the comments of each theme. total: comments that were read.
    """
    doubts: list[Lint] = []
    if len(titles) > MOST_THEMES:
        doubts.append(
            Lint("too_many", tuple(sorted(titles)), f"{len(titles)} themes: more than {MOST_THEMES}")
        )
    least = max(5.0, total / 1000)
    for number in sorted(titles):
        if len(assignments.get(number, ())) < least:
            doubts.append(Lint("small", (number,), f"fewer than {least:.0f} comments"))
    return tuple(doubts)
