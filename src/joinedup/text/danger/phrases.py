"""The phrases of a language, read once from its file, with an index of the words that may begin a search."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from joinedup.text.danger.phrase import Phrase, Together

LANGUAGES = ("english", "welsh")
_COMMON_WORDS = (
    "i a me my you he she it we they him her them us is am are was were be been being has have had do does did "
    "will would the to of in on at for with from by and or if when not no dont cant up out down off over so just "
    "all as that this who what how want going go get got make made take took told said say keep keeps left leave "
    "never can could yn y yr i o a ar am ei eu fy mae fi hi fo fe nhw ni wedi gan gyda efo ddim dim heb mynd cael "
    "gwneud os pan bod na "
)
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a file: what its phrases point to, by name, and of which kind."""

    name: str
    kind: str


class Phrases:
    """All phrases of one file."""

    def __init__(self, data: Mapping[str, object]) -> None:
        lists = {name: tuple(words.split()) for name, words in data["lists"].items()}  # type: ignore[attr-defined]  # TOML
        self.reviewed = data["reviewed"]
        self._rules: list[tuple[Rule | None, Phrase]] = []
        self._together: list[tuple[Rule, Together]] = []
        for group in data["idioms"]:  # type: ignore[attr-defined]  # TOML
            self._rules += [(None, Phrase(it, lists, _COMMON)) for it in group["phrases"]]
        for group in data["rule"]:  # type: ignore[attr-defined]  # TOML
            rule = Rule(group["name"], group["kind"])
            self._rules += [(rule, Phrase(it, lists, _COMMON)) for it in group["phrases"]]
            self._together += [(rule, Together(it, lists)) for it in group.get("together", ())]
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._by_stem: dict[str, list[int]] = defaultdict(list)
        for place, (_, phrase) in enumerate(self._rules):
            for word in phrase.anchors:
                self._by_word[word].append(place)
            for stem in phrase.stems:
                self._by_stem[stem].append(place)
        self._stem_sizes = sorted({len(stem) for stem in self._by_stem})

    def spoken(self, plain: str) -> Iterator[tuple[Rule, str]]:
        """The rules that a plain text fulfils, each with the phrase that did, idioms taken out first."""
        places = self._possible(plain)
        for place in places:
            rule, phrase = self._rules[place]
            if rule is None:
                plain = phrase.pattern.sub("_ ", plain)
        seen: set[Rule] = set()
        for place in places:
            rule, phrase = self._rules[place]
            if rule is not None and rule not in seen and phrase.pattern.search(plain):
                seen.add(rule)
                yield rule, phrase.written
        everywhere = frozenset(plain.split())  # what the whole text lacks, no sentence of it has
        might = [(rule, together) for rule, together in self._together if together.is_in(everywhere)]
        for sentence in plain.split(" . ") if might else ():
            words = frozenset(sentence.split())
            if len(words) > 2:
                for rule, together in might:
                    if rule not in seen and together.is_in(words):
                        seen.add(rule)
                        yield rule, together.written

    def _possible(self, plain: str) -> list[int]:
        possible: set[int] = set()
        for word in set(plain.split()):
            if word in self._by_word:
                possible.update(self._by_word[word])
            for size in self._stem_sizes:
                if size > len(word):
                    break
                possible.update(self._by_stem.get(word[:size], ()))
        return sorted(possible)


@cache
def phrases_of(language: str) -> Phrases:
    """The phrases of "english" or "welsh"."""
    text = (files("joinedup.text") / "data" / f"danger_{language}.toml").read_text(encoding="utf-8")
    return Phrases(tomllib.loads(text))
