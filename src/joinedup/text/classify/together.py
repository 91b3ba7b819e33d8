"""What a text's tags say of each other, in the light of what the text means: a second look at all tags at once.

"Staff manner" beside "thanks" is another thing than beside "waiting". The second look learns from the scores that each
text had unseen (stacking: Wolpert, 1992), each of them times what the text means (a product of likenesses).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from joinedup.text.classify.linear import solved_squares
from joinedup.text.embed.embedder import Vectors

STRENGTH = 10.0  # how strongly weights are held small
SCORE_WEIGHT, CONTEXT_WEIGHT = 0.2, 0.7
FEWEST = 1_000  # texts to learn from; with fewer the first look is the last
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Together:
    """A fitted second look. weights: tags × (tags' scores and contexts) × (1 and the vector's numbers)."""

    middle: NDArray[np.float32]
    spread: NDArray[np.float32]
    weights: NDArray[np.float32]
    offsets: NDArray[np.float32]

    def scores(self, told: Matrix, known: NDArray[np.float32], vectors: Vectors) -> Matrix:
        """One row a text, one column a tag, from the first look's scores, the contexts and the vectors."""
        seen = _seen(told, known, self.middle, self.spread)
        found = np.empty((len(told), len(self.weights)))
        for tag, weights in enumerate(self.weights):
            found[:, tag] = np.einsum("ij,ij->i", seen, weights[:, 0] + vectors @ weights[:, 1:].T)
        answer: Matrix = found + self.offsets
        return answer

    def packed(self) -> dict[str, Any]:
        """The arrays of a stored model."""
        return {
            "together_middle": self.middle,
            "together_spread": self.spread,
            "together_weights": self.weights.astype(np.float16),
            "together_offsets": self.offsets,
        }


def fit_together(
    unseen: Matrix,
    known: NDArray[np.float32],
    vectors: Vectors,
    wanted: NDArray[Any],
    counts: NDArray[np.float64],
) -> tuple[Together, Matrix]:
    """Return the second look, and the scores it gives each text when it had not seen it.

    unseen: the first look's scores of texts it had not seen. known: which contexts hold. wanted: 1 or -1 a tag.
    """
    middle = unseen.mean(axis=0).astype(np.float32)
    spread = np.maximum(unseen.std(axis=0), 1e-6).astype(np.float32)
    seen = _seen(unseen, known, middle, spread)
    likeness = (seen @ seen.T) * (1 + vectors @ vectors.T)
    shares, again = solved_squares(likeness, wanted, counts, strength=STRENGTH)
    wide = np.hstack([np.ones((len(vectors), 1), dtype=np.float32), vectors])
    weights = np.stack([(seen * share[:, None]).T @ wide for share in shares.T])
    # What is kept is what is used: a model gives the same answers before it is stored and after.
    kept = weights.astype(np.float16).astype(np.float32)
    return Together(middle, spread, kept, shares.sum(axis=0).astype(np.float32)), again


def unpacked_together(arrays: Any) -> Together | None:
    """What `packed` told; None where a model has no second look."""
    if "together_weights" not in arrays:
        return None
    weights = arrays["together_weights"].astype(np.float32)
    return Together(arrays["together_middle"], arrays["together_spread"], weights, arrays["together_offsets"])


def _seen(
    told: Matrix, known: NDArray[np.float32], middle: NDArray[np.float32], spread: NDArray[np.float32]
) -> NDArray[np.float32]:
    even = ((told - middle) / spread).astype(np.float32) * np.float32(SCORE_WEIGHT)
    return np.hstack([even, known * np.float32(CONTEXT_WEIGHT)])
