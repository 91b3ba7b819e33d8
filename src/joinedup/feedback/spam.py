"""Signs that a response is spam. What bears one is held back for a moderator, and never dropped.

Nobody is asked to prove that they are a person: such tests keep people out who cannot see, hear or hurry.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

LEAST_SECONDS = 3.0
"""From the page to the answer. People who only tick a box need longer; programs do not."""

MOST_LINKS = 2
MOST_ALIKE = 3
"""So many responses of a day may hold the same longer text, as when a campaign asks people to send it."""

MOST_FROM_ONE_PLACE = 30
PLACE_SECONDS = 600
"""Of one network address in ten minutes: a library or a hospital has one address for everybody in it."""

LEAST_LETTERS = 20
_LINK = re.compile(r"https?://|www\.|\[url|<a\s|href=", re.IGNORECASE)


@dataclass(frozen=True)
class Signs:
    """What is known of a response beside its answers.

    trap: what stands in a field that people do not see. decoy: what was picked in a list that people do not see.
    seconds: since the form was given out; None where its signed token is missing, spoilt or too old. texts: as they
    came. alike: how many responses of the day held one of the texts already. from_place: how many came from the same
    address lately.
    """

    trap: str = ""
    decoy: str = ""
    seconds: float | None = None
    texts: tuple[str, ...] = field(default=(), repr=False)
    alike: int = 0
    from_place: int = 0


def reason_to_hold(signs: Signs) -> str:
    """Return why a response is held back, the surest sign first; empty where there is none.

    >>> reason_to_hold(Signs(seconds=40.0, texts=("Quick and clear",)))
    ''
    >>> reason_to_hold(Signs(seconds=0.4))
    'too_quick'
    """
    if signs.trap:
        return "honeypot"
    if signs.decoy:
        return "decoy"
    if signs.seconds is None:
        return "no_token"
    if signs.seconds < LEAST_SECONDS:
        return "too_quick"
    if links_in(signs.texts) > MOST_LINKS or _says_the_same_everywhere(signs.texts):
        return "links"
    if signs.alike >= MOST_ALIKE:
        return "repeated_text"
    if signs.from_place >= MOST_FROM_ONE_PLACE:
        return "too_many"
    return ""


def links_in(texts: Iterable[str]) -> int:
    """How many links stand in texts, whole addresses and the marks that programs leave."""
    return sum(len(_LINK.findall(text)) for text in texts)


def plain_words(text: str) -> str:
    """A text as it is compared with others: letters and digits alone, in small letters; empty where it is short."""
    words = "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())
    return words if len(words) >= LEAST_LETTERS else ""


def held_words() -> Mapping[str, str]:
    """What each reason means, for moderators."""
    return HELD


HELD: Mapping[str, str] = {
    "honeypot": "A field that people do not see was filled in",
    "decoy": "A list that people do not see was answered",
    "no_token": "The form that it belongs to was not given out by us, or days ago",
    "too_quick": f"It was sent within {LEAST_SECONDS:g} seconds",
    "links": "It is full of links",
    "repeated_text": "The same text came several times today",
    "too_many": "Many came from the same network address",
    "blocked_text": "A moderator blocked these words",
    "blocked_sender": "A moderator blocked this sender",
}


def _says_the_same_everywhere(texts: tuple[str, ...]) -> bool:
    """The same text in three fields or more, with a link in it."""
    return len(texts) >= 3 and len(set(texts)) == 1 and links_in(texts) > 0
