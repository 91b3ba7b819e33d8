"""Undoing merges and splits: what comes back, what stays away for good, and what is refused."""

from __future__ import annotations

import pytest

from joinedup.errors import LimitError, UsageError
from joinedup.linkage.index import undoing
from joinedup.linkage.index.told import EventKind, Why
from support.small_index import SmallIndex


@pytest.fixture
def index(tmp_path):
    small = SmallIndex(tmp_path / "index.sqlite")
    yield small
    small.ledger.close()


@pytest.fixture
def merged(index):
    """{a, b} and {c, d} merged by the link of b and c."""
    index.bring("abcd", {"ab": 5.0, "cd": 5.0})
    index.before = index.people
    index.bring("", {"bc": 4.0})
    (index.gone,) = set(index.before) - set(index.people)
    (index.merge,) = index.told(index.gone, EventKind.MERGED)
    return index


def test_undoing_a_merge_parts_the_people_and_gives_the_name_back(merged):
    number = merged.undo(merged.merge)

    assert merged.people == merged.before
    (held,) = merged.ledger.decisions()
    assert (held.number, held.undoes, held.reason) == (number, merged.merge.number, "not the same person")
    assert {"".join(sorted(i for _, i in side)) for side in (held.left, held.right)} == {"ab", "cd"}
    assert [e.why for e in merged.told(merged.gone, EventKind.REVIVED)] == [Why.PARTED]
    (split,) = merged.told(merged.gone, EventKind.SPLIT)
    assert (split.why, split.decision) == (Why.DECISION, number)
    assert merged.ledger.followed(merged.gone).is_live


def test_no_record_in_between_brings_the_merge_back(merged):
    merged.undo(merged.merge)
    merged.bring("x", {"ax": 20.0, "bx": 20.0, "cx": 20.0, "dx": 20.0, "ad": 30.0})

    groups = [set(group) - {"x"} for group in merged.people.values()]
    assert sorted(map(sorted, groups)) == [["a", "b"], ["c", "d"]]


def test_a_part_of_one_side_cannot_go_over_to_the_other_either(merged):
    merged.undo(merged.merge)
    merged.bring("xy", {"bx": 20.0, "cy": 20.0, "xy": 25.0}, gone="ad")

    assert not any({"b", "c"} <= set(group) for group in merged.people.values())


def test_a_record_that_comes_back_is_kept_apart_again(merged):
    merged.undo(merged.merge)
    merged.bring(gone="bc")
    merged.bring("bc", {"bc": 30.0, "ab": 5.0, "cd": 5.0})

    assert merged.people == merged.before


def test_the_name_comes_back_though_its_side_has_grown_bigger_since(merged):
    side = merged.before[merged.gone]
    new = {f"{side[0]}{letter}": 9.0 for letter in "wxyz"}
    merged.bring("wxyz", new)
    merged.undo(merged.merge)

    assert merged.people[merged.gone] == "".join(sorted(side + "wxyz"))
    assert merged.people[merged.merge.other] == merged.before[merged.merge.other]


def test_undoing_an_early_merge_leaves_a_later_persons_name_alone(merged):
    merged.bring("efghij", {f"e{letter}": 9.0 for letter in "fghij"})
    merged.bring("", {"de": 6.0})
    (last,) = merged.people
    merged.undo(merged.merge)

    assert "efghij" in merged.people[last]
    assert set(merged.people) - {last} < set(merged.before)


def test_undoing_what_is_undone_is_refused_and_changes_nothing(merged):
    number = merged.undo(merged.merge)
    before = (merged.people, merged.ledger.versions(), merged.ledger.decisions())

    with pytest.raises(UsageError, match=f"undone already, by decision {number}"):
        merged.undo(merged.merge)
    assert (merged.people, merged.ledger.versions(), merged.ledger.decisions()) == before


def test_what_came_undone_by_itself_cannot_be_undone(merged):
    merged.decide("bc", "different")

    with pytest.raises(UsageError, match="come undone already"):
        merged.undo(merged.merge)


def test_after_its_decision_is_withdrawn_a_merge_returns_and_can_be_undone_anew(merged):
    merged.withdraw(merged.undo(merged.merge))
    assert list(merged.people.values()) == ["abcd"]

    merged.undo(merged.merge)
    assert merged.people == merged.before


def test_a_merge_by_decision_is_undone_by_withdrawing_it(index):
    index.bring("ab")
    before = index.people
    number = index.decide("ab", "same")
    (event,) = index.told("P000002", EventKind.MERGED)

    with pytest.raises(
        UsageError, match=f"undoing of event {event.number} says different, decision {number}"
    ):
        index.undo(event)
    index.withdraw(number)

    assert index.people == before


def test_of_three_people_that_merge_the_one_that_is_undone_is_parted_from_the_others(index):
    index.bring("abc")
    before = {letters: name for name, letters in index.people.items()}
    index.bring("", {"ab": 5.0, "bc": 6.0})
    (event,) = index.told(before["c"], EventKind.MERGED) or index.told(before["a"], EventKind.MERGED)[:1]
    parted = {name: letter for letter, name in before.items()}[event.person]
    index.undo(event)

    assert index.people[event.person] == parted
    assert len(index.people) == 2


def test_undoing_a_split_joins_the_people_for_good(index):
    index.bring("abc", {"ab": 5.0, "bc": 5.0})
    (whole,) = index.people
    index.bring(gone="b")
    (event,) = (e for e in index.ledger.events(whole) if e.kind is EventKind.SPLIT)
    number = index.undo(event)

    assert index.people == {whole: "ac"}
    (back,) = index.told(event.person, EventKind.MERGED)
    assert (back.why, back.decision) == (Why.DECISION, number)
    index.bring("x")
    index.bring(changed="a")
    assert "ac" in index.people.values()
    with pytest.raises(UsageError, match="undone already"):
        index.undo(event)


def test_a_split_by_decision_cannot_be_undone_while_the_decision_holds(index):
    index.bring("ab", {"ab": 5.0})
    number = index.decide("ab", "different")
    (event,) = index.told("P000002", EventKind.SPLIT)

    with pytest.raises(UsageError, match=f"decision {number} says different"):
        index.undo(event)


def test_only_merges_and_splits_can_be_undone(index):
    index.bring("ab")
    index.bring(gone="b")
    (event,) = (e for e in index.ledger.events_of(2) if e.kind is EventKind.RETIRED)

    with pytest.raises(UsageError, match="neither a merge nor a split"):
        index.undo(event)
    with pytest.raises(UsageError, match="there is no event 99"), index.change() as change:
        change.undo(99, "")


def test_an_undoing_of_too_many_pairs_is_refused(merged, monkeypatch):
    monkeypatch.setattr(undoing, "MOST_PAIRS", 3)

    with pytest.raises(LimitError, match="2 records apart from 2"):
        merged.undo(merged.merge)


def test_a_decision_holds_again_for_a_record_that_returns(index):
    index.bring("ab", {"ab": 5.0})
    index.decide("ab", "different")
    index.bring(gone="a")
    index.bring("a", {"ab": 9.0})

    assert len(index.people) == 2


def test_decisions_that_cannot_be_are_refused_and_nothing_is_done(index):
    index.bring("abc")
    first = index.decide("ab", "same")
    second = index.decide("bc", "same")
    before = (index.people, index.ledger.versions(), index.ledger.decisions())

    with pytest.raises(UsageError, match=f"decision {first}, decision {second} the same"):
        index.decide("ac", "different")
    with pytest.raises(UsageError, match="does not have"):
        index.decide("az", "same")
    with pytest.raises(UsageError, match="against itself"):
        index.decide("aa", "same")
    with pytest.raises(UsageError, match="no decision 9"):
        index.withdraw(9)
    assert (index.people, index.ledger.versions(), index.ledger.decisions()) == before

    index.withdraw(first)
    with pytest.raises(UsageError, match="withdrawn already"):
        index.withdraw(first)


def test_decisions_made_at_once_must_not_contradict_each_other_either(index):
    index.bring("abc")
    words = [("ab", "same"), ("bc", "same"), ("ac", "different")]

    with pytest.raises(UsageError, match="contradict"), index.change() as change:
        change.decide(*(index.decision(pair, verdict) for pair, verdict in words))
    assert index.ledger.decisions(also_withdrawn=True) == ()


def test_a_later_same_across_an_undone_merge_is_refused_by_its_number(merged):
    number = merged.undo(merged.merge)

    with pytest.raises(UsageError, match=f"decision {number} says different, the new decision the same"):
        merged.decide("ad", "same")
    assert merged.people == merged.before


def test_a_decision_may_wait_for_its_record(index):
    index.bring("a")
    with index.change("decide") as change:
        change.decide(index.decision("az", "same"), waiting=True)
    index.bring("z")

    assert list(index.people.values()) == ["az"]
