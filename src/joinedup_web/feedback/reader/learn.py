"""Learning from what people decided: a service's own model of tags or of teams, and how well it does."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from joinedup.errors import ModelError
from joinedup.text.classify import LabelModel, TagModel, fit_labels, fit_tags
from joinedup.text.evaluate import Spread, bootstrap, is_held_out, macro_f1, samples_f1, tags_macro_f1
from joinedup_web.feedback.reader.models import Models
from joinedup_web.feedback.reader.work import ROUTE_PRECISION, Order, Tell

HELD_OUT = 0.25
ROUNDS = 300


def fit(order: Order, *, models: Models, tell: Tell) -> Order:
    """Learn a model and keep it in a file.

    order: kind (tag or route), texts (masked), keys (of their questions), truths (ids of tags, or one team's id),
    weights (a correction speaks louder than an agreement), described (label id to words; teams alone), file, seed.

    Returns the model's version, the examples it learnt from, and its figures: measured on a quarter of the texts, by
    a hash of their words, that a model of the other three quarters had not seen. None where those are too few.
    """
    began = time.monotonic()
    tell("learning", 0, 0)
    figures = _measured(order, models)
    model = _fitted(order, list(range(len(order["texts"]))), models)
    file = Path(order["file"])
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_bytes(model.to_bytes())
    if models.embedder is not None:
        models.embedder.forget()
    return {
        "version": str(model.version),
        "examples": len(order["texts"]),
        "figures": figures,
        "seconds": round(time.monotonic() - began, 2),
    }


def _fitted(order: Order, places: list[int], models: Models) -> TagModel | LabelModel:
    texts = [order["texts"][at] for at in places]
    contexts = [(order["keys"][at],) for at in places]
    weights = [order["weights"][at] for at in places]
    truths = [order["truths"][at] for at in places]
    more: dict[str, Any] = {"contexts": contexts, "weights": weights, "embedder": models.embedder}
    if order["kind"] == "tag":
        return fit_tags(texts, truths, seed=order["seed"], **more)
    return fit_labels(texts, truths, seed=order["seed"], descriptions=order["described"] or None, **more)


def _measured(order: Order, models: Models) -> dict[str, Any] | None:
    texts = order["texts"]
    held = [at for at, text in enumerate(texts) if is_held_out(text, share=HELD_OUT, seed=order["seed"])]
    rest = sorted(set(range(len(texts))) - set(held))
    if len(held) < 10 or len(rest) < 20:
        return None
    try:
        model = _fitted(order, rest, models)
    except ModelError:  # too few labels among the three quarters
        return None
    truths = [order["truths"][at] for at in held]
    asked = [texts[at] for at in held]
    contexts = [(order["keys"][at],) for at in held]
    if isinstance(model, TagModel):
        said = [[tag for tag, _ in row] for row in model.predict(asked, contexts=contexts)]
        tags = sorted({tag for tags in order["truths"] for tag in tags})
        whole = bootstrap(
            lambda drawn: samples_f1([truths[at] for at in drawn], [said[at] for at in drawn]),
            size=len(held),
            seed=order["seed"],
            rounds=ROUNDS,
        )
        return {
            "texts": len(held),
            "samples_f1": _told(whole),
            "macro_f1": round(tags_macro_f1(truths, said, tags), 4),
        }
    guesses = model.predict(asked, contexts=contexts, precision=ROUTE_PRECISION)
    named = [(guess.label, truth) for guess, truth in zip(guesses, truths, strict=True) if guess.label]
    best = [guess.best for guess in guesses]
    whole = bootstrap(
        lambda drawn: macro_f1([truths[at] for at in drawn], [best[at] for at in drawn]),
        size=len(held),
        seed=order["seed"],
        rounds=ROUNDS,
    )
    return {
        "texts": len(held),
        "macro_f1": _told(whole),
        "named": round(len(named) / len(held), 4),
        "right": round(sum(label == truth for label, truth in named) / len(named), 4) if named else None,
    }


def _told(spread: Spread) -> list[float]:
    return [round(spread.value, 4), round(spread.low, 4), round(spread.high, 4)]
