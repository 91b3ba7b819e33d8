"""The real texts that models are measured on, each once, and their vectors, worked out once and kept in bench/out.

banking77 (PolyAI, CC BY 4.0): customers' questions with 77 intents, its own parts for learning and measuring.
NHS Friends and Family Test (two sets published under MIT by NHS England): comments that people left, coded by people.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from joinedup.text.embed import DeepEmbedder, Vectors
from joinedup.text.evaluate import first_of_identical, is_held_out, normalised_text

HERE = Path(__file__).parent
_CRITICALITY = re.compile(r"-?[0-5]")  # as coded by people: from -5, worst, to 5; others are slips of the pen
_LEVELS = (-2, 0, 1, 3, 4)  # the least of each level but the first
HELD_OUT = 0.3  # of the NHS comments, by a hash of the text and the seed
LEAST_OF_A_TAG = 50  # comments
FEELINGS = {"1": "positive", "2": "positive", "3": "neutral", "4": "negative", "5": "negative"}
SATISFIED = {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1}  # "very good" … "very poor"; others did not say


@dataclass(frozen=True)
class Comment:
    """A text, the question that it answers, and what people said of it: one label, or tags.

    step: how glad, 1 … 5, 0 if not told. satisfaction: what the person ticked in the same form, 5 (very) … 1, or 0.
    """

    text: str
    question: str
    label: str
    tags: frozenset[str] = frozenset()
    step: int = 0
    satisfaction: int = 0


def banking77(part: str) -> list[Comment]:
    """The part `train` or `test`, as published."""
    return [Comment(row["text"], "", row["category"]) for row in _rows(f"banking77/{part}.csv")]


def nhs_themes() -> list[Comment]:
    """Comments of three trusts with one of nine themes each; identical texts once."""
    return _once(
        [
            Comment(row["feedback"], row["question"], row["label"])
            for row in _rows("nhs_fft/phase1_text_data.csv")
        ]
    )


def nhs_tags() -> list[Comment]:
    """Comments with the tags of the later codebook that at least 50 bear, and a feeling as label ("" if none)."""
    rows = _rows("nhs_fft/v6framework_230831.csv")
    names = list(rows[0])
    codebook = names[names.index("Comment sentiment") + 1 :]
    found = _once(
        [
            Comment(
                row["FFT answer"],
                " ".join(row["FFT question"].split()),
                FEELINGS.get(row["Comment sentiment"], ""),
                frozenset(tag for tag in codebook if row[tag] not in ("", "0")),
                int(row["Comment sentiment"] or 0),
                SATISFIED.get(row["FFT categorical answer"], 0),
            )
            for row in rows
        ]
    )
    often = Counter(tag for comment in found for tag in comment.tags)
    kept = {tag for tag, count in often.items() if count >= LEAST_OF_A_TAG}
    return [replace(one, tags=one.tags & kept) for one in found]


def nhs_levels(*, without: Sequence[str]) -> list[tuple[str, int]]:
    """Texts of the earlier set, each with a level of how good what it tells of is, 0 … 5; identical texts once.

    without: texts that must not be learned from, however they are written.
    """
    away = {normalised_text(text) for text in without}
    found = []
    for row in _rows("nhs_fft/phase1_text_data.csv"):
        said = row["criticality"].replace("-o", "0")
        if _CRITICALITY.fullmatch(said) and normalised_text(row["feedback"]) not in away:
            found.append((row["feedback"], bisect(_LEVELS, int(said))))
    return [found[place] for place in first_of_identical([text for text, _ in found])]


def parted(comments: Sequence[Comment], seed: int) -> tuple[list[Comment], list[Comment]]:
    """Those to learn from, and those to measure on."""
    held = [is_held_out(comment.text, share=HELD_OUT, seed=seed) for comment in comments]
    learn = [comment for comment, out in zip(comments, held, strict=True) if not out]
    return learn, [comment for comment, out in zip(comments, held, strict=True) if out]


class Kept:
    """An embedder that remembers, in a file of bench/out, every text it has seen, with its inner layers' numbers."""

    def __init__(self, embedder: DeepEmbedder) -> None:
        self.name, self.version, self.dimensions = embedder.name, embedder.version, embedder.dimensions
        self._embedder = embedder
        self._file = HERE / "out" / f"text_vectors_{embedder.version}_deep.npz"
        self._known: dict[str, np.ndarray] = {}
        if self._file.exists():
            with np.load(self._file) as kept:
                self._known = dict(zip(kept["digests"].tolist(), kept["vectors"], strict=True))

    def encode(self, texts: Sequence[str], *, on_progress: object = None) -> Vectors:
        """The vectors; those not known yet are worked out and kept."""
        return self.encode_deep(texts)[:, : self.dimensions]

    def encode_deep(self, texts: Sequence[str], *, on_progress: object = None) -> Vectors:
        """The same with the numbers of the inner layers after them."""
        digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        new = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in self._known}
        if new:
            self._known |= dict(zip(new, self._embedder.encode_deep(list(new.values())), strict=True))
            self._file.parent.mkdir(exist_ok=True)
            beside = self._file.with_suffix(f".{os.getpid()}.npz")
            np.savez(
                beside, digests=np.array(list(self._known)), vectors=np.stack(list(self._known.values()))
            )
            beside.replace(self._file)
        return np.stack([self._known[digest] for digest in digests])


def _once(comments: list[Comment]) -> list[Comment]:
    comments = [comment for comment in comments if comment.text.strip()]
    return [comments[place] for place in first_of_identical([comment.text for comment in comments])]


def _rows(name: str) -> list[dict[str, str]]:
    shared = Path(os.environ.get("JOINEDUP_SHARED") or HERE.parent.parent / "shared")
    with (shared / "data" / "text" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
