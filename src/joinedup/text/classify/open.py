"""A stored model of either kind, opened by what its bytes say it is."""

from __future__ import annotations

from joinedup.errors import ModelError
from joinedup.text.classify import labels, tags
from joinedup.text.classify.packed import unpack
from joinedup.text.embed.embedder import Embedder


def open_model(content: bytes, *, embedder: Embedder | None) -> labels.LabelModel | tags.TagModel:
    """Return the model of labels or of tags that `to_bytes` wrote.

    Raises ModelError if the bytes are no model, or it was fitted with an embedder that is not the one given.
    """
    kind = unpack(content).kind
    if kind == labels.KIND:
        return labels.labels_from_bytes(content, embedder=embedder)
    if kind == tags.KIND:
        return tags.tags_from_bytes(content, embedder=embedder)
    raise ModelError(
        what=f"this is a model of {kind}", where="open_model", mend="give the model its own reader"
    )
