"""A table of comments, read: masked, its languages told, danger pointed at, feelings guessed, themes drafted.

    read = read_comments(texts, seed=1, embedder=best_embedder())
    read.comments     # one row a comment, in the order given
    read.themes       # drafts for people to edit

What a person wrote is masked before any model sees it. Danger alone is looked for in the words as they came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from joinedup.text.danger import THREAT_TO_LIFE, danger_model, look, look_again
from joinedup.text.embed import DeepEmbedder, Embedder
from joinedup.text.language import recognise
from joinedup.text.redact import Recogniser, mask_text
from joinedup.text.sentiment import open_sentiment
from joinedup.text.themes import NO_THEME, Lint, Stance, ThemeSet, draft_themes, lint, stances, word_vectors

SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("text", pa.string()),
        ("language", pa.string()),
        ("is_readable", pa.bool_()),
        ("danger", pa.string()),
        ("danger_reasons", pa.string()),
        ("sentiment", pa.string()),
        ("sentiment_probability", pa.float32()),
        ("theme", pa.int32()),
    ]
)
THEMES = pa.schema(
    [
        ("number", pa.int32()),
        *((name, pa.string()) for name in ("title", "description")),
        ("comments", pa.int64()),
        ("share", pa.float64()),
        *((name, pa.string()) for name in ("stance", "terms", "quotes")),
    ]
)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ReadComments:
    """What comments say, as far as machines can tell.

    comments: SCHEMA, one row a comment that is not empty. row: its place among the texts given, from 1. text: masked.
    danger: threat_to_life, safeguarding or null; danger_reasons: names of the rules that spoke. sentiment, theme: null
    where no model reads the language; theme: the number in `themes`, null where it has none.

    empty: texts with nothing in them. masked: how many of each kind of personal data were masked. doubts: about the
    themes. models: what read the comments, by what it did, with its version.
    """

    comments: pa.Table
    empty: int
    masked: Mapping[str, int]
    themes: ThemeSet
    stances: Mapping[int, Stance]
    doubts: tuple[Lint, ...]
    models: Mapping[str, str]

    @property
    def places(self) -> NDArray[np.int64]:
        """For each text that themes were drafted from, its place in `comments`."""
        return np.flatnonzero(self.comments.column("is_readable").to_numpy(zero_copy_only=False))


def read_comments(
    texts: Sequence[str | None],
    *,
    seed: int,
    embedder: Embedder | None = None,
    question: str = "",
    more: Sequence[Recogniser] = (),
    on_progress: Progress | None = None,
) -> ReadComments:
    """Read the comments.

    embedder: what knows meanings; without one, feelings and themes go by the words alone, and `models` says so.
    question: what the comments answer, where one question was asked: "Nothing" is praise where it was what could be
    better. more: recognisers of personal data besides the rules, as `open_presidio` gives one. on_progress: called
    with the stage, and how many comments of how many are done.

    Raises MissingExtraError without the extra `text`.
    """
    tell = on_progress or (lambda stage, done, total: None)
    rows: list[dict[str, object]] = []
    masked: Counter[str] = Counter()
    for at, text in enumerate(texts):
        if text is not None and text.strip():
            rows.append(_protected(at + 1, text, masked, more))
        if at % 500 == 0 or at + 1 == len(texts):
            tell("masking", at + 1, len(texts))
    readable = [row for row in rows if row["is_readable"]]
    shown = [str(row["text"]) for row in readable]
    deep = _vectors(shown, embedder, seed, tell)
    vectors = deep if embedder is None else deep[:, : embedder.dimensions]
    if embedder is not None and embedder.name.startswith(danger_model().embedder):
        _look_again(readable, vectors)
    sentiment = open_sentiment(embedder=embedder)
    tell("feelings", 0, len(shown))
    asked = [question] * len(shown) if question else None
    meanings = deep if sentiment.reads_meaning else None
    felt = sentiment.predict(shown, questions=asked, vectors=meanings) if shown else []
    tell("themes", 0, len(shown))
    themes = draft_themes(shown, vectors, seed=seed)
    for place, (row, (feeling, probability)) in enumerate(zip(readable, felt, strict=True)):
        theme = int(themes.assigned[place])
        row |= {"sentiment": feeling, "sentiment_probability": probability}
        row["theme"] = None if theme == NO_THEME else theme
    tell("themes", len(shown), len(shown))
    members = {theme.number: frozenset(theme.members.tolist()) for theme in themes.themes}
    stance = stances(members, [feeling for feeling, _ in felt])
    titles = {theme.number: theme.title for theme in themes.themes}
    centres = {theme.number: themes.centres[theme.number] for theme in themes.themes}
    return ReadComments(
        comments=pa.Table.from_pylist(rows, schema=SCHEMA),
        empty=len(texts) - len(rows),
        masked=dict(masked.most_common()),
        themes=themes,
        stances=stance,
        doubts=lint(titles, members, total=len(shown), centres=centres, stances=stance),
        models={
            "meaning": f"{embedder.name}, {embedder.version}" if embedder is not None else "",
            "sentiment": f"{sentiment.name}, {sentiment.version}",
        },
    )


def themes_table(read: ReadComments) -> pa.Table:
    """The draft themes: number, title, description, comments, share (of those read), stance, terms, quotes (masked)."""
    texts = read.comments.column("text")
    return pa.Table.from_pylist(
        [
            {
                "number": theme.number,
                "title": theme.title,
                "description": theme.description,
                "comments": len(theme.members),
                "share": len(theme.members) / len(read.places),
                "stance": read.stances[theme.number].code,
                "terms": ", ".join(theme.terms),
                "quotes": "\n".join(texts[int(read.places[at])].as_py() for at in theme.quotes),
            }
            for theme in read.themes.themes
        ],
        schema=THEMES,
    )


def _protected(row: int, text: str, masked: Counter[str], more: Sequence[Recogniser]) -> dict[str, object]:
    """A comment as it may be shown, and what is known of it by rules alone."""
    language = recognise(text)
    dangers = look(text, language=language.code)
    hidden = mask_text(text, more=more)
    masked.update(hidden.counts)
    return {
        "row": row,
        "text": hidden.text,
        "language": language.code,
        "is_readable": language.is_readable,
        "danger": dangers[0].kind if dangers else None,
        "danger_reasons": ", ".join(reason for danger in dangers for reason in danger.reasons) or None,
        "sentiment": None,
        "sentiment_probability": None,
        "theme": None,
    }


def _look_again(rows: list[dict[str, object]], vectors: NDArray[np.float32]) -> None:
    """Point also at what no phrase foresaw, in English. What the phrases said of a comment stays."""
    for row, dangers in zip(rows, look_again(vectors), strict=True):
        for danger in dangers:
            reasons = [row["danger_reasons"]] if row["danger_reasons"] else []
            row["danger_reasons"] = ", ".join(str(each) for each in (*reasons, *danger.reasons))
            if row["danger"] is None or danger.kind == THREAT_TO_LIFE:
                row["danger"] = danger.kind


def _vectors(
    texts: Sequence[str], embedder: Embedder | None, seed: int, tell: Progress
) -> NDArray[np.float32]:
    if embedder is None:
        tell("meaning", 0, len(texts))
        return word_vectors(texts, seed=seed)
    if not texts:
        return np.zeros((0, embedder.dimensions), dtype=np.float32)
    encode = embedder.encode_deep if isinstance(embedder, DeepEmbedder) else embedder.encode
    return encode(texts, on_progress=lambda done, total: tell("meaning", done, total))
