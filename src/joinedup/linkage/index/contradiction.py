"""Whether decisions can all hold at once, and if not, which of them speak against each other."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from joinedup.errors import UsageError
from joinedup.linkage.decisions import Place, Verdict


@dataclass(frozen=True)
class Word:
    """A decision about two sides: "same" makes all their records one, "different" parts each from each across.

    name: what to call it in an error."""

    verdict: Verdict
    left: tuple[Place, ...]
    right: tuple[Place, ...]
    name: str


def refuse_contradictions(held: Sequence[Word], new: Sequence[Word]) -> None:
    """Raise UsageError where the new decisions speak against those that hold, or against each other."""
    if not new:
        return
    words = [*held, *new]
    said: dict[Place, list[int]] = {}
    for number, word in enumerate(words):
        if word.verdict is Verdict.SAME:
            for place in (*word.left, *word.right):
                said.setdefault(place, []).append(number)
    group = _groups(words, said)
    for word in words:
        if word.verdict is Verdict.DIFFERENT:
            left = {group[place]: place for place in word.left if place in group}
            for place in word.right:
                if group.get(place) in left or place in word.left:
                    chain = _chain(words, said, left.get(group.get(place, -1), place), place)
                    raise UsageError(
                        what=f"decisions contradict each other: {word.name} says different, "
                        f"{', '.join(words[number].name for number in chain)} the same",
                        where="index",
                        mend="settle which holds, and withdraw the other",
                    )


def _groups(words: Sequence[Word], said: dict[Place, list[int]]) -> dict[Place, int]:
    """The number of its group for each place that some "same" names."""
    group: dict[Place, int] = {}
    for number, start in enumerate(said):
        waiting = [] if start in group else [start]
        group.setdefault(start, number)
        while waiting:
            for word in said[waiting.pop()]:
                for place in (*words[word].left, *words[word].right):
                    if place not in group:
                        group[place] = number
                        waiting.append(place)
    return group


def _chain(words: Sequence[Word], said: dict[Place, list[int]], start: Place, end: Place) -> list[int]:
    """The decisions on a shortest way from one record to another, by "same" alone."""
    came: dict[Place, tuple[Place, int] | None] = {start: None}
    waiting = deque([start])
    while waiting and end not in came:
        at = waiting.popleft()
        for word in said.get(at, ()):
            for place in (*words[word].left, *words[word].right):
                if place not in came:
                    came[place] = (at, word)
                    waiting.append(place)
    chain, step = [], came.get(end)
    while step is not None:
        chain.append(step[1])
        step = came[step[0]]
    return sorted(set(chain))
