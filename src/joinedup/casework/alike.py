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
    asked = _words(text)
    read = {key: _words(other) for key, other in others.items()}
    if not asked or not read:
        return []
    held = Counter(stem for words in (asked, *read.values()) for stem in set(words))
    total = len(read) + 1
    rare = {stem: 1.0 + math.log(total / times) for stem, times in held.items()}
    own = _weights(asked, rare)
    found = []
    for key, words in read.items():
        weights = _weights(words, rare)
        shared = sorted(own.keys() & weights.keys(), key=lambda stem: (-own[stem] * weights[stem], stem))
        likeness = sum(own[stem] * weights[stem] for stem in shared)
        if likeness >= least:
            found.append(Alike(key, min(likeness, 1.0), tuple(asked[stem][0] for stem in shared[:4])))
    found.sort(key=lambda each: -each.likeness)
    return found[:most]


def _words(text: str) -> dict[str, list[str]]:
    """The words of a text by their first letters."""
    words: dict[str, list[str]] = {}
    for word in _WORD.findall(_MASK.sub(" ", text).lower()):
        if word not in _EVERYDAY:
            words.setdefault(word[:_STEM], []).append(word)
    return words


def _weights(words: Mapping[str, list[str]], rare: Mapping[str, float]) -> dict[str, float]:
    """How much each word counts, the whole of length 1."""
    weights = {stem: (1.0 + math.log(len(found))) * rare[stem] for stem, found in words.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {stem: weight / length for stem, weight in weights.items()} if length else {}
