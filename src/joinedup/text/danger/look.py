"""Look for danger to life and for abuse in what somebody wrote. A person decides; this only points.

The phrases are dated data in English and Welsh (`data/danger_*.toml`). They were written to miss little, so
they also point at ordinary comments: figures are in docs/explanation/personal-data-in-text.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from joinedup.text.danger.phrase import plain_words
from joinedup.text.danger.phrases import LANGUAGES, phrases_of

THREAT_TO_LIFE = "threat_to_life"
SAFEGUARDING = "safeguarding"
LONGEST = 40_000  # characters looked at; what is longer is looked at in its beginning and its end


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

    language: the code that `recognise` gave. Both languages are looked for whatever it says: people mix them,
        and a short cry for help is easily mistaken for another language.

    >>> [danger.kind for danger in look("If nobody answers I will kill myself")]
    ['threat_to_life']
    >>> look("The queue was killing me but the staff were lovely")
    ()
    """
    del language  # kept in the signature: other languages' phrases may one day cost too much to try always
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
    plain = plain_words(text)
    reasons: dict[str, list[str]] = {THREAT_TO_LIFE: [], SAFEGUARDING: []}
    for name in LANGUAGES:
        for rule, _ in phrases_of(name).spoken(plain):
            if rule.name not in reasons[rule.kind]:
                reasons[rule.kind].append(rule.name)
    return tuple(Danger(kind, tuple(names)) for kind, names in reasons.items() if names)
