"""Models that give texts labels and tags, learned from examples or begun from descriptions."""

from joinedup.text.classify.features import Contexts
from joinedup.text.classify.labels import Guess, LabelModel, describe_labels, fit_labels, labels_from_bytes
from joinedup.text.classify.open import open_model
from joinedup.text.classify.tags import Tagged, TagModel, fit_tags, tags_from_bytes

__all__ = [
    "Contexts",
    "Guess",
    "LabelModel",
    "TagModel",
    "Tagged",
    "describe_labels",
    "fit_labels",
    "fit_tags",
    "labels_from_bytes",
    "open_model",
    "tags_from_bytes",
]
