"""Characters that readers and scanners take for one another: which readings of a text are possible."""

from __future__ import annotations

from collections.abc import Callable

from joinedup.values.judged import Judged, invalid, mended

# Upper case only. L stands for a small l.
DIGIT_FOR = {"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8"}
LETTERS_FOR = {"0": "O", "1": "IL", "2": "Z", "5": "S", "6": "G", "8": "B"}
ZERO_EIGHT = {"0": "8", "8": "0"}


def as_digits(text: str) -> str | None:
    """The text with every look-alike letter read as its digit; None if any letter has no such digit.

    Also None if more than half of it is letters: that is a word, not a number badly read.

    >>> as_digits("94347659I9")
    '9434765919'
    >>> as_digits("94347659X9") is None
    True
    """
    if text.isdigit() and text.isascii():
        return text
    out = []
    for character in text:
        digit = character if "0" <= character <= "9" else DIGIT_FOR.get(character)
        if digit is None:
            return None
        out.append(digit)
    digits = "".join(out)
    return None if 2 * exchanges(text, digits) > len(text) else digits


def exchanges(written: str, read: str) -> int:
    """How many characters differ between two texts of one length.

    >>> exchanges("LSI", "LS1")
    1
    """
    return sum(1 for old, new in zip(written, read, strict=True) if old != new)


def zero_eight_swaps(digits: str) -> list[str]:
    """Every text that differs by one exchange of 0 and 8.

    >>> zero_eight_swaps("180")
    ['100', '188']
    """
    return [
        digits[:place] + ZERO_EIGHT[digit] + digits[place + 1 :]
        for place, digit in enumerate(digits)
        if digit in ZERO_EIGHT
    ]


def one_zero_eight_reading(text: str, *, agrees: Callable[[str], bool]) -> Judged:
    """MENDED if exactly one exchange of 0 and 8 makes the check digit agree, else INVALID with its reason.

    >>> one_zero_eight_reading("180", agrees=lambda text: text == "188").value
    '188'
    """
    readings = [reading for reading in zero_eight_swaps(text) if agrees(reading)]
    if len(readings) == 1:
        return mended(readings[0], "ocr_zero_eight")
    return invalid("check_digit_ambiguous" if readings else "check_digit")
