"""Who stands behind ids and tokens, for pages alone: rooms above this one say so when the site starts.

names.register(organisations=lambda: [(id, "Northshire Council"), …], staff=lambda organisation_id: [(id, "Ada"), …])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from joinedup_web.audit.subjects import known_tokens

Named = Iterable[tuple[UUID, str]]


def _nobody() -> Named:
    return ()


def _no_staff(organisation_id: UUID | None) -> Named:
    return ()


_organisations: Callable[[], Named] = _nobody
_staff: Callable[[UUID | None], Named] = _no_staff


def register(*, organisations: Callable[[], Named], staff: Callable[[UUID | None], Named]) -> None:
    """organisations: all of them. staff: those of one, or with None everybody's. Called where a page needs it."""
    global _organisations, _staff
    _organisations, _staff = organisations, staff


def organisations() -> dict[UUID, str]:
    """Organisations by id."""
    return dict(_organisations())


def staff_by_token(organisation_id: UUID | None) -> dict[str, str]:
    """The names of staff by their tokens, of one organisation or of all; those whose salt is gone are not in it."""
    named = dict(_staff(organisation_id))
    return {token: named[UUID(found)] for token, found in known_tokens("staff", map(str, named)).items()}
