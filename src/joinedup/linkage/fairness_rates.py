"""Error rates with intervals that know that one person's pairs rise and fall together.

A rate is errors / chances, each a sum over *knots* (records tied together by the truth or by the links found,
directly or by way of others), which are taken for independent. The variance of such a ratio is that of its linear
form (Cochran 1977, Sampling Techniques, 6.4: z = (x - R y) / Y, summed by knot). Over the variance of as many
independent chances it gives the design effect, and so an effective number of chances; Wilson's interval (1927) is
taken at that number: the form that Dean and Pagano (2015, Journal of Survey Statistics and Methodology 3:484) found
to hold its level for rare outcomes in clustered samples. Differences of two rates: Newcombe's hybrid (1998,
Statistics in Medicine 17:873, method 10), which is MOVER of the two intervals. Several comparisons: Holm (1979).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from joinedup.linkage.intervals import Interval

Numbers = NDArray[np.float64]
_FARTHEST = 12.0  # standard errors; beyond it a chance is written as 0


@dataclass(frozen=True)
class Rate:
    """errors of chances, and how many people had a chance. independent: as many independent chances say the same.

    independent is 0 where there is no chance at all.
    """

    errors: int
    chances: int
    people: int
    independent: float

    @property
    def value(self) -> float:
        """errors / chances; 0 without a chance."""
        return self.errors / self.chances if self.chances else 0.0

    def interval(self, *, confidence: float = 0.95) -> Interval:
        """Wilson's interval at the effective number of chances; 0 to 1 where there is none.

        >>> found = Rate(errors=0, chances=40, people=20, independent=20.0).interval()
        >>> round(found.low, 3), round(found.high, 3)
        (0.0, 0.161)
        """
        return self._within(NormalDist().inv_cdf(0.5 + confidence / 2))

    def _within(self, z: float) -> Interval:
        n, share = self.independent, self.value
        if n <= 0:
            return Interval(share, 0.0, 1.0)
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        low = 0.0 if self.errors == 0 else max(0.0, min(share, middle - half))
        high = 1.0 if self.errors == self.chances else min(1.0, max(share, middle + half))
        return Interval(share, low, high)


def rate(errors: Numbers, chances: Numbers, *, people: int, design: float = 1.0) -> Rate:
    """Return the rate of a group, given the errors and chances of each knot (0 where the group has none there).

    people: those who had a chance. design: how many chances say no more than one independent one among everybody
    (see ``design_effect``): a group of few errors cannot show its own, so the larger of the two is taken. That
    makes small groups' intervals wider than they need be, and keeps them from false alarms.
    """
    x, y = float(errors.sum()), float(chances.sum())
    if y == 0:
        return Rate(0, 0, people, 0.0)
    return Rate(round(x), round(y), people, y / max(1.0, design, design_effect(errors, chances)))


def design_effect(errors: Numbers, chances: Numbers) -> float:
    """Return by how much the variance of a rate exceeds that of as many independent chances (Kish 1965).

    errors, chances: of each knot. 1 where there is no error, or nothing else, to see it by.
    """
    x, y = float(errors.sum()), float(chances.sum())
    if x in (0.0, y):
        return 1.0
    share, knots = x / y, int(np.count_nonzero(chances))
    variance = float((((errors - share * chances) / y) ** 2).sum()) * knots / max(1, knots - 1)
    return variance * y / (share * (1 - share))


def difference(one: Rate, other: Rate, *, confidence: float = 0.95) -> Interval:
    """Return one rate less the other, with its interval.

    The two may share knots (a wrong link has two ends); their errors then rise together, and the interval is
    wider than it need be, never narrower.

    >>> gap = difference(Rate(56, 70, 70, 70.0), Rate(48, 80, 80, 80.0))  # Newcombe's example (a)
    >>> round(gap.value, 4), round(gap.low, 4), round(gap.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    return _difference(one, other, NormalDist().inv_cdf(0.5 + confidence / 2))


def _difference(one: Rate, other: Rate, z: float) -> Interval:
    a, b = one._within(z), other._within(z)
    gap = a.value - b.value
    low = gap - math.hypot(a.value - a.low, b.high - b.value)
    high = gap + math.hypot(a.high - a.value, b.value - b.low)
    return Interval(gap, max(-1.0, low), min(1.0, high))


def chance_of_none(one: Rate, other: Rate) -> float:
    """Return the two-sided p value that goes with ``difference``: 1 less the confidence at which it touches 0.

    So an interval and its p value never contradict each other.
    """
    gap = one.value - other.value
    if gap == 0 or not one.chances or not other.chances:
        return 1.0

    def covers(z: float) -> bool:
        found = _difference(one, other, z)
        return found.low <= 0 <= found.high

    near, far = 0.0, _FARTHEST
    if not covers(far):
        return 0.0
    for _ in range(40):
        middle = (near + far) / 2
        near, far = (near, middle) if covers(middle) else (middle, far)
    return 2 * (1 - NormalDist().cdf(far))


def holm(chances: Sequence[float]) -> list[float]:
    """Return the p values adjusted for all being looked at together, in their order (Holm 1979).

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(chances)), key=lambda at: chances[at])
    out = [0.0] * len(chances)
    highest = 0.0
    for place, at in enumerate(order):
        highest = max(highest, min(1.0, chances[at] * (len(chances) - place)))
        out[at] = highest
    return out
