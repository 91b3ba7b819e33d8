"""What stands above every staff page while it lasts: open emergency access, a session that is about to end.

Other apps add theirs by `register`, from AppConfig.ready(), so that accounts knows no other app.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from joinedup_web.accounts.queries.access import open_emergencies
from joinedup_web.design.words import clock
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide

WARNED = timedelta(minutes=15)


@dataclass(frozen=True)
class Notice:
    """heading: what is so. words: what to do. href, link: where."""

    heading: str
    words: str
    href: str
    link: str


_FURTHER: dict[str, Callable[[Actor], list[Notice]]] = {}


def register(code: str, make: Callable[[Actor], list[Notice]]) -> None:
    """Add notices of another app, which come first; one of the same code takes its place."""
    _FURTHER[code] = make


def notices(by: Actor, *, session_ends: datetime, own_emergency: datetime | None) -> list[Notice]:
    """Return what this person should not overlook. A query only for those who may act on it."""
    found = [notice for make in _FURTHER.values() for notice in make(by)]
    there = reverse("accounts:emergencies")
    if own_emergency is not None:
        words = f"You have one more role until {clock(own_emergency)}. Close it as soon as you can."
        found.append(Notice("Emergency access is open", words, there, "See emergency access"))
    elif decide(by, "access.close_break_glass").allowed:
        for emergency in open_emergencies(by):
            who, role, until = emergency.user.name, emergency.role.name, clock(emergency.until)
            words = f"{who} has the role {role} at {emergency.organisation.name} until {until}."
            href = reverse("accounts:emergency", args=[emergency.id])
            found.append(Notice("Emergency access is open", words, href, "Look at it"))
    if session_ends - timezone.now() < WARNED:
        words = f"You were signed in for 8 hours, so you will be signed out on {clock(session_ends)}. Save your work."
        found.append(
            Notice(
                "You will be signed out soon",
                words,
                reverse("accounts:session"),
                "When you will be signed out",
            )
        )
    return found
