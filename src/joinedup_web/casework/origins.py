"""Where a case came from, in rooms above this one, which say so when the site starts.

register(lambda by, case: [("Comment on Parking permits", "/staff/responses/…")])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from joinedup_web.casework.models import Case
from joinedup_web.gate.actor import Actor

Links = Callable[[Actor, Case], list[Any]]
_ways: list[Links] = []


def register(links: Links) -> None:
    """Add a way to find what a case came from. Its answers are what a template shows; they obey the gate."""
    if links not in _ways:
        _ways.append(links)


def links_of(by: Actor, of: Case) -> list[Any]:
    """All that a case came from and that this person may see."""
    return [each for links in _ways for each in links(by, of)]
