"""Runs made of thin air for measuring errors by group: people, their records, and what the linkage got wrong."""

from __future__ import annotations

import numpy as np

from joinedup.linkage.fairness_counts import PersonCounts


def made_counts(
    *, people: int, seed: int, missed: float = 0.03, mixed: float = 0.02, worse: np.ndarray | None = None
) -> PersonCounts:
    """Errors of people with one to five records. A person's records go astray together: one record in `missed`
    people leaves, and two people in `mixed` are taken for one. worse: whose chances of both are doubled."""
    rng = np.random.default_rng(seed)
    records = 1 + rng.choice(5, people, p=[0.4, 0.3, 0.15, 0.1, 0.05])
    times = np.ones(people) if worse is None else np.where(worse, 2.0, 1.0)
    pairs = records * (records - 1) // 2
    torn = (rng.random(people) < missed * times) & (records > 1)
    lost = np.where(torn, records - 1, 0)
    partner = rng.permutation(people)
    ends, wrong = 2 * (pairs - lost), np.zeros(people, np.int64)
    knot = np.arange(people)
    merged = np.flatnonzero(rng.random(people) < mixed / 2 * times)
    for one in merged:
        other = partner[one]
        if other != one and knot[other] == other and knot[one] == one and not torn[one] and not torn[other]:
            knot[other] = one
            both = records[one] * records[other]
            for person in (one, other):
                wrong[person] += both
                ends[person] += both
    none = np.zeros(people, np.int64)
    return PersonCounts(
        record=np.arange(people),
        records=records,
        pairs=pairs,
        missed=lost,
        ends=ends,
        wrong=wrong,
        knot=knot,
        below=lost,
        parted=none,
        chained=none,
    )
