"""Look for danger to life and for abuse in what somebody wrote. A person decides; this only points."""

from __future__ import annotations

import re
from dataclasses import dataclass

THREAT_TO_LIFE = "threat_to_life"
SAFEGUARDING = "safeguarding"
_FIRST = (
    (
        THREAT_TO_LIFE,
        "suicide",
        re.compile(r"\b(?:kill(?:ing)? my ?self|suicid|end my life|want to die|lladd fy hun)", re.I),
    ),
    (
        SAFEGUARDING,
        "violence at home",
        re.compile(r"\b(?:hits me|beats me|hurts me|abus(?:ed|es|ing) (?:me|my))", re.I),
    ),
)


@dataclass(frozen=True, slots=True)
class Danger:
    """Why somebody should look at a text at once.

    kind: THREAT_TO_LIFE or SAFEGUARDING. reasons: the names of the rules that spoke, for staff; none of the
        person's own words.
    """

    kind: str
    reasons: tuple[str, ...]


def look(text: str, *, language: str = "") -> tuple[Danger, ...]:
    """The dangers that a text seems to tell of, the gravest first; empty where none.

    language: the code that `recognise` gave; both languages are looked for whatever it says.

    >>> [danger.kind for danger in look("If nobody answers I will kill myself")]
    ['threat_to_life']
    """
    return tuple(Danger(kind, (reason,)) for kind, reason, pattern in _FIRST if pattern.search(text))
