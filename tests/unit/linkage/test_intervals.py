"""Intervals: published figures, corners, and whether they cover what they should."""

from __future__ import annotations

import math

import numpy as np
import pytest

from joinedup.linkage.intervals import Interval, Stratum, ratio, total, wilson


@pytest.mark.parametrize(
    ("same", "drawn", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_newcombes_published_limits(same, drawn, low, high):
    # Newcombe (1998), Statistics in Medicine 17:857, table I, method 3.
    found = wilson(Stratum(10**12, drawn, same))

    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_a_stratum_labelled_as_a_whole_is_known_exactly():
    assert wilson(Stratum(8, 8, 3)) == Interval(3 / 8, 3 / 8, 3 / 8)


def test_totals_add_squares_of_the_distances_to_the_limits():
    strata = [Stratum(1000, 50, 25), Stratum(10, 10, 4)]
    one = wilson(strata[0])

    found = total(strata)

    assert found.value == 504
    assert found.low == pytest.approx(4 + 1000 * one.low)
    assert found.high == pytest.approx(4 + 1000 * one.high)
    assert total([]) == Interval(0.0, 0.0, 0.0)


def test_a_ratio_with_a_known_bottom_is_that_of_the_limits():
    found = ratio(Interval(30.0, 20.0, 45.0), Interval(10.0, 10.0, 10.0))

    assert found == Interval(3.0, pytest.approx(2.0), pytest.approx(4.5))


def test_a_ratio_to_what_may_be_nothing_has_no_upper_limit():
    assert ratio(Interval(3.0, 2.0, 4.0), Interval(1.0, 0.0, 2.0)).high == math.inf
    assert ratio(Interval(3.0, 2.0, 4.0), Interval(0.0, 0.0, 2.0)).value == math.inf


def test_nothing_found_still_has_an_upper_limit():
    found = ratio(Interval(0.0, 0.0, 5.0), Interval(100.0, 90.0, 100.0))

    assert (found.value, found.low) == (0.0, 0.0)
    assert 0.04 < found.high < 0.06


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    """Recall of a made-up population, drawn 500 times: at least 93% of the 95% intervals hold it."""
    generator = np.random.default_rng(11)
    pairs, true = np.array([4000, 800, 600, 9000]), np.array([3990, 700, 150, 45])
    recall = (true[0] + true[1]) / true.sum()
    held = 0
    for _ in range(500):
        same = [int(generator.hypergeometric(t, p - t, 100)) for p, t in zip(pairs, true, strict=True)]
        strata = [Stratum(int(p), 100, s) for p, s in zip(pairs, same, strict=True)]
        odds = ratio(total(strata[2:]), total(strata[:2]))
        held += 1 / (1 + odds.high) <= recall <= 1 / (1 + odds.low)

    assert held >= 0.93 * 500
