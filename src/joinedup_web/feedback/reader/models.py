"""The models of the process that reads comments: opened when first asked for, and kept while it lives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from joinedup.errors import ModelError
from joinedup.text import classify, embed, sentiment
from joinedup.text.danger.again import danger_model
from joinedup.text.embed import DeepEmbedder, Embedder, OnProgress, Vectors

MOST_KEPT = 40  # models of services; some megabytes each


class Remembering:
    """An embedder that works each text of an order out once, however many models ask for it."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name, self.version, self.dimensions = embedder.name, embedder.version, embedder.dimensions
        self._known: dict[str, tuple[Vectors, Any]] = {}  # the vector, and the inner layers' numbers in short
        # Inner layers come with the last one at no cost, and what reads them asks after what does not.
        self._encode = embedder.encode_deep if isinstance(embedder, DeepEmbedder) else embedder.encode

    def encode(self, texts: Sequence[str], *, on_progress: OnProgress | None = None) -> Vectors:
        """The vectors of texts, as the embedder gives them."""
        self._remember(texts, on_progress)
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return np.stack([self._known[text][0] for text in texts])

    def encode_deep(self, texts: Sequence[str], *, on_progress: OnProgress | None = None) -> Vectors:
        """The same with the numbers of the inner layers after them, where the embedder tells these."""
        vectors = self.encode(texts, on_progress=on_progress)
        inner = [self._known[text][1] for text in texts]
        return np.hstack([vectors, np.stack(inner).astype(np.float32)]) if texts else vectors

    def _remember(self, texts: Sequence[str], on_progress: OnProgress | None) -> None:
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        for text, row in zip(new, self._encode(new, on_progress=on_progress) if new else (), strict=True):
            self._known[text] = (
                row[: self.dimensions].copy(),
                row[self.dimensions :].astype(np.float16),
            )

    def forget(self) -> None:
        """Let the texts of an order go."""
        self._known.clear()


class Models:
    """The models of this process. embedder: another than the best one there is; None: by words alone."""

    def __init__(self, *embedder: Embedder | None) -> None:
        self._looked = bool(embedder)
        self._embedder = Remembering(embedder[0]) if embedder and embedder[0] is not None else None
        self._folder: Path | None = None
        self._sentiment: Any = None
        self._fitted: dict[str, Any] = {}

    def lie_in(self, folder: str | None) -> None:
        """Where the embeddings’ weights lie; None: where setting up puts them. It counts until they are opened."""
        self._folder = Path(folder) if folder else None

    @property
    def embedder(self) -> Remembering | None:
        """The sentence embeddings; None where there are none on this machine."""
        if not self._looked:
            found = embed.best_embedder(self._folder)
            self._embedder = None if found is None else Remembering(found)
            self._looked = True
        return self._embedder

    def sentiment(self) -> sentiment.SentimentModel:
        """The model of sentiment that goes with the embeddings."""
        if self._sentiment is None:
            self._sentiment = sentiment.open_sentiment(embedder=self.embedder)
        found: sentiment.SentimentModel = self._sentiment
        return found

    @property
    def looks_again(self) -> bool:
        """Whether the second look for danger reads these embeddings’ vectors."""
        return self.embedder is not None and self.embedder.name.startswith(danger_model().embedder)

    def fitted(self, path: str) -> Any:
        """A model of a service's own, from its file. Raises ModelError where the file is gone or spoilt."""
        if path not in self._fitted:
            try:
                content = Path(path).read_bytes()
            except OSError as error:
                raise ModelError(
                    what="a model of this service is not there any more",
                    mend="it is learnt again from people’s decisions",
                ) from error
            while len(self._fitted) >= MOST_KEPT:
                self._fitted.pop(next(iter(self._fitted)))
            self._fitted[path] = classify.open_model(content, embedder=self.embedder)
        return self._fitted[path]
