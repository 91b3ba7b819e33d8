"""What a written code holds once the ways of writing it (case, spaces, hyphens) are taken off."""

from __future__ import annotations

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s\-‐-―_]+")
_STRAY = re.compile(r"[^0-9A-Z]+")
_DECIMAL_TAIL = re.compile(r"^(\d+)\.0+$")


def bare_code(text: str) -> tuple[str, str | None]:
    """The capitals and digits of a written code, and the reason if more than case and spacing was changed.

    Anything else that is a letter or digit of another script is kept, so that it is refused later.

    >>> bare_code("943 476-5919")
    ('9434765919', None)
    >>> bare_code("'9434765919")
    ('9434765919', 'punctuation')
    >>> bare_code("9434765919.0")
    ('9434765919', 'decimal_tail')
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = _SEPARATORS.sub("", text).upper()
    if text.isascii() and text.isalnum():
        return text, None
    tail = _DECIMAL_TAIL.match(text)
    if tail:
        return tail.group(1), "decimal_tail"
    if text.isalnum():
        return text, None
    if any(ord(character) > 127 and character.isalnum() for character in text):
        return text, None
    return _STRAY.sub("", text), "punctuation"


def is_one_digit_repeated(digits: str) -> bool:
    """Whether a number is one digit over and over, as people type for 'no number'.

    >>> is_one_digit_repeated("9999999999"), is_one_digit_repeated("9999999998")
    (True, False)
    """
    return len(digits) > 1 and digits == digits[0] * len(digits) and digits.isdigit()
