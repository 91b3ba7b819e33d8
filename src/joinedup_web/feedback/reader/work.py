"""What the models do with masked comments: reading a batch, and drafting themes.

No Django, no database: an order comes as plain values and is answered with plain values.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from joinedup.text import themes as drafting
from joinedup.text.classify import LabelModel, TagModel, describe_labels
from joinedup.text.danger import look_again
from joinedup.text.danger.again import danger_model
from joinedup.text.embed import Vectors
from joinedup_web.feedback.reader.models import Models

Order = dict[str, Any]
Tell = Callable[[str, int, int], None]
RUNS = 3
WORDS_ALONE = "word vectors (TF-IDF)"
ROUTE_PRECISION = 0.9
"""A service's own model names a team where, as cross-validation measured it, this share of the names is right."""
LEAST_LIKE_A_DESCRIPTION = 0.1
"""How sure a suggestion from descriptions alone must be. Nothing has measured it: it is a place to begin."""
LEAST_ALONE = 0.6
"""The same for the probability where there is no embedder, so that nothing but shared words speaks for it."""
DESCRIBED = "descriptions"


def read(order: Order, *, models: Models, tell: Tell) -> Order:
    """Read a batch of one service's comments.

    order: texts (masked), questions (what each answers), keys (the questions' keys), satisfaction (5, very, to 1 as the
    same form was answered; None where it was not), is_english; sentiment and danger:
    whether to look for them; tag and route: None, or {"file": a fitted model's or None, "described": [[id, name,
    description], ...]}.

    Returns sentiment [[label, probability]], danger [[[kind, [reasons]]]], tag [[[id, probability]]], route [[id or
    None, probability]], each a text or None where it was not asked for or cannot be told; doubt; models (by feature:
    name and version) and seconds by feature.
    """
    texts: list[str] = order["texts"]
    clock, used, answer = _Clock(), {}, {"sentiment": None, "danger": None, "tag": None, "route": None}
    embedder = models.embedder
    vectors = None if embedder is None else clock.time("embed", embedder.encode, texts)
    if order["sentiment"]:
        model = models.sentiment()
        felt = clock.time(
            "sentiment",
            lambda: model.predict(
                texts, questions=order["questions"], satisfaction=order["satisfaction"], vectors=vectors
            ),
        )
        answer["sentiment"] = [[label, round(float(sure), 4)] for label, sure in felt]
        used["sentiment"] = [model.name, model.version]
    if order["danger"] and vectors is not None and models.looks_again:
        seen = clock.time("danger", look_again, vectors)
        answer["danger"] = [
            [[danger.kind, list(danger.reasons)] for danger in dangers] if is_english else []
            for dangers, is_english in zip(seen, order["is_english"], strict=True)
        ]
        used["danger"] = ["second look for danger", danger_model().version]
    doubts: list[list[float]] = [[] for _ in texts]
    for feature in ("tag", "route"):
        if not order.get(feature):
            continue
        suggested = clock.time(
            feature, _suggested, feature, order[feature], texts, order["keys"], vectors, models
        )
        if suggested is None:
            continue
        answer[feature], unsure, used[feature] = suggested
        for own, doubt in zip(doubts, unsure, strict=True):
            own.append(doubt)
    if embedder is not None:
        embedder.forget()
    answer["doubt"] = [round(max(own), 3) if own else None for own in doubts]
    return {**answer, "models": used, "seconds": clock.seconds}


def _suggested(
    feature: str,
    given: Mapping[str, Any],
    texts: list[str],
    keys: Sequence[str],
    vectors: Vectors | None,
    models: Models,
) -> tuple[list[Any], list[float], list[str]] | None:
    """Suggestions a text, how doubtful each is, and which model made them; None where there is nothing to choose."""
    contexts = [(key,) for key in keys]
    if given.get("file"):
        model = models.fitted(given["file"])
        by = [f"this service’s own ({model.trained_on} examples)", str(model.version)]
        if feature == "tag":
            return *_tags(model, texts, contexts, vectors), by
        return *_routes(model, texts, contexts, vectors), by
    described = {name: f"{description or name}" for _, name, description in given["described"]}
    if len(described) < 2:
        return None
    ids = {name: own for own, name, _ in given["described"]}
    begun = describe_labels(described, embedder=models.embedder)
    found, doubts = [], []
    for guess in begun.predict(texts, vectors=vectors):
        is_like = (
            guess.probability >= LEAST_ALONE
            if models.embedder is None
            else guess.sureness >= LEAST_LIKE_A_DESCRIPTION
        )
        said = ids[guess.best] if is_like else None
        doubts.append(0.9 if is_like else 1.0)
        sure = round(guess.probability, 4)
        found.append(([[said, sure]] if is_like else []) if feature == "tag" else [said, sure])
    return found, doubts, [DESCRIBED, begun.version]


def _tags(
    model: TagModel, texts: list[str], contexts: list[tuple[str]], vectors: Vectors | None
) -> tuple[list[Any], list[float]]:
    chances = model.probabilities(texts, vectors=vectors, contexts=contexts)
    found = [
        [
            [model.tags[at], round(float(row[at]), 4)]
            for at in np.argsort(-row, kind="stable")
            if row[at] >= 0.5
        ]
        for row in chances
    ]
    nearest = np.abs(chances - 0.5).min(axis=1) if chances.size else np.zeros(len(texts))
    return found, [float(1 - 2 * near) for near in nearest]


def _routes(
    model: LabelModel, texts: list[str], contexts: list[tuple[str]], vectors: Vectors | None
) -> tuple[list[Any], list[float]]:
    guesses = model.predict(texts, vectors=vectors, contexts=contexts, precision=ROUTE_PRECISION)
    return (
        [[guess.label, round(guess.probability, 4)] for guess in guesses],
        [1.0 if guess.label is None else 1 - guess.probability for guess in guesses],
    )


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
        felt = model.predict(
            texts,
            questions=[order.get("question", "")] * len(texts),
            vectors=None if embedder is None else vectors,
        )
        read_now = [[label, float(sure)] for label, sure in felt]
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


class _Clock:
    """Seconds by what they were spent on."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, name: str, call: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return call(*arguments)
        finally:
            self.seconds[name] = round(time.perf_counter() - began, 4)
