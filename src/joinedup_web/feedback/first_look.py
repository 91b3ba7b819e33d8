"""The first look at a text, in memory, before anything of it is kept: danger, language, and what must be masked."""

from __future__ import annotations

from dataclasses import dataclass

from joinedup.text.danger import Danger, look
from joinedup.text.language import recognise
from joinedup.text.redact import Found, mask_text
from joinedup_web.feedback.masking import Remembered
from joinedup_web.text import models_here


@dataclass(frozen=True)
class FirstLook:
    """text: masked. masks: how many of each kind. dangers: found in the text as it came.

    found: what recognisers besides the rules said of the text as it came; it is sealed with the original.
    """

    text: str
    masks: dict[str, int]
    language: str
    is_readable: bool
    dangers: tuple[Danger, ...]
    found: tuple[Found, ...] = ()


def first_look(text: str, *, language: str) -> FirstLook:
    """Return what is kept of a text, and what it was found to say. language: the one that the form was in.

    Raises JoinedupError where Presidio is asked for and cannot be loaded.
    """
    seen = recognise(text)
    dangers = look(text, language=seen.code if seen.code != "und" else language)
    found = found_besides(text)
    masked = mask_text(text, more=[Remembered(found)])
    return FirstLook(masked.text, dict(masked.counts), seen.code, seen.is_readable, dangers, found)


def found_besides(text: str) -> tuple[Found, ...]:
    """What recognisers besides the rules say of a text."""
    return tuple(sorted(one for recogniser in models_here.recognisers() for one in recogniser.find(text)))
