"""The first look at a text, in memory, before anything of it is kept: danger, language, and what must be masked."""

from __future__ import annotations

from dataclasses import dataclass

from joinedup.text.danger import Danger, look
from joinedup.text.language import recognise
from joinedup.text.redact import mask_text


@dataclass(frozen=True)
class FirstLook:
    """text: masked. masks: how many of each kind. dangers: found in the text as it came."""

    text: str
    masks: dict[str, int]
    language: str
    is_readable: bool
    dangers: tuple[Danger, ...]


def first_look(text: str, *, language: str) -> FirstLook:
    """Return what is kept of a text, and what it was found to say. language: the one that the form was in."""
    seen = recognise(text)
    dangers = look(text, language=seen.code if seen.code != "und" else language)
    masked = mask_text(text)
    return FirstLook(masked.text, dict(masked.counts), seen.code, seen.is_readable, dangers)
