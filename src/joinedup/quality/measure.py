"""Measures: formulas of the dimensions, and the verdict on a measured share."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from .rules import Rule


class Standing(StrEnum):
    """How a measurement stands against its target. What was not measured is never counted as good."""

    MET = "met"
    NEAR = "near"
    BELOW = "below"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class RuleResult:
    """A rule and what was found.

    passed, total: records that meet it, records it is about. measured: passed ÷ total; None if not measured.
    interval: 95% interval where the figure comes from a sample. failing_rows: the first failing data rows
    (1 is the first row after the header), never values. note: why it was not measured, or what to know.
    """

    rule: Rule
    measured: float | None
    passed: int = 0
    total: int = 0
    interval: tuple[float, float] | None = None
    failing_rows: tuple[int, ...] = field(default=())
    note: str = ""

    @property
    def standing(self) -> Standing:
        """Met from the target on; near within the tolerance below it."""
        if self.measured is None:
            return Standing.NOT_MEASURED
        if self.measured >= self.rule.target:
            return Standing.MET
        near = self.rule.tolerance > 0 and self.measured >= self.rule.target - self.rule.tolerance - 1e-12
        return Standing.NEAR if near else Standing.BELOW

    @property
    def band(self) -> str:
        """The rule's own performance band; without bands, the standing in words."""
        if self.measured is None:
            return Standing.NOT_MEASURED.value
        for name, least in self.rule.bands:
            if self.measured >= least:
                return name
        return self.standing.value if not self.rule.bands else "below all bands"

    @property
    def is_issue(self) -> bool:
        """Measured below target (the action plan guide's definition of an issue)."""
        return self.standing in {Standing.NEAR, Standing.BELOW}


def share(passed: int, total: int) -> float | None:
    """passed ÷ total; None where there is nothing to measure."""
    return passed / total if total else None


def uniqueness(records: int, distinct: int) -> float | None:
    """1 − surplus duplicates ÷ records. Of four records of which three are equal, two are surplus.

    >>> uniqueness(4, 2)
    0.5
    """
    return 1 - max(records - distinct, 0) / records if records else None


def wilson(passed: int, total: int, *, z: float = 1.959963984540054) -> tuple[float, float]:
    """The Wilson score interval of a share (Wilson 1927), 95% unless ``z`` says otherwise.

    >>> low, high = wilson(45, 50); round(low, 4), round(high, 4)
    (0.7864, 0.9565)
    """
    if total == 0:
        return 0.0, 1.0
    rate = passed / total
    middle = (rate + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(rate * (1 - rate) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return max(0.0, middle - half), min(1.0, middle + half)


def ranked_issues(results: tuple[RuleResult, ...]) -> tuple[RuleResult, ...]:
    """Rules below target: the most important first, then the largest shortfall, then by id."""
    issues = [r for r in results if r.is_issue]

    def order(result: RuleResult) -> tuple[int, float, str]:
        shortfall = result.rule.target - (result.measured or 0.0)
        return -result.rule.importance.weight, -shortfall, result.rule.id

    return tuple(sorted(issues, key=order))
