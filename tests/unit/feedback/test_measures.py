"""The four measures against arithmetic by hand and published intervals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from joinedup.errors import UsageError
from joinedup.feedback.figures import MonthFigures
from joinedup.feedback.measures import (
    Measure,
    Scores,
    completion,
    cost_per_transaction,
    in_percent,
    in_pounds,
    satisfaction,
    scores_of,
    share,
    take_up,
    wilson,
)

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def test_satisfaction_is_the_mean_of_five_points_as_a_percentage():
    # 10 x 0 + 5 x 25 + 5 x 50 + 30 x 75 + 50 x 100 = 7,625 over 100 people
    found = satisfaction(Scores((10, 5, 5, 30, 50)))

    assert found.value == Fraction(7625, 10000)
    assert found.shown == "76.3%"
    assert found.counted == 100


def test_the_interval_of_satisfaction_is_wilsons_for_as_many_answers():
    found = satisfaction(Scores((10, 0, 0, 0, 90)))  # 90 of 100: Wilson gives 0.8256 to 0.9448

    assert (round(found.low, 4), round(found.high, 4)) == (0.8256, 0.9448)


def test_nobody_asked_is_not_known_and_not_nought():
    found = satisfaction(scores_of([]))

    assert found.value is None
    assert found.shown == "not known"
    assert (found.low, found.high) == (None, None)


def test_everybody_at_the_lowest_score_is_nought():
    assert satisfaction(scores_of([1, 1])).shown == "0.0%"


def test_a_score_that_is_none_is_refused():
    with pytest.raises(UsageError, match="a score is from 1 to 5"):
        scores_of([5, 0])


def test_completion_adds_the_months_and_does_not_average_them():
    months = [
        MonthFigures(JANUARY, started=1000, completed=500),
        MonthFigures(FEBRUARY, started=10, completed=10),
    ]

    found = completion(months)

    assert found.value == Fraction(510, 1010)  # the mean of the months would be 75%
    assert found.shown == "50.5%"


def test_a_month_with_one_number_unknown_counts_for_neither_and_is_named():
    months = [
        MonthFigures(JANUARY, started=100, completed=80),
        MonthFigures(FEBRUARY, started=100),
        MonthFigures(MARCH, completed=70),
    ]

    found = completion(months)

    assert found.value == Fraction(80, 100)
    assert found.known == (JANUARY,)
    assert found.missing == (FEBRUARY, MARCH)
    assert not found.is_complete


def test_nothing_completed_is_nought_and_nothing_known_is_unknown():
    assert completion([MonthFigures(JANUARY, started=100, completed=0)]).shown == "0.0%"
    assert completion([MonthFigures(JANUARY)]).shown == "not known"
    assert completion([MonthFigures(JANUARY, started=0, completed=0)]).shown == "not known"


def test_digital_take_up_is_of_what_was_completed():
    months = [MonthFigures(JANUARY, started=1000, completed=800, digital=640)]

    assert take_up(months).shown == "80.0%"


def test_a_month_that_cost_money_and_completed_nothing_makes_each_dearer():
    months = [
        MonthFigures(JANUARY, completed=1000, cost_pence=250_000),
        MonthFigures(FEBRUARY, completed=0, cost_pence=100_000),
    ]

    found = cost_per_transaction(months)

    assert found.shown == "£3.50"
    assert found.low is None


def test_the_cost_of_nothing_is_not_known():
    assert cost_per_transaction([MonthFigures(JANUARY, completed=0, cost_pence=100)]).value is None


def test_halves_are_rounded_up_however_floats_see_them():
    assert in_percent(Fraction(1, 2000)) == Decimal("0.1")  # 0.05
    assert in_percent(Fraction(285, 1000), 0) == Decimal(29)  # 28.5, which round() makes 28
    assert in_pounds(Fraction(25, 2)) == Decimal("0.13")


def test_wilson_agrees_with_the_published_examples():
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I: 81/263 and 15/148
    assert [round(end, 4) for end in wilson(Fraction(81, 263), 263)] == [0.2553, 0.3662]
    assert [round(end, 4) for end in wilson(Fraction(15, 148), 148)] == [0.0624, 0.1605]


def test_a_share_of_everybody_keeps_its_end():
    found = share(20, 20)  # table I: 0.8389 for 20/20

    assert (round(found.low, 4), found.high) == (0.8389, 1.0)


def test_more_is_better_but_for_cost_and_complaints():
    assert [each for each in Measure if not each.is_better_higher] == [Measure.COST, Measure.SHARE]
