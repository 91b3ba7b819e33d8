"""Texts that may say the same, by the words that they share: what a person looks through before opening a second case.

Words count the more the fewer texts hold them (TF-IDF, cosine). It needs no model, reads any language written in
letters, and proves nothing: it offers, and a person decides.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

LEAST = 0.15
"""The least likeness that is offered, of 1."""
MOST_SHARED = 4
_WORD = re.compile(r"[^\W\d_]{3,}")
_MASK = re.compile(r"\[[^\]\n]{1,60}\]")
_STEM = 6
"""Letters of a word that count, so that applied and application, or ceisio and ceisiadau, are near."""
_EVERYDAY_TEXT = """
the and for was that have had with this not but they you are were has when what which who from been because would could
should there their them then than just very about your our out can did does will all any also into its one get got still
after before again being mae wedi oedd bod yna hyn hwn hon nid ond ein eich gan gyda ar ac neu fel roedd fod cael
"""
_EVERYDAY = frozenset(_EVERYDAY_TEXT.split())


@dataclass(frozen=True)
class Alike(Generic[Key]):
    """A text that is like another. likeness: 0 to 1. shared: the words of the asked text that count most, at most 4."""

    key: Key
    likeness: float
    shared: tuple[str, ...]


def alike(text: str, others: Mapping[Key, str], *, most: int = 5, least: float = LEAST) -> list[Alike[Key]]:
    """Return the texts most like one, the likeliest first, at most `most`. Masks such as [name] count for nothing.

    A text without words of its own is like none.

    >>> [each.key for each in alike("my permit never came", {1: "permit did not come", 2: "a rude answer"})]
    [1]
    """
    own = _stems(text)
    read = {key: stems for key, other in others.items() if (stems := _stems(other))}
    if not own or not read:
        return []
    held = Counter(own.keys())
    for stems in read.values():
        held.update(stems.keys())
    total = len(read) + 1
    rare = {stem: 1.0 + math.log(total / times) for stem, times in held.items()}
    length = _length(own, rare)
    found = []
    for key, stems in read.items():
        shared = own.keys() & stems.keys()
        if not shared:
            continue
        parts = {stem: _weight(own[stem], rare[stem]) * _weight(stems[stem], rare[stem]) for stem in shared}
        likeness = sum(parts.values()) / (length * _length(stems, rare))
        if likeness >= least:
            found.append((likeness, key, parts))
    found.sort(key=lambda each: -each[0])
    words = _first_words(text)
    return [
        Alike(key, min(likeness, 1.0), tuple(words[stem] for stem in _heaviest(parts)))
        for likeness, key, parts in found[:most]
    ]


def _stems(text: str) -> Counter[str]:
    """How often each beginning of a word occurs that says something."""
    return Counter([word[:_STEM] for word in _words(text) if word not in _EVERYDAY])


def _words(text: str) -> list[str]:
    found: list[str] = _WORD.findall((_MASK.sub(" ", text) if "[" in text else text).lower())
    return found


def _first_words(text: str) -> dict[str, str]:
    """For each beginning of a word the first word that has it."""
    words: dict[str, str] = {}
    for word in _words(text):
        words.setdefault(word[:_STEM], word)
    return words


def _weight(times: int, rare: float) -> float:
    return rare if times == 1 else (1.0 + math.log(times)) * rare


def _length(stems: Mapping[str, int], rare: Mapping[str, float]) -> float:
    return math.sqrt(sum([_weight(times, rare[stem]) ** 2 for stem, times in stems.items()]))


def _heaviest(parts: Mapping[str, float]) -> list[str]:
    return sorted(parts, key=lambda stem: (-parts[stem], stem))[:MOST_SHARED]
