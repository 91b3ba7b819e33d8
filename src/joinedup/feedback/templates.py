"""Forms to begin with, shipped with the library: a team changes their words and questions as it likes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from joinedup.feedback.form import FormDefinition, Words, definition_from

ORDER = ("satisfaction", "unfinished", "help", "survey", "consultation")


@dataclass(frozen=True)
class Template:
    """A form to begin with. kind: satisfaction, help, survey or consultation. ending: where it is asked first."""

    code: str
    name: Words
    what: str
    kind: str
    ending: str
    definition: FormDefinition


@cache
def templates() -> Mapping[str, Template]:
    """Return the shipped forms by their codes, in the order in which they are offered."""
    return MappingProxyType({code: _read(code) for code in ORDER})


def _read(code: str) -> Template:
    text = files("joinedup.feedback").joinpath("templates", f"{code}.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)
    return Template(
        code=code,
        name=Words(**told["name"]),
        what=told["what"],
        kind=told["kind"],
        ending=told["ending"],
        definition=definition_from(told["definition"]),
    )
