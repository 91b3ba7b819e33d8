"""Single texts in the way that Arrow's vectorised functions treat columns of them, without calling Arrow for each.

Arrow works character by character (its lower case of "İ" is one character, and Python's is two; its notion of a
space differs from Python's), so what it makes of a character is asked of it once, and remembered.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

RE2_SPACE = r"[\t\n\f\r ]"  # what \s means to RE2
_RUN_OF_SPACE = re.compile(f"{RE2_SPACE}+")


class _Remembered(dict[str, str]):
    """What a function of Arrow makes of each character, asked when first met."""

    def __init__(self, ask: Callable[[pa.StringScalar], pa.StringScalar]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, character: str) -> str:
        found: str = self._ask(pa.scalar(character, pa.string())).as_py()
        self[character] = found
        return found


_LOWER = _Remembered(pc.utf8_lower)
_UPPER = _Remembered(pc.utf8_upper)
_TRIMMED = _Remembered(pc.utf8_trim_whitespace)  # nothing is left of a space
_SQUASHED = _Remembered(lambda c: pc.replace_substring_regex(c, r"[^\p{L}\p{N}]+", ""))


def lower(text: str) -> str:
    """As ``pc.utf8_lower``.

    >>> lower("STRAẞE İ")
    'straße i'
    """
    return text.lower() if text.isascii() else "".join([_LOWER[character] for character in text])


def upper(text: str) -> str:
    """As ``pc.utf8_upper``.

    >>> upper("ls1 4dy")
    'LS1 4DY'
    """
    return text.upper() if text.isascii() else "".join([_UPPER[character] for character in text])


def trimmed(text: str) -> str:
    """As ``pc.utf8_trim_whitespace``.

    >>> trimmed(" a b\u00a0")
    'a b'
    """
    begin, end = 0, len(text)
    while begin < end and not _TRIMMED[text[begin]]:
        begin += 1
    while end > begin and not _TRIMMED[text[end - 1]]:
        end -= 1
    return text[begin:end]


def squashed(text: str) -> str:
    """Letters and digits alone, in lower case, as Arrow's expressions tell them.

    >>> squashed("O'Neil-Smith 2")
    'oneilsmith2'
    """
    return "".join([_SQUASHED[character] for character in lower(text)])


def single_spaced(text: str) -> str:
    r"""Each run of white space (RE2's ``\s``, which is ASCII) as one space.

    >>> single_spaced("a \t b")
    'a b'
    """
    return _RUN_OF_SPACE.sub(" ", text)
