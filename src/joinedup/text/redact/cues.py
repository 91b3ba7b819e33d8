"""Which words stand near a number, and what they say it is. The words are data: `data/cues.toml`."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"[a-zà-ÿŵŷ]+(?:[./&'-][a-zà-ÿŵŷ]+)*")


@dataclass(frozen=True, slots=True)
class Cue:
    """A word or two of the text and the kinds that it speaks for."""

    start: int
    end: int
    kinds: frozenset[str]


@cache
def _kinds_of_words() -> Mapping[str, frozenset[str]]:
    data = tomllib.loads((files("joinedup.text") / "data" / "cues.toml").read_text(encoding="utf-8"))
    kinds: dict[str, set[str]] = {}
    for kind, words in [*data["words"].items(), *data["not_personal"].items()]:
        for word in words:
            kinds.setdefault(word, set()).add(kind)
    return {word: frozenset(names) for word, names in kinds.items()}


class Cues:
    """The cues of one text, in the order they stand in it."""

    def __init__(self, lower: str) -> None:
        known = _kinds_of_words()
        words = list(_WORD.finditer(lower))
        cues: list[Cue] = []
        for place, word in enumerate(words):
            kinds = known.get(word.group(), frozenset())
            end = word.end()
            if place + 1 < len(words) and words[place + 1].start() - end < 3:
                both = known.get(f"{word.group()} {words[place + 1].group()}")
                if both:
                    cues.append(Cue(word.start(), words[place + 1].end(), both))
            if kinds:
                cues.append(Cue(word.start(), end, kinds))
        self._cues = cues
        self._starts = [cue.start for cue in cues]
        self._words = words
        self._word_starts = [word.start() for word in words]

    def nearest(
        self, start: int, end: int, kinds: Collection[str], *, before: int = 90, after: int = 30
    ) -> str | None:
        """The kind, of those asked for, whose word stands nearest to the span; a word after it counts less."""
        best: tuple[int, str] | None = None
        place = bisect_left(self._starts, start)
        for cue in reversed(self._cues[max(0, place - 40) : place]):
            gap = start - cue.end
            if gap > before or (best is not None and gap >= best[0]):
                break
            best = self._better(best, cue, gap, kinds)
        for cue in self._cues[place : place + 10]:
            gap = cue.start - end
            if gap > after:
                break
            if gap >= 0:
                best = self._better(best, cue, gap + 8, kinds)
        return best[1] if best else None

    @staticmethod
    def _better(
        best: tuple[int, str] | None, cue: Cue, gap: int, kinds: Collection[str]
    ) -> tuple[int, str] | None:
        if best is not None and best[0] <= gap:
            return best
        spoken = next((kind for kind in kinds if kind in cue.kinds), None)
        return (gap, spoken) if spoken else best

    def leads_to(self, start: int, kind: str, *, most: int = 5) -> bool:
        """Whether a word of the kind stands before the place with nothing but fillers between them."""
        place = bisect_left(self._word_starts, start)
        known = _kinds_of_words()
        for steps, word in enumerate(reversed(self._words[max(0, place - most - 1) : place])):
            kinds = known.get(word.group(), frozenset())
            if kind in kinds:
                return True
            if "filler" not in kinds or steps >= most:
                return False
        return False

    def is_beside(self, start: int, end: int, *, before: str = "", after: str = "") -> bool:
        """Whether the very word before (or after) the span is of the kind asked for."""
        known = _kinds_of_words()
        place = bisect_left(self._word_starts, start)
        if before and place:
            word = self._words[place - 1]
            if start - word.end() <= 3 and before in known.get(word.group(), ()):
                return True
        place = bisect_left(self._word_starts, end)
        if after and place < len(self._words):
            word = self._words[place]
            return word.start() - end <= 2 and after in known.get(word.group(), ())
        return False
