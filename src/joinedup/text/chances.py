"""Exact tail chances of counts, corrections for many tests, and an interval for a share."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import NormalDist


def hypergeometric_tail(hits: int, *, drawn: int, marked: int, total: int) -> float:
    """Return the chance of at least `hits` marked among `drawn` taken from `total`, of which `marked` are marked.

    >>> round(hypergeometric_tail(3, drawn=4, marked=4, total=8), 6)  # (16 + 1) / 70
    0.242857
    """
    least, most = max(0, drawn + marked - total), min(drawn, marked)
    if hits <= least:
        return 1.0
    if hits > most:
        return 0.0
    log_all = _log_choose(total, drawn)
    logs = (
        _log_choose(marked, k) + _log_choose(total - marked, drawn - k) - log_all
        for k in range(hits, most + 1)
    )
    return _sum_of(logs)


def binomial_tail(hits: int, *, trials: int, chance: float) -> float:
    """Return the chance of at least `hits` successes in `trials`; chance above 0 and below 1.

    >>> round(binomial_tail(2, trials=3, chance=0.5), 6)
    0.5
    """
    if hits <= 0:
        return 1.0
    if hits > trials:
        return 0.0
    yes, no = math.log(chance), math.log1p(-chance)
    return _sum_of(_log_choose(trials, k) + k * yes + (trials - k) * no for k in range(hits, trials + 1))


def share_differs(hits: int, total: int, other_hits: int, other_total: int) -> float:
    """Return Fisher's exact p, two-sided as twice the smaller tail: are two shares the same?"""
    marked, everyone = hits + other_hits, total + other_total
    up = hypergeometric_tail(hits, drawn=total, marked=marked, total=everyone)
    down = hypergeometric_tail(total - hits, drawn=total, marked=everyone - marked, total=everyone)
    return min(1.0, 2 * min(up, down))


def corrected(ps: Sequence[float]) -> list[float]:
    """Return the p values after Benjamini and Hochberg (1995), in the same order.

    Calling those below q real makes on average at most a share q of the calls wrong.

    >>> corrected([0.01, 0.02, 0.5])
    [0.03, 0.03, 0.5]
    """
    found = [0.0] * len(ps)
    least = 1.0
    for rank, at in sorted(enumerate(sorted(range(len(ps)), key=lambda i: ps[i]), start=1), reverse=True):
        least = min(least, ps[at] * (len(ps) / rank))
        found[at] = least
    return found


def share_between(hits: int, total: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's (1927) limits of a share; (0, 1) of nothing.

    >>> [round(limit, 4) for limit in share_between(0, 10)]
    [0.0, 0.2775]
    """
    if not total:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = hits / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (0.0 if hits == 0 else max(0.0, middle - half)), (
        1.0 if hits == total else min(1.0, middle + half)
    )


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _sum_of(logs: Iterator[float]) -> float:
    """The sum of terms given by their logarithms; stops where what follows cannot be seen in it any more."""
    whole = 0.0
    before = -math.inf
    for log in logs:
        whole += math.exp(log)
        if log < before and log < math.log(whole or 1e-300) - 45:
            break
        before = log
    return min(1.0, whole)
