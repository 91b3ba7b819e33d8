"""Every address of the website, as Django's resolver knows it: its name, its view, and what it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from joinedup_web.gate.rules import Rule, rule_of


@dataclass(frozen=True)
class Address:
    """One address. name: with its namespaces, `linkage:run`; empty where it has none. takes: its arguments."""

    name: str
    path: str
    view: Any
    takes: tuple[str, ...]

    @property
    def rule(self) -> Rule | None:
        """The rule that the gate finds on its view."""
        return rule_of(self.view)


def addresses() -> list[Address]:
    """Every address but those of Django's own test of files, API operations included."""
    return list(_walk(get_resolver().url_patterns, "", ()))


def _walk(patterns: list[Any], path: str, spaces: tuple[str, ...]) -> Iterator[Address]:
    for pattern in patterns:
        here = f"{path}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern.url_patterns, here, inner)
        else:
            assert isinstance(pattern, URLPattern)
            takes = tuple(re.findall(r"<(?:\w+:)?(\w+)>", here))
            name = ":".join((*spaces, pattern.name)) if pattern.name else ""
            yield Address(name, f"/{here}", pattern.callback, takes)
