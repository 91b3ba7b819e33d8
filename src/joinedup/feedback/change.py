"""Whether a measure changed between two times, or only as chance alone would have it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from joinedup.errors import UsageError
from joinedup.feedback.measures import Measure, Measured


class Verdict(StrEnum):
    """What can be said of a change."""

    BETTER = "better"
    WORSE = "worse"
    NOT_CHANGED = "not_changed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Change:
    """later less earlier: a share of 1, or pence. low, high: its 95% interval; None for a cost, which is a count.

    reached: whether the later value reached the target; None without a target, or where it is not known.
    """

    verdict: Verdict
    difference: Fraction | None = None
    low: float | None = None
    high: float | None = None
    reached: bool | None = None


def change(earlier: Measured, later: Measured, *, target: Fraction | None = None) -> Change:
    """Return how a measure changed.

    For shares the interval is Newcombe's hybrid of the two Wilson intervals (Statistics in Medicine 17, 1998, method
    10). A change is told only where the interval leaves out nought; otherwise chance alone may have made it. Costs
    have no interval: any difference of at least a penny is one. Raises UsageError for two different measures.
    """
    if earlier.measure is not later.measure:
        raise UsageError(what="two different measures cannot be compared", where=earlier.measure)
    measure, reached = earlier.measure, _reached(later, target)
    if earlier.value is None or later.value is None:
        return Change(Verdict.UNKNOWN, reached=reached)
    difference = later.value - earlier.value
    if measure is Measure.COST:
        if abs(difference) < 1:
            return Change(Verdict.NOT_CHANGED, difference, reached=reached)
        return Change(_direction(measure, difference), difference, reached=reached)
    low, high = _newcombe(earlier, later)
    verdict = Verdict.NOT_CHANGED if low <= 0 <= high else _direction(measure, difference)
    return Change(verdict, difference, low, high, reached)


def _newcombe(earlier: Measured, later: Measured) -> tuple[float, float]:
    assert earlier.value is not None
    assert later.value is not None
    before, after = float(earlier.value), float(later.value)
    low_before, high_before = earlier.low or 0.0, 1.0 if earlier.high is None else earlier.high
    low_after, high_after = later.low or 0.0, 1.0 if later.high is None else later.high
    difference = after - before
    return (
        difference - math.hypot(after - low_after, high_before - before),
        difference + math.hypot(high_after - after, before - low_before),
    )


def _direction(measure: Measure, difference: Fraction) -> Verdict:
    return Verdict.BETTER if (difference > 0) == measure.is_better_higher else Verdict.WORSE


def _reached(later: Measured, target: Fraction | None) -> bool | None:
    if target is None or later.value is None:
        return None
    return later.value >= target if later.measure.is_better_higher else later.value <= target
