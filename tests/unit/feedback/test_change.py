"""Whether something changed: only where chance alone would not have made it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from joinedup.errors import UsageError
from joinedup.feedback.change import Verdict, change
from joinedup.feedback.figures import MonthFigures
from joinedup.feedback.measures import Scores, completion, cost_per_transaction, satisfaction, share

JANUARY = date(2026, 1, 1)


def completed(number: int, of: int):
    return completion([MonthFigures(JANUARY, started=of, completed=number)])


def cost(pence: int, number: int):
    return cost_per_transaction([MonthFigures(JANUARY, completed=number, cost_pence=pence)])


def test_the_interval_is_the_published_one():
    # Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10: 56/70 - 48/80 = 0.0524 to 0.3339
    found = change(completed(48, 80), completed(56, 70))

    assert found.difference == Fraction(1, 5)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    assert found.verdict is Verdict.BETTER


def test_a_small_difference_of_few_people_is_no_change():
    # Same table: 9/10 - 3/10 = 0.1705 to 0.8090; 6/7 - 2/7 = 0.0582 to 0.8062; here 5/10 against 6/10 is chance
    found = change(completed(5, 10), completed(6, 10))

    assert found.verdict is Verdict.NOT_CHANGED
    assert found.low < 0 < found.high


def test_fewer_complaints_are_better():
    found = change(share(60, 100), share(20, 100))

    assert found.verdict is Verdict.BETTER
    assert found.difference == Fraction(-2, 5)


def test_lower_satisfaction_is_worse():
    earlier, later = satisfaction(Scores((0, 0, 0, 0, 100))), satisfaction(Scores((100, 0, 0, 0, 0)))

    assert change(earlier, later).verdict is Verdict.WORSE


def test_what_is_not_known_has_not_changed_and_not_stayed():
    found = change(share(0, 0), share(5, 10), target=Fraction(1, 2))

    assert found.verdict is Verdict.UNKNOWN
    assert found.difference is None
    assert found.reached is True


def test_a_cost_is_a_count_and_has_no_interval():
    dearer, same = change(cost(100_000, 100), cost(110_000, 100)), change(cost(1000, 100), cost(1000, 100))

    assert (dearer.verdict, dearer.low) == (Verdict.WORSE, None)
    assert same.verdict is Verdict.NOT_CHANGED


def test_a_target_is_reached_from_the_better_side():
    assert change(completed(1, 2), completed(4, 5), target=Fraction(4, 5)).reached is True
    assert change(completed(1, 2), completed(3, 4), target=Fraction(4, 5)).reached is False
    assert change(share(5, 10), share(1, 10), target=Fraction(2, 10)).reached is True


def test_two_different_measures_are_not_compared():
    with pytest.raises(UsageError, match="two different measures"):
        change(share(1, 2), completed(1, 2))
