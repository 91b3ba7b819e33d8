"""What the models do with masked comments: reading a batch, learning from decisions, drafting themes.

No Django, no database: an order comes as plain values and is answered with plain values.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from joinedup.errors import ModelError
from joinedup.text import classify, embed, sentiment
from joinedup.text import themes as drafting
from joinedup.text.embed import Embedder, OnProgress, Vectors

Order = dict[str, Any]
Tell = Callable[[str, int, int], None]
RUNS = 3
WORDS_ALONE = "word vectors (TF-IDF)"


class Remembering:
    """An embedder that works each text of an order out once, however many models ask for it."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name, self.version, self.dimensions = embedder.name, embedder.version, embedder.dimensions
        self._known: dict[str, Any] = {}

    def encode(self, texts: Sequence[str], *, on_progress: OnProgress | None = None) -> Vectors:
        """The vectors of texts, as the embedder gives them."""
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        if new:
            for text, row in zip(new, self._embedder.encode(new, on_progress=on_progress), strict=True):
                self._known[text] = row
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return np.stack([self._known[text] for text in texts])

    def forget(self) -> None:
        """Let the texts of an order go."""
        self._known.clear()


class Models:
    """The models of this process, opened when first asked for. embedder: another than the best one there is."""

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._given = embedder
        self._embedder: Remembering | None = None
        self._looked = False
        self._sentiment: Any = None
        self._fitted: dict[str, Any] = {}

    @property
    def embedder(self) -> Remembering | None:
        """The sentence embeddings; None where there are none on this machine."""
        if not self._looked:
            found = self._given or embed.best_embedder()
            self._embedder = None if found is None else Remembering(found)
            self._looked = True
        return self._embedder

    def sentiment(self) -> Any:
        """The model of sentiment."""
        if self._sentiment is None:
            self._sentiment = sentiment.open_sentiment()
        return self._sentiment

    def fitted(self, path: str, kind: str) -> Any:
        """A model of a service's own, from its file. Raises ModelError where the file is gone or spoilt."""
        if path not in self._fitted:
            try:
                content = Path(path).read_bytes()
            except OSError as error:
                raise ModelError(
                    what="a model of this service is not there any more",
                    mend="it is learnt again from people’s decisions within the hour",
                ) from error
            self._fitted[path] = classify.open_model(content, embedder=self.embedder)
        return self._fitted[path]


def themes(order: Order, *, models: Models, tell: Tell) -> Order:
    """Draft themes of texts, by groups of like ones.

    Returns each theme's title, description, terms, members and quotes (places in the order's texts), where each text
    went (-1: nowhere), how sure that is, how alike the runs were, each text's sentiment where it was asked for, the
    models, and seconds. Vectors are kept in a file with the ids.
    """
    began = time.monotonic()
    texts: list[str] = order["texts"]
    embedder = models.embedder
    if embedder is None:
        tell("reading", 0, len(texts))
        vectors = drafting.word_vectors(texts, seed=order["seed"])
        by = [WORDS_ALONE, "1"]
    else:
        vectors = embedder.encode(texts, on_progress=lambda done, total: tell("reading", done, total))
        by = [embedder.name, embedder.version]
    tell("grouping", 0, 0)
    found = drafting.draft_themes(texts, vectors, seed=order["seed"], runs=RUNS)
    used = {"embedder": by}
    read_now = None
    if order["sentiment"]:
        tell("sentiment", 0, 0)
        model = models.sentiment()
        read_now = [[label, float(sure)] for label, sure in model.predict(texts)]
        used["sentiment"] = [model.name, model.version]
    np.savez(order["vectors"], ids=np.array(order["ids"]), vectors=vectors.astype(np.float16))
    if embedder is not None:
        embedder.forget()
    return {
        "themes": [
            {
                "title": each.title,
                "description": each.description,
                "terms": list(each.terms),
                "members": [int(at) for at in each.members],
                "quotes": [int(at) for at in each.quotes],
            }
            for each in found.themes
        ],
        "assigned": [int(at) for at in found.assigned],
        "probability": [round(float(each), 4) for each in found.probability],
        "agreement": round(float(found.variance), 4),
        "runs": RUNS,
        "sentiment": read_now,
        "models": used,
        "seconds": time.monotonic() - began,
    }
