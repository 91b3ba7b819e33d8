"""From scored pairs to people: constraints, clerical decisions, averages."""

from __future__ import annotations

import numpy as np
import pytest

from joinedup.errors import UsageError
from joinedup.linkage.cluster import Refusal, cluster, connected_components


def people(links, *, records, threshold=0.0, **constraints):
    left, right, weight = (np.array(column) for column in zip(*links, strict=True))
    return cluster(left, right, weight, records=records, threshold=threshold, **constraints)


def refused(found):
    b = found.broken
    rows = zip(b.left.tolist(), b.right.tolist(), b.reason.tolist(), strict=True)
    return [(left, right, Refusal.of_code(reason)) for left, right, reason in rows]


def pairs(*ends):
    return tuple(np.array(side) for side in zip(*ends, strict=True))


def test_without_constraints_people_are_the_connected_components():
    found = people([(4, 2, 3.0), (2, 1, 1.0), (0, 3, -1.0)], records=5)

    assert found.person.tolist() == [0, 1, 1, 3, 1]
    assert len(found.broken) == 0
    assert found.sizes() == {1: 2, 3: 1}


def test_a_link_of_exactly_the_threshold_counts():
    assert people([(0, 1, 2.0), (1, 2, 1.999)], records=3, threshold=2.0).person.tolist() == [0, 0, 2]


def test_a_link_of_unknown_weight_joins_nobody():
    assert people([(0, 1, np.nan)], records=2).person.tolist() == [0, 1]


def test_one_to_one_keeps_the_stronger_of_two_claims():
    # Records 1 and 2 are of source 0, which holds each person once; record 0 cannot be both.
    found = people(
        [(0, 1, 3.0), (0, 2, 5.0)], records=3, source=np.array([1, 0, 0]), one_to_one_sources=frozenset({0})
    )

    assert found.person.tolist() == [0, 1, 0]
    assert refused(found) == [(0, 1, Refusal.ONE_TO_ONE)]
    assert found.broken.counts() == {"one to one": 1}


def test_a_source_not_declared_one_to_one_may_have_several_records_of_a_person():
    found = people(
        [(0, 1, 3.0), (0, 2, 5.0)], records=3, source=np.array([0, 1, 1]), one_to_one_sources=frozenset({0})
    )

    assert found.person.tolist() == [0, 0, 0]


def test_one_to_one_holds_over_a_detour_and_for_more_sources_than_a_machine_word_has_bits():
    source = np.array([0, 70, 71, 0])
    found = people(
        [(0, 1, 9.0), (1, 2, 8.0), (2, 3, 7.0)],
        records=4,
        source=source,
        one_to_one_sources=frozenset(range(72)),
    )

    assert found.person.tolist() == [0, 0, 0, 3]
    assert refused(found) == [(2, 3, Refusal.ONE_TO_ONE)]


def test_a_chain_between_two_numbers_breaks_at_its_weakest_link():
    # 0 has number 7, 3 has number 8; the chain 0-1-2-3 is weakest in its middle.
    found = people([(0, 1, 6.0), (1, 2, 4.0), (2, 3, 5.0)], records=4, identifiers=[np.array([7, -1, -1, 8])])

    assert found.person.tolist() == [0, 0, 2, 2]
    assert refused(found) == [(1, 2, Refusal.CONTRADICTION)]


def test_each_identifier_is_looked_at_by_itself():
    nhs, nino = np.array([1, -1, 1]), np.array([5, 5, 6])

    found = people([(0, 1, 3.0), (1, 2, 2.0)], records=3, identifiers=[nhs, nino])

    assert found.person.tolist() == [0, 0, 2]


def test_different_is_obeyed_over_every_detour():
    found = people([(0, 1, 9.0), (1, 2, 8.0), (2, 3, 7.0)], records=4, different=pairs((0, 3)))

    assert found.person.tolist() == [0, 0, 0, 3]
    assert refused(found) == [(2, 3, Refusal.DECISION)]


def test_same_joins_what_no_link_does_and_before_any_link():
    found = people([(0, 1, 9.0)], records=4, same=pairs((1, 2)), identifiers=[np.array([5, -1, 6, -1])])

    assert found.person.tolist() == [0, 1, 1, 3]
    assert refused(found) == [(0, 1, Refusal.CONTRADICTION)]


def test_same_without_further_constraints():
    assert people([(0, 1, 9.0)], records=4, same=pairs((3, 1))).person.tolist() == [0, 0, 2, 0]


def test_a_clerk_may_join_two_numbers_and_then_no_third_comes_in():
    number = np.array([5, 6, 5, 7, -1])
    found = people(
        [(0, 2, 3.0), (1, 3, 2.0), (1, 4, 1.0)], records=5, same=pairs((0, 1)), identifiers=[number]
    )

    assert found.person.tolist() == [0, 0, 0, 3, 0]
    assert refused(found) == [(1, 3, Refusal.CONTRADICTION)]


def test_same_and_different_of_the_same_people_are_refused():
    with pytest.raises(UsageError, match="records 0 and 2"):
        people([(0, 1, 1.0)], records=3, same=pairs((0, 1), (1, 2)), different=pairs((0, 2)))


def test_one_to_one_without_sources_is_refused():
    with pytest.raises(UsageError, match="source"):
        people([(0, 1, 1.0)], records=2, one_to_one_sources=frozenset({0}))


def test_a_refused_link_whose_ends_meet_later_is_not_reported_as_broken():
    # At weight 8 the two couples look too unlike: (8 - 3 * 2) / 4 = 0.5 < 1. Record 4 is alike both.
    links = [(0, 1, 10.0), (2, 3, 9.0), (1, 2, 8.0), (0, 4, 7.0), (1, 4, 7.0), (2, 4, 6.0), (3, 4, 6.0)]
    links += [(0, 2, -2.0), (0, 3, -2.0), (1, 3, -2.0)]

    found = people(links, records=5, split=1.0)

    # With 4, the first couple meets the second with (8 - 6 + 6 + 6) / 6 = 2.3.
    assert found.person.tolist() == [0, 0, 0, 0, 0]
    assert len(found.broken) == 0


def test_two_families_joined_by_one_link_stay_apart_on_average():
    # Two triangles of weight 10 and one link of weight 8 between them: (8 + 8 * -3) / 9 = -1.8 bits.
    links = [(0, 1, 10.0), (0, 2, 10.0), (1, 2, 10.0), (3, 4, 10.0), (3, 5, 10.0), (4, 5, 10.0), (2, 3, 8.0)]

    apart = people(links, records=6, split=-1.7, absent_weight=-3.0)
    together = people(links, records=6, split=-1.8, absent_weight=-3.0)

    assert apart.person.tolist() == [0, 0, 0, 3, 3, 3]
    assert refused(apart) == [(2, 3, Refusal.THIN)]
    assert together.person.tolist() == [0, 0, 0, 0, 0, 0]


def test_pairs_below_the_threshold_are_evidence_against():
    links = [(0, 1, 6.0), (1, 2, 5.0), (0, 2, -9.0)]

    assert people(links, records=3).person.tolist() == [0, 0, 0]
    assert people(links, records=3, split=0.0).person.tolist() == [0, 0, 2]


def test_averages_and_constraints_hold_together():
    links = [(0, 1, 6.0), (1, 2, 5.0), (2, 3, 4.0)]
    found = people(
        links, records=4, split=0.0, identifiers=[np.array([1, -1, 2, -1])], different=pairs((3, 2))
    )

    assert found.person.tolist() == [0, 0, 2, 3]
    assert [reason for *_, reason in refused(found)] == [Refusal.CONTRADICTION, Refusal.DECISION]


def test_no_pairs_leave_everybody_alone():
    nothing = np.empty(0, np.int32)

    for split in (None, 0.0):
        found = cluster(nothing, nothing, np.empty(0), records=3, threshold=0.0, split=split)
        assert found.person.tolist() == [0, 1, 2]
    assert connected_components(nothing, nothing, records=0).tolist() == []
