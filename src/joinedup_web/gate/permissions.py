"""Every permission there is, with what it lets somebody do. Roles (roles.toml) are made of these."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Permission:
    """code: room.thing.deed. platform: holds over all organisations, so no organisation may grant it."""

    code: str
    what: str
    platform: bool = False


@dataclass(frozen=True)
class RoleKind:
    """A role as shipped; an administrator may add others of the same permissions."""

    code: str
    name: str
    what: str
    permissions: frozenset[str]
    platform: bool = False


@dataclass(frozen=True)
class Separation:
    """Two permissions that one person may not use on the same thing (or, when `ever`, not hold together)."""

    first: str
    second: str
    why: str
    ever: bool = False


@cache
def _document() -> Mapping[str, object]:
    text = resources.files("joinedup_web.gate").joinpath("roles.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def permissions() -> Mapping[str, Permission]:
    """Every permission by its code."""
    rows = _document()["permissions"]
    assert isinstance(rows, list)
    return {row["code"]: Permission(**row) for row in rows}


@cache
def role_kinds() -> Mapping[str, RoleKind]:
    """The roles as shipped, by code. Raises KeyError for a role with a permission that does not exist."""
    rows = _document()["roles"]
    assert isinstance(rows, list)
    for row in rows:
        for code in row["permissions"]:
            permissions()[code]
    return {row["code"]: RoleKind(**{**row, "permissions": frozenset(row["permissions"])}) for row in rows}


@cache
def separations() -> tuple[Separation, ...]:
    """The duties that are kept apart."""
    rows = _document()["separations"]
    assert isinstance(rows, list)
    return tuple(Separation(**row) for row in rows)
