"""How well clusters hang together, by hand."""

from __future__ import annotations

import numpy as np

from joinedup.linkage.cluster import cluster


def measured(links, *, records, **constraints):
    left, right, weight = (np.array(column) for column in zip(*links, strict=True))
    return cluster(left, right, weight, records=records, threshold=0.0, **constraints).measures


def test_a_triangle_with_a_tail():
    # 0-1-2 is a triangle, 2-3 its tail; 4-5 a couple; 6 alone.
    links = [(0, 1, 4.0), (1, 2, 3.0), (0, 2, 5.0), (2, 3, 2.0), (4, 5, 7.0), (5, 6, -1.0)]

    found = measured(links, records=7)

    assert found.person.tolist() == [0, 4]
    assert found.size.tolist() == [4, 2]
    assert found.links.tolist() == [4, 1]
    assert found.density.tolist() == [4 / 6, 1.0]
    assert found.min_weight.tolist() == [2.0, 7.0]
    assert found.mean_weight.tolist() == [3.5, 7.0]
    assert found.bridges.tolist() == [1, 1]
    assert found.bridge.tolist() == [False, False, False, True, True, False]
    assert (found.weakest_left.tolist(), found.weakest_right.tolist()) == ([2, 4], [3, 5])


def test_two_triangles_joined_by_one_link_have_one_bridge():
    links = [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0), (3, 4, 1.0), (4, 5, 1.0), (3, 5, 1.0), (2, 3, 1.0)]

    found = measured(links, records=6)

    assert found.bridges.tolist() == [1]
    assert np.flatnonzero(found.bridge).tolist() == [6]


def test_a_decision_beside_a_link_makes_it_no_bridge():
    links = [(0, 1, 1.0), (1, 2, 1.0)]

    found = measured(links, records=3, same=(np.array([0]), np.array([1])))

    assert found.bridge.tolist() == [False, True]
    assert found.links.tolist() == [2]


def test_a_couple_that_a_clerk_joined_has_no_link_and_no_bridge():
    found = measured([(0, 1, -5.0)], records=2, same=(np.array([0]), np.array([1])))

    assert (found.links.tolist(), found.bridges.tolist()) == ([0], [0])
    assert np.isnan(found.min_weight).all()
    assert np.isnan(found.mean_weight).all()
    assert found.weakest_left.tolist() == [-1]


def test_of_equally_weak_links_the_first_by_record_number_is_named():
    found = measured([(2, 1, 1.0), (2, 0, 1.0), (0, 1, 3.0)], records=3)

    assert (found.weakest_left.tolist(), found.weakest_right.tolist()) == ([2], [0])
