"""Sudden changes in how often something is said, and which segments say it more, told with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """A period whose share stands out from the earlier ones. p: after correction for many tests."""

    period: str
    hits: int
    total: int
    expected: float
    p: float
    rose: bool


def changes(counts: Mapping[str, tuple[int, int]]) -> tuple[Change, ...]:
    """Return the periods (in the order given) whose share of hits stands out from those before."""
    del counts
    return ()
