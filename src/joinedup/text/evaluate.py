"""How good a model is: measures of labels, tags and groupings, and how texts are divided to measure honestly."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BETWEEN_WORDS = re.compile(r"\W+")


@dataclass(frozen=True)
class Spread:
    """A measure with its interval of 95%."""

    value: float
    low: float
    high: float


def macro_f1(truth: Sequence[str], said: Sequence[str | None]) -> float:
    """Return the plain mean of F1 over all labels that occur in the truth or were said; None is "said nothing".

    >>> round(macro_f1(["a", "a", "b"], ["a", "b", "b"]), 3)
    0.667
    """
    labels = sorted({*truth, *(label for label in said if label is not None)})
    return _mean([_f1(truth, said, label) for label in labels])


def accuracy(truth: Sequence[str], said: Sequence[str | None]) -> float:
    """Return the share that was said rightly."""
    return _mean([float(one == other) for one, other in zip(truth, said, strict=True)])


def tags_macro_f1(
    truth: Sequence[Collection[str]], said: Sequence[Collection[str]], tags: Sequence[str]
) -> float:
    """Return the plain mean of F1 over the tags; a tag that is neither there nor said counts 0."""
    return _mean([_f1([tag in each for each in truth], [tag in each for each in said], True) for tag in tags])


def samples_f1(truth: Sequence[Collection[str]], said: Sequence[Collection[str]]) -> float:
    """Return the mean over texts of the F1 of their tags; two empty sets agree wholly.

    >>> samples_f1([{"a", "b"}, set()], [{"a"}, set()])
    0.8333333333333333
    """
    return _mean(
        [
            2 * len(set(one) & set(other)) / (len(set(one)) + len(set(other))) if one or other else 1.0
            for one, other in zip(truth, said, strict=True)
        ]
    )


def bootstrap(
    measure: Callable[[NDArray[np.int64]], float], *, size: int, seed: int, rounds: int = 1000
) -> Spread:
    """Return a measure over all `size` items with its interval of 95%, by drawing items again with replacement.

    measure: takes the places of the items drawn and returns the measure over them.
    """
    chance = np.random.default_rng(seed)
    drawn = [measure(chance.integers(0, size, size)) for _ in range(rounds)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Spread(value=measure(np.arange(size)), low=float(low), high=float(high))


def adjusted_mutual_information(one: Sequence[object], other: Sequence[object]) -> float:
    """Return how far two groupings of the same items agree: 1 wholly, 0 as chance would have it."""
    from sklearn.metrics import adjusted_mutual_info_score

    return float(adjusted_mutual_info_score(_numbered(one), _numbered(other)))


def normalised_text(text: str) -> str:
    """Return what two texts must share to count as identical: the words, whatever their case and punctuation."""
    return _BETWEEN_WORDS.sub(" ", text.casefold()).strip()


def first_of_identical(texts: Sequence[str]) -> list[int]:
    """Return the places of the first of each set of identical texts, in order; those without a word are left out."""
    seen: set[str] = {""}
    places = []
    for place, text in enumerate(texts):
        said = normalised_text(text)
        if said not in seen:
            seen.add(said)
            places.append(place)
    return places


def is_held_out(text: str, *, share: float, seed: int) -> bool:
    """Whether a text belongs to the part that is measured on: by a hash of its words, whatever texts are beside it."""
    digest = hashlib.sha256(f"{seed}:{normalised_text(text)}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def _f1(truth: Sequence[object], said: Sequence[object], label: object) -> float:
    right = sum(one == label and other == label for one, other in zip(truth, said, strict=True))
    wanted = sum(one == label for one in truth) + sum(other == label for other in said)
    return 2 * right / wanted if wanted else 0.0


def _numbered(groups: Sequence[object]) -> list[int]:
    numbers: dict[object, int] = {}
    return [numbers.setdefault(group, len(numbers)) for group in groups]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
