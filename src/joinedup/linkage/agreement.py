"""How far two readers of the same pairs agree, beyond what chance would bring about."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

from joinedup.errors import UsageError
from joinedup.linkage.intervals import Interval


@dataclass(frozen=True)
class Agreement:
    """What two readers said of the same things.

    counts: how often (the first's word, the second's word) occurred. agreed: the share on which they said the
    same. kappa: Cohen's (1960): 1 is full agreement, 0 what chance brings about; None where both said one and
    the same word throughout, of which kappa can say nothing.
    """

    things: int
    counts: dict[tuple[str, str], int]
    agreed: float
    kappa: Interval | None


def agreement(words: Iterable[tuple[str, str]], *, confidence: float = 0.95) -> Agreement:
    """Return how far the first words of pairs agree with the second.

    The interval of kappa is Cohen's own for large samples: sqrt(p(1-p) / (n(1-e)^2)), p the share agreed on and
    e what chance would bring about.

    Raises UsageError where there is nothing that both have read.

    >>> told = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    >>> found = agreement(told)
    >>> round(found.agreed, 3), round(found.kappa.value, 3)
    (0.7, 0.4)
    """
    counts = Counter(words)
    things = sum(counts.values())
    if not things:
        raise UsageError(what="no pair was read by two", mend="let a second clerk read some pairs")
    labels = sorted({word for both in counts for word in both})
    first = {word: sum(n for (one, _), n in counts.items() if one == word) / things for word in labels}
    second = {word: sum(n for (_, other), n in counts.items() if other == word) / things for word in labels}
    agreed = sum(n for (one, other), n in counts.items() if one == other) / things
    chance = sum(first[word] * second[word] for word in labels)
    if chance >= 1.0:
        return Agreement(things, dict(counts), agreed, None)
    kappa = (agreed - chance) / (1 - chance)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    half = z * math.sqrt(agreed * (1 - agreed) / (things * (1 - chance) ** 2))
    return Agreement(
        things, dict(counts), agreed, Interval(kappa, max(-1.0, kappa - half), min(1.0, kappa + half))
    )
