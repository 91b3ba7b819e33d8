"""One plain reading of a text for the recognisers, with the way back to the places of the original.

Characters that look alike (full-width digits, dashes, odd spaces, curly quotes) become the plain one; a mask,
or a span found before, becomes the single character HIDDEN. So a text and its masked twin read the same, and
masking what is masked already changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from joinedup.text.redact.identifier import MASKS

HIDDEN = "\ue000"  # of the private use area: no letter, no digit, no space

_PLAIN: dict[int, str] = {
    **{0xFF10 + digit: str(digit) for digit in range(10)},
    **{0xFF21 + place: chr(0x41 + place) for place in range(26)},
    **{0xFF41 + place: chr(0x61 + place) for place in range(26)},
    **{0x0660 + digit: str(digit) for digit in range(10)},
    **{0x06F0 + digit: str(digit) for digit in range(10)},
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xFE63, 0xFF0D), "-"),
    **dict.fromkeys((0x2018, 0x2019, 0x201B, 0x02BC, 0x0060, 0x00B4), "'"),
    **dict.fromkeys((0x201C, 0x201D), '"'),
    **dict.fromkeys(
        (0x00A0, 0x1680, *range(0x2000, 0x2010), 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF, 0x00AD, 0x09), " "
    ),
    0xFF0E: ".",
    0xFF20: "@",
    0xFF0B: "+",
    0xFF0F: "/",
    0xFF1A: ":",
    ord(HIDDEN): "?",
}
_MASK = re.compile("|".join(re.escape(mask) for mask in sorted(MASKS.values(), key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class Canonical:
    """text: the plain reading. places: for each of its characters (and its end) the place in the original."""

    text: str
    places: Sequence[int]

    def without(self, spans: Sequence[tuple[int, int]]) -> Canonical:
        """The same with each span (in order, not overlapping, not empty) become one HIDDEN character."""
        text: list[str] = []
        places: list[int] = []
        at = 0
        for start, end in spans:
            text.append(self.text[at:start])
            places.extend(self.places[at:start])
            text.append(HIDDEN)
            places.append(self.places[start])
            at = end
        text.append(self.text[at:])
        places.extend(self.places[at:])
        return Canonical("".join(text), places)


def canonical(text: str) -> Canonical:
    """The plain reading of a text, its masks hidden.

    >>> canonical("call 07700–900123").text
    'call 07700-900123'
    """
    plain = Canonical(text if text.isascii() else text.translate(_PLAIN), range(len(text) + 1))
    masks = masks_in(plain.text)
    return plain.without(masks) if masks else plain


def masks_in(text: str) -> list[tuple[int, int]]:
    """Where the masks of a text stand, in order."""
    return [found.span() for found in _MASK.finditer(text)] if "[" in text else []
