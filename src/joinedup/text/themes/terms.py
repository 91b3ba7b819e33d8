"""The words that set a theme apart from the others, and a title made of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"[^\W\d_][\w'’]*")
_MASK = re.compile(r"\[[a-z /-]{2,40}\]")  # what stands for personal data is no topic
_LEAST = 3  # comments of a theme that must hold a term
_MOST_TERMS = 50_000
_LONGEST_TITLE = 100


def theme_terms(
    texts: Sequence[str], assigned: NDArray[np.int32], *, themes: int, most: int = 8
) -> list[tuple[str, ...]]:
    """Return for each theme the words and pairs of words commoner in it than elsewhere, best first.

    Texts are weighed as one long text a theme (c-TF-IDF, Grootendorst 2022, arXiv:2203.05794), each word once a
    comment. Words of one stem are one term, shown as people wrote it most. A word of a pair that is there is left out.
    """
    if not themes:
        return []
    rows = [_words(text) for text in texts]
    shown = _shown(rows)
    found = _weighed(rows, assigned, themes)
    return [_readable(scored, shown, most) for scored in found]


def theme_titles(terms: Sequence[Sequence[str]]) -> list[str]:
    """Return a title a theme: its first terms, as many as read well, none the same as another's; or empty."""
    titles: list[str] = []
    taken: set[str] = set()
    for words in terms:
        telling = [word for word in words if not _is_pale(word)]
        telling += [word for word in words if _is_pale(word)][: max(0, 2 - len(telling))]
        many = 3
        title = _joined(telling[:many])
        while title in taken and many < len(telling):
            many += 1
            title = _joined(telling[:many])
        bare, number = title, 2
        while title and title in taken:
            title, number = f"{bare} ({number})", number + 1
        if title:
            taken.add(title)
        titles.append(title)
    return titles


def _joined(words: Sequence[str]) -> str:
    text = ", ".join(words)
    return (text[:1].upper() + text[1:])[:_LONGEST_TITLE]


def _is_pale(term: str) -> bool:
    return all(word in _listed("pale_words.txt") for word in term.split())


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(_MASK.sub(" ", text).casefold())]


@cache
def _listed(name: str) -> frozenset[str]:
    """stop_words.txt: never a term. pale_words.txt: praise or blame of whatever it is, in a title only for want."""
    return frozenset(
        resources.files("joinedup.text.themes").joinpath(name).read_text(encoding="utf-8").split()
    )


@cache
def _stem(word: str) -> str:
    """The word without its plural, -ed or -ing: only to count together what is one word to a reader."""
    word = word.removesuffix("'s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
                word = word[:-1]
            break
    return word.removesuffix("e") if len(word) > 4 else word


def _shown(rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """Each stem's commonest word."""
    counts = Counter(word for words in rows for word in words)
    best: dict[str, str] = {}
    for word, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        best.setdefault(_stem(word), word)
    return best


def _weighed(
    rows: Sequence[Sequence[str]], assigned: NDArray[np.int32], themes: int
) -> list[list[tuple[str, float, int]]]:
    """Each theme's terms (stems, a pair with a space) with weight and comments, heaviest first."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(analyzer=_terms_of, binary=True, max_features=_MOST_TERMS)
    try:
        counts = counter.fit_transform(rows)
    except ValueError:  # nothing but stop words
        return [[] for _ in range(themes)]
    names = counter.get_feature_names_out()
    inside = np.zeros((themes, len(names)))
    for theme in range(themes):
        inside[theme] = np.asarray(counts[assigned == theme].sum(axis=0)).ravel()
    overall = inside.sum(axis=0)
    weight = inside / np.maximum(inside.sum(axis=1, keepdims=True), 1)
    weight *= np.log1p(inside.sum() / themes / np.maximum(overall, 1))
    found = []
    for theme in range(themes):
        size = int(np.sum(assigned == theme))
        enough = inside[theme] >= min(_LEAST, max(1, size // 4))
        best = [i for i in np.lexsort((names, -weight[theme]))[:60] if enough[i]]
        found.append([(str(names[i]), float(weight[theme, i]), int(inside[theme, i])) for i in best])
    return found


def _terms_of(words: Sequence[str]) -> list[str]:
    stop = _listed("stop_words.txt")
    kept = [None if word in stop or len(word) < 2 else _stem(word) for word in words]
    pairs = [f"{one} {two}" for one, two in pairwise(kept) if one and two]
    return [word for word in kept if word] + pairs


def _readable(scored: Sequence[tuple[str, float, int]], shown: dict[str, str], most: int) -> tuple[str, ...]:
    """Pairs before their words where most comments with the word have the pair; then by weight."""
    comments = {term: many for term, _, many in scored}
    pairs = [term for term in comments if " " in term]
    inside_pair = {
        word for pair in pairs for word in pair.split() if comments[pair] >= 0.4 * comments.get(word, 0)
    }
    taken: list[str] = []
    for term, _, _ in scored:
        if term in inside_pair or (" " in term and not set(term.split()) & inside_pair):
            continue
        if " " in term and any(set(term.split()) & set(other.split()) for other in taken if " " in other):
            continue
        taken.append(term)
    return tuple(" ".join(shown.get(word, word) for word in term.split()) for term in taken[:most])
