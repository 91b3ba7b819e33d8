"""Pairs worth a clerk's look."""

from __future__ import annotations

import numpy as np

from joinedup.linkage.account import doubtful_people
from joinedup.linkage.cluster import cluster
from joinedup.linkage.outputs import person_names
from joinedup.linkage.review import Reason, review_pairs


def test_each_kind_is_named_and_a_pair_comes_once():
    # 0-1-2 hangs on bridges; 3-4 is a couple; 5 may not join 0 for its number.
    links = [(0, 1, 9.0), (1, 2, 4.1), (3, 4, 20.0), (0, 5, 8.0), (2, 3, 3.9), (4, 5, -9.0)]
    left, right, weight = (np.array(column) for column in zip(*links, strict=True))
    clusters = cluster(
        left, right, weight, records=6, threshold=4.0, identifiers=[np.array([1, -1, -1, 3, -1, 2])]
    )

    found = review_pairs(left, right, weight, threshold=4.0, clusters=clusters, limit=6)

    assert [(pair.left, pair.right, pair.weight, pair.reasons) for pair in found] == [
        (1, 2, 4.1, (Reason.NEAR_THRESHOLD, Reason.BRIDGE)),
        (2, 3, 3.9, (Reason.NEAR_THRESHOLD,)),
        (0, 5, 8.0, (Reason.CONTRADICTION,)),
        (0, 1, 9.0, (Reason.BRIDGE,)),
    ]


def test_what_is_far_from_the_threshold_is_not_called_near_and_the_most_doubtful_come_first():
    # At 6.63 bits from even odds, 2^-6.63 = 1/99, a pair is wrong once in a hundred times.
    left, right = np.arange(0, 10, 2), np.arange(1, 11, 2)
    weight = np.array([27.8, 8.1 + 6.6, 8.1 - 6.7, 8.0, 8.1 + 6.7])
    clusters = cluster(left, right, weight, records=10, threshold=8.1)

    found = review_pairs(left, right, weight, threshold=8.1, clusters=clusters)

    assert [pair.weight for pair in found] == [8.0, 8.1 + 6.6]


def test_what_a_clerk_refused_is_not_asked_again():
    left, right, weight = np.array([0]), np.array([1]), np.array([3.0])
    clusters = cluster(left, right, weight, records=2, threshold=0.0, different=(left, right))

    found = review_pairs(left, right, weight, threshold=0.0, clusters=clusters, limit=3)

    assert [pair.reasons for pair in found] == [(Reason.NEAR_THRESHOLD,)]


def test_of_equally_near_pairs_the_first_by_record_number_are_taken():
    left, right = np.array([5, 1, 3, 0]), np.array([6, 2, 4, 9])
    weight = np.array([1.0, 1.0, -1.0, 1.0])
    clusters = cluster(left, right, weight, records=10, threshold=0.0, measures=False)

    found = review_pairs(left, right, weight, threshold=0.0, clusters=clusters, limit=6)

    assert [(pair.left, pair.right) for pair in found] == [(0, 9), (1, 2)]


def test_the_people_most_worth_a_look_are_those_of_the_weakest_links():
    # Three people of three records: a chain of strong links, one of weak links, and a full triangle of strong ones.
    links = [(0, 1, 27.0), (1, 2, 27.0), (3, 4, 27.0), (4, 5, 9.0), (6, 7, 27.0), (7, 8, 27.0), (6, 8, 27.0)]
    left, right, weight = (np.array(column) for column in zip(*links, strict=True))
    clusters = cluster(left, right, weight, records=9, threshold=8.0)
    assert clusters.measures is not None

    found = doubtful_people(clusters.measures, person_names(clusters.person), threshold=8.0)

    assert [(person.person_id, person.weakest_weight) for person in found] == [
        ("P000002", 9.0),
        ("P000001", 27.0),
    ]
    assert "near the threshold" in found[0].why
    assert "near the threshold" not in found[1].why


def test_no_pairs_give_no_work():
    nothing = np.empty(0, np.int32)
    clusters = cluster(nothing, nothing, np.empty(0), records=3, threshold=0.0)

    assert review_pairs(nothing, nothing, np.empty(0), threshold=0.0, clusters=clusters) == ()
