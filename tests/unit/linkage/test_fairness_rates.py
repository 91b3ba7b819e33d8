"""Rates by group: known intervals, clustering by person, and how often the verdicts are wrong."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from joinedup.linkage.fairness import assess
from joinedup.linkage.fairness_groups import Labels
from joinedup.linkage.fairness_rates import Rate, chance_of_none, difference, holm, rate
from joinedup.linkage.fairness_result import Measure, Verdict
from support.plain_runs import made_counts

ON = date(2026, 3, 31)


def divided(people: int, seed: int, *, ways: tuple[int, ...] = (2, 6, 10, 2)) -> list[Labels]:
    """As many divisions as a report has, each with chance alone behind it."""
    rng = np.random.default_rng([seed, 7])
    return [
        Labels(
            f"g{at}",
            f"G{at}",
            tuple(f"group {n}" for n in range(groups)),
            rng.integers(0, groups, people),
            "",
        )
        for at, groups in enumerate(ways)
    ]


def test_independent_chances_give_wilsons_interval():
    # Wilson's interval of 1 in 10 (Brown, Cai and DasGupta 2001, Statistical Science 16:101): 0.018 to 0.404.
    found = rate(np.array([1.0] + [0.0] * 9), np.ones(10), people=10)

    assert found.independent == pytest.approx(10 * 0.9, rel=0.01)  # the sample variance divides by n - 1
    assert Rate(1, 10, 10, 10.0).interval().low == pytest.approx(0.0179, abs=5e-5)
    assert Rate(1, 10, 10, 10.0).interval().high == pytest.approx(0.4042, abs=5e-5)


def test_pairs_of_one_person_that_fail_together_count_as_one_chance():
    alone = rate(np.tile([1.0, 0.0, 0.0, 0.0], 50), np.ones(200), people=200)
    together = rate(np.tile([3.0, 0.0, 0.0, 0.0], 50), np.full(200, 3.0), people=200)

    assert alone.value == together.value == 0.25
    assert together.chances == 600
    assert together.independent == pytest.approx(
        alone.independent
    )  # three pairs a person say no more than one


def test_without_an_error_everybodys_clustering_is_taken():
    found = rate(np.zeros(20), np.full(20, 10.0), people=20, design=10.0)

    assert (found.value, found.independent) == (0.0, 20.0)
    assert found.interval().high == pytest.approx(0.161, abs=5e-4)  # Wilson for 0 of 20


def test_the_chance_belongs_to_the_interval():
    one, other = Rate(30, 400, 300, 300.0), Rate(50, 1500, 900, 900.0)
    chance = chance_of_none(one, other)

    assert difference(one, other, confidence=1 - chance).low == pytest.approx(0, abs=1e-6)
    assert difference(one, other, confidence=1 - chance / 2).low < 0
    assert chance_of_none(other, one) == pytest.approx(chance)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_intervals_cover_what_they_should():
    """95% intervals of the rate of missed pairs hold the true rate in about 95 of 100 samples of people."""
    weights = np.array([0.4, 0.3, 0.15, 0.1, 0.05])
    sizes = np.arange(1, 6)
    pairs = sizes * (sizes - 1) / 2
    true = (weights * 0.03 * (sizes - 1))[1:].sum() / (weights * pairs).sum()
    inside = 0
    for seed in range(400):
        counts = made_counts(people=1500, seed=seed)
        able = counts.pairs > 0
        found = rate(
            counts.missed[able].astype(float), counts.pairs[able].astype(float), people=int(able.sum())
        ).interval()
        inside += found.low <= true <= found.high

    assert 0.92 <= inside / 400 <= 0.985


def test_chance_alone_is_seldom_called_clear():
    """At most about one report in twenty, over 20 groups in four divisions.

    With 150 reports, up to 9% may show where 5% is true; measured over 300 of 3,000 people: 3.3%.
    """
    alarms = 0
    for seed in range(150):
        found = assess(made_counts(people=3000, seed=seed), divided(3000, seed), on=ON)
        assert found.comparisons == 2 * (1 + 6 + 10 + 1)
        alarms += found.clear

    assert alarms / 150 <= 0.09


def test_a_planted_inequality_is_found_and_is_the_only_one():
    found_at, others = 0, 0
    for seed in range(30):
        labels = divided(8000, seed)
        worse = labels[1].code == 3
        found = assess(made_counts(people=8000, seed=seed, missed=0.05, worse=worse), labels, on=ON)
        planted = found.groupings[1].groups
        gap = next(group for group in planted if group.name == "group 3").gaps[Measure.MISSED]
        found_at += gap.verdict is Verdict.CLEAR and gap.gap.value > 0
        others += sum(
            gap.verdict is Verdict.CLEAR
            for grouping in (found.groupings[0], *found.groupings[2:])
            for group in grouping.groups
            for gap in group.gaps.values()
        )

    assert found_at >= 28
    assert others <= 4
