"""Precision and recall on arrays, by hand."""

from __future__ import annotations

import numpy as np

from joinedup.linkage.accuracy import Score, cluster_scores, count_true_pairs, pairwise_scores


def array(*values):
    return np.array(values)


# Records 0, 1, 2 are one person and 3, 4 another: 3 + 1 true pairs. 5 is alone.
TRUTH = array(0, 0, 0, 1, 1, 2)
LEFT, RIGHT = array(0, 1, 3, 0, 4), array(1, 2, 4, 5, 5)
WEIGHT = array(9.0, 7.0, 3.0, 5.0, -2.0)


def test_scores_at_a_threshold():
    found = pairwise_scores(LEFT, RIGHT, WEIGHT, TRUTH, 5.0)

    assert found.pairwise == Score(linked=3, correct=2, true=4, threshold=5.0)
    assert found.pairwise.precision == 2 / 3
    assert found.pairwise.recall == 2 / 4
    assert found.pairwise.f1 == 4 / 7
    assert (found.compared, found.found, found.true) == (5, 3, 4)
    assert found.blocking_recall == 3 / 4


def test_the_best_threshold_has_the_highest_f1():
    # From 9 down: 2/5, 4/6, 4/7, 6/8, 6/9.
    assert pairwise_scores(LEFT, RIGHT, WEIGHT, TRUTH).best == Score(4, 3, 4, threshold=3.0)


def test_pairs_of_equal_weight_are_linked_together_or_not_at_all():
    weight = array(4.0, 4.0, 4.0, 4.0, 4.0)

    assert pairwise_scores(LEFT, RIGHT, weight, TRUTH).best == Score(5, 3, 4, threshold=4.0)


def test_the_curve_has_a_point_for_each_threshold():
    curve = pairwise_scores(LEFT, RIGHT, WEIGHT, TRUTH, 5.0).curve

    assert [point.threshold_weight for point in curve] == [9.0, 7.0, 5.0, 3.0, -2.0]
    assert [point.recall for point in curve] == [1 / 4, 2 / 4, 2 / 4, 3 / 4, 3 / 4]
    assert [point.precision for point in curve] == [1.0, 1.0, 2 / 3, 3 / 4, 3 / 5]


def test_a_long_curve_is_sampled_and_keeps_the_chosen_and_the_best():
    rng = np.random.default_rng(3)
    truth = np.repeat(np.arange(500), 2)
    left = np.arange(0, 1000)
    right = (left + 1) % 1000
    weight = np.where(truth[left] == truth[right], rng.normal(4, 3, 1000), rng.normal(-4, 3, 1000))

    found = pairwise_scores(left, right, weight, truth, 1.234)

    steps = [point.threshold_weight for point in found.curve]
    assert len(steps) <= 200
    assert {1.234, found.best.threshold} <= set(steps)
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] == weight.min()


def test_a_threshold_above_every_weight_links_nothing():
    found = pairwise_scores(LEFT, RIGHT, WEIGHT, TRUTH, 10.0).pairwise

    assert (found.linked, found.precision, found.recall, found.f1) == (0, 0.0, 0.0, 0.0)


def test_records_of_unknown_truth_are_left_out():
    truth = array(0, 0, -1, 1, 1, -1)

    found = pairwise_scores(LEFT, RIGHT, WEIGHT, truth, 3.0)

    assert found.pairwise == Score(linked=2, correct=2, true=2, threshold=3.0)
    assert found.compared == 2


def test_across_sources_only_pairs_across_count():
    source = array(0, 0, 1, 0, 1, 1)

    found = pairwise_scores(LEFT, RIGHT, WEIGHT, TRUTH, 3.0, source=source)

    # Compared across: 1-2, 3-4, 0-5. True across: 0-2, 1-2, 3-4.
    assert found.pairwise == Score(linked=3, correct=2, true=3, threshold=3.0)
    assert count_true_pairs(TRUTH, source=source) == 3


def test_clusters_are_held_against_the_truth_over_all_pairs_they_imply():
    person = array(0, 0, 2, 2, 2, 2)

    # Linked: 1 + 6. Right: 0-1, 3-4. True: 3 + 1.
    assert cluster_scores(person, TRUTH) == Score(linked=7, correct=2, true=4)
    assert cluster_scores(person, TRUTH, source=array(0, 1, 0, 1, 0, 0)) == Score(
        linked=1 + 3, correct=2, true=3
    )


def test_clusters_leave_out_records_of_unknown_truth():
    assert cluster_scores(array(0, 0, 0), array(5, -1, 5)) == Score(linked=1, correct=1, true=1)


def test_nothing_at_all_scores_nothing():
    nothing = np.empty(0, np.int64)
    found = pairwise_scores(nothing, nothing, np.empty(0), nothing, 0.0)

    assert (found.best, found.curve, found.true) == (None, (), 0)
    assert cluster_scores(nothing, nothing) == Score(0, 0, 0)


def test_a_large_person_is_counted_and_not_listed():
    people = np.zeros(3_000_000, np.int64)

    assert cluster_scores(people, people).linked == 3_000_000 * 2_999_999 // 2
