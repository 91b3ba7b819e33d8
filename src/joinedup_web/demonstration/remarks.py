"""What made-up people say of the demonstration's services: texts and answers, in an order that is always the same."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import count
from typing import Any

DAYS = 70
MENDED = 38
"""So many days ago the upload of documents was mended."""
LATELY = 12
"""Whoever asks for an answer wrote within so many days."""
LETS_QUOTE = 0.6
"""This share of those who write lets its words be published."""
SATISFIED_BEFORE, SATISFIED_AFTER = (1, 2, 3, 3, 4), (3, 4, 4, 5, 5)
"""How satisfied those are who write nothing."""
STOPPED_BY = {
    "ineligible": ("not_eligible",),
    "error": ("error",),
    "abandoned": ("did_not_understand", "lacked_document", "other"),
}


@dataclass(frozen=True)
class Asked:
    """How often a form is answered. points: where (named more often: more often). silent: who write nothing.

    days: how long ago at most.
    """

    service: str
    question: str
    points: tuple[str, ...]
    number: int
    silent: int = 0
    days: int = DAYS


@dataclass(frozen=True)
class Remark:
    """One made-up response. days_ago: in days and parts of them. spam: the trap and the seconds it is known by."""

    service: str
    point: str
    days_ago: float
    answers: Mapping[str, Any] = field(repr=False)
    language: str = "en"
    spam: tuple[str, float] | None = None


ASKED = (
    Asked("parking", "improve", ("finished", "finished", "finished", "letter", "button"), 105, 21),
    Asked("bus", "improve", ("finished", "finished", "poster"), 76, 18),
    Asked("parking", "happened", ("ineligible",), 10),
    Asked("parking", "happened", ("error",), 9),
    Asked("parking", "happened", ("abandoned",), 9),
    Asked("bus", "happened", ("ineligible",), 6),
    Asked("bus", "happened", ("error",), 7),
    Asked("bus", "happened", ("abandoned",), 3),
    Asked("parking", "message", ("contact",), 7, days=LATELY),
    Asked("bus", "message", ("contact",), 5, days=LATELY),
)


@cache
def told() -> Mapping[str, Any]:
    """What stands in comments.toml."""
    text = files("joinedup_web.demonstration").joinpath("comments.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def remarks() -> tuple[Remark, ...]:
    """Every response, the oldest first, with some spam and one that tells of a danger."""
    chance = random.Random(20_250)
    made = [remark for asked in ASKED for remark in _of(asked, chance)]
    for number, spam in enumerate(told()["spam"]):
        known_by = (spam.get("trap", ""), spam.get("seconds", 40.0))
        answers = {"satisfaction": "5", "improve": spam["text"]}
        made.append(Remark(spam["service"], "finished", 2.1 + number, answers, spam=known_by))
    danger = told()["danger"]
    answers = {"need": "other", "message": danger["text"], "wants_answer": "no"}
    made.append(Remark(danger["service"], "contact", 0.02, answers))
    return tuple(sorted(made, key=lambda remark: -remark.days_ago))


def _of(asked: Asked, chance: random.Random) -> Iterator[Remark]:
    """The responses to one form, in no order."""
    texts = _texts(asked, chance)
    for number in range(asked.number):
        entry = next(texts) if number >= asked.silent else {}
        soonest = 0.2 if entry.get("when") != "before" else MENDED + 1.0
        latest = asked.days - 0.5 if entry.get("when") != "after" else MENDED - 1.0
        days_ago = chance.uniform(soonest, latest)
        answers = _answers(asked, entry, days_ago, chance)
        if asked.question == "message" and number % 2 == 0:
            answers |= {"wants_answer": "yes", "email": f"person{chance.randrange(1000, 9999)}@mail.example"}
        language = entry.get("language", "en")
        yield Remark(asked.service, chance.choice(asked.points), days_ago, answers, language)


def _texts(asked: Asked, chance: random.Random) -> Iterator[dict[str, Any]]:
    """What is written, with its slots filled: each text in turn, and anew, but those that come once."""
    offered = [
        entry
        for entry in told()[asked.service][asked.question]
        if entry.get("ending", asked.points[0]) == asked.points[0]
    ]
    for turn in count():
        for entry in chance.sample(offered, len(offered)):
            if not (turn and entry.get("once")):
                slots = {name: chance.choice(values) for name, values in told()["slots"].items()}
                yield {**entry, "text": entry["text"].format(**slots)}


def _answers(
    asked: Asked, entry: Mapping[str, Any], days_ago: float, chance: random.Random
) -> dict[str, Any]:
    """The answers to every question that somebody who wrote this is asked."""
    answers: dict[str, Any] = {asked.question: entry["text"]} if entry else {}
    if asked.question == "message":
        answers |= {"need": entry["need"], "wants_answer": "no"}
    elif asked.question == "happened":
        answers |= {"stopped_by": chance.choice(STOPPED_BY[asked.points[0]])}
        answers |= {"satisfaction": str(chance.choice((1, 1, 2, 2, 3)))}
    else:
        silent = SATISFIED_BEFORE if days_ago > MENDED else SATISFIED_AFTER
        answers |= {"satisfaction": str(entry.get("stars") or chance.choice(silent))}
        if entry and chance.random() < LETS_QUOTE:
            answers |= {"may_quote": "yes"}
    return answers
