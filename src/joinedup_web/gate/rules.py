"""The rule each view carries. A view without one is refused, and fails the tests.

@for_everyone("the start page says what the service is")
@for_staff("source.view")
@for_any_staff("choosing the organisation one works for")
@for_citizens()
@for_clients("linkage.read")
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from joinedup_web.gate.permissions import permissions


class Audience(StrEnum):
    """Whom a view is for."""

    EVERYONE = "everyone"
    STAFF = "staff"
    CITIZENS = "citizens"
    CLIENTS = "clients"
    MONITORING = "monitoring"


@dataclass(frozen=True)
class Rule:
    """permission: what staff need. scope: what a client needs. why: for views that need no permission.

    fresh_minutes: how lately staff must have proved who they are; None for no such demand.
    back_to_page: whoever must first prove who they are comes back to the page that led here: this one answers with a
        download, or takes a POST alone.
    """

    audience: Audience
    permission: str | None = None
    scope: str | None = None
    why: str = ""
    fresh_minutes: int | None = None
    back_to_page: bool = False


View = Callable[..., Any]


def _carry(rule: Rule) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.rule = rule  # type: ignore[attr-defined]
        return view

    return mark


def for_everyone(why: str) -> Callable[[View], View]:
    """Anybody, signed in or not."""
    return _carry(Rule(Audience.EVERYONE, why=why))


def for_staff(
    permission: str, *, fresh_minutes: int | None = None, back_to_page: bool = False
) -> Callable[[View], View]:
    """Staff with a permission. Raises KeyError at import for one that does not exist."""
    permissions()[permission]
    return _carry(
        Rule(Audience.STAFF, permission=permission, fresh_minutes=fresh_minutes, back_to_page=back_to_page)
    )


def for_any_staff(why: str, *, fresh_minutes: int | None = None) -> Callable[[View], View]:
    """Any member of staff who is signed in."""
    return _carry(Rule(Audience.STAFF, why=why, fresh_minutes=fresh_minutes))


def for_citizens(why: str = "a citizen's own pages") -> Callable[[View], View]:
    """Citizens who are signed in."""
    return _carry(Rule(Audience.CITIZENS, why=why))


def for_clients(scope: str) -> Callable[[View], View]:
    """Machine clients whose token has a scope."""
    return _carry(Rule(Audience.CLIENTS, scope=scope))


def for_monitoring(why: str) -> Callable[[View], View]:
    """Monitoring with its bearer token alone: staff have the page about the service."""
    return _carry(Rule(Audience.MONITORING, why=why))


def rule_of(view: View) -> Rule | None:
    """The rule of a view; None where it has none, and so is refused."""
    found = getattr(view, "rule", None) or getattr(getattr(view, "view_class", None), "rule", None)
    return found if isinstance(found, Rule) else None
