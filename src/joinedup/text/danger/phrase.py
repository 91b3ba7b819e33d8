"""Phrases in the notation of the danger files, as patterns over a text that was read plainly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_GAPS = {"..": 2, "...": 5}
_ENDS = re.compile(r"[.!?;\n]+")
_APOSTROPHES = re.compile(r"['’‘`´]")
_NO_WORD = re.compile(r"[^a-z0-9 .-]+")
_HYPHENS = re.compile(r"(?<![a-z])-+|-+(?![a-z])")
_SPACES = re.compile(r" +")
_TWO_IN_ONE = (
    (" any more ", " anymore "),
    (" my self ", " myself "),
    (" no one ", " noone "),
    (" can not ", " cannot "),
    (" wanna ", " want to "),
    (" u ", " you "),
    (" step dad ", " stepdad "),
    (" step father ", " stepfather "),
    (" care home ", " home "),
    (" f ", " "),
)


def plain_words(text: str) -> str:
    """Lower-case words with one space between and around them; a full stop stands for a sentence's end.

    Accents and apostrophes are dropped, so that hurried and careful writing read alike.

    >>> plain_words("I can't go on… Helpwch fi, ŵr!")
    ' i cant go on . helpwch fi wr . . '
    """
    lower = text.lower()
    if not lower.isascii():
        lower = unicodedata.normalize("NFKD", lower.replace("’", "'").replace("‘", "'"))
        lower = "".join(character for character in lower if not unicodedata.combining(character))
    lower = _APOSTROPHES.sub("", lower)
    lower = _ENDS.sub(" . ", lower)
    lower = _HYPHENS.sub(" ", _NO_WORD.sub(" ", lower))
    plain = _SPACES.sub(" ", f" {lower} . ")
    for two, one in _TWO_IN_ONE:
        if two in plain:
            plain = plain.replace(two, one)
    return plain


class Phrase:
    """One phrase. anchors, stems: a text without any of these words, or words so beginning, cannot hold it."""

    def __init__(self, written: str, lists: Mapping[str, tuple[str, ...]], common: frozenset[str]) -> None:
        self.written = written
        parts: list[str] = []
        best: tuple[int, int] | None = None
        self.anchors: frozenset[str] = frozenset()
        self.stems: frozenset[str] = frozenset()
        for token in written.split():
            if token in _GAPS:
                parts.append(rf"(?:[^ .]+ ){{0,{_GAPS[token]}}}")
                continue
            words, is_optional = _alternatives(token, lists)
            if not words:
                continue
            alternatives = "|".join(_pattern(word) for word in sorted(words))
            parts.append(f"(?:(?:{alternatives}) )" + ("?" if is_optional else ""))
            rank = (sum(word in common for word in words), len(words))
            if not is_optional and (best is None or rank < best):
                best = rank
                self.anchors = frozenset(word for word in words if not word.endswith("*"))
                self.stems = frozenset(word[:-1] for word in words if word.endswith("*"))
        if best is None:
            raise ValueError(f"a phrase needs a word that must be there: {written!r}")
        self.pattern = re.compile("(?<= )" + "".join(parts))


def _alternatives(token: str, lists: Mapping[str, tuple[str, ...]]) -> tuple[frozenset[str], bool]:
    words: set[str] = set()
    is_optional = False
    for one in token.split("|"):
        if one == "?":
            is_optional = True
        elif one.startswith("<"):
            name, _, rest = one[1:].partition(">")
            is_optional = is_optional or rest == "?"
            words.update(lists[name])
        else:
            is_optional = is_optional or one.endswith("?")
            words.add(one.rstrip("?"))
    return frozenset(words), is_optional


def _pattern(word: str) -> str:
    return re.escape(word[:-1]) + "[^ .]*" if word.endswith("*") else re.escape(word)


class Together:
    """Words that must all stand in one sentence, in any order: one of each part."""

    def __init__(self, written: str, lists: Mapping[str, tuple[str, ...]]) -> None:
        self.written = written
        self._parts: list[tuple[frozenset[str], tuple[str, ...]]] = []
        for token in written.split(" & "):
            words, is_optional = _alternatives(token, lists)
            if not is_optional:
                stems = tuple(sorted(word[:-1] for word in words if word.endswith("*")))
                self._parts.append((frozenset(word for word in words if not word.endswith("*")), stems))
        self._parts.sort(key=lambda part: len(part[0]) + 20 * len(part[1]))

    def is_in(self, words: frozenset[str]) -> bool:
        """Whether a sentence of these words has one of each part."""
        return all(
            not exact.isdisjoint(words) or (stems and any(word.startswith(stems) for word in words))
            for exact, stems in self._parts
        )
