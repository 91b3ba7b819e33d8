"""Find personal data in a text, and mask it."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from joinedup.text.redact import addresses, codes, contacts, dates, numbers, people, references
from joinedup.text.redact.candidate import Candidate
from joinedup.text.redact.canonical import Canonical, canonical, masks_in
from joinedup.text.redact.identifier import MASKS, Found, Masked
from joinedup.text.redact.page import Page

_WORDS = re.compile(r"[^\W_](?:.*[^\W_])", re.DOTALL)
MOST_ROUNDS = 25  # each round hides what it found; a usual text needs two


class Recogniser(Protocol):
    """Something a department installs that finds more (names, say): spans of the text it is given."""

    def find(self, text: str) -> Iterable[Found]:
        """What it found in the text, in any order; spans that leave the text are dropped."""
        ...


_RECOGNISERS: tuple[Callable[[Page], Iterator[Candidate]], ...] = (
    contacts.candidates,
    codes.candidates,
    numbers.candidates,
    dates.candidates,
    references.candidates,
    people.candidates,
    addresses.candidates,
)


def find(text: str, *, more: Sequence[Recogniser] = ()) -> tuple[Found, ...]:
    """Everything in a text that seems to tell who somebody is, in order, none overlapping another.

    What is masked already is left alone. more: recognisers that a department installed; where what they find overlaps
    what was found before, the rest of it is found too.

    >>> [(found.kind.value, found.start, found.end) for found in find("Write to jo@example.org")]
    [('email', 9, 23)]
    """
    reading = canonical(text)
    result: list[Found] = []
    for _ in range(MOST_ROUNDS):
        page = Page(reading.text)
        chosen = _without_overlap(it for recogniser in _RECOGNISERS for it in recogniser(page))
        if not chosen:
            break
        result += [_found(candidate, reading) for candidate in chosen]
        reading = reading.without([(candidate.start, candidate.end) for candidate in chosen])
    masked = masks_in(text) if more else []
    for recogniser in more:
        result += _beside(masked, result, recogniser.find(text), text)
    return tuple(sorted(result))


def mask(text: str, found: Iterable[Found]) -> Masked:
    """The text with each span found replaced by words for its kind in square brackets.

    found: spans of this text; of two that overlap the one that starts first is masked.

    >>> mask("ring 07700 900123", find("ring 07700 900123"))
    Masked(text='ring [phone number]', counts={'phone': 1})
    """
    parts: list[str] = []
    counts: Counter[str] = Counter()
    at = 0
    for one in sorted(found):
        if one.start < at or one.end > len(text):
            continue
        parts += [text[at : one.start], MASKS[one.kind]]
        counts[one.kind.value] += 1
        at = one.end
    parts.append(text[at:])
    return Masked("".join(parts), dict(sorted(counts.items())))


def mask_text(text: str, *, more: Sequence[Recogniser] = ()) -> Masked:
    """Find and mask at once. Masking what is masked changes nothing.

    >>> mask_text("My number is AB 12 34 56 C, ring 07700 900123").text
    'My number is [national insurance number], ring [phone number]'
    """
    return mask(text, find(text, more=more))


def _found(candidate: Candidate, reading: Canonical) -> Found:
    start = reading.places[candidate.start]
    return Found(start, reading.places[candidate.end - 1] + 1, candidate.kind, candidate.why)


def _without_overlap(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The surest of those that overlap; of equally sure ones the longest, then the first."""
    taken: list[Candidate] = []  # in order and apart, so that only the two neighbours can overlap
    for one in sorted(candidates, key=lambda it: (-it.sure, it.start - it.end, it.start)):
        place = bisect_left(taken, one.start, key=lambda it: it.start)
        before = place == 0 or taken[place - 1].end <= one.start
        if before and (place == len(taken) or one.end <= taken[place].start):
            taken.insert(place, one)
    return taken


def _beside(
    masked: Sequence[tuple[int, int]], known: Sequence[Found], more: Iterable[Found], text: str
) -> list[Found]:
    """What more there is: each span, or what of it nothing known covers."""
    taken = sorted([*masked, *((it.start, it.end) for it in known)])
    result: list[Found] = []
    for one in sorted(more):
        if not 0 <= one.start < one.end <= len(text):
            continue
        for start, end in _uncovered(one, taken, text):
            result.append(Found(start, end, one.kind, one.why))
            insort(taken, (start, end))
    return result


def _uncovered(one: Found, taken: Sequence[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """The whole span where it stands apart; else its words outside those taken. A lone letter ("Ann's") is no word."""
    across = [(start, end) for start, end in taken if start < one.end and one.start < end]
    if not across:
        return [(one.start, one.end)]
    edges = [one.start, *(edge for span in across for edge in span), one.end]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    words = (_WORDS.search(text, start, end) for start, end in gaps if start < end)
    return [found.span() for found in words if found]
