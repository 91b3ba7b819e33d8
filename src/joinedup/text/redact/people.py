"""Names of people, as far as words, titles and common first names betray them. Many names escape: see the docs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from joinedup.text.redact.candidate import Candidate
from joinedup.text.redact.canonical import HIDDEN
from joinedup.text.redact.identifier import Identifier
from joinedup.text.redact.page import Page

_CAP = r"[A-ZÀ-ÖØ-ÞŴŶ][a-zß-öø-ÿŵŷ]+"
_PART = rf"(?:(?:Mc|Mac|O'|D'|Fitz|St\. ?|De|Al-|El-){_CAP}|{_CAP})"
_NAME_WORD = rf"{_PART}(?:-{_PART})?"
_LINK = r"(?:van der|van den|van|von|de la|de|da|dos|del|di|bin|bint|ibn|al|ap|ab|ferch|ter)"
_SURNAMES = rf"(?:(?: [A-Z]\.?){{0,2}} (?:{_LINK} )?{_NAME_WORD}){{1,3}}"
_FULL = rf"{_NAME_WORD}(?:(?: [A-Z]\.?){{0,2}} (?:{_LINK} )?{_NAME_WORD}){{0,3}}"
_TITLE = re.compile(
    rf"(?<![A-Za-z])((?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Dame|Lord|Lady|Rev|Reverend|Cllr|Councillor|Nurse|PC|"
    rf"Sgt|Sergeant|Mister|Doctor|Y Parch|Bonwr|Bnr)\.?(?: and (?:Mr|Mrs|Ms)\.?)?) ((?:[A-Z]\.? ){{0,3}}{_FULL})"
)
_LED = re.compile(
    rf"(?:my name is|my name's|name is|name:|full name:?|i am called|they call me|fy enw i yw|fy enw yw|enw:|"
    rf"f'enw i yw|"
    rf"signed:?|regards,?|wishes,?|sincerely,?|faithfully,?|truly,?|thanks,|thank you,|cheers,|cofion,?|yn gywir,?|"
    rf"diolch,|spoke to|spoke with|speaking to|named|called|ask for|dear|annwyl)"
    rf"[ \n]{{1,3}}({_FULL})",
    re.I,
)
_LED_LOWER = re.compile(
    r"(?:my name is|my name's|name's|fy enw i yw|i am called) ([a-zà-ÿ'-]{2,20}(?: [a-zà-ÿ'-]{2,20}){0,2})",
    re.I,
)
_SELF = re.compile(
    rf"(?<![A-Za-z])(?:i am|i'm|this is|it is|it's|ydw i|dw i,) ({_NAME_WORD} {_NAME_WORD})", re.I
)
_PAIR_BEFORE = re.compile(rf"(?<![A-Za-z'])({_NAME_WORD} {_NAME_WORD})[ ,;:(/|\n-]{{1,4}}{HIDDEN}")
_PAIR_AFTER = re.compile(rf"{HIDDEN}[ ,;:(/|\n-]{{1,4}}({_NAME_WORD} {_NAME_WORD})(?= ?[,;:.)\n/|]|$)")
_CAPITALS = re.compile(rf"(?<![A-Za-z'])({_NAME_WORD})({_SURNAMES})?(?![A-Za-z])")


def candidates(page: Page) -> Iterator[Candidate]:
    """Names of people in a plain reading."""
    text = page.text
    for found in _TITLE.finditer(text):
        end = _trimmed(text, found.start(2), found.end(2), keep_first=True)
        yield Candidate(found.start(), end, Identifier.NAME, 6, "a title before a name")
    for found in _LED.finditer(text):
        if found[1][0].isupper():
            end = _trimmed(text, found.start(1), found.end(1))
            if end:
                yield Candidate(found.start(1), end, Identifier.NAME, 5, "words lead to a name")
    for found in _SELF.finditer(text):
        words = found[1].split()
        if (
            all(word[0].isupper() and not _is_word(word) for word in words)
            and words[-1].lower() not in _no_surnames()
        ):
            yield Candidate(*found.span(1), Identifier.NAME, 5, "somebody says who they are")
    if HIDDEN in text:
        yield from _beside_hidden(text)
    if "name" in page.lower or "fy enw" in page.lower or "called" in page.lower:
        yield from _lower(page)
    for found in _CAPITALS.finditer(text):
        if found[1].split("-")[0].lower() in _first_names():
            end = _trimmed(text, found.start(), found.end(), keep_first=True)
            yield Candidate(found.start(), end, Identifier.NAME, 4, "a common first name")


def _beside_hidden(text: str) -> Iterator[Candidate]:
    """Two capitalised words that nobody uses every day, next to something hidden in an earlier round."""
    for pattern in (_PAIR_BEFORE, _PAIR_AFTER):
        for found in pattern.finditer(text):
            words = found[1].split()
            everyday = any(_is_word(word) or word.lower() in _no_surnames() for word in (words[0], words[-1]))
            if not everyday or (
                words[0].lower() not in _everyday_words() and words[-1].lower() in _surnames()
            ):
                yield Candidate(
                    *found.span(1), Identifier.NAME, 3, "two capitalised words beside an identifier"
                )


def _lower(page: Page) -> Iterator[Candidate]:
    """my name is john smith: as many of the next words as are no everyday ones."""
    for found in _LED_LOWER.finditer(page.text):
        end = found.start(1)
        for word in re.finditer(r"[^ ]+", found[1]):
            if _is_word(word.group()):
                break
            end = found.start(1) + word.end()
        if end > found.start(1):
            yield Candidate(found.start(1), end, Identifier.NAME, 4, "words lead to a name")


def _trimmed(text: str, start: int, end: int, *, keep_first: bool = False) -> int:
    """The end of the name in a span of capitalised words: before the first that is no name; 0 if none is."""
    last = 0
    for place, word in enumerate(re.finditer(r"[^ ]+", text[start:end])):
        bare = word.group().rstrip(".")
        refused = bare.lower() in _no_surnames() or (
            _is_word(bare) and len(bare) > 1 and bare.lower() not in _surnames()
        )
        if refused and not (place == 0 and keep_first):
            break
        if len(bare) > 1 or place == 0:
            last = start + word.start() + len(word.group())
    return last


def _is_word(word: str) -> bool:
    return word.lower() in _everyday_words()


@cache
def _everyday_words() -> frozenset[str]:
    return _listed("english_words") | _listed("welsh_words")


@cache
def _first_names() -> frozenset[str]:
    return _listed("first_names") - {"will"}


@cache
def _surnames() -> frozenset[str]:
    """Surnames that are everyday words too."""
    return _listed("surnames_that_are_words")


@cache
def _no_surnames() -> frozenset[str]:
    """Words with a capital that stand after a name and are none: places, days, offices."""
    return _listed("words_after_names")


def _listed(name: str) -> frozenset[str]:
    text = (files("joinedup.text") / "data" / f"{name}.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
