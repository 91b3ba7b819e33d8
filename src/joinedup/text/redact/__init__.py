"""Personal data in free text: what was found, and the text with it put out of sight."""

from __future__ import annotations

from joinedup.text.redact.find import Recogniser, find, mask, mask_text
from joinedup.text.redact.identifier import MASKS, WORDS, Found, Identifier, Masked

__all__ = ["MASKS", "WORDS", "Found", "Identifier", "Masked", "Recogniser", "find", "mask", "mask_text"]
