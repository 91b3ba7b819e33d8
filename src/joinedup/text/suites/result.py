"""What an evaluation found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

FLOORS: Mapping[tuple[str, str], float] = MappingProxyType(
    {
        ("mask", "recall"): 0.98,
        ("mask", "precision"): 0.97,
        ("danger", "recall"): 0.95,
        ("language", "kept_from_models"): 1.0,
    }
)
"""The least that a figure of a feature should reach; figures that are not named here have no floor."""


@dataclass(frozen=True)
class SuiteResult:
    """One evaluation of a feature's model.

    model, version: what was asked. texts: how many. protocol: how it was done, in words and numbers. figures: by
    measure, shares of 1 unless the protocol says otherwise. missed: texts of the suite that went wrong, as written
    for this package (at most ten); an organisation's own texts are never named.
    """

    feature: str
    suite: str
    model: str
    version: str
    texts: int
    protocol: Mapping[str, object]
    figures: Mapping[str, float]
    missed: tuple[str, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Whether every figure that has a floor reaches it."""
        return all(
            self.figures[measure] >= least
            for (feature, measure), least in FLOORS.items()
            if feature == self.feature and measure in self.figures
        )
