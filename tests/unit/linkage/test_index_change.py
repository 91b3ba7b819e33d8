"""Records come into a person index, change and go: what is counted, what it costs, who may do it when."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date

import pytest

from joinedup.errors import LimitError, SourceError, UsageError
from joinedup.linkage.index import (
    add,
    build,
    check,
    compact,
    decide,
    one_decision,
    open_index,
    read_ledger,
    refresh,
    remove,
    status,
    withdraw_decision,
)
from support.index_job import ANN, BOB, CAT, DAN, day, job, people, write_rows


@pytest.fixture
def index(tmp_path):
    """Ann twice in a and once in b, Bob and Cat once each."""
    spec = job(tmp_path, a=[f"a1,{ANN}", f"a2,{BOB}", f"a3,{ANN}"], b=[f"b1,{ANN}", f"b2,{CAT}"])
    build(tmp_path / "index", spec, **day(0))
    return tmp_path / "index"


def extract(index, *rows, **more):
    return write_rows(index.parent / "extract.csv", rows, **more)


def test_a_build_keeps_the_people_of_the_run(index):
    found = people(index)

    assert found["a1"] == found["a3"] == found["b1"]
    assert len(set(found.values())) == 3
    assert check(index, deep=True).problems == ()


def test_new_changed_same_and_missing_records_are_told_apart(index):
    told = add(index, extract(index, f"a1,{ANN}", f"a2,{DAN}", f"a9,{BOB}"), "a", complete=True, **day(1))

    assert (told.added, told.changed, told.unchanged, told.removed) == (1, 1, 1, 1)
    assert (told.version, told.is_published) == (2, True)
    assert set(people(index)) == {"a1", "a2", "a9", "b1", "b2"}
    assert check(index, deep=True).problems == ()


@pytest.mark.parametrize("bad", ["a2,too,few", f",{BOB}"])
def test_a_complete_extract_with_rows_aside_is_refused_and_removes_nobody(index, bad):
    """Bob's row is in the file and cannot be read: that is no sign that he has left the source."""
    before, aside = people(index), []
    path = extract(index, f"a1,{ANN}", bad, f"a3,{ANN}")

    with pytest.raises(SourceError, match="complete extract has 1 row that could not be read") as refused:
        add(index, path, "a", complete=True, keep_aside=aside.append, **day(1))

    assert "without --complete" not in str(refused.value)
    assert "--aside" in refused.value.mend
    assert sum(table.num_rows for table in aside) == 1
    assert people(index) == before
    assert status(index).version == 1
    assert add(index, path, "a", **day(1)).removed == 0


@pytest.mark.parametrize(("rows", "told"), [([], "all 3 records"), ([f"a1,{ANN}"], "2 of the 3 records")])
def test_a_complete_extract_that_removes_more_than_half_must_be_confirmed(index, rows, told):
    before = people(index)
    with pytest.raises(UsageError, match=f"would remove {told}"):
        add(index, extract(index, *rows), "a", complete=True, **day(1))
    assert (people(index), status(index).version) == (before, 1)

    done = add(index, extract(index, *rows), "a", complete=True, may_shrink=True, **day(1))

    assert done.removed == 3 - len(rows)
    assert set(people(index)) == {"b1", "b2", *(row[:2] for row in rows)}


def test_half_of_a_source_may_leave_it_unasked(tmp_path):
    build(tmp_path / "index", job(tmp_path, a=[f"a1,{ANN}", f"a2,{BOB}"]), **day(0))
    path = write_rows(tmp_path / "x.csv", [f"a1,{ANN}"])

    assert add(tmp_path / "index", path, "a", complete=True, **day(1)).removed == 1


def test_without_complete_nobody_is_removed(index):
    told = add(index, extract(index, f"a9,{BOB}"), "a", **day(1))

    assert told.removed == 0
    assert people(index)["a9"] == people(index)["a2"]


def test_an_extract_that_brings_nothing_new_publishes_no_version(index):
    told = add(index, extract(index, f"a1,{ANN}", f"a2,{BOB}"), "a", **day(1))

    assert (told.version, told.is_published, told.unchanged) == (1, False, 2)
    assert status(index).version == 1


def test_a_record_written_otherwise_alone_has_changed_and_stays_with_its_person(index):
    before = people(index)
    told = add(index, extract(index, f"b1,{ANN.replace('Ann', 'ANN')}"), "b", **day(1))

    assert told.changed == 1
    assert people(index) == before


def test_columns_may_come_in_another_order_and_others_beside_them(index):
    path = extract(
        index, "LS1 4DY,x,1950-01-10,Smith,Ann,a9", header="postcode,other,born,surname,first_name,id"
    )
    add(index, path, "a", **day(1))

    assert people(index)["a9"] == people(index)["a1"]


def test_bad_rows_are_kept_aside_and_counted(index):
    path = extract(index, f"a8,{BOB}", f",{CAT}", "a7,too,few")
    told = add(index, path, "a", **day(1))

    assert (told.added, told.rows_aside) == (1, 2)
    assert "no identifier" in told.aside["reason"].to_pylist()


def test_the_work_is_in_proportion_to_the_extract(tmp_path):
    """Ten times the index, the same extract: as many pairs, records read and people settled."""
    told = []
    for size in (100, 1000):
        folder = tmp_path / str(size)
        folder.mkdir()
        strangers = [
            f"s{n},F{n}x,L{n}x,19{n % 80 + 10}-01-{n % 28 + 1:02},E{n % 9} {n}ZZ" for n in range(size)
        ]
        spec = job(folder, a=[f"a1,{ANN}", f"a2,{BOB}", *strangers])
        build(folder / "index", spec, **day(0))
        told.append(
            add(folder / "index", write_rows(folder / "x.csv", [f"x1,{ANN}", f"x2,{DAN}"]), "a", **day(1))
        )

    small, large = told
    assert small.compared == large.compared == 1
    assert small.read == large.read == 2  # x1 and whom it is compared with; nobody is like x2
    assert small.people.affected == large.people.affected == 3


def test_removed_records_leave_and_their_history_stays(index):
    ann = people(index)["a1"]
    told = remove(index, "a", ["a1", "nobody"], **day(1))

    assert (told.removed, told.unknown) == (1, 1)
    assert "a1" not in people(index)
    with read_ledger(index) as ledger:
        assert {m.id for m in ledger.person(ann, at=day(0)["at"]).members} == {"a1", "a3", "b1"}
        assert {m.id for m in ledger.person(ann).members} == {"a3", "b1"}


def _holds(index, value):
    return [
        file.name
        for file in index.rglob("*")
        if file.is_file() and value.lower().encode() in file.read_bytes().lower()
    ]


def test_an_erasure_blanks_what_clerks_wrote_about_the_record(index):
    """Reasons are free text: they may name the person. Those of decisions about others stay."""
    words = ("Marked-one", "Marked-two", "Marked-three", "Marked-four", "Marked-five")
    add(index, extract(index, f"a7,{DAN}"), "a", **day(1))

    def said(verdict, left, right, reason, on):
        told = one_decision(verdict, ("a", left), right, by="a clerk", on=date(2026, 1, on), reason=reason)
        return decide(index, [told], reason=f"{reason} again", **day(on)).decisions[0]

    first = said("same", "a7", ("b", "b2"), "Marked-one", 2)
    withdraw_decision(index, first, reason="Marked-two", **day(3))
    said("different", "a7", ("b", "b1"), "Marked-three", 4)
    said("different", "a2", ("b", "b2"), "Staying", 5)
    said("same", "a7", ("a", "a2"), "Marked-four", 6)
    withdraw_decision(index, 4, reason="", **day(7))
    said("same", "a7", ("a", "a2"), "Marked-four", 8)
    remove(index, "a", ["a7"], reason="Marked-five", **day(9))
    add(index, extract(index, f"a7,{DAN}"), "a", **day(10))
    assert all(_holds(index, word) for word in words)

    remove(index, "a", ["a7"], erase=True, reason="request 311", **day(11))

    assert {word: _holds(index, word) for word in words} == {word: [] for word in words}
    assert _holds(index, "Staying")
    with read_ledger(index) as ledger:
        held = {each.number: each for each in ledger.decisions(also_withdrawn=True)}
        versions = ledger.versions()
    assert {held[n].reason for n in (1, 2, 4, 5)} == {"erased"}
    assert (held[3].reason, held[1].withdrawn_why, held[4].withdrawn_why) == ("Staying", "erased", "")
    assert [v.reason for v in versions if v.kind in ("decide", "withdraw", "remove")] == [
        *["erased"] * 3, "Staying again", "erased", "", "erased", "erased"
    ]  # fmt: skip
    assert versions[-1].reason == "request 311"
    assert check(index, deep=True).problems == ()


def test_erasing_what_is_erased_already_or_never_was_there_publishes_nothing(index):
    assert remove(index, "a", ["a1"], erase=True, **day(1)).is_published

    for ids in (["a1"], ["nobody"]):
        told = remove(index, "a", ids, erase=True, **day(2))
        assert (told.is_published, told.version, told.removed, told.erased, told.unknown) == (
            False,
            2,
            0,
            0,
            1,
        )

    remove(index, "a", ["a2"], **day(3))
    assert remove(index, "a", ["a2"], erase=True, **day(4)).erased == 1


def test_rows_of_identifiers_that_are_given_twice_are_told_as_the_file_has_them(index):
    path = extract(
        index, f"a9,{DAN}", "torn,row", f",{CAT}", f"a9,{BOB}", f"a8,{BOB}", f"a9,{CAT}", f"a8,{CAT}"
    )

    with pytest.raises(SourceError, match="2 identifiers are given more than once") as told:
        add(index, path, "a", **day(1))

    assert "rows 1 and 4 and 6; rows 5 and 7" in told.value.what
    assert "a9" not in str(told.value)


@pytest.mark.parametrize("compacted_first", [False, True])
def test_nothing_is_left_of_what_was_erased(index, compacted_first):
    secret = ["Zyxwvut", "Qponmlk", "1999-12-31", "ZE1 0AA", "secret-id-77", "Formerly"]
    add(index, extract(index, "secret-id-77,Zyxwvut,Formerly,1999-12-31,ZE1 0AA"), "a", **day(1))
    add(index, extract(index, "secret-id-77,Zyxwvut,Qponmlk,1999-12-31,ZE1 0AA"), "a", **day(2))
    assert all(_holds(index, value) for value in secret)
    if compacted_first:
        compact(index, whole=True, **day(3))
        assert _holds(index, "Qponmlk")
        assert not _holds(index, "Formerly")

    told = remove(index, "a", ["secret-id-77"], erase=True, **day(4))

    assert told.erased == 2
    assert {value: _holds(index, value) for value in secret} == {value: [] for value in secret}
    assert check(index, deep=True).problems == ()


def test_compacting_drops_the_values_of_removed_records_and_refreshing_too(index):
    for number, forget in enumerate(
        (lambda **d: compact(index, whole=True, **d), lambda **d: refresh(index, **d))
    ):
        add(
            index,
            extract(index, f"a9,Zyxwvut,Qponmlk{number},1999-12-31,ZE1 0AA"),
            "a",
            **day(1 + 4 * number),
        )
        remove(index, "a", ["a9"], **day(2 + 4 * number))
        assert _holds(index, f"Qponmlk{number}")
        forget(**day(3 + 4 * number))

        assert not _holds(index, f"Qponmlk{number}")
        assert status(index).removed_in_files == 0


def test_reads_go_on_from_the_last_version_until_the_next_is_published(index):
    answers = {}
    with open_index(index) as opened:

        def ask(phase):
            answer = opened.ask({"first_name": "Dan", "surname": "Braithwaite", "born": "1983-04-13"})
            answers[phase] = (answer.version, [match.record_id for match in answer.matches])

        add(index, extract(index, f"a9,{DAN}"), "a", checkpoint=ask, **day(1))
        ask("afterwards")

    assert answers.pop("published") == answers.pop("cleared up") == answers.pop("afterwards") == (2, ["a9"])
    assert len(answers) > 5
    assert set(map(str, answers.values())) == {"(1, [])"}


def test_a_second_writer_is_refused_and_changes_nothing(index):
    refused = []

    def again(phase):
        with pytest.raises(UsageError, match="somebody else is changing the index"):
            remove(index, "a", ["a1"], **day(1))
        refused.append(phase)

    add(index, extract(index, f"a9,{DAN}"), "a", checkpoint=again, **day(1))

    assert len(refused) > 5
    assert "a1" in people(index)


def test_what_is_wrong_with_an_extract_is_told_and_nothing_has_changed(index):
    before = people(index)
    with pytest.raises(SourceError, match="no source 'c'"):
        add(index, extract(index, f"a9,{DAN}"), "c", **day(1))
    with pytest.raises(SourceError, match="no column 'born'"):
        add(index, extract(index, "a9,Dan", header="id,first_name"), "a", **day(1))
    with pytest.raises(SourceError, match="1 identifier is given more than once: rows 1 and 2"):
        add(index, extract(index, f"a9,{DAN}", f"a9,{BOB}"), "a", **day(1))
    with pytest.raises(SourceError):
        add(index, index.parent / "nowhere.csv", "a", **day(1))

    assert people(index) == before
    assert status(index).version == 1


def test_where_there_is_no_index_that_is_said(tmp_path):
    path = write_rows(tmp_path / "x.csv", [f"a9,{DAN}"])
    for ask in (
        lambda: add(tmp_path, path, "a", **day(1)),
        lambda: remove(tmp_path, "a", ["1"], **day(1)),
        lambda: status(tmp_path),
        lambda: check(tmp_path),
        lambda: read_ledger(tmp_path),
        lambda: open_index(tmp_path),
    ):
        with pytest.raises(SourceError, match="there is no person index"):
            ask()


def test_a_frame_of_another_release_is_refused(index):
    path = index / "frames" / "1" / "frame.json"
    path.write_text(path.read_text().replace("joinedup-index-frame/1", "joinedup-index-frame/9"))

    with pytest.raises(SourceError, match="format is 'joinedup-index-frame/9'"):
        add(index, extract(index, f"a9,{DAN}"), "a", **day(1))


def test_a_check_looks_again_where_a_version_was_replaced_meanwhile(index, monkeypatch):
    replaced = []

    def replace_it(path, deep):
        if not replaced:
            replaced.append(path)
            add(index, extract(index, f"a9,{DAN}"), "a", **day(1))
            compact(index, whole=True, **day(2))
        return iter(())

    monkeypatch.setattr(sys.modules[check.__module__], "_damage", replace_it)

    checked = check(index, deep=True)
    assert (checked.version, checked.problems) == (3, ())


def test_more_candidates_than_the_limit_are_refused(tmp_path):
    spec = job(tmp_path, a=[f"a{n},{ANN}" for n in range(8)])
    build(tmp_path / "index", replace(spec, limits=replace(spec.limits, max_pairs=100)), **day(0))

    with pytest.raises(LimitError, match="compared with up to 324 others, over 100"):
        add(
            tmp_path / "index",
            write_rows(tmp_path / "x.csv", [f"x{n},{ANN}" for n in range(9)]),
            "a",
            **day(1),
        )
    assert status(tmp_path / "index").records == 8


def test_a_time_before_the_last_version_is_refused(index):
    with pytest.raises(UsageError, match="before"):
        add(index, extract(index, f"a9,{DAN}"), "a", **day(-1))
