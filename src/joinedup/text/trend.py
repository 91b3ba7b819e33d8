"""Sudden changes in how much is said, told with their significance.

A period is held against the periods just before it. Two things must both say that it stands out: an exact test
of the counts (Fisher's for shares, the conditional binomial for numbers), which is right for small counts, and
a test that allows for how much the earlier periods themselves went up and down (a quasi-likelihood, McCullagh
and Nelder 1989, section 4.5), which is right for large ones. Every period of every series that was tested
counts in the correction for many tests.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Generic, TypeVar

from joinedup.text.chances import binomial_tail, corrected, share_differs

Period = TypeVar("Period")
BEFORE = 8  # earlier periods that a period is held against
LEAST_BEFORE = 3  # fewer say nothing of what is usual
LEAST_TOTAL = 5  # answers in a period: of fewer, a share is an anecdote


@dataclass(frozen=True)
class Change(Generic[Period]):
    """A period that stands out from the ones before it.

    series: which theme, tag or question. hits, total: of the period (total 0 where numbers, not shares, are
    compared). expected: the hits if it were as before. p: two-sided, after correction for every test made.
    """

    series: str
    period: Period
    hits: int
    total: int
    expected: float
    p: float

    @property
    def rose(self) -> bool:
        """Whether there were more than expected."""
        return self.hits > self.expected


def changes(
    counts: Mapping[Period, tuple[int, int]], *, series: str = "", wrong_share: float = 0.05
) -> tuple[Change[Period], ...]:
    """Return the periods of one series whose share stands out, in the order given. See `sudden_changes`."""
    return sudden_changes({series: counts}, wrong_share=wrong_share)


def sudden_changes(
    counts: Mapping[str, Mapping[Period, tuple[int, int]]], *, wrong_share: float = 0.05
) -> tuple[Change[Period], ...]:
    """Return the periods whose share of hits stands out from the up to eight periods before it.

    counts: of each series its periods, earliest first, each with (hits, total). A period with fewer than five
    answers, or with fewer than three such periods before it, is not tested. wrong_share: of the changes told, at
    most this share is expected to be chance (Benjamini and Hochberg). Ordered by series and period as given.
    """
    tested = [
        found
        for name, periods in counts.items()
        for found in _tested_shares(name, [(p, h, t) for p, (h, t) in periods.items() if t >= LEAST_TOTAL])
    ]
    return _told(tested, wrong_share)


def sudden_numbers(
    counts: Mapping[str, Mapping[Period, int]], *, wrong_share: float = 0.05
) -> tuple[Change[Period], ...]:
    """Return the periods whose number (of answers, say) stands out from the up to eight before it.

    counts: of each series its periods, earliest first; periods of the same length, none left out: 0 is a number.
    """
    tested = [
        found for name, periods in counts.items() for found in _tested_numbers(name, list(periods.items()))
    ]
    return _told(tested, wrong_share)


def _tested_shares(series: str, periods: Sequence[tuple[Period, int, int]]) -> list[Change[Period]]:
    found = []
    for at in range(LEAST_BEFORE, len(periods)):
        period, hits, total = periods[at]
        before = periods[max(0, at - BEFORE) : at]
        old_hits, old_total = sum(h for _, h, _ in before), sum(t for _, _, t in before)
        share = old_hits / old_total
        p = share_differs(hits, total, old_hits, old_total)
        pooled = (hits + old_hits) / (total + old_total)
        if 0 < share < 1:
            spread = sum((h - t * share) ** 2 / (t * share * (1 - share)) for _, h, t in before)
            p = max(
                p,
                _usual(
                    hits / total - share,
                    variance=pooled * (1 - pooled) * (1 / total + 1 / old_total),
                    spread=spread / (len(before) - 1),
                ),
            )
        found.append(Change(series, period, hits, total, total * share, p))
    return found


def _tested_numbers(series: str, periods: Sequence[tuple[Period, int]]) -> list[Change[Period]]:
    found = []
    for at in range(LEAST_BEFORE, len(periods)):
        period, number = periods[at]
        before = [count for _, count in periods[max(0, at - BEFORE) : at]]
        mean, everything = sum(before) / len(before), sum(before) + number
        chance = 1 / (len(before) + 1)
        up = binomial_tail(number, trials=everything, chance=chance)
        down = binomial_tail(everything - number, trials=everything, chance=1 - chance)
        p = min(1.0, 2 * min(up, down))
        if mean > 0:
            spread = sum((count - mean) ** 2 / mean for count in before) / (len(before) - 1)
            pooled = everything / (len(before) + 1)
            p = max(p, _usual(number - mean, variance=pooled * (1 + 1 / len(before)), spread=spread))
        found.append(Change(series, period, number, 0, mean, p))
    return found


def _usual(difference: float, *, variance: float, spread: float) -> float:
    """Two-sided p of a difference where earlier periods varied `spread` times as much as chance alone would."""
    if variance <= 0:
        return 1.0
    return 2 * NormalDist().cdf(-abs(difference) / math.sqrt(variance * max(1.0, spread)))


def _told(tested: Sequence[Change[Period]], wrong_share: float) -> tuple[Change[Period], ...]:
    ps = corrected([change.p for change in tested])
    return tuple(replace(c, p=p) for c, p in zip(tested, ps, strict=True) if p <= wrong_share)
