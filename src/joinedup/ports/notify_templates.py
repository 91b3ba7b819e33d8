"""Templates of messages: data in TOML, each in English and Welsh with the same gaps.

A gap is written ((name)), as GOV.UK Notify writes it, so one text serves every sender.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from joinedup.errors import ModelError, UsageError
from joinedup.ports.notify import Channel, Language, Message

_GAP = re.compile(r"\(\(([a-z_]+)\)\)")
LONGEST_SMS = 612  # four parts, which is where Notify's own advice ends


@dataclass(frozen=True)
class FilledTemplate:
    """A message's words. subject: one line; empty for a text message."""

    subject: str
    body: str


@dataclass(frozen=True)
class Template:
    """One text in one language. reviewed: whether a translator has seen it."""

    name: str
    language: Language
    channel: Channel
    subject: str
    body: str
    reviewed: bool = True

    @property
    def gaps(self) -> frozenset[str]:
        """The names that personalisation must give."""
        return frozenset(_GAP.findall(self.subject + self.body))

    def fill(self, personalisation: Mapping[str, str | int], *, where: str) -> FilledTemplate:
        """The words with every gap filled; names beyond the gaps are ignored.

        A gap in what was filled in stays as it is, and a subject keeps to one line. UsageError names
        the gaps that nothing fills.
        """
        missing = sorted(self.gaps - {name for name, value in personalisation.items() if value != ""})
        if missing:
            raise UsageError(
                what=f"nothing fills {', '.join(missing)}", where=where, mend="give it in the personalisation"
            )

        def filled(text: str) -> str:
            return _GAP.sub(lambda gap: str(personalisation[gap[1]]), text)

        return FilledTemplate(subject=" ".join(filled(self.subject).split()), body=filled(self.body))


class Templates:
    """Templates by name and language."""

    def __init__(self, templates: Mapping[tuple[str, Language], Template]) -> None:
        self._templates = dict(templates)

    def __iter__(self) -> Iterator[Template]:
        return iter(self._templates.values())

    def of(self, message: Message) -> Template:
        """The template that a message asks for. UsageError if there is none."""
        found = self._templates.get((message.template, message.language))
        if found is None:
            raise UsageError(what="there is no such template", where=message.place)
        return found

    def joined_with(self, other: Templates) -> Templates:
        """Both; the other's take the place of ours with the same name."""
        return Templates({**self._templates, **other._templates})


def templates_from_toml(text: str, *, where: str) -> Templates:
    """Templates out of TOML: a table a name, in it `channel`, and a table each for `en` and `cy`.

    ModelError: not TOML, a language missing, gaps that differ between the languages, an e-mail without
    subject, a text message too long.
    """
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(what=f"not TOML: {error}", where=where) from None
    found = {}
    for name, told in read.items():
        place = f"{where}, template '{name}'"
        both = [_template(name, language, told, where=place) for language in Language]
        if both[0].gaps != both[1].gaps:
            odd = ", ".join(sorted(both[0].gaps ^ both[1].gaps))
            raise ModelError(what=f"only one language has the gap {odd}", where=place)
        found.update({(name, template.language): template for template in both})
    return Templates(found)


def own_templates() -> Templates:
    """The templates that Joinedup itself sends."""
    file = files("joinedup.ports").joinpath("notify_templates.toml")
    return templates_from_toml(file.read_text(encoding="utf-8"), where="notify_templates.toml")


def _template(name: str, language: Language, told: Any, *, where: str) -> Template:
    try:
        own = told[language.value]
        channel = Channel(told["channel"])
        subject, body = str(own.get("subject", "")), str(own["body"]).strip() + "\n"
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ModelError(
            what=f"channel (email or sms), or the body in '{language.value}', is missing", where=where
        ) from None
    if (channel is Channel.EMAIL) != bool(subject):
        raise ModelError(what="an e-mail has a subject, a text message has none", where=where)
    if channel is Channel.SMS and len(body) > LONGEST_SMS:
        raise ModelError(what=f"a text message has at most {LONGEST_SMS} characters", where=where)
    return Template(
        name=name,
        language=language,
        channel=channel,
        subject=subject,
        body=body,
        reviewed=bool(own.get("reviewed", True)),
    )
