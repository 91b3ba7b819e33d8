"""A plain reading as the recognisers are handed it: its text, its lower-case twin, and its cues on demand."""

from __future__ import annotations

from functools import cached_property

from joinedup.text.redact.cues import Cues


class Page:
    """text: the plain reading. lower: the same, letter by letter in lower case, so that places agree."""

    def __init__(self, text: str) -> None:
        self.text = text
        lower = text.lower()
        if len(lower) != len(text):  # a few letters have two in lower case
            lower = "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
        self.lower = lower
        self.has_digits = any(digit in text for digit in "0123456789")

    @cached_property
    def cues(self) -> Cues:
        """The words that say what numbers near them are."""
        return Cues(self.lower)
