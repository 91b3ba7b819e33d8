"""Whatever is altered in the record, in whichever column, its verification tells."""

from __future__ import annotations

import base64
import json
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from joinedup.audit import (
    AuditError,
    Receipt,
    read_checkpoint,
    verify_consistency,
    verify_export,
    verify_inclusion,
)
from joinedup_web.audit import checkpoints, evidence, sequencer, subjects, triggers
from joinedup_web.audit.keys import public_keys
from joinedup_web.audit.live import verify_live
from joinedup_web.audit.models import Event, Head, Sequenced, WriterStanding
from support.web_deeds import administrator, rename, some_deeds

pytestmark = [pytest.mark.web, pytest.mark.django_db]

DEEDS = 300  # more than a block of the Merkle tree


@pytest.fixture
def record():
    """A record of 306 events with two checkpoints; returns receipts of its first five."""
    by = administrator()
    done = [
        rename.with_receipts(by=by, place=by.organisation_id, name=f"{by.organisation_id} {n}")
        for n in range(5)
    ]
    sequencer.sequence_all()
    checkpoints.sign_if_due(at_once=True)
    some_deeds(DEEDS, by=by)
    sequencer.sequence_all()
    checkpoints.sign_if_due(at_once=True)
    checkpoints.carry_off()
    some_deeds(1, by=by)
    sequencer.sequence_all()
    receipts = [receipt for each in done for receipt in each.receipts]
    assert verify_live(receipts=receipts).ok
    yield receipts
    transaction.set_rollback(True)  # what was tampered with may not even be committed


EVENT_COLUMNS = {
    "event_id": "f" * 32,
    "kind": "role.granted",
    "at": "now",
    "actor_kind": "system",
    "actor": "t_" + "0" * 32,
    "organisation": "other",
    "fields": '{"part": "kind", "subject_organisation": "00000000-0000-0000-0000-000000000000"}',
    "writer": "e" * 32,
    "writer_serial": 999,
    "writer_previous": "d" * 64,
    "number": 987654,
}


@pytest.mark.parametrize("column", EVENT_COLUMNS)
def test_an_event_altered_in_one_column_is_found(record, column):
    place = Sequenced.objects.get(sequence=3)
    value = EVENT_COLUMNS[column]
    if column == "at":
        value = connection.ops.adapt_datetimefield_value(timezone.now())
    if column == "organisation":
        value = uuid4().hex
    _tamper(f"UPDATE audit_event SET {column} = %s WHERE number = %s", [value, place.event_id])

    report = verify_live()

    assert not report.ok
    assert report.first_bad_sequence is not None
    assert report.first_bad_sequence <= 4


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_sequenced SET digest = chain WHERE sequence = 4",
        "UPDATE audit_sequenced SET chain = digest WHERE sequence = 4",
        "UPDATE audit_sequenced SET sequence = 100000 WHERE sequence = 4",
        "DELETE FROM audit_sequenced WHERE sequence = 4",
        "DELETE FROM audit_sequenced WHERE sequence > 300",
        'UPDATE audit_block SET root = (SELECT digest FROM audit_sequenced WHERE sequence = 1) WHERE "index" = 0',
        "DELETE FROM audit_block",
        "UPDATE audit_head SET size = size - 1",
        "UPDATE audit_head SET chain = frontier",
        "UPDATE audit_head SET frontier = chain",
        "UPDATE audit_writerstanding SET serial = serial + 1",
        "UPDATE audit_writerstanding SET digest = writer",
        "DELETE FROM audit_writerstanding",
        "UPDATE audit_checkpoint SET size = size + 1",
        "UPDATE audit_checkpoint SET note = 'x'",
    ],
)
def test_what_sequencing_keeps_is_checked_too(record, statement):
    _tamper(statement, [])

    assert not verify_live().ok


def test_events_exchanged_in_their_places_are_found(record):
    four, five = (Sequenced.objects.get(sequence=number) for number in (4, 5))
    _tamper("DELETE FROM audit_sequenced WHERE sequence IN (4, 5)", [])
    four.event_id, five.event_id = five.event_id, four.event_id
    four.digest, five.digest = five.digest, four.digest
    Sequenced.objects.bulk_create([four, five])

    assert verify_live().first_bad_sequence == 4


def test_a_record_cut_short_with_its_checkpoints_is_found_by_those_carried_off(record):
    keep = 5
    _tamper("DELETE FROM audit_sequenced WHERE sequence > %s", [keep])
    _tamper("DELETE FROM audit_event WHERE number NOT IN (SELECT event_id FROM audit_sequenced)", [])
    _tamper("DELETE FROM audit_checkpoint WHERE size > %s", [keep])

    report = verify_live()

    assert "a checkpoint was signed at" in " ".join(problem.what for problem in report.problems)


def test_a_receipt_for_an_event_that_is_not_there_is_told(record):
    lost = Receipt(event_id="a" * 32, digest="b" * 64)

    report = verify_live(receipts=[*record, lost])

    assert [problem.where for problem in report.problems] == [f"event id {lost.event_id}"]


def test_an_event_kept_out_of_the_record_is_found(record):
    some_deeds(1)
    _tamper("DELETE FROM audit_pending", [])

    assert [problem.what for problem in verify_live().problems] == ["an event was kept out of the record"]


def test_a_row_written_by_hand_is_sequenced_and_told(record):
    head = Head.objects.get(id=1)
    Event.objects.create(
        event_id="not hex",
        kind="Priya",
        at=timezone.now(),
        actor_kind="nobody",
        fields={"name": "Priya"},
        writer="w",
        writer_serial=1,
        writer_previous="0" * 64,
    )
    sequencer.sequence_all()

    report = verify_live()

    assert (report.problems_in_all, report.first_bad_sequence) == (1, head.size + 1)
    assert "Priya" not in json.dumps(report.as_dict())


def test_inclusion_is_proved_to_whoever_holds_the_checkpoint(record):
    for sequence in (1, 6, 256, 257, DEEDS):
        proof = evidence.prove_inclusion(sequence)
        checkpoint = read_checkpoint(proof["checkpoint"])
        assert verify_inclusion(
            leaf=_octets(proof["leaf_hash"]),
            index=proof["leaf_index"],
            size=checkpoint.size,
            proof=[_octets(part) for part in proof["proof"]],
            root=checkpoint.root,
        )
        assert len(proof["proof"]) <= 9


def test_an_event_after_the_last_checkpoint_has_no_proof_yet(record):
    with pytest.raises(AuditError, match="no checkpoint holds this event yet"):
        evidence.prove_inclusion(Head.objects.get(id=1).size)


def test_consistency_of_two_checkpoints_is_proved(record):
    proof = evidence.prove_consistency(5, DEEDS + 6)
    first, second = (read_checkpoint(proof[name]) for name in ("first_checkpoint", "second_checkpoint"))

    assert verify_consistency(
        first=first.size,
        second=second.size,
        first_root=first.root,
        second_root=second.root,
        proof=[_octets(part) for part in proof["proof"]],
    )


def test_an_export_verifies_without_the_database(record, tmp_path):
    done = evidence.export_to(tmp_path / "export")

    head = Head.objects.get(id=1)
    report = verify_export(tmp_path / "export", public_keys(head.origin), receipts=record)
    assert (report.ok, report.events, done.events) == (True, head.size, head.size)


def test_a_forgotten_person_gets_another_token_and_the_record_still_holds(record):
    by = some_deeds(1)
    before = subjects.known_token("staff", by.id)

    assert subjects.forget("staff", by.id)
    assert subjects.known_token("staff", by.id) is None
    some_deeds(1, by=by)
    sequencer.sequence_all()

    assert before not in {None, subjects.known_token("staff", by.id)}
    assert verify_live().ok


def test_salts_that_a_backup_brings_back_are_forgotten_again(record):
    by = some_deeds(1)
    kept = list(subjects.SubjectSalt.objects.all())
    subjects.forget("staff", by.id)
    gone = subjects.forgotten()
    subjects.SubjectSalt.objects.bulk_create(kept, ignore_conflicts=True)

    assert subjects.forget_again(gone) == 1
    assert subjects.known_token("staff", by.id) is None


def test_every_writers_standing_is_kept(record):
    assert WriterStanding.objects.count() == Event.objects.values("writer").distinct().count()


def _octets(text: str) -> bytes:
    return base64.b64decode(text)


def _tamper(statement: str, values: list[object]) -> None:
    """What somebody with all rights over the database could do: triggers and foreign keys out of the way."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        triggers.remove(connection)
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
