"""Which name goes to which group of records: pure cases by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from joinedup.linkage.index.membership import Claim, canonical_order, dense_groups, name_groups


def named(group, before, first=(), back=(), last=(), next_person=100):
    found = name_groups(
        np.array(group, np.int64),
        np.array(before, np.int64),
        first=[Claim(person, np.array(members), of) for person, members, of in first],
        back=[Claim(person, np.array(members), of) for person, members, of in back],
        last=[Claim(person, np.array(members), of) for person, members, of in last],
        next_person=next_person,
    )
    assert (found.new == (found.person >= next_person)).all()
    return found.person.tolist()


def test_a_group_takes_the_name_that_most_of_its_records_had():
    assert named([0, 0, 0], [1, 2, 2]) == [2]


def test_of_two_groups_the_one_with_more_records_of_a_person_takes_its_name():
    assert named([0, 1, 1], [7, 7, 7]) == [100, 7]


def test_ties_go_to_the_older_person_and_then_to_the_earlier_group():
    assert named([0, 0], [5, 4]) == [4]
    assert named([0, 1], [4, 4]) == [4, 100]


def test_who_loses_a_name_takes_the_next_best():
    assert named([0, 0, 0, 0, 1, 1, 1], [1, 1, 1, 1, 1, 1, 2]) == [1, 2]


def test_new_records_get_new_names_in_their_order():
    assert named([0, 1, 1, 2], [-1, -1, -1, 3]) == [100, 101, 3]


def test_a_first_claim_beats_the_number_of_records():
    assert named([0, 1, 1], [7, 7, 7], first=[(7, [0], 1)]) == [7, 100]


def test_a_last_claim_serves_a_group_that_would_need_a_new_name_alone():
    claim = (2, [1, 2], 2)
    assert named([0, 1, 1], [7, 7, 7], last=[claim]) == [100, 7]
    assert named([0, 1, 1], [7, 7, 7], first=[(7, [0], 1)], last=[claim]) == [7, 2]


def test_a_retired_name_comes_back_to_more_than_half_of_its_records_only():
    assert named([0, 0], [-1, -1], last=[(2, [0, 1], 3)]) == [2]
    assert named([0, 0], [-1, -1], last=[(2, [0, 1], 4)]) == [100]


def test_of_two_retired_names_the_one_with_more_records_comes_back():
    assert named([0, 0, 0], [-1] * 3, last=[(2, [0], 1), (9, [1, 2], 2)]) == [9]
    assert named([0, 0], [-1] * 2, last=[(9, [0], 1), (2, [1], 1)]) == [2]


def test_a_name_that_is_given_back_comes_before_other_retired_ones():
    assert named([0, 0, 0], [-1] * 3, back=[(9, [0], 1)], last=[(2, [1, 2], 2)]) == [9]


def test_nobody_is_named_where_there_is_nobody():
    assert named([], []) == []


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 4)), max_size=12))
def test_no_name_is_given_twice_and_groups_as_they_were_keep_theirs(records):
    group = dense_groups(np.array([g for g, _ in records], np.int32))
    before = [p for _, p in records]
    found = named(group, before)

    assert len(set(found)) == len(found)
    for number, name in enumerate(found):
        own = {k for k in range(len(records)) if group[k] == number}
        for person in set(before) - {-1}:
            if own == {k for k in range(len(records)) if before[k] == person}:
                assert name == person


def test_records_are_put_in_order_by_source_and_then_by_an_unsigned_hash():
    hashes = np.array([5, -1, 3, 4], np.int64)  # -1 is the greatest of all, unsigned

    assert canonical_order(np.array([1, 0, 0, 0]), hashes).tolist() == [2, 3, 1, 0]
