"""The models that this process reads text with: opened once, shared by all who ask."""

from __future__ import annotations

import functools

from django.conf import settings

from joinedup.errors import JoinedupError
from joinedup.llm import ChatModel, LanguageModel, close_real_calls
from joinedup.ports import HttpxClient
from joinedup.settings import Mode
from joinedup.text.embed import Embedder, best_embedder
from joinedup.text.presidio import PresidioRecogniser, open_presidio
from joinedup.text.redact import Recogniser

_LARGEST_ANSWER = 2_000_000


@functools.cache
def embedder() -> Embedder | None:
    """The sentence embeddings of this installation; None where their weights are not there (TF-IDF then serves)."""
    return best_embedder(settings.JOINEDUP.model_folder)


def recognisers() -> tuple[Recogniser, ...]:
    """What masks personal data besides the rules: Presidio where the settings name its spaCy model, else nothing.

    Raises JoinedupError where it is named and cannot be loaded: nothing is masked by less than was asked for.
    """
    found = _presidio()
    if isinstance(found, JoinedupError):
        raise found
    return () if found is None else (found,)


def presidio_problem() -> str | None:
    """Why Presidio cannot be loaded though the settings ask for it; None where all is well."""
    found = _presidio()
    return found.what if isinstance(found, JoinedupError) else None


def presidio_name() -> str:
    """Presidio with its spaCy model, in words; empty where it does not read here."""
    found = _presidio()
    return f"Presidio with {found.name}" if isinstance(found, PresidioRecogniser) else ""


@functools.cache
def _presidio() -> PresidioRecogniser | JoinedupError | None:
    """Opened once, and what went wrong is kept, so that a probe does not try again each time."""
    named = settings.JOINEDUP.presidio
    try:
        return open_presidio(named) if named else None
    except JoinedupError as problem:
        return problem


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
