"""Prompts are files: each has a name, a version and a digest, which every use of a model names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from joinedup.errors import ModelError


@dataclass(frozen=True)
class Prompt:
    """Instructions to a language model. reference: name, version and digest, as records keep it."""

    name: str
    version: str
    text: str = field(repr=False)

    @property
    def digest(self) -> str:
        """The first 12 letters of the SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    @property
    def reference(self) -> str:
        """As `condense_themes v1 (0a1b2c3d4e5f)`."""
        return f"{self.name} {self.version} ({self.digest})"

    def filled(self, values: Mapping[str, str]) -> Prompt:
        """The prompt with its {marks} filled, under the same name. Only words of ours belong in; never a comment.

        ModelError for a mark without a value, or a value without its mark. The digest is that of the filled text.
        """
        text = self.text
        for name, value in values.items():
            if f"{{{name}}}" not in text:
                raise ModelError(what=f"the prompt has no mark {{{name}}}", where=self.reference)
            text = text.replace(f"{{{name}}}", value)
        return Prompt(self.name, self.version, text)


def read_prompt(package: str, name: str) -> Prompt:
    """The prompt that a package ships as `prompts/<name>.<version>.txt`; the newest version where there are several.

    ModelError where there is none.
    """
    found = sorted(
        (
            place
            for place in files(package).joinpath("prompts").iterdir()
            if place.name.startswith(f"{name}.v") and place.name.endswith(".txt")
        ),
        key=lambda place: int(place.name.removeprefix(f"{name}.v").removesuffix(".txt")),
    )
    if not found:
        raise ModelError(what=f"there is no prompt {name}", where=package, mend="install joinedup anew")
    newest = found[-1]
    version = newest.name.removeprefix(f"{name}.").removesuffix(".txt")
    return Prompt(name, version, newest.read_text(encoding="utf-8").strip())
