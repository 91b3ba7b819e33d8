"""Reading what people write: masked first, then read by models, of which people sign off what they say."""

from __future__ import annotations

from .classify import (
    Contexts,
    Guess,
    LabelModel,
    Tagged,
    TagModel,
    describe_labels,
    fit_labels,
    fit_tags,
    labels_from_bytes,
    open_model,
    tags_from_bytes,
)
from .comments import ReadComments, read_comments, themes_table
from .comments_report import comments_html
from .danger import SAFEGUARDING, THREAT_TO_LIFE, Danger, look, look_again
from .embed import (
    Embedder,
    Vectors,
    best_embedder,
    fetch_minilm,
    is_minilm_in_place,
    minilm_folder,
    open_minilm,
)
from .features import FEATURES, Feature
from .language import Language, recognise
from .presidio import PresidioRecogniser, open_presidio
from .redact import Found, Identifier, Masked, Recogniser, find, mask, mask_text
from .segments import SegmentShare, compare_segments
from .sentiment import SentimentModel, open_sentiment
from .suites import FLOORS, SuiteResult, run_suite
from .trend import Change, changes, sudden_changes, sudden_numbers

__all__ = [
    "FEATURES",
    "FLOORS",
    "SAFEGUARDING",
    "THREAT_TO_LIFE",
    "Change",
    "Contexts",
    "Danger",
    "Embedder",
    "Feature",
    "Found",
    "Guess",
    "Identifier",
    "LabelModel",
    "Language",
    "Masked",
    "PresidioRecogniser",
    "ReadComments",
    "Recogniser",
    "SegmentShare",
    "SentimentModel",
    "SuiteResult",
    "TagModel",
    "Tagged",
    "Vectors",
    "best_embedder",
    "changes",
    "comments_html",
    "compare_segments",
    "describe_labels",
    "fetch_minilm",
    "find",
    "fit_labels",
    "fit_tags",
    "is_minilm_in_place",
    "labels_from_bytes",
    "look",
    "look_again",
    "mask",
    "mask_text",
    "minilm_folder",
    "open_minilm",
    "open_model",
    "open_presidio",
    "open_sentiment",
    "read_comments",
    "recognise",
    "run_suite",
    "sudden_changes",
    "sudden_numbers",
    "tags_from_bytes",
    "themes_table",
]
