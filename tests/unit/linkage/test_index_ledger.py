"""The ledger itself: whole versions or nothing, readers beside a writer, what is known of records, erasing."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from joinedup.errors import SourceError, UsageError
from joinedup.linkage.index.ledger import Ledger
from joinedup.linkage.index.told import EventKind
from support.small_index import SOURCE, SmallIndex
from support.tree import ROOT

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def index(tmp_path):
    small = SmallIndex(tmp_path / "index.sqlite")
    yield small
    small.ledger.close()


def test_an_error_in_a_change_leaves_the_version_before(index):
    index.bring("ab", {"ab": 5.0})
    before = (index.people, index.ledger.versions(), index.ledger.segments())

    def half_done():
        with index.change() as change:
            change.add_segment("half", 1)
            change.remove_records(np.array([index.numbers["a"]]), "gone")
            change.add_records(np.zeros(1, int), pa.array(["c"]), np.zeros(1, np.uint64))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()

    assert (index.people, index.ledger.versions(), index.ledger.segments()) == before


def test_a_change_that_is_not_settled_is_not_published(index):
    with pytest.raises(RuntimeError, match="settle"), index.change(settle=False) as change:
        change.add_records(np.zeros(1, int), pa.array(["a"]), np.zeros(1, np.uint64))
    with pytest.raises(RuntimeError, match="once"), index.change() as change:
        change.settle(index.rules)

    assert index.ledger.versions() == ()


@pytest.mark.parametrize("rows", [0, 5000])
def test_a_killed_writer_leaves_the_version_before(tmp_path, index, rows):
    index.bring("ab", {"ab": 5.0})
    program = f"""
import os, sys, datetime as dt, numpy as np, pyarrow as pa
from joinedup.linkage.index.ledger import Ledger
ledger = Ledger.open(sys.argv[1])
ledger._db.execute("PRAGMA cache_size = 10")  # so that the half-done change is in the log already
with ledger.change("add", at=dt.datetime(2026, 3, 9, tzinfo=dt.UTC), by="x", reason="") as change:
    ids = pa.array([f"new {{n}}" for n in range({rows})], pa.string())
    change.add_records(np.zeros({rows}, int), ids, np.zeros({rows}, np.uint64))
    change.remove_records(np.array([0]), "gone")
    os._exit(9)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(index.ledger.path)], cwd=ROOT, check=False, timeout=120
    )

    assert done.returncode == 9
    assert len(index.ledger.versions()) == 1
    assert index.people == {"P000001": "ab"}
    index.bring("c")
    assert len(index.ledger.versions()) == 2


def test_a_reader_keeps_its_version_while_a_change_is_published(index):
    index.bring("a")
    with Ledger.open(index.ledger.path, read_only=True) as reader:
        with reader.reading():
            assert len(reader.records()) == 1
            index.bring("b")
            assert len(reader.records()) == 1
            assert reader.version().number == 1
            assert reader.person_of(SOURCE, "b") is None
        assert reader.version().number == 2


def test_versions_tell_who_when_why_and_what(index):
    index.bring("ab", {"ab": 5.0})
    with index.change("refresh") as change:
        change.use_frame(2)
        change.clear_pairs()
    first, second = index.ledger.versions()

    assert (first.kind, first.by, first.reason, first.at, first.frame) == (
        "add",
        "clerk",
        "because",
        NOON,
        None,
    )
    assert first.counts["created"] == 1
    assert (second.frame, second.counts["split"]) == (2, 1)
    index.bring("c")
    assert index.ledger.version().frame == 2


def test_a_change_before_the_last_one_or_without_a_zone_is_refused(index):
    index.bring("a")
    for at, words in (
        (NOON - dt.timedelta(seconds=1), "before that of version 1"),
        (NOON.replace(tzinfo=None), "zone"),
    ):
        with pytest.raises(UsageError, match=words), index.ledger.change("add", at=at, by="", reason=""):
            pass

    with index.ledger.change("add", at=NOON, by="", reason="") as change:
        change.settle(index.rules)
    assert index.ledger.version().number == 2


def test_what_is_known_of_records_is_told(index):
    with index.change() as change:
        change.add_source("other")
        ids = pa.array(["a", "b", "a"])
        change.add_records(np.array([0, 0, 1]), ids, np.array([7, 2**63 + 5, 9], np.uint64))
    ledger = index.ledger

    number, digest = ledger.known(0, pa.array(["b", "zz", "a"]))
    assert number.tolist() == [1, -1, 0]
    assert digest.tolist() == [2**63 + 5, 0, 7]
    assert ledger.known(1, pa.array(["b"]))[0].tolist() == [-1]
    assert ledger.records(1).ids.to_pylist() == ["a"]
    assert ledger.records().digest.tolist() == [7, 2**63 + 5, 9]
    assert [source.name for source in ledger.sources()] == [SOURCE, "other"]
    assert ledger.counts() == {"records": 3, "people": 3, "pairs": 0, "decisions": 0}
    with pytest.raises(UsageError, match="no source number 5"):
        ledger.known(5, pa.array(["a"]))


def test_removed_records_are_told_until_they_lie_in_no_file(index):
    index.bring("abc")
    gone = [index.numbers[letter] for letter in "ac"]
    index.bring(gone="ac")
    assert index.ledger.removed_numbers().tolist() == sorted(gone)

    with index.change("compact") as change:
        change.add_segment("new", 1)
        change.left_out_of_files(np.array([gone[0], index.numbers["b"]]))
    assert index.ledger.removed_numbers().tolist() == [gone[1]]
    with index.change("compact") as change:
        change.drop_segment("new")
    assert index.ledger.segments() == {}


def test_pairs_are_kept_once_and_go_with_their_records(index):
    index.bring("abc", {"ab": 5.0, "bc": -1.0})
    pairs = index.ledger.pairs()
    assert (pairs.left < pairs.right).all()
    assert sorted(pairs.weight.tolist()) == [-1.0, 5.0]
    two = np.array([index.numbers[letter] for letter in "ab"])
    assert index.ledger.pairs(among=two).weight.tolist() == [5.0]

    index.bring(gone="b")
    assert len(index.ledger.pairs().left) == 0


@pytest.mark.parametrize("letters", ["a", "bb"])
def test_a_record_that_is_there_already_is_refused(index, letters):
    index.bring("a")
    with pytest.raises(UsageError, match="there already"):
        index.bring(letters)


def test_a_record_that_is_not_there_cannot_be_removed(index):
    index.bring("a")
    index.bring(gone="a")
    with (
        pytest.raises(UsageError, match="1 of the records to remove are not there"),
        index.change() as change,
    ):
        change.remove_records(np.array([0]), "again")


def test_an_erased_record_leaves_neither_id_nor_decision(index):
    secret = "QQ123456C-very-secret"
    with index.change() as change:
        change.add_records(np.zeros(2, int), pa.array([secret, "b"]), np.array([123456789, 2], np.uint64))
        change.add_pairs(np.array([0]), np.array([1]), np.array([5.0]))
    with index.change() as change:
        change.decide(index.decision([secret, "b"], "different"))
    with pytest.raises(UsageError, match="still there"), index.change() as change:
        change.erase_records(0, pa.array([secret]))
    with index.change("erase") as change:
        change.remove_records(np.array([0]), "erasure asked for")
        assert change.erase_records(0, pa.array([secret])) == 1
    ledger = index.ledger

    assert ledger.decisions() == ()
    (held,) = ledger.decisions(also_withdrawn=True)
    assert held.withdrawn_why == "record erased"
    assert secret not in str(held)
    assert [member.id for member in ledger.person("P000001", 1).members] in ([None, "b"], ["b", None])
    (joined,) = [e for e in ledger.events_of(1) if e.kind is EventKind.JOINED and e.record == 0]
    assert joined.place == (SOURCE, None)
    files = [file.read_bytes() for file in ledger.path.parent.iterdir()]
    assert not any(b"very-secret" in content for content in files)
    assert not any((123456789).to_bytes(4, "big") in content for content in files)


def test_opening_what_is_no_ledger_says_so(tmp_path, index):
    with pytest.raises(SourceError, match="there is no index"):
        Ledger.open(tmp_path / "none.sqlite")
    (tmp_path / "text.sqlite").write_text("not a database at all, but long enough to look like one " * 20)
    for read_only in (True, False):
        with pytest.raises(SourceError, match="cannot be used"):
            Ledger.open(tmp_path / "text.sqlite", read_only=read_only)
    with pytest.raises(UsageError, match="there is an index already"):
        Ledger.create(index.ledger.path)
    index.ledger._db.execute("UPDATE meta SET value = 'another/9' WHERE key = 'format'")
    with pytest.raises(SourceError, match="another release"):
        Ledger.open(index.ledger.path)


def test_identifiers_must_be_given_where_the_rules_obey_them(tmp_path):
    index = SmallIndex(tmp_path / "index.sqlite", identifiers=("nhs_number",))
    with pytest.raises(TypeError, match="identifiers"), index.change(settle=False) as change:
        change.settle(index.rules)
