"""The models that this process reads text with: opened once, shared by all who ask."""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def embedder() -> Any | None:
    """The sentence embeddings of this installation; None where their weights are not there (TF-IDF then serves)."""
    try:
        from joinedup.text import embed
    except ImportError:
        return None
    return embed.best_embedder()


@functools.cache
def language_model() -> Any | None:
    """The language model that the settings name; None where they name none, which is how it is shipped."""
    return None
