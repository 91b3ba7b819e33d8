"""The models that this process reads text with: opened once, shared by all who ask."""

from __future__ import annotations

import functools

from django.conf import settings

from joinedup.llm import ChatModel, LanguageModel, close_real_calls
from joinedup.ports import HttpxClient
from joinedup.settings import Mode
from joinedup.text.embed import Embedder, best_embedder

_LARGEST_ANSWER = 2_000_000


@functools.cache
def embedder() -> Embedder | None:
    """The sentence embeddings of this installation; None where their weights are not there (TF-IDF then serves)."""
    return best_embedder(settings.JOINEDUP.model_folder)


@functools.cache
def language_model() -> LanguageModel | None:
    """The language model that the settings name; None where they name none, which is how it is shipped.

    Whether an organisation lets it be asked is another matter: `switches.is_on`. In test mode nothing beyond this
    machine can be asked, whatever the settings name.
    """
    given = settings.JOINEDUP
    if given.mode is Mode.TEST:
        close_real_calls()
    if given.language_model is None:
        return None
    seconds = float(given.language_model_seconds)
    http = HttpxClient(
        timeout_seconds=seconds,
        longest_seconds=seconds,
        largest_bytes=_LARGEST_ANSWER,
        proxy=given.https_proxy,
    )
    return ChatModel(given.language_model, http)
