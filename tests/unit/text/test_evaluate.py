"""Measures, by hand arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from joinedup.text.evaluate import (
    accuracy,
    adjusted_mutual_information,
    bootstrap,
    first_of_identical,
    is_held_out,
    macro_f1,
    samples_f1,
    tags_macro_f1,
)


def test_macro_f1_is_the_mean_over_labels_however_rare():
    # a: 2 right of 3 said and 2 true, F1 = 4/5; b: 0 right; c: never said, 0.
    assert macro_f1(["a", "a", "b", "c"], ["a", "a", "a", None]) == pytest.approx((0.8 + 0 + 0) / 3)


def test_accuracy_counts_silence_as_wrong():
    assert accuracy(["a", "b"], ["a", None]) == 0.5


def test_tags_are_measured_each_for_itself():
    truth, said = [{"x"}, {"x", "y"}, set()], [{"x"}, {"y"}, {"y"}]

    # x: 1 right of 1 said, 2 true: 2/3. y: 1 right of 2 said, 1 true: 2/3. z is nowhere: 0.
    assert tags_macro_f1(truth, said, ["x", "y"]) == pytest.approx(2 / 3)
    assert tags_macro_f1(truth, said, ["x", "y", "z"]) == pytest.approx(4 / 9)


def test_samples_f1_agrees_on_empty_sets():
    assert samples_f1([set(), {"x"}, {"x"}], [set(), {"y"}, {"x", "y"}]) == pytest.approx((1 + 0 + 2 / 3) / 3)


def test_an_interval_holds_the_measure_and_is_the_same_for_a_seed():
    values = np.arange(100) / 100

    found = bootstrap(lambda places: float(values[places].mean()), size=100, seed=1)

    assert found.value == pytest.approx(0.495)
    assert found.low < 0.495 < found.high
    assert found == bootstrap(lambda places: float(values[places].mean()), size=100, seed=1)


def test_groupings_agree_whatever_the_groups_are_called():
    assert adjusted_mutual_information([1, 1, 2, 2], ["b", "b", "a", "a"]) == pytest.approx(1)
    assert adjusted_mutual_information([1, 1, 2, 2], [1, 2, 1, 2]) < 0.01


def test_texts_that_differ_by_case_and_marks_alone_are_identical():
    assert first_of_identical(["Good!", "good", "...", "Good staff", " GOOD "]) == [0, 3]


def test_identical_texts_fall_on_the_same_side_and_seeds_differ():
    texts = [f"text {number}" for number in range(2000)]
    first = [is_held_out(text, share=0.3, seed=1) for text in texts]

    assert first == [is_held_out(text.upper() + "!", share=0.3, seed=1) for text in texts]
    assert first != [is_held_out(text, share=0.3, seed=2) for text in texts]
    assert 0.26 < sum(first) / len(first) < 0.34
