"""Models that give texts labels and tags, learned from examples or begun from descriptions."""

from joinedup.text.classify.labels import Guess, LabelModel, fit_labels, labels_from_bytes
from joinedup.text.classify.tags import Tagged, TagModel, fit_tags, tags_from_bytes

__all__ = [
    "Guess",
    "LabelModel",
    "TagModel",
    "Tagged",
    "fit_labels",
    "fit_tags",
    "labels_from_bytes",
    "tags_from_bytes",
]
