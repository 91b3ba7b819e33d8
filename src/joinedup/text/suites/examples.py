"""The texts of the suites, with the answers that are right."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_MARKED = re.compile(r"\[\[([^|\]]+)\|(\w+)\]\]")


@dataclass(frozen=True)
class Planted:
    """A message and the places in it that must be masked, as (start, end)."""

    text: str
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Subject:
    """What some texts are about: a team's name and purpose, or a tag and its description."""

    name: str
    purpose: str
    texts: tuple[str, ...]


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(
        (files("joinedup.text.suites") / "data" / f"{name}.toml").read_text(encoding="utf-8")
    )


def planted() -> list[Planted]:
    """Messages with made-up personal data, and some without any."""
    return [planted_in(marked) for marked in _read("mask")["messages"]]


def planted_in(marked: str) -> Planted:
    """A message whose values are marked, read.

    >>> planted_in("Ring [[07700 900123|phone]].")
    Planted(text='Ring 07700 900123.', places=((5, 17),))
    """
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    at = length = 0
    for found in _MARKED.finditer(marked):
        before = marked[at : found.start()]
        length += len(before)
        places.append((length, length + len(found[1])))
        length += len(found[1])
        parts += [before, found[1]]
        at = found.end()
    return Planted("".join([*parts, marked[at:]]), tuple(places))


def by_language() -> list[tuple[str, str]]:
    """Texts and the code of their language."""
    return [(text, code) for code, texts in _read("language")["languages"].items() for text in texts]


def by_danger() -> list[tuple[str, str]]:
    """Texts and the danger that they tell of, empty for none."""
    return [(row["text"], row["danger"]) for row in _read("danger")["message"]]


def by_feeling() -> list[tuple[str, str]]:
    """Texts and how whoever wrote them feels."""
    return [(text, feeling) for feeling, texts in _read("sentiment")["feelings"].items() for text in texts]


def subjects() -> list[Subject]:
    """Texts by what they are about."""
    return [Subject(row["name"], row["purpose"], tuple(row["texts"])) for row in _read("grouped")["subject"]]
