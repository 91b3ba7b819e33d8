"""Intervals for shares and totals estimated from a stratified sample.

A share within a stratum has Wilson's score interval (1927), narrowed for a finite stratum. Totals over
strata, and ratios of two such totals, recover their variance from those limits: MOVER (Zou and Donner 2008,
Statistics in Medicine 27:1693) and its form for ratios (Donner and Zou 2012, Statistical Methods in Medical
Research 21:347). Unlike a normal or bootstrap interval these stay honest where a stratum shows no error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True)
class Interval:
    """An estimate between its limits."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Stratum:
    """pairs: how many it holds. drawn: how many of them were labelled. same: labelled as one person."""

    pairs: int
    drawn: int
    same: int


def wilson(stratum: Stratum, *, confidence: float = 0.95) -> Interval:
    """Return the share of true matches in a stratum; exact where all of it was labelled.

    >>> found = wilson(Stratum(pairs=10**9, drawn=10, same=10))
    >>> round(found.low, 4), round(found.high, 4)
    (0.7225, 1.0)
    """
    n, share = stratum.drawn, stratum.same / stratum.drawn
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    z *= math.sqrt((stratum.pairs - n) / max(1, stratum.pairs - 1))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if stratum.same == 0 else max(0.0, min(share, middle - half))
    high = 1.0 if stratum.same == n else min(1.0, max(share, middle + half))
    return Interval(share, low, high)


def total(strata: Sequence[Stratum], *, confidence: float = 0.95) -> Interval:
    """Return how many true matches all strata hold together."""
    value = below = above = 0.0
    for stratum in strata:
        share = wilson(stratum, confidence=confidence)
        value += stratum.pairs * share.value
        below += (stratum.pairs * (share.value - share.low)) ** 2
        above += (stratum.pairs * (share.high - share.value)) ** 2
    most = float(sum(stratum.pairs for stratum in strata))
    return Interval(value, max(0.0, value - math.sqrt(below)), min(most, value + math.sqrt(above)))


def ratio(one: Interval, other: Interval) -> Interval:
    """Return one / other of independent estimates, neither below 0; infinite where the other may be 0.

    >>> ratio(Interval(1.0, 1.0, 1.0), Interval(4.0, 4.0, 4.0))
    Interval(value=0.25, low=0.25, high=0.25)
    """
    value = one.value / other.value if other.value else (math.inf if one.value else 0.0)
    product = one.value * other.value
    low_one, high_one = one.low * (2 * one.value - one.low), one.high * (2 * one.value - one.high)
    low_other, high_other = (
        other.low * (2 * other.value - other.low),
        other.high * (2 * other.value - other.high),
    )
    under = math.sqrt(max(0.0, product * product - low_one * high_other))
    over = math.sqrt(max(0.0, product * product - high_one * low_other))
    low = (product - under) / high_other if high_other else (low_one / (2 * product) if product else 0.0)
    high = (product + over) / low_other if low_other else math.inf
    return Interval(value, max(0.0, min(low, value)), max(high, value))
