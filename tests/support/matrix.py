"""The table of expected answers (tests/integration/web/matrix.toml): who gets what, for every view."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from joinedup_web.gate.permissions import role_kinds
from support.tree import ROOT

TABLE = ROOT / "tests/integration/web/matrix.toml"
PUBLIC = ("anonymous", "citizen", "client", "scope")
"""Those who are no staff: nobody, a citizen, a machine client without scopes, one with all of them."""
STAFF_SIGN_IN, CITIZEN_SIGN_IN = "/staff/sign-in?", "/account/sign-in?"


@dataclass(frozen=True)
class Row:
    """What is expected of one view; the words are explained at the top of the table."""

    who: str
    get: int
    post: int
    takes: dict[str, str] = field(default_factory=dict)
    also: list[str] = field(default_factory=list)
    but: dict[str, int] = field(default_factory=dict)
    but_get: dict[str, int] = field(default_factory=dict)
    but_post: dict[str, int] = field(default_factory=dict)
    other: dict[str, int] = field(default_factory=dict)
    reach: str = ""
    fresh: bool = False
    why: str = ""

    @property
    def has_thing(self) -> bool:
        """Whether it is about a thing of an organisation."""
        return any(not thing.startswith("=") for thing in self.takes.values())

    def may(self, actor: str) -> bool:
        """Whether an actor is one of those whom the view is for."""
        named = {"everyone": actors(), "staff": roles(), "citizens": ("citizen",), "nobody": ()}
        return actor in named.get(self.who, tuple(self.who.split()))

    def expected(self, actor: str, method: str, *, path: str, own: bool = True) -> int | str:
        """A status; or where the actor is led to: STAFF_SIGN_IN, CITIZEN_SIGN_IN."""
        if not self.may(actor):
            return self._refused(actor, path)
        answer = self._own(actor, method)
        if own or actor in self.reach.split() or answer == 405:
            return answer
        return self.other.get(method, 404)

    def _own(self, actor: str, method: str) -> int:
        said = {**self._spread(self.but), **self._spread(self.but_get if method == "get" else self.but_post)}
        return said.get(actor, self.get if method == "get" else self.post)

    @staticmethod
    def _spread(said: dict[str, int]) -> dict[str, int]:
        return {**dict.fromkeys(roles() if "staff" in said else (), said.get("staff", 0)), **said}

    def _refused(self, actor: str, path: str) -> int | str:
        if self.who == "nobody":
            return self.get
        if path.startswith("/staff/"):
            return 403 if actor in roles() else STAFF_SIGN_IN
        if path.startswith("/api/"):
            return 403 if actor == "client" else 401
        return CITIZEN_SIGN_IN


@cache
def roles() -> tuple[str, ...]:
    """Every shipped role."""
    return tuple(role_kinds())


@cache
def actors() -> tuple[str, ...]:
    """Everybody who is tried on every page."""
    return (*roles(), *PUBLIC)


@cache
def table() -> dict[str, Row]:
    """The rows, by the name of the view. Raises TypeError for a word that the table does not know."""
    rows: dict[str, Any] = tomllib.loads(TABLE.read_text("utf-8"))
    return {name: Row(**row) for name, row in rows.items()}
