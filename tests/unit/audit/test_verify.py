"""What a verification finds, told by what somebody might do to the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from joinedup.audit import (
    AuditError,
    Ed25519Signer,
    Head,
    Receipt,
    SequencedEvent,
    canonical_bytes,
    checkpoint_of,
    key_of,
    receipt,
    sequence_events,
    sign_checkpoint,
    verify_events,
)
from support.audit_record import BEGAN, KEY, ORIGIN, SIGNER, events, record, sealed


def test_an_untouched_record_holds():
    placed, notes = record(60, checkpoints_at=(0, 20, 60))

    report = verify_events(placed, notes, [KEY])

    assert (report.ok, report.problems, report.first_bad_sequence) == (True, (), None)
    assert (report.events, report.checkpoints_verified, report.events_sealed) == (60, 3, 60)


def test_events_after_the_newest_checkpoint_are_told_apart():
    placed, notes = record(60, checkpoints_at=(40,))

    report = verify_events(placed, notes, [KEY])

    assert report.ok
    assert (report.events, report.events_sealed) == (60, 40)


def altered(body: bytes) -> bytes:
    changed = body.replace(b'"2026-05-01T10:00:00.', b'"2026-05-01T10:00:01.', 1)
    assert changed != body
    return changed


def test_an_edited_event_is_named():
    placed, notes = record(60, checkpoints_at=(60,))
    placed[29] = replace(placed[29], body=altered(placed[29].body))

    report = verify_events(placed, notes, [KEY])

    assert not report.ok
    assert report.first_bad_sequence == 30
    assert report.problems[0].where == "event 30"
    assert report.checkpoints_verified == 0


def test_an_event_cut_out_is_named():
    placed, notes = record(60, checkpoints_at=(60,))
    del placed[29]

    report = verify_events(placed, notes, [KEY])

    assert report.first_bad_sequence == 30
    assert report.problems[0].what == "missing before event 31: 30"


def test_a_stretch_cut_out_is_named():
    placed, notes = record(60, checkpoints_at=(60,))
    del placed[29:40]

    report = verify_events(placed, notes, [KEY])

    assert report.first_bad_sequence == 30
    assert report.problems[0].what == "missing before event 41: 30 to 40"


def test_an_altered_chain_value_alone_is_named_and_the_events_still_hold():
    placed, notes = record(60, checkpoints_at=(60,))
    placed[29] = replace(placed[29], chain=b"x" * 32)

    report = verify_events(placed, notes, [KEY])

    assert [problem.sequence for problem in report.problems] == [30]
    assert report.checkpoints_verified == 1


def test_a_forger_without_the_key_who_chains_everything_anew_meets_the_checkpoint():
    placed, notes = record(60, checkpoints_at=(20, 40, 60))
    bodies = [event.body for event in placed]
    bodies[29] = altered(bodies[29])
    forged, _ = sealed(bodies, ())

    report = verify_events(forged, notes, [KEY])

    assert not report.ok
    assert 21 <= report.first_bad_sequence <= 30
    assert report.events_sealed == 20


def test_an_event_slipped_out_before_sequencing_leaves_a_gap_in_its_writers_numbers():
    """Even the key's holder signs it unknowingly: the chain and the tree are whole, the writer's numbers not."""
    written = events(60)
    victim = next(n for n, event in enumerate(written) if event.writer_serial == 5)
    placed, notes = sealed([*written[:victim], *written[victim + 1 :]], (59,))

    report = verify_events(placed, notes, [KEY])

    assert not report.ok
    assert report.checkpoints_verified == 1
    assert [problem.what for problem in report.problems] == ["the writer's event 6 follows its event 4"]


def test_a_writers_first_event_slipped_out_is_found():
    written = events(60, writers=1)

    placed, notes = sealed(written[1:], (59,))

    assert "first event here has number 2" in verify_events(placed, notes, [KEY]).problems[0].what


def test_an_event_rewritten_before_sequencing_is_not_what_its_writer_remembers():
    written = [canonical_bytes(event) for event in events(60, writers=1)]
    written[29] = altered(written[29])
    placed, notes = sealed(written, (60,))

    report = verify_events(placed, notes, [KEY])

    assert report.first_bad_sequence == 30
    assert report.problems[0].what == "not the event that its writer remembers in event 31"


def test_a_writers_newest_event_lost_before_sequencing_shows_only_by_its_receipt():
    """The honest limit, and what mends it."""
    written = events(60)
    placed, notes = sealed(written[:-1], (59,))

    assert verify_events(placed, notes, [KEY]).ok
    report = verify_events(placed, notes, [KEY], receipts=[receipt(written[-1]), receipt(written[0])])
    assert not report.ok
    assert [problem.where for problem in report.problems] == [f"event id {written[-1].event_id}"]


def test_receipts_of_events_that_are_there_hold():
    placed, notes = record(60, checkpoints_at=(60,))

    report = verify_events(placed, notes, [KEY], receipts=[receipt(event.event) for event in placed[::7]])

    assert report.ok


def test_an_end_cut_off_is_found_by_the_checkpoint():
    placed, notes = record(60, checkpoints_at=(20, 60))

    report = verify_events(placed[:50], notes, [KEY])

    assert report.first_bad_sequence == 51
    assert report.problems[0].what == "the record ends after event 50, and a checkpoint was signed at 60"


def test_an_end_cut_off_with_its_checkpoints_shows_only_by_one_kept_elsewhere():
    placed, notes = record(60, checkpoints_at=(20, 60))

    assert verify_events(placed[:20], notes[:1], [KEY]).ok
    assert not verify_events(placed[:20], notes, [KEY]).ok


def test_two_events_that_changed_places_are_named():
    placed, notes = record(60, checkpoints_at=(60,))
    placed[29], placed[30] = placed[30], placed[29]

    report = verify_events(placed, notes, [KEY])

    assert report.first_bad_sequence == 30


def test_two_events_that_changed_places_and_numbers_are_named():
    placed, notes = record(60, checkpoints_at=(60,))
    placed[29], placed[30] = replace(placed[30], sequence=30), replace(placed[29], sequence=31)

    assert verify_events(placed, notes, [KEY]).first_bad_sequence == 30


def test_an_event_that_is_there_twice_is_named():
    placed, notes = record(60, checkpoints_at=(60,))

    report = verify_events([*placed[:30], placed[29], *placed[30:]], notes, [KEY])

    assert [problem.sequence for problem in report.problems] == [30]
    assert "twice" in report.problems[0].what


def test_two_checkpoints_of_one_size_over_different_records_are_a_fork():
    placed, notes = record(60, checkpoints_at=(60,))
    _, others = record(60, checkpoints_at=(60,), seed=2)

    report = verify_events(placed, [*notes, *others], [KEY])

    assert not report.ok
    assert any("different records" in problem.what for problem in report.problems)


def test_a_checkpoint_of_another_history_is_found():
    placed, notes = record(60, checkpoints_at=(20, 60))
    _, others = record(60, checkpoints_at=(40,), seed=2)

    report = verify_events(placed, [notes[0], others[0], notes[1]], [KEY])

    assert not report.ok
    assert report.first_bad_sequence == 21
    assert report.problems[-1].where == "events 21 to 40"


def test_a_record_that_was_set_back_and_went_on_is_told():
    placed, _ = record(60)
    head, _ = sequence_events(Head.start(), [event.body for event in placed[:40]])
    later, _ = sequence_events(head, [event.body for event in placed[40:]])
    notes = [
        sign_checkpoint(checkpoint_of(standing, origin=ORIGIN, at=at), [SIGNER])
        for standing, at in ((head, BEGAN + timedelta(hours=2)), (later, BEGAN + timedelta(hours=1)))
    ]

    report = verify_events(placed, notes, [KEY])

    assert [problem.what for problem in report.problems] == [
        "the larger checkpoint was signed before the smaller one"
    ]


def test_a_checkpoint_signed_by_somebody_else_is_a_problem_and_no_support():
    placed, notes = record(60, checkpoints_at=(60,))

    report = verify_events(placed, notes, [key_of(Ed25519Signer(ORIGIN, b"z" * 32))])

    assert not report.ok
    assert report.checkpoints_verified == 0
    assert "no known key" in report.problems[0].what


def test_nothing_holds_without_a_checkpoint_but_an_empty_record():
    placed, _ = record(5)

    assert (
        verify_events(placed, [], [KEY]).problems[0].what
        == "no verified checkpoint stands behind this record"
    )
    assert verify_events([], [], [KEY]).ok


def test_free_text_in_the_record_is_found_even_if_signed():
    body = canonical_bytes(events(1)[0])
    worse = body.replace(b'"kind":', b'"note":"Gwen came in","kind":')
    placed, notes = sealed([worse], (1,))

    report = verify_events(placed, notes, [KEY])

    assert report.problems[0].what == "this is not an event in its canonical form"
    assert "Gwen" not in str(report)


def test_a_record_whose_older_events_were_removed_goes_on_from_a_checkpoint():
    placed, notes = record(60, checkpoints_at=(10, 20, 60))
    start, _ = sequence_events(Head.start(), [event.body for event in placed[:20]])

    whole = verify_events(placed[20:], notes, [KEY], start=start)
    assert whole.ok
    assert whole.checkpoints_verified == 2  # the one of 10 events is about what is gone
    report = verify_events(placed[20:], notes[2:], [KEY], start=start)
    assert not report.ok
    assert "no verified checkpoint says how it stood" in report.problems[0].what


def test_a_false_beginning_is_found():
    placed, notes = record(60, checkpoints_at=(20, 60))
    _, others = record(60, checkpoints_at=(20,), seed=2)
    start, _ = sequence_events(Head.start(), [event.body for event in placed[:20]])

    assert not verify_events(placed[20:], [others[0], notes[1]], [KEY], start=start).ok
    with pytest.raises(AuditError, match="contradicts itself"):
        verify_events(placed[20:], notes, [KEY], start=replace(start, size=21))


def test_problems_are_counted_beyond_those_told():
    placed, notes = record(300, checkpoints_at=(300,))
    strange = [SequencedEvent(event.sequence, b"{}", event.chain) for event in placed]

    report = verify_events(strange, notes, [KEY])

    assert len(report.problems) == 100
    assert report.problems_in_all > 300


def test_the_report_speaks_to_machines():
    placed, notes = record(5, checkpoints_at=(5,))

    document = verify_events(placed, notes, [KEY], receipts=[Receipt("a" * 32, "b" * 64)]).as_dict()

    assert document["ok"] is False
    assert document["problems"][0]["where"] == "event id " + "a" * 32
