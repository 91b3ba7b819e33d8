"""What turns texts into rows of numbers that lie close where the texts mean alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
OnProgress = Callable[[int, int], None]  # texts done, texts in all


class Embedder(Protocol):
    """A model that places texts in a space; close means alike."""

    @property
    def name(self) -> str:
        """What the model is called."""

    @property
    def version(self) -> str:
        """Which weights, converted how: two embedders of one version give the same vectors, but for rounding."""

    @property
    def dimensions(self) -> int:
        """How many numbers a text becomes."""

    def encode(self, texts: Sequence[str], *, on_progress: OnProgress | None = None) -> Vectors:
        """Return one row of length 1 a text, in the texts' order.

        An empty text has a row as well. on_progress is told how many distinct texts are done, and of how many.
        """


@runtime_checkable
class DeepEmbedder(Embedder, Protocol):
    """An embedder that also tells what its inner layers make of a text: nearer to how a thing is said."""

    def encode_deep(self, texts: Sequence[str], *, on_progress: OnProgress | None = None) -> Vectors:
        """Return one row a text: the numbers that `encode` gives, and those of the inner layers after them."""


def encode_distinct(texts: Sequence[str], encode: Callable[[list[str]], Vectors]) -> Vectors:
    """Return what `encode` gives for each text, asking it once for each distinct text."""
    place: dict[str, int] = {}
    rows = np.fromiter(
        (place.setdefault(text, len(place)) for text in texts), dtype=np.int64, count=len(texts)
    )
    vectors = encode(list(place))
    return vectors if len(place) == len(texts) else vectors[rows]
