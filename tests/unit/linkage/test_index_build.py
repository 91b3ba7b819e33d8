"""An index is begun from a job or a finished run, refreshed, compacted and corrected; people keep their names."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from joinedup.errors import ModelError, SourceError, UsageError
from joinedup.linkage import JobKind, Source, Spec, link
from joinedup.linkage.index import (
    add,
    build,
    check,
    compact,
    decide,
    import_decisions,
    load_frame,
    one_decision,
    read_ledger,
    refresh,
    remove,
    status,
    undo,
    withdraw_decision,
)
from support.index_job import ANN, BOB, CAT, DAN, FIRST, day, job, people, write_rows
from support.small_people import people_rows
from support.small_people import write_rows as write_people

MANY = [f"p{n},{who}" for n, who in enumerate((ANN, BOB, CAT, DAN) * 3)]


def told(verdict, left, right):
    return one_decision(verdict, ("a", left), ("a", right), by="a clerk", on=FIRST.date(), reason="seen")


def test_a_finished_run_gives_its_names_and_model(tmp_path):
    spec = job(tmp_path, a=MANY)
    link(spec, tmp_path / "run", report=False)
    built = build(tmp_path / "index", spec, run=tmp_path / "run", **day(0))

    rows = pq.read_table(tmp_path / "run" / "people.parquet").to_pylist()
    assert people(tmp_path / "index") == {row["record_id"]: row["person_id"] for row in rows}
    assert (built.version, built.records, built.people) == (1, 12, 4)


def test_a_run_by_zero_configuration_needs_no_spec(tmp_path):
    path = write_people(tmp_path / "people.csv", people_rows(300, seed=1))
    spec = Spec(kind=JobKind.DEDUPE, sources=(Source(path=str(path), name="people", id="id"),))
    link(spec, tmp_path / "run", report=False)
    build(tmp_path / "index", run=tmp_path / "run", **day(0))

    assert check(tmp_path / "index", deep=True).problems == ()
    assert refresh(tmp_path / "index", **day(1)).people == len(set(people(tmp_path / "index").values()))
    assert check(tmp_path / "index", deep=True).problems == ()


def test_a_spec_without_a_run_folders_own_is_asked_for(tmp_path):
    spec = job(tmp_path, a=MANY)
    link(spec, tmp_path / "run", report=False)

    with pytest.raises(ModelError, match="spec is not in its folder"):
        build(tmp_path / "index", run=tmp_path / "run", **day(0))
    with pytest.raises(UsageError, match="nothing to build from"):
        build(tmp_path / "index", **day(0))


def test_a_folder_with_an_index_is_left_alone(tmp_path):
    spec = job(tmp_path, a=MANY)
    build(tmp_path / "index", spec, **day(0))

    with pytest.raises(UsageError, match="there is a person index already"):
        build(tmp_path / "index", spec, **day(1))
    assert status(tmp_path / "index").version == 1


def test_sources_without_their_own_ids_are_refused(tmp_path):
    spec = job(tmp_path, a=MANY)
    spec = replace(spec, sources=tuple(replace(source, id=None) for source in spec.sources))

    with pytest.raises(ModelError, match="no column of its own ids"):
        build(tmp_path / "index", spec, **day(0))


def test_decisions_of_the_build_hold_for_what_comes_later(tmp_path):
    decisions = write_rows(
        tmp_path / "decisions.csv",
        ["a,p0,a,p4,different,clerk,2026-01-01,", "a,p0,a,later,same,clerk,2026-01-01,"],
        header="left_source,left_id,right_source,right_id,decision,decided_by,decided_on,reason",
    )
    index = tmp_path / "index"
    built = build(index, job(tmp_path, a=MANY), decisions=decisions, **day(0))
    assert built.unknown_decisions == 1
    assert people(index)["p0"] != people(index)["p4"]

    add(
        index,
        write_rows(tmp_path / "x.csv", [f"later,{DAN}", f"p4,{ANN.replace('Ann', 'ANN')}"]),
        "a",
        **day(1),
    )

    found = people(index)
    assert found["later"] == found["p0"] != found["p4"]
    assert import_decisions(index, decisions, **day(2)).already == 2


def test_decisions_are_made_withdrawn_and_undone(tmp_path):
    index = tmp_path / "index"
    build(index, job(tmp_path, a=MANY), **day(0))
    first = people(index)

    decided = decide(index, [told("same", "p0", "p1")], **day(1))
    assert people(index)["p0"] == people(index)["p1"]
    assert decided.people.merged == 1
    withdraw_decision(index, decided.decisions[0], **day(2))
    assert people(index) == first

    decide(index, [told("same", "p0", "p1")], **day(3))
    with read_ledger(index) as ledger:
        merges = [e for name in set(first.values()) for e in ledger.events(name) if e.kind.value == "merged"]
    with pytest.raises(UsageError):
        undo(index, merges[-1].number, **day(4))  # the decision says that they are one; it must go first
    with pytest.raises(UsageError, match="contradict"):
        decide(index, [told("different", "p0", "p1")], **day(4))
    with pytest.raises(UsageError, match="names a record that the index does not have"):
        decide(index, [told("same", "p0", "never")], **day(4))


def test_a_refresh_makes_a_new_frame_and_keeps_the_names(tmp_path):
    index = tmp_path / "index"
    spec = job(tmp_path, a=MANY)
    build(index, spec, **day(0))
    add(index, write_rows(tmp_path / "x.csv", [f"x{n},{DAN}" for n in range(6)]), "a", **day(1))
    before = people(index)
    name = load_frame(index, 1)
    key = next(iter(name.model.term_frequencies))

    refresh(index, **day(2))

    assert people(index) == before
    frame = load_frame(index, 2)
    old, new = (f.model.term_frequencies[key]["braithwaite"] for f in (name, frame))
    assert (old, new) == (3 / 12, 9 / 18)
    assert not (index / "frames" / "1").exists()
    assert check(index, deep=True).problems == ()
    assert [v.kind for v in _versions(index)] == ["build", "add", "refresh"]


def test_a_refresh_may_be_asked_for_from_the_folder_itself(tmp_path, monkeypatch):
    build(tmp_path / "index", job(tmp_path, a=MANY), **day(0))
    monkeypatch.chdir(tmp_path)

    assert refresh("index", **day(1)).records == 12


def test_shares_that_came_with_the_model_outlast_a_refresh(tmp_path):
    spec = job(tmp_path, a=MANY)
    spec = replace(spec, model=replace(spec.model, term_frequencies={"surname": {"smith": 0.125}}))
    index = tmp_path / "index"
    build(index, spec, **day(0))
    refresh(index, **day(1))

    assert load_frame(index, 2).model.term_frequencies["surname"]["smith"] == 0.125


def test_compacting_merges_segments_of_one_size_and_moves_nobody(tmp_path):
    index = tmp_path / "index"
    build(index, job(tmp_path, a=[*MANY, *(f"q{n},{BOB}" for n in range(60))]), **day(0))
    for number in range(4):
        path = write_rows(tmp_path / "x.csv", [f"x{number},{ANN}", f"y{number},{CAT}"])
        add(index, path, "a", **day(1 + number))
    remove(index, "a", ["x0"], **day(6))
    before = people(index)
    assert any("compact" in advice for advice in status(index).advice)

    done = compact(index, **day(7))

    assert (done.before, done.after, done.rewritten, done.erased) == (5, 2, 7, 1)
    assert people(index) == before
    assert check(index, deep=True).problems == ()
    assert not compact(index, **day(8)).is_published


def test_what_a_broken_off_change_left_is_swept_by_the_next(tmp_path):
    index = tmp_path / "index"
    build(index, job(tmp_path, a=MANY), **day(0))

    class Break(Exception):
        pass

    def stop(phase):
        if phase == "scored":
            raise Break

    path = write_rows(tmp_path / "x.csv", [f"x1,{ANN}"])
    with pytest.raises(Break):
        add(index, path, "a", checkpoint=stop, **day(1))
    assert len(list((index / "segments").iterdir())) == 2
    assert status(index).version == 1

    add(index, path, "a", **day(1))
    assert len(list((index / "segments").iterdir())) == 2
    assert check(index, deep=True).problems == ()


def test_a_ledger_of_another_release_is_refused(tmp_path):
    import sqlite3

    index = tmp_path / "index"
    build(index, job(tmp_path, a=MANY), **day(0))
    with sqlite3.connect(index / "index.sqlite") as database:
        database.execute("UPDATE meta SET value = 'another' WHERE key = 'format'")

    with pytest.raises(SourceError, match="another release"):
        status(index)


def _versions(index):
    with read_ledger(index) as ledger:
        return ledger.versions()
