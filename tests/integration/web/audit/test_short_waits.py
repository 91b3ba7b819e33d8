"""What keeps deeds from waiting for each other: one thread computes at a time, and the log is copied beside them."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import sys
import threading
import time

import pytest
from django.db import connection
from django.test import Client

from joinedup_web.audit import computing, wal
from joinedup_web.operations import preload
from support.web_deeds import all_of, some_deeds

pytestmark = [pytest.mark.web, pytest.mark.django_db(transaction=True)]


def test_who_has_the_turn_computes_alone_until_it_lets_go():
    within: list[int] = []
    most: list[int] = []
    guard = threading.Lock()

    def compute():
        for _ in range(20):
            with computing.turn():
                with guard:
                    within.append(1)
                    most.append(len(within))
                time.sleep(0.0002)
                with guard:
                    within.pop()

    all_of(compute, compute, compute)

    assert max(most) == 1, "each is much shorter than what a thread waits"


def test_the_turn_is_free_again_after_a_fault_and_after_letting_go_early():
    def fall():
        with computing.turn():
            raise ZeroDivisionError

    assert isinstance(all_of(fall)[0], ZeroDivisionError)
    with computing.turn():
        assert computing._turn.locked()
        computing.let_go()
        assert not computing._turn.locked()
        computing.let_go()
    assert not computing._turn.locked()


def test_nobody_waits_long_for_one_who_keeps_the_turn(monkeypatch):
    monkeypatch.setattr(computing, "MOST_SECONDS", 0.01)
    got, done = threading.Event(), threading.Event()

    def slow():
        with computing.turn():
            got.set()
            assert done.wait(10)
            assert computing._turn.locked(), "whoever went on without it has not let go of another's turn"

    def quick():
        assert got.wait(10)
        with computing.turn():
            done.set()

    assert all_of(slow, quick) == [None, None]


@pytest.mark.parametrize(
    ("path", "short"), [("/api/v1/nothing", True), ("/f/none", True), ("/staff/", False), ("/", False)]
)
def test_only_short_requests_take_the_turn(monkeypatch, path, short):
    taken = []
    real = computing.turn

    def turn():
        taken.append(path)
        return real()

    monkeypatch.setattr(computing, "turn", turn)
    Client().get(path)

    assert bool(taken) == (short and connection.vendor == "sqlite")


def test_the_log_is_copied_into_the_database_between_the_deeds():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its own log")
    some_deeds(3)

    def events_in_the_file_itself() -> int:
        with sqlite3.connect(f"file:{connection.settings_dict['NAME']}?immutable=1", uri=True) as alone:
            return alone.execute("SELECT count(*) FROM audit_event").fetchone()[0]

    copying = wal.Copying()
    copying.if_due()  # not yet due
    copying._last -= wal.SECONDS_BETWEEN
    copying.if_due()

    assert events_in_the_file_itself() == 3


@pytest.mark.parametrize(
    ("theirs", "chosen"),
    [({}, 0), ({11: {0}}, 1), ({11: {0, 1}}, 0), ({11: {0}, 12: {1}}, 0), ({11: {1}, 12: {1}, 13: {0}}, 0)],
)
def test_a_process_stays_where_the_fewest_others_are(monkeypatch, theirs, chosen):
    put = set()
    monkeypatch.setattr(preload, "_siblings", lambda: list(theirs))
    monkeypatch.setattr(preload.os, "sched_getaffinity", lambda pid: theirs[pid] if pid else {0, 1})
    monkeypatch.setattr(preload.os, "sched_setaffinity", lambda task, where: put.add(frozenset(where)))

    preload._stay_on_one_processor()

    assert put == {frozenset({chosen})}


def test_a_process_answers_where_it_cannot_be_told_of_its_siblings(monkeypatch, caplog):
    def untold():
        raise FileNotFoundError("/proc/1/task/1/children")

    lock = multiprocessing.Lock()
    interval = sys.getswitchinterval()
    monkeypatch.setattr(preload, "_choosing", lock)
    monkeypatch.setattr(preload, "_siblings", untold)
    monkeypatch.setattr(preload, "SECONDS_TO_CHOOSE", 0.01)
    before = os.sched_getaffinity(0)
    try:
        assert callable(preload.application())
        assert "share the processors" in caplog.text
        assert lock.acquire(timeout=1), "the next may choose"
        assert callable(preload.application()), "whoever was killed while choosing holds the lock for ever"
    finally:
        sys.setswitchinterval(interval)
    assert os.sched_getaffinity(0) == before
