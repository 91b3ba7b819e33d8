"""Like comments of a theme, for splitting it: two groups, from the vectors that its analysis worked with.

Without the vectors (they go after a while) comments are split by the words they share.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from joinedup_web.feedback import files
from joinedup_web.feedback.models import Theme, ThemeAssignment

ROUNDS = 50
LEAST_SHARE = 0.05  # a group of fewer is no half of anything
WORD = re.compile(r"[a-z’']{3,}")
COMMON = frozenset(
    [
        "the",
        "and",
        "was",
        "were",
        "for",
        "you",
        "your",
        "with",
        "that",
        "this",
        "have",
        "has",
        "had",
        "not",
        "but",
        "are",
        "they",
        "them",
        "their",
        "there",
        "then",
        "than",
        "from",
        "been",
        "being",
        "when",
        "what",
        "which",
        "who",
        "how",
        "why",
        "would",
        "could",
        "should",
        "will",
        "can",
        "did",
        "does",
        "just",
        "very",
        "really",
        "about",
        "into",
        "out",
        "all",
        "any",
        "our",
        "its",
        "it’s",
        "i’m",
        "don’t",
        "didn’t",
        "because",
        "after",
        "before",
        "more",
        "most",
        "some",
        "such",
        "only",
        "also",
        "one",
        "get",
        "got",
    ]
)


@dataclass
class Group:
    """A part of a theme. words: what sets it apart, for its title. terms: the same, each for itself."""

    held: list[ThemeAssignment]
    words: str = ""
    stance: str = ""
    terms: list[str] = field(default_factory=list)


def groups_of(theme: Theme, held: Sequence[ThemeAssignment]) -> list[Group]:
    """Return two groups of a theme's comments, the larger first; one where they cannot be told apart."""
    if len(held) < 4:
        return [Group(list(held))]
    vectors = _vectors(theme, held)
    side = halves(vectors, seed=theme.analysis.seed)
    parts = [[each for each, at in zip(held, side, strict=True) if at == number] for number in (0, 1)]
    if min(len(part) for part in parts) < max(2, LEAST_SHARE * len(held)):
        return [Group(list(held))]
    parts.sort(key=len, reverse=True)
    counts = [_counted(part) for part in parts]
    groups = []
    for number, part in enumerate(parts):
        terms = _setting_apart(counts[number], counts[1 - number], len(part), len(parts[1 - number]))
        words = ", ".join(terms[:3]) or f"group {number + 1}"
        groups.append(Group(part, words=words, terms=terms))
    return groups


def halves(vectors: NDArray[np.float32], *, seed: int) -> NDArray[np.int64]:
    """Return 0 or 1 for each row: two means on the sphere, the best of five beginnings."""
    rng = np.random.default_rng(seed)
    best, side = -np.inf, np.zeros(len(vectors), dtype=np.int64)
    for _ in range(5):
        first = int(rng.integers(len(vectors)))
        far = 1 - vectors @ vectors[first]
        weights = np.maximum(far, 0) ** 2
        total = float(weights.sum())
        if total <= 0:
            return side
        second = int(rng.choice(len(vectors), p=weights / total))
        centres = np.stack([vectors[first], vectors[second]])
        now = np.zeros(len(vectors), dtype=np.int64)
        for _ in range(ROUNDS):
            near = vectors @ centres.T
            after = near.argmax(axis=1)
            if (after == now).all() and now.any():
                break
            now = after
            if now.all() or not now.any():
                break
            means = np.stack([vectors[now == each].mean(axis=0) for each in (0, 1)])
            lengths = np.linalg.norm(means, axis=1, keepdims=True)
            centres = means / np.where(lengths > 0, lengths, 1)
        quality = float((vectors @ centres.T).max(axis=1).sum())
        if now.any() and not now.all() and quality > best:
            best, side = quality, now
    return side


def _vectors(theme: Theme, held: Sequence[ThemeAssignment]) -> NDArray[np.float32]:
    file = files.vectors_file(theme.analysis)
    wanted = [str(each.comment_id) for each in held]
    if file.exists():
        with np.load(file, allow_pickle=False) as kept:
            place = {str(key): row for row, key in enumerate(kept["ids"])}
            if all(key in place for key in wanted):
                return np.asarray(kept["vectors"][[place[key] for key in wanted]], dtype=np.float32)
    return _word_vectors([each.comment.text for each in held])


def _word_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    found = [set(_words(text)) for text in texts]
    counts = Counter(word for words in found for word in words)
    names = [word for word, number in counts.most_common(500) if number > 1]
    rows = np.zeros((len(texts), max(1, len(names))), dtype=np.float32)
    place = {word: column for column, word in enumerate(names)}
    for row, words in enumerate(found):
        for word in words & place.keys():
            rows[row, place[word]] = np.log(len(texts) / counts[word]) + 0.1
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def _words(text: str) -> list[str]:
    return [word for word in WORD.findall(text.lower()) if word not in COMMON]


def _counted(part: Sequence[ThemeAssignment]) -> Counter[str]:
    return Counter(word for each in part for word in set(_words(each.comment.text)))


def _setting_apart(own: Counter[str], other: Counter[str], size: int, other_size: int) -> list[str]:
    """Words that a group's comments hold more often than the other's, by the difference of the shares."""
    scored = {
        word: number / size - other[word] / max(1, other_size) for word, number in own.items() if number > 1
    }
    return [word for word, score in sorted(scored.items(), key=lambda kv: (-kv[1], kv[0]))[:6] if score > 0]
