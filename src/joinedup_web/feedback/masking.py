"""Masks put anew: by the rules, by what other recognisers found, and by what people said about them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from joinedup.text.redact import MASKS, WORDS, Found, Identifier, find

IDENTIFIERS: tuple[tuple[str, str], ...] = tuple(
    (kind.value, words[0].upper() + words[1:]) for kind, words in WORDS.items()
)
"""What a person may say that a text is, in the order that it is offered."""
_MASK = re.compile("(" + "|".join(re.escape(words) for words in sorted(set(MASKS.values()))) + ")")


@dataclass(frozen=True)
class Remembered:
    """A recogniser that says again what one said before, so that no model need be there to mask alike."""

    found: Iterable[Found]

    def find(self, text: str) -> Iterable[Found]:
        """The same, whatever the text: it is asked about the one that it was said of."""
        return self.found


def spans_of(
    text: str,
    *,
    found: Iterable[Found] = (),
    also: Iterable[tuple[str, str]] = (),
    shown: Iterable[tuple[str, str]] = (),
) -> list[Found]:
    """What is masked of an original, in order: by the rules, by what other recognisers `found`, and by people’s word.

    `also` is masked, `shown` is not. Both are (kind, text).
    """
    wrongly = {folded(words) for _, words in shown}
    seen = find(text, more=[Remembered(found)])
    spans = [each for each in seen if folded(text[each.start : each.end]) not in wrongly]
    for kind, words in also:
        wanted = _pattern(words)
        for match in wanted.finditer(text) if wanted is not None else ():
            if all(match.end() <= each.start or each.end <= match.start() for each in spans):
                spans.append(Found(match.start(), match.end(), Identifier(kind), "a person said so"))
    return sorted(spans)


def replaced(text: str, words: str, kind: str) -> tuple[str, int]:
    """Put a mask wherever the words stand, whatever their case and spacing; return the text, and how often.

    Words within a longer word are left, and so is what is masked already.

    >>> replaced("Ask Ann. Annual leave, ANN!", "ann", "name")
    ('Ask [name]. Annual leave, [name]!', 2)
    """
    wanted = _pattern(words)
    if wanted is None:
        return text, 0
    parts = _MASK.split(text)
    times = 0
    for place in range(0, len(parts), 2):
        parts[place], here = wanted.subn(MASKS[Identifier(kind)], parts[place])
        times += here
    return "".join(parts), times


def parts_of(masked: str) -> list[tuple[str, bool]]:
    """A masked text in pieces, each with whether it is a mask, for a page that marks them."""
    return [(piece, bool(place % 2)) for place, piece in enumerate(_MASK.split(masked)) if piece]


def folded(words: str) -> str:
    """Words as they are compared: whatever their case and spacing."""
    return " ".join(words.split()).casefold()


def _pattern(words: str) -> re.Pattern[str] | None:
    pieces = words.split()
    if not pieces:
        return None
    before = r"(?<!\w)" if pieces[0][0].isalnum() else ""
    after = r"(?!\w)" if pieces[-1][-1].isalnum() else ""
    return re.compile(before + r"\s+".join(map(re.escape, pieces)) + after, re.IGNORECASE)
