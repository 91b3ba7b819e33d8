"""Reading what people write: masked first, then read by models, of which people sign off what they say."""

from __future__ import annotations

from .classify import (
    Guess,
    LabelModel,
    Tagged,
    TagModel,
    fit_labels,
    fit_tags,
    labels_from_bytes,
    tags_from_bytes,
)
from .danger import SAFEGUARDING, THREAT_TO_LIFE, Danger, look, look_again
from .embed import Embedder, Vectors, best_embedder, minilm_folder, open_minilm
from .features import FEATURES, Feature
from .language import Language, recognise
from .redact import Found, Identifier, Masked, find, mask, mask_text
from .segments import SegmentShare, compare_segments
from .sentiment import SentimentModel, open_sentiment
from .trend import Change, changes, sudden_changes, sudden_numbers

__all__ = [
    "FEATURES",
    "SAFEGUARDING",
    "THREAT_TO_LIFE",
    "Change",
    "Danger",
    "Embedder",
    "Feature",
    "Found",
    "Guess",
    "Identifier",
    "LabelModel",
    "Language",
    "Masked",
    "SegmentShare",
    "SentimentModel",
    "TagModel",
    "Tagged",
    "Vectors",
    "best_embedder",
    "changes",
    "compare_segments",
    "find",
    "fit_labels",
    "fit_tags",
    "labels_from_bytes",
    "look",
    "look_again",
    "mask",
    "mask_text",
    "minilm_folder",
    "open_minilm",
    "open_sentiment",
    "recognise",
    "sudden_changes",
    "sudden_numbers",
    "tags_from_bytes",
]
