"""Pairs worth a clerk's look."""

from __future__ import annotations

import numpy as np

from joinedup.linkage.cluster import cluster
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
        (0, 1, 9.0, (Reason.BRIDGE,)),
        (0, 5, 8.0, (Reason.CONTRADICTION,)),
        (1, 2, 4.1, (Reason.NEAR_THRESHOLD, Reason.BRIDGE)),
        (2, 3, 3.9, (Reason.NEAR_THRESHOLD,)),
    ]


def test_what_a_clerk_refused_is_not_asked_again():
    left, right, weight = np.array([0]), np.array([1]), np.array([30.0])
    clusters = cluster(left, right, weight, records=2, threshold=0.0, different=(left, right))

    found = review_pairs(left, right, weight, threshold=0.0, clusters=clusters, limit=3)

    assert [pair.reasons for pair in found] == [(Reason.NEAR_THRESHOLD,)]


def test_of_equally_near_pairs_the_first_by_record_number_are_taken():
    left, right = np.array([5, 1, 3, 0]), np.array([6, 2, 4, 9])
    weight = np.array([1.0, 1.0, -1.0, 1.0])
    clusters = cluster(left, right, weight, records=10, threshold=0.0, measures=False)

    found = review_pairs(left, right, weight, threshold=0.0, clusters=clusters, limit=6)

    assert [(pair.left, pair.right) for pair in found] == [(0, 9), (1, 2)]


def test_no_pairs_give_no_work():
    nothing = np.empty(0, np.int32)
    clusters = cluster(nothing, nothing, np.empty(0), records=3, threshold=0.0)

    assert review_pairs(nothing, nothing, np.empty(0), threshold=0.0, clusters=clusters) == ()
