"""Every committed event gets its place, once, whatever happens to whoever gives it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from joinedup.audit import read_checkpoint
from joinedup_web.audit import checkpoints, sequence, sequencer, triggers
from joinedup_web.audit.live import verify_live
from joinedup_web.audit.models import Checkpoint, Event, Head, Pending, Sequenced
from support.web_deeds import administrator, all_of, kinds, rename, some_deeds, wait_until

pytestmark = [pytest.mark.web, pytest.mark.django_db(transaction=True)]


def test_events_are_sequenced_in_their_order_without_gap_and_verify():
    some_deeds(5)

    assert sequencer.sequence_all() == 5

    assert list(Sequenced.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]
    assert sequencer.waiting() == 0
    checkpoints.sign_if_due(at_once=True)
    report = verify_live()
    assert (report.ok, report.events, report.events_sealed) == (True, 5, 5)


def test_an_event_that_commits_late_is_not_missed():
    """Its row number is smaller than that of events sequenced before it: no scan by number would see it."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    begun, go_on = threading.Event(), threading.Event()

    def late():
        by = administrator("Late Council")

        def wait(deed):
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval(pg_get_serial_sequence('audit_event', 'number'))")
            begun.set()
            assert go_on.wait(10)

        rename(by=by, place=by.organisation_id, name="Late", then=wait)

    def early():
        assert begun.wait(10)
        some_deeds(2)
        assert sequencer.sequence_all() == 2
        go_on.set()

    assert all_of(late, early) == [None, None]
    assert sequencer.sequence_all() == 1
    assert sequencer.waiting() == 0


def test_the_thread_sequences_within_two_seconds_and_ends_when_told():
    stop = threading.Event()
    thread = sequencer.start(stop)
    some_deeds(4)

    wait_until(lambda: Sequenced.objects.count() >= 4, seconds=4)
    wait_until(lambda: any(checkpoints.carried(checkpoints.folders()[0])), seconds=4)

    stop.set()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert sequencer.problem() is None


def test_two_leaders_at_once_place_no_event_twice():
    some_deeds(30)

    outcomes = all_of(*[lambda: [sequence.sequence_once(limit=7) for _ in range(8)]] * 2)

    assert all(isinstance(outcome, list) for outcome in outcomes), outcomes
    sequencer.sequence_all()
    checkpoints.sign_if_due(at_once=True)
    assert list(Sequenced.objects.values_list("sequence", flat=True)) == list(range(1, 31))
    assert verify_live().ok


@pytest.mark.parametrize("step", ["_place", "_keep_blocks", "_record_gaps"])
def test_a_crash_amid_sequencing_leaves_no_trace(monkeypatch, step):
    some_deeds(3)

    def killed(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sequence, step, killed)
        with pytest.raises(KeyboardInterrupt):
            sequencer.sequence_all()

    assert (Sequenced.objects.count(), Pending.objects.count()) == (0, 3)
    assert not Head.objects.exists()
    assert sequencer.sequence_all() == 3
    checkpoints.sign_if_due(at_once=True)
    assert verify_live().ok


def test_a_crash_between_signing_and_carrying_off_is_made_good(monkeypatch):
    some_deeds(3)
    sequencer.sequence_all()
    assert checkpoints.sign_if_due(at_once=True) == 3
    folder = checkpoints.folders()[0]
    assert list(checkpoints.carried(folder)) == []

    assert checkpoints.carry_off() == 1

    (note,) = checkpoints.carried(folder)
    assert read_checkpoint(note).size == 3
    assert checkpoints.carry_off() == 0


def test_a_crash_amid_signing_leaves_neither_checkpoint_nor_event(monkeypatch):
    some_deeds(3)
    sequencer.sequence_all()

    def killed(events):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "insert", killed)
        with pytest.raises(KeyboardInterrupt):
            checkpoints.sign_if_due(at_once=True)

    assert not Checkpoint.objects.exists()
    assert checkpoints.sign_if_due() == 3


def test_checkpoints_are_not_signed_about_checkpoints_alone():
    some_deeds(1)
    sequencer.sequence_all()
    assert checkpoints.sign_if_due(at_once=True) == 1
    sequencer.sequence_all()

    assert kinds() == ["organisation.changed", "checkpoint.signed"]
    assert checkpoints.sign_if_due(at_once=True) is None


def test_a_checkpoint_is_due_after_a_time_or_a_number_of_events(monkeypatch):
    some_deeds(1)
    sequencer.sequence_all()
    assert checkpoints.sign_if_due() == 1
    some_deeds(2)
    sequencer.sequence_all()
    assert checkpoints.sign_if_due() is None

    monkeypatch.setattr(checkpoints, "EVENTS_BETWEEN", 2)
    assert checkpoints.sign_if_due() == 4

    some_deeds(1)
    sequencer.sequence_all()
    monkeypatch.setattr(checkpoints, "TIME_BETWEEN", timedelta(0))
    assert checkpoints.sign_if_due() == 6


def test_an_event_taken_out_before_it_was_sequenced_raises_an_alarm(monkeypatch):
    monkeypatch.setattr(sequence, "GAP_SECONDS", 0)
    some_deeds(1)
    sequencer.sequence_all()
    some_deeds(3)
    _take_out(Event.objects.order_by("number")[2].number)

    sequencer.sequence_all()

    assert kinds().count("audit.gap_found") == 1
    gap = Event.objects.get(kind="audit.gap_found")
    assert gap.fields["found"] == gap.fields["expected"] + 1
    checkpoints.sign_if_due(at_once=True)
    assert not verify_live().ok


def test_an_event_whose_predecessor_is_missing_is_held_back_for_a_while():
    some_deeds(3)
    _take_out(Event.objects.order_by("number")[1].number)

    assert sequencer.sequence_once() == 1
    assert sequencer.sequence_once() == 0
    assert sequencer.waiting() == 1


def test_an_event_that_waits_long_is_told():
    some_deeds(1)
    assert sequencer.problem() is None
    event = Event.objects.get()
    _take_out(event.number)
    event.at = timezone.now() - timedelta(minutes=1)
    event.save(force_insert=True)

    assert sequencer.problem() == "events have waited more than ten seconds to be sequenced"


def test_a_record_shorter_than_what_was_signed_is_told():
    some_deeds(3)
    sequencer.sequence_all()
    checkpoints.sign_if_due(at_once=True)
    checkpoints.carry_off()
    assert sequencer.problem() is None

    Head.objects.update(size=2)

    assert sequencer.problem() == "a checkpoint that was carried off has more events than the record"


def _take_out(number: int) -> None:
    """What somebody with all rights over the database could do."""
    triggers.remove(connection)
    with transaction.atomic():
        Pending.objects.filter(event_id=number).delete()
        Event.objects.filter(number=number).delete()
    triggers.install(connection)
