"""What the pictures of a run are drawn from."""

from __future__ import annotations

import math

import pytest

from joinedup.charts import plain
from joinedup_web.linkage.pictures import probability, run_pictures

RECORD = {
    "threshold_weight": 0.0,
    "weights": {"low": -2.0, "width": 2.0, "counts": [300, 100]},
    "clusters": {"sizes": {"1": 10, "2": 5, "11": 1, "12": 2}},
    "rules": [{"rule": "postcode", "raw": 400, "new": 400}],
    "accuracy": [],
}


@pytest.mark.parametrize("weight", [-30.0, -1.0, 0.0, 1.0, 30.0])
def test_a_weight_in_bits_is_a_chance(weight):
    odds = 2**weight

    assert probability(weight) == pytest.approx(odds / (1 + odds))
    assert math.isfinite(probability(weight * 100))


def test_expected_precision_and_recall_follow_from_the_weights():
    """Bins at -1 and +1 bits: chances 1/3 and 2/3. From 0 on: 66.7 of 100 pairs match; of 166.7 matches in all, 40%."""
    chart = next(c for c in run_pictures(RECORD) if c.title.startswith("What each threshold"))

    told = {(row[0].split(" ")[0], row[1]): row[2] for row in chart.rows}
    assert told["precision", "0"] == "0.6667"
    assert told["recall", "0"] == "0.4"
    assert told["precision", plain(-2)] == "0.4167"
    assert told["recall", plain(-2)] == "1"


def test_people_with_many_records_are_counted_together():
    chart = next(c for c in run_pictures(RECORD) if c.title.startswith("How many records"))

    assert chart.rows[-1] == ("over 10", "3")


def test_what_a_run_does_not_have_is_not_drawn():
    assert run_pictures({"rules": [], "weights": {"low": 0, "width": 1, "counts": [0, 0]}}) == []
