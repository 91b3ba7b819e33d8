"""Where somebody in danger or distress gets help at once, as dated data (help_lines.toml)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from joinedup.feedback.form import Words


@dataclass(frozen=True)
class HelpLine:
    """A telephone number, whose it is, and when to ring it. languages: in which it is offered; empty: in all."""

    number: str
    name: Words
    when: Words
    languages: tuple[str, ...] = ()

    @property
    def dialled(self) -> str:
        """The number as a telephone takes it."""
        return self.number.replace(" ", "")


@dataclass(frozen=True)
class HelpLines:
    """lines: the most urgent first. noted: when they were written down."""

    lines: tuple[HelpLine, ...]
    noted: date


@cache
def help_lines(language: str = "en") -> HelpLines:
    """Return the lines offered in a language."""
    told = tomllib.loads(files("joinedup.feedback").joinpath("help_lines.toml").read_text(encoding="utf-8"))
    lines = (
        HelpLine(
            each["number"], Words(**each["name"]), Words(**each["when"]), tuple(each.get("languages", ()))
        )
        for each in told["lines"]
    )
    return HelpLines(
        tuple(line for line in lines if not line.languages or language in line.languages), told["noted"]
    )
