"""Sudden changes: exact chances by hand, what must not be told, and how many tests were made."""

from __future__ import annotations

import math

import numpy as np
import pytest

from joinedup.text.chances import (
    binomial_tail,
    corrected,
    hypergeometric_tail,
    share_between,
    share_differs,
)
from joinedup.text.trend import changes, sudden_changes, sudden_numbers


def test_ladies_tasting_tea():
    # Fisher 1935: 4 of 8 cups, 3 or more right: (C(4,3)·C(4,1) + 1) / C(8,4) = 17/70; all right 1/70.
    assert hypergeometric_tail(3, drawn=4, marked=4, total=8) == pytest.approx(17 / 70)
    assert hypergeometric_tail(4, drawn=4, marked=4, total=8) == pytest.approx(1 / 70)
    assert hypergeometric_tail(0, drawn=4, marked=4, total=8) == 1
    assert hypergeometric_tail(5, drawn=4, marked=4, total=8) == 0


def test_coins():
    # 9 or 10 heads of 10: (10 + 1) / 1024.
    assert binomial_tail(9, trials=10, chance=0.5) == pytest.approx(11 / 1024)
    assert binomial_tail(0, trials=10, chance=0.5) == 1
    assert binomial_tail(11, trials=10, chance=0.5) == 0


def test_two_shares_are_the_same_or_not():
    # 4 of 4 against 0 of 4: twice 1/70.
    assert share_differs(4, 4, 0, 4) == pytest.approx(2 / 70)
    assert share_differs(0, 4, 4, 4) == pytest.approx(2 / 70)
    assert share_differs(2, 4, 2, 4) == 1


def test_large_counts_do_not_overflow():
    p = share_differs(52_000, 100_000, 500_000, 1_000_000)
    z = 0.02 / math.sqrt(0.5 * 0.5 * (1 / 1e5 + 1 / 1e6))  # pooled share is almost a half
    assert 0 < p < 1e-30
    assert z > 12


def test_correction_for_many_tests_by_hand():
    # Sorted .01 .03 .04 .5 of 4: .04, .06, .0533, .5; each at most its successor: .04, .0533, .0533, .5.
    assert corrected([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.04 * 4 / 3, 0.04 * 4 / 3, 0.5])
    assert corrected([]) == []


def test_limits_of_a_share():
    # Wilson with z = 1.95996, 1 of 2: the middle is a half; half width z/(2·sqrt(2 + z²)) = 0.40547.
    low, high = share_between(1, 2)
    assert (low, high) == (pytest.approx(0.5 - 0.405468, abs=1e-5), pytest.approx(0.5 + 0.405468, abs=1e-5))
    assert share_between(0, 0) == (0, 1)


def test_a_jump_is_told_with_what_was_expected():
    weeks = {f"week {i}": (10, 100) for i in range(8)} | {"week 8": (40, 100)}

    (found,) = changes(weeks, series="parking")

    assert (found.series, found.period, found.hits, found.total) == ("parking", "week 8", 40, 100)
    assert found.expected == pytest.approx(10)
    assert found.rose
    assert found.p < 1e-6


def test_a_fall_is_told_as_one():
    weeks = dict.fromkeys(range(6), (50, 100)) | {6: (15, 100)}

    (found,) = changes(weeks)

    assert not found.rose
    assert found.expected == pytest.approx(50)


def test_the_same_jump_among_weeks_that_always_jump_is_not_news():
    calm = dict.fromkeys(range(8), (20, 100)) | {8: (40, 100)}
    wild = {i: (2 if i % 2 else 38, 100) for i in range(8)} | {8: (40, 100)}

    assert changes(calm)
    assert not changes(wild)


def test_few_answers_and_few_weeks_are_not_tested():
    assert not changes({0: (0, 100), 1: (0, 100), 2: (90, 100)})
    assert not changes({0: (0, 100), 1: (0, 100), 2: (0, 100), 3: (4, 4)})


def test_weeks_without_answers_do_not_count_as_weeks_before():
    assert not changes({0: (0, 0), 1: (0, 0), 2: (0, 100), 3: (60, 100)})


def test_many_series_raise_the_bar():
    one = dict.fromkeys(range(3), (10, 100)) | {3: (20, 100)}
    quiet = {f"theme {i}": dict.fromkeys(range(4), (10, 100)) for i in range(200)}

    assert changes(one, series="one")
    assert not sudden_changes({"one": one} | quiet)


def test_chance_alone_is_rarely_told():
    draw = np.random.default_rng(5)
    told = 0
    for _ in range(40):
        series = {f"{s}": {w: (int(draw.binomial(80, 0.1)), 80) for w in range(20)} for s in range(20)}
        told += bool(sudden_changes(series))
    assert told <= 6  # at 5% of 40 sets, 2 are expected; 7 or more have a chance of 0.3%


def test_numbers_of_answers():
    # 3 weeks of 10, then 30: 30 or more of 60 at chance 1/4, twice; the usual test is near 1e-4.
    (found,) = sudden_numbers({"all": {0: 10, 1: 10, 2: 10, 3: 30}})

    assert found.expected == 10
    assert found.rose
    exact = 2 * sum(math.comb(60, k) * 0.25**k * 0.75 ** (60 - k) for k in range(30, 61))
    usual = math.erfc((20 / math.sqrt(15 * (1 + 1 / 3))) / math.sqrt(2))
    assert found.p == pytest.approx(max(exact, usual))


def test_silence_after_silence_is_no_news():
    assert not sudden_numbers({"all": dict.fromkeys(range(6), 0)})
