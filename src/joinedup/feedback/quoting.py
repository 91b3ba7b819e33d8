"""What may be shown of a comment: its own words, with parts left out for a stated reason, and nothing put in."""

from __future__ import annotations

import re
from collections.abc import Mapping

LEFT_OUT = "[…]"
REASONS: Mapping[str, str] = {
    "length": "Only the part that matters here is quoted",
    "identifies": "It could tell who wrote it",
    "another_person": "It is about another person",
    "staff": "It names a member of staff",
    "abusive": "It is abusive or discriminatory",
    "confidential": "It is about security, or confidential",
    "legal": "The law does not let it be published",
}
_WRITTEN = re.compile(r"\[\s*(?:…|\.\.\.?)\s*\]")


def tidied(quote: str) -> str:
    """A quotation as it is kept: one space between words, [...] as […], none of those side by side.

    >>> tidied("It took  [...][…] six weeks")
    'It took […] six weeks'
    """
    parts = [" ".join(part.split()) for part in _WRITTEN.split(quote)]
    told = [part for part in parts[1:-1] if part]
    inner = [parts[0], *told, parts[-1]] if len(parts) > 1 else parts
    return f" {LEFT_OUT} ".join(inner).strip()


def is_taken_from(quote: str, text: str) -> bool:
    """Whether a quotation is a text's own words in their order, with […] wherever some are left out.

    White space does not count. Without […] at its beginning it begins as the text does, and so at the end.

    >>> is_taken_from("[…] six weeks", "It took six weeks"), is_taken_from("It took two weeks", "It took six weeks")
    (True, False)
    """
    words, parts = text.split(), [part.split() for part in tidied(quote).split(LEFT_OUT)]
    if not any(parts):
        return False
    at = 0
    for number, part in enumerate(parts):
        is_first, is_last = number == 0, number == len(parts) - 1
        if not part:
            continue
        if is_first:
            place = 0 if words[: len(part)] == part else -1
        elif is_last:
            place = len(words) - len(part) if words[-len(part) :] == part else -1
        else:
            place = _place(words, part, at)
        if place < at:
            return False
        at = place + len(part)
    return len(parts) > 1 or at == len(words)


def _place(words: list[str], part: list[str], start: int) -> int:
    for at in range(start, len(words) - len(part) + 1):
        if words[at : at + len(part)] == part:
            return at
    return -1
