"""What happens to people when records come and go: each kind of event, by hand, with its reason."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from joinedup.errors import UsageError
from joinedup.linkage.index.told import EventKind, Why
from support.small_index import SmallIndex

ONE, TWO, THREE = "P000001", "P000002", "P000003"


@pytest.fixture
def index(tmp_path):
    small = SmallIndex(tmp_path / "index.sqlite")
    yield small
    small.ledger.close()


def names(index, *groups):
    """The names that these groups of letters have, in order."""
    by_group = {letters: name for name, letters in index.people.items()}
    return [by_group[group] for group in groups]


def test_a_record_that_links_to_nobody_is_a_new_person(index):
    settled = index.bring("a")

    assert index.people == {ONE: "a"}
    assert (settled.created, settled.joined, settled.affected) == (1, 1, 1)
    assert [(e.kind, e.why) for e in index.told(ONE)] == [
        (EventKind.CREATED, Why.NONE),
        (EventKind.JOINED, Why.NEW),
    ]


def test_a_record_that_links_to_a_person_joins_it(index):
    index.bring("a")
    settled = index.bring("b", {"ab": 5.0})

    assert index.people == {ONE: "ab"}
    assert (settled.created, settled.joined) == (0, 1)
    (event,) = index.told(ONE)[2:]
    assert (event.version, event.kind, event.record) == (2, EventKind.JOINED, index.numbers["b"])


def test_a_record_that_is_taken_out_leaves_its_person(index):
    index.bring("ab", {"ab": 5.0})
    settled = index.bring(gone="b")

    assert index.people == {ONE: "a"}
    assert (settled.left, settled.retired, settled.split) == (1, 0, 0)
    assert [(e.kind, e.why) for e in index.told(ONE)[-1:]] == [(EventKind.LEFT, Why.REMOVED)]


def test_a_person_without_records_is_retired_and_comes_back_with_its_record(index):
    index.bring("ab")
    (own,) = names(index, "a")
    assert index.bring(gone="a").retired == 1
    assert own not in index.people
    (retired,) = index.told(own, EventKind.RETIRED)
    assert (retired.version, retired.why) == (2, Why.REMOVED)

    settled = index.bring("a")

    assert index.people[own] == "a"
    assert (settled.revived, settled.created) == (1, 0)
    assert [e.why for e in index.told(own, EventKind.REVIVED)] == [Why.CAME_BACK]
    assert [e.why for e in index.told(own, EventKind.JOINED)] == [Why.NEW, Why.CAME_BACK]


def test_a_record_that_changes_keeps_its_person(index):
    index.bring("a")
    settled = index.bring(changed="a")

    assert index.people == {ONE: "a"}
    assert not any(n for name, n in vars(settled).items() if name != "affected")
    assert [(e.kind, e.why, e.other) for e in index.told(ONE)[-2:]] == [
        (EventKind.LEFT, Why.CHANGED, None),
        (EventKind.JOINED, Why.CHANGED, None),
    ]


def test_two_people_whom_a_new_record_links_merge_into_the_bigger(index):
    index.bring("abcde", {"ab": 5.0, "cd": 5.0, "de": 5.0})
    small, big = names(index, "ab", "cde")
    settled = index.bring("x", {"bx": 7.0, "cx": 6.0})

    assert index.people == {big: "abcdex"}
    assert (settled.merged, settled.moved, settled.joined) == (1, 2, 1)
    (event,) = index.told(small, EventKind.MERGED)
    ends = sorted((index.numbers["b"], index.numbers["x"]))
    assert (event.other, event.why, event.weight, [event.left, event.right]) == (big, Why.LINK, 7.0, ends)
    assert {e.why for e in index.told(small, EventKind.MOVED)} == {Why.MERGE}
    assert index.told(big, EventKind.MERGED) == [event]


def test_of_two_people_of_one_size_the_older_name_stays(index):
    index.bring("ab")
    index.bring("", {"ab": 5.0})

    assert index.people == {ONE: "ab"}


def test_a_merge_by_decision_names_the_decision(index):
    index.bring("ab")
    number = index.decide("ab", "same")

    (event,) = index.told(TWO, EventKind.MERGED)
    assert (event.why, event.decision, event.weight) == (Why.DECISION, number, None)
    assert index.people == {ONE: "ab"}


def test_a_person_whose_bridge_is_taken_out_splits_and_the_bigger_part_keeps_the_name(index):
    index.bring("abcde", {"ab": 5.0, "bc": 5.0, "cd": 5.0, "de": 5.0})
    settled = index.bring(gone="b")

    assert index.people == {ONE: "cde", TWO: "a"}
    assert (settled.split, settled.created, settled.moved) == (1, 1, 1)
    (event,) = index.told(TWO, EventKind.SPLIT)
    assert (event.other, event.why) == (ONE, Why.REMOVED)


def test_a_split_by_decision_names_the_decision_and_the_link_that_it_overrules(index):
    index.bring("ab", {"ab": 5.0})
    number = index.decide("ab", "different")

    assert len(index.people) == 2
    (event,) = index.told(TWO, EventKind.SPLIT)
    assert (event.why, event.decision, event.weight) == (Why.DECISION, number, 5.0)


def test_a_record_moves_when_its_changed_contents_link_to_another(index):
    index.bring("abcd", {"ab": 5.0, "bc": 5.0})
    (lone,) = names(index, "d")
    settled = index.bring(changed="c", weights={"cd": 6.0})

    assert index.people == {ONE: "ab", lone: "cd"}
    assert (settled.moved, settled.joined, settled.left, settled.split) == (1, 0, 0, 0)
    (left,) = index.told(ONE, EventKind.LEFT)
    assert (left.why, left.other) == (Why.CHANGED, lone)


def test_a_record_moves_between_two_people_that_both_go_on(tmp_path):
    index = SmallIndex(tmp_path / "index.sqlite", least_mean_weight=0.0)
    index.bring("abcde", {"ab": 9.0, "bc": 2.0, "de": 9.0})
    first, second = names(index, "ab", "de") if "ab" in index.people.values() else names(index, "abc", "de")
    index.bring("f", {"ef": 9.0, "cf": 8.0, "cd": 8.0, "ce": 8.0, "df": 9.0})

    assert index.people == {first: "ab", second: "cdef"}
    moved = [e for e in index.ledger.events_of(2) if e.kind is EventKind.MOVED]
    if moved:
        assert [(e.person, e.other, e.why) for e in moved] == [(first, second, Why.NONE)]


def test_a_chain_of_merges_is_followed_to_its_end(index):
    index.bring("abcdef", {"ab": 5.0, "cd": 5.0})
    pair, other, e, f = names(index, "ab", "cd", "e", "f")
    index.bring("", {"ef": 5.0})
    index.bring("", {"ae": 5.0})
    index.bring("", {"bc": 5.0})

    last = min(pair, other)
    gone = max(e, f)
    assert index.people == {last: "abcdef"}
    into = [name for _, name in index.ledger.followed(gone).merged]
    assert into[0] == min(e, f)
    assert into[-1] == last
    assert index.ledger.followed(gone).now == ((last, 1),)
    assert index.ledger.followed(last).is_live
    assert index.ledger.followed("P999999") is None


def test_one_change_can_merge_and_split(index):
    index.bring("abcd", {"ab": 5.0, "cd": 5.0, "bd": 4.0})
    index.bring("ef", {"ef": 5.0})
    (other,) = names(index, "ef")
    settled = index.bring(gone="b", weights={"cf": 6.0})

    assert sorted(index.people.values()) == ["a", "cdef"]
    assert (settled.merged, settled.split) == (1, 1)
    kinds = {e.kind for e in index.ledger.events_of(3)}
    assert {EventKind.MERGED, EventKind.SPLIT, EventKind.CREATED, EventKind.LEFT} <= kinds
    assert other in {e.person for e in index.ledger.events_of(3) if e.kind is EventKind.MERGED}


@pytest.mark.parametrize(
    ("rules", "code", "why"),
    [
        ({"one_to_one": frozenset([0])}, {}, Why.ONE_TO_ONE),
        ({"identifiers": ("nhs_number",)}, {"a": 1, "b": 2}, Why.CONTRADICTION),
        ({"least_mean_weight": 1.0}, {}, Why.THIN),
    ],
)
def test_a_constraint_that_parts_people_is_told_as_the_reason(tmp_path, rules, code, why):
    index = SmallIndex(tmp_path / "index.sqlite", **rules)
    index.code = code
    index.bring("ab" if why is not Why.THIN else "abcd", {"ab": 0.5} if why is Why.THIN else {})
    joined = index.decide("ab", "same")
    assert "ab" in index.people.values()
    index.bring("", {"ab": 5.0} if why is not Why.THIN else {})
    index.withdraw(joined)

    assert "ab" not in index.people.values()
    (event,) = (e for e in index.ledger.events_of(index.day) if e.kind is EventKind.SPLIT)
    assert (event.why, event.weight) == (why, 0.5 if why is Why.THIN else 5.0)


def test_settling_again_changes_nothing(index):
    index.bring("abcdx", {"ab": 5.0, "cd": 5.0, "bx": 3.0, "dx": 3.0})
    before = index.people
    with index.change("refresh") as change:
        kept = index.ledger.pairs()
        change.clear_pairs()
        change.add_pairs(kept.left, kept.right, kept.weight)

    assert index.people == before
    assert index.ledger.events_of(2) == ()


def test_a_person_is_told_as_it_was_at_any_moment(index):
    index.bring("ab")
    index.bring("", {"ab": 5.0})
    index.bring(gone="a")
    ledger = index.ledger

    def letters(name, at):
        found = ledger.person(name, at)
        return "".join(member.id for member in found.members) if found else None

    noon = [index.at(day) for day in (1, 2, 3)]
    first, second = (letters(name, 1) for name in (ONE, TWO))
    assert {first, second} == {"a", "b"}
    assert [letters(ONE, at) for at in noon] == [first, "ab", "b"]
    assert [letters(TWO, at) for at in noon] == [second, None, None]
    assert letters(ONE, noon[0] - dt.timedelta(seconds=1)) is None
    assert letters(ONE, noon[1] - dt.timedelta(microseconds=1)) == first
    assert letters(ONE, None) == "b"
    assert [ledger.person_of("people", "a", at) for at in noon[1:]] == [ONE, None]
    assert ledger.person("P1") is None
    assert ledger.person("000001") is None
    with pytest.raises(UsageError, match="without its zone"):
        ledger.person(ONE, dt.datetime(2026, 3, 1))


def test_the_names_of_a_batch_run_are_kept(index):
    with index.change("build", settle=False) as change:
        numbers = change.add_records(np.zeros(3, int), pa.array(["a", "b", "c"]), np.zeros(3, np.uint64))
        change.add_pairs(numbers[:1], numbers[1:2], np.array([5.0]))
        change.load_clusters(numbers, pa.array(["P0000007", "P0000007", "P0000009"]))
    index.bring("d")

    assert index.people == {"P0000007": "ab", "P0000009": "c", "P0000010": "d"}
    assert index.told("P0000007", EventKind.CREATED)[0].version == 1
