"""An index whose files are damaged, or whose disk is full: every way of using it says so, and none breaks."""

from __future__ import annotations

import errno
import json
import re
import shutil
import sqlite3

import pytest

from joinedup.errors import LimitError, SourceError
from joinedup.linkage.index import add, build, check, open_index, status
from support.index_job import ANN, BOB, CAT, DAN, day, job, write_rows


@pytest.fixture
def index(tmp_path):
    """Ann twice in a and once in b, Bob and Cat once each."""
    spec = job(tmp_path, a=[f"a1,{ANN}", f"a2,{BOB}", f"a3,{ANN}"], b=[f"b1,{ANN}", f"b2,{CAT}"])
    build(tmp_path / "index", spec, **day(0))
    return tmp_path / "index"


def extract(index, *rows):
    return write_rows(index.parent / "extract.csv", rows)


def _without_sums(described):
    """As an earlier release wrote it."""
    told = json.loads(described.read_text(encoding="utf-8"))
    del told["sha256"], told["sha256_of_this"]
    described.write_text(json.dumps(told), encoding="utf-8")


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", ["arrays.bin", "fields.arrow", "written.arrow", "segment.json"])
def test_a_deep_check_sees_one_altered_bit_in_any_file_of_a_segment(index, name, place):
    (segment,) = (index / "segments").iterdir()
    data = bytearray((segment / name).read_bytes())
    data[int(place * len(data))] ^= 1
    (segment / name).write_bytes(data)

    checked = check(index, deep=True)

    assert not checked.is_whole
    assert name in checked.problems[0] or "cannot be read" in checked.problems[0]


@pytest.mark.parametrize("name", ["model.json", "shares_0.arrow"])
def test_a_deep_check_sees_an_altered_frame(index, name):
    file = index / "frames" / "1" / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)

    assert check(index, deep=True).problems == (f"frame 1: {name} is not as written",)


def test_a_segment_of_an_earlier_release_is_checked_as_far_as_it_goes_and_that_is_said(index):
    (segment,) = (index / "segments").iterdir()
    _without_sums(segment / "segment.json")

    checked = check(index, deep=True)

    assert (checked.problems, checked.uncovered) == ((), 1)
    data = (segment / "fields.arrow").read_bytes()
    (segment / "fields.arrow").write_bytes(data[:600] + bytes(200) + data[800:])
    assert not check(index, deep=True).is_whole


@pytest.mark.parametrize("page", [0, 2, 5])
def test_a_damaged_ledger_is_told_by_everything_that_reads_it(index, page):
    """SQLite finds the damage only when it comes to the page: at the opening, or in the middle of a read."""
    path = index / "index.sqlite"
    data = bytearray(path.read_bytes())
    begin = page * 4096 + (100 if page == 0 else 0)
    data[begin : begin + 2000] = b"\xff" * 2000
    path.write_bytes(data)

    assert _LEDGER.search(_problem(lambda: check(index, deep=True)))
    found = [
        _problem(ask)
        for ask in (
            lambda: status(index),
            lambda: add(index, extract(index, f"a9,{DAN}"), "a", **day(1)),
            lambda: _ask_once(index),
        )
    ]
    assert any("ledger cannot be used" in each for each in found)


_LEDGER = re.compile("the ledger's file is damaged|the index's ledger cannot be used")


def _problem(ask):
    """What is wrong, as an error or as the outcome of a check; anything but a SourceError is a fault."""
    try:
        found = ask()
    except SourceError as told:
        return told.what
    return " ".join(getattr(found, "problems", ()))


def _ask_once(index):
    with open_index(index) as opened:
        opened.ask({"first_name": "Dan", "surname": "Braithwaite", "born": "1983-04-13"})


@pytest.mark.parametrize(
    "problem",
    [OSError(errno.ENOSPC, "No space left on device"), "database or disk is full", "disk I/O error"],
)
def test_a_full_disk_is_told_as_that_and_the_index_is_as_it_was(index, problem, monkeypatch):
    def full(phase):
        if phase == "scored":
            raise _of_sqlite(problem) if isinstance(problem, str) else problem

    free = shutil.disk_usage(index)._replace(free=4096)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: free)

    with pytest.raises(LimitError, match="the disk is full; the index is as it was") as told:
        add(index, extract(index, f"a9,{DAN}"), "a", checkpoint=full, **day(1))

    assert told.value.exit_code == 5
    monkeypatch.undo()
    assert status(index).version == 1
    assert check(index, deep=True).is_whole


def test_a_ledger_that_cannot_be_opened_for_want_of_space_is_not_called_broken(index, monkeypatch):
    def no_room(path, **how):
        raise _of_sqlite("disk I/O error")

    monkeypatch.setattr("joinedup.linkage.index.ledger.connect", no_room)
    with pytest.raises(SourceError, match="disk I/O error"):
        status(index)
    free = shutil.disk_usage(index)._replace(free=4096)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: free)

    with pytest.raises(LimitError, match="the disk is full") as told:
        status(index)
    assert "free some space" in told.value.mend


def _of_sqlite(said):
    problem = sqlite3.OperationalError(said)
    problem.sqlite_errorcode = sqlite3.SQLITE_FULL if "full" in said else sqlite3.SQLITE_IOERR
    return problem


def test_values_that_are_not_what_was_added_are_found_without_sums(index):
    (segment,) = (index / "segments").iterdir()
    _without_sums(segment / "segment.json")
    file = segment / "fields.arrow"
    data = file.read_bytes()
    at = data.index(b"smith")
    file.write_bytes(data[:at] + b"smyth" + data[at + 5 :])

    assert check(index).is_whole
    assert "contents of" in check(index, deep=True).problems[0]
