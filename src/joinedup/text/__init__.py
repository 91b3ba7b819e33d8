"""Reading what people write: masked first, then read by models, of which people sign off what they say."""

from __future__ import annotations

from .danger import SAFEGUARDING, THREAT_TO_LIFE, Danger, look
from .features import FEATURES, Feature
from .language import Language, recognise
from .redact import Found, Identifier, Masked, find, mask, mask_text

__all__ = [
    "FEATURES",
    "SAFEGUARDING",
    "THREAT_TO_LIFE",
    "Danger",
    "Feature",
    "Found",
    "Identifier",
    "Language",
    "Masked",
    "find",
    "look",
    "mask",
    "mask_text",
    "recognise",
]
