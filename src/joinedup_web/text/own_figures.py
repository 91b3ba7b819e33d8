"""What an organisation's people made of a model's suggestions, and how many texts rules read as they came: rooms
above tell it, so that this one knows none.

register("tag", tags_decided)     # from an AppConfig.ready()
register_texts("mask", comments_since)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Decided:
    """What people decided about a feature's suggestions. texts: decided on. figures: shares of 1, by measure.

    told: counts in words, as a page shows them.
    """

    texts: int
    figures: Mapping[str, float] = field(default_factory=dict)
    told: tuple[tuple[str, int], ...] = ()


_COUNTERS: dict[str, Callable[[UUID], Decided]] = {}
_TEXTS: dict[str, Callable[[UUID, datetime], int]] = {}


def register(feature: str, count: Callable[[UUID], Decided]) -> None:
    """Let a feature's decisions be counted by `count`, which takes the organisation's id."""
    _COUNTERS[feature] = count


def decided(feature: str, organisation_id: UUID) -> Decided | None:
    """What people decided; None for a feature whose suggestions nobody decides on."""
    count = _COUNTERS.get(feature)
    return None if count is None else count(organisation_id)


def register_texts(feature: str, count: Callable[[UUID, datetime], int]) -> None:
    """Let the texts that a feature's rules read as they came be counted by `count`: of an organisation, since a moment.

    No use of such rules is kept, for each form that comes in would wait for it.
    """
    _TEXTS[feature] = count


def texts_read(feature: str, organisation_id: UUID, *, since: datetime) -> int:
    """How many texts a feature's rules read as they came; 0 for one whose uses are kept."""
    count = _TEXTS.get(feature)
    return 0 if count is None else count(organisation_id, since)
