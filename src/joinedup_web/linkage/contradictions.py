"""Decisions that cannot all be true: two records are different people, and by other decisions one person.

A run would refuse such decisions, and no clerk sees more than one pair. So every pair of the circle waits for a second
opinion, and none of them is obeyed until one that a second opinion has settled breaks it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from joinedup_web.linkage.decisions import Word, standing
from joinedup_web.linkage.models import Decision, PairState, ReviewPair, Verdict

Place = tuple[str, str]  # source, id
AT_ONCE = 100


@dataclass(frozen=True)
class _Said:
    """A pair that has a word which holds on it by itself."""

    pair: ReviewPair
    word: str
    settled: bool

    @property
    def ends(self) -> tuple[Place, Place]:
        return _ends(self.pair)


@dataclass(frozen=True)
class Weighed:
    """What weighing found: pairs that stand otherwise now, those newly in a circle, and whether a circle is settled
    throughout, which must not be."""

    changed: tuple[ReviewPair, ...]
    newly: tuple[ReviewPair, ...]
    is_hopeless: bool


def weigh(pair: ReviewPair) -> Weighed:
    """Look whether the decisions around a pair contradict each other, and say of each where it stands; not saved."""
    said, groups = _around(pair)
    in_circle: set[UUID] = set()
    hopeless = False
    for circle in _circles(said, groups):
        loose = [each.pair.id for each in circle if not each.settled]
        hopeless = hopeless or not loose
        in_circle.update(loose)
    changed, newly = [], []
    for each in said:
        contradicted = each.pair.id in in_circle
        if each.pair.contradicted == contradicted:
            continue
        each.pair.contradicted = contradicted
        if each.pair.state in (PairState.DECIDED, PairState.DISAGREED):
            each.pair.state = PairState.DISAGREED if contradicted else PairState.DECIDED
        changed.append(each.pair)
        if contradicted:
            newly.append(each.pair)
    return Weighed(tuple(changed), tuple(newly), hopeless)


def circle_of(pair: ReviewPair) -> list[tuple[ReviewPair, str]]:
    """The other pairs that contradict this one, each with its word; empty where none does."""
    if not pair.contradicted:
        return []
    said, groups = _around(pair)
    for circle in _circles(said, groups):
        if any(each.pair.id == pair.id for each in circle):
            return [(each.pair, each.word) for each in circle if each.pair.id != pair.id]
    return []


def _around(pair: ReviewPair) -> tuple[list[_Said], dict[Place, list[tuple[Place, _Said]]]]:
    """The pairs with a word whose records hang together with this pair's by the word "same"; and those links."""
    seen: set[Place] = set()
    waiting = set(_ends(pair))
    found: dict[UUID, _Said] = {}
    links: dict[Place, list[tuple[Place, _Said]]] = {}
    while waiting:
        seen |= waiting
        reached: set[Place] = set()
        for each in _said_of(pair, waiting):
            if each.pair.id in found:
                continue
            found[each.pair.id] = each
            if each.word == Verdict.SAME:
                left, right = each.ends
                links.setdefault(left, []).append((right, each))
                links.setdefault(right, []).append((left, each))
                reached |= {left, right}
        waiting = reached - seen
    return list(found.values()), links


def _said_of(pair: ReviewPair, places: Iterable[Place]) -> list[_Said]:
    """The pairs of these records that have a word."""
    rows: dict[UUID, ReviewPair] = {}
    wanted = sorted(places)
    for begin in range(0, len(wanted), AT_ONCE):
        either = Q()
        for source, identifier in wanted[begin : begin + AT_ONCE]:
            either |= Q(left_source=source, left_id=identifier)
            either |= Q(right_source=source, right_id=identifier)
        near = ReviewPair.objects.filter(either, project_id=pair.project_id).exclude(
            readings=0, state=PairState.OPEN
        )
        rows |= {row.id: row for row in near.defer("values", "levels", "why")}
    words: dict[UUID, list[Word]] = {}
    told = Decision.objects.filter(pair_id__in=rows, undone_at=None).order_by("decided_at")
    for pair_id, verdict, settles in told.values_list("pair_id", "verdict", "settles"):
        words.setdefault(pair_id, []).append(Word(verdict, settles))
    return [
        _Said(rows[pair_id], word, any(each.settles for each in all_words))
        for pair_id, all_words in words.items()
        if (word := standing(all_words)) is not None
    ]


def _circles(said: list[_Said], links: dict[Place, list[tuple[Place, _Said]]]) -> Iterable[list[_Said]]:
    """Each "different" with the shortest chain of "same" that says otherwise."""
    for each in said:
        if each.word == Verdict.DIFFERENT:
            chain = _chain(links, *each.ends)
            if chain:
                yield [each, *chain]


def _chain(links: dict[Place, list[tuple[Place, _Said]]], start: Place, end: Place) -> list[_Said]:
    came: dict[Place, tuple[Place, _Said] | None] = {start: None}
    waiting = deque([start])
    while waiting and end not in came:
        place = waiting.popleft()
        for other, by in links.get(place, ()):
            if other not in came:
                came[other] = (place, by)
                waiting.append(other)
    chain: list[_Said] = []
    step = came.get(end)
    while step is not None:
        chain.append(step[1])
        step = came[step[0]]
    return chain


def _ends(pair: ReviewPair) -> tuple[Place, Place]:
    return (pair.left_source, pair.left_id), (pair.right_source, pair.right_id)
