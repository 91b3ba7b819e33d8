"""What is told of a month to everybody: nothing of 1 to 4 people, and nothing that they could be worked out from."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import product

import pytest

from joinedup.feedback import MonthFigures, Scores
from joinedup.feedback.open_data import COLUMNS, SCORES, csvw, open_month

MAY = date(2026, 5, 1)


def told(*counts: int, **figures: int):
    return open_month(Scores(counts or (0, 0, 0, 0, 0)), MonthFigures(MAY, **figures))


def test_what_is_not_small_is_told() -> None:
    row = told(5, 0, 7, 0, 9, started=100, completed=90, digital=50, eligible=1000, cost_pence=12345).row()

    assert [row[name] for name in SCORES] == ["5", "0", "7", "0", "9"]
    assert row["answers"] == "21"
    assert row["satisfaction_percent"] == "59.5"  # (0*5 + 2*7 + 4*9) / (4*21) = 50/84
    assert (row["started"], row["completed"], row["completed_online"]) == ("100", "90", "50")
    assert row["cost_pounds"] == "123.45"
    assert row["withheld"] == ""


def test_one_small_number_withholds_all_five_since_the_total_would_tell_it() -> None:
    row = told(10, 10, 10, 10, 3).row()

    assert [row[name] for name in SCORES] == [""] * 5
    assert row["withheld"].split() == list(SCORES)
    assert row["answers"] == "43"
    assert row["satisfaction_percent"] != ""


def test_a_mean_that_gives_the_numbers_away_is_withheld_with_them() -> None:
    """99.5% of 50 answers is one 4 among 49 5s, and nothing else."""
    assert "satisfaction_percent" in told(0, 0, 0, 1, 49).withheld
    assert "satisfaction_percent" in told(49, 1, 0, 0, 0).withheld


@pytest.mark.parametrize("number", [1, 4])
def test_of_few_answers_nothing_is_told_and_of_none_that_there_are_none(number) -> None:
    few, none = told(0, 0, number, 0, 0), told(0, 0, 0, 0, 0)

    assert set(few.withheld) == {"answers", "satisfaction_percent", *SCORES}
    assert none.withheld == ()
    assert none.row()["answers"] == "0"
    assert none.row()["satisfaction_percent"] == ""


@pytest.mark.parametrize("total", range(5, 15))
def test_no_score_can_be_told_to_be_small_whatever_was_given(total) -> None:
    """Of the ways in which people can answer, those that look alike hold one, for each score, that is not small."""
    alike = defaultdict(list)
    for counts in product(range(total + 1), repeat=4):
        if sum(counts) <= total:
            every = (*counts, total - sum(counts))
            alike[tuple(told(*every).row().items())].append(every)

    for row, ways in alike.items():
        if "score_1" in dict(row)["withheld"]:
            for score in range(5):
                assert any(not 1 <= way[score] <= 4 for way in ways), (row, score)
            if dict(row)["satisfaction_percent"]:
                assert all(any(way[score] >= 5 for way in ways) for score in range(5)), row


THREE = ("started", "completed", "completed_online")


@pytest.mark.parametrize(
    ("figures", "withheld"),
    [
        ({"started": 100, "completed": 97, "digital": 50}, THREE),
        ({"started": 100, "completed": 80, "digital": 77}, THREE),
        ({"started": 100, "completed": 100, "digital": 4}, THREE),
        ({"started": 100, "completed": 100, "digital": 100}, ()),
        ({"started": 100, "completed": 95, "digital": 0}, ()),
        ({"started": 100, "completed": 3}, ("started", "completed")),
        ({"started": 100, "digital": 97}, ("started", "completed_online")),
        ({"started": 100, "eligible": 2}, ("eligible",)),
    ],
)
def test_differences_of_transactions_are_numbers_too(figures, withheld) -> None:
    assert told(**figures).withheld == withheld


def test_no_number_of_transactions_can_be_told_more_closely_than_that_it_is_small() -> None:
    """Of all cases, those that look alike leave at least four values for each number and each difference."""
    alike = defaultdict(list)
    for started in range(25):
        for completed in range(started + 1):
            for digital in range(completed + 1):
                row = told(started=started, completed=completed, digital=digital).row()
                alike[tuple(row.items())].append((started, completed, digital))

    for row, ways in alike.items():
        for numbers in zip(*((s, c, d, s - c, c - d) for s, c, d in ways), strict=True):
            if dict(row)["withheld"]:
                assert len(set(numbers)) >= 4
            else:
                assert not any(1 <= number <= 4 for number in numbers)


def test_unknown_is_neither_nought_nor_withheld() -> None:
    row = told(5, 5, 5, 5, 5, started=0).row()

    assert row["started"] == "0"
    assert row["completed"] == ""
    assert row["withheld"] == ""


def test_the_description_names_every_column() -> None:
    described = csvw(url="figures.csv", title="X", publisher="Y", licence_url="https://example.org/licence")

    columns = described["tableSchema"]["columns"]
    assert [each["name"] for each in columns] == list(COLUMNS) == list(told().row())
    assert described["dc:license"] == {"@id": "https://example.org/licence"}
