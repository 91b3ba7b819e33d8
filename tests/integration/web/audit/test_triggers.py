"""The database itself refuses to alter or delete what is recorded, however it is asked."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from joinedup_web.audit import checkpoints, sequencer
from joinedup_web.audit.models import Event, Pending
from support.web_deeds import some_deeds

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _a_record():
    by = some_deeds(1)
    sequencer.sequence_all()
    checkpoints.sign_if_due(at_once=True)
    some_deeds(1, by=by)


STATEMENTS = [
    "UPDATE audit_event SET kind = 'role.granted'",
    "DELETE FROM audit_event",
    "UPDATE audit_sequenced SET sequence = sequence + 1",
    "DELETE FROM audit_sequenced",
    "UPDATE audit_checkpoint SET note = 'x'",
    "DELETE FROM audit_checkpoint",
    "DELETE FROM audit_pending",
    "UPDATE audit_pending SET event_id = 999",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_it_is_refused(statement):
    with pytest.raises(DatabaseError, match=r"only ever added to|by being sequenced"), transaction.atomic():
        _run(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE audit_event CASCADE",
        "TRUNCATE audit_sequenced",
        "TRUNCATE audit_checkpoint",
        "TRUNCATE audit_pending",
    ],
)
def test_nor_may_tables_be_emptied(statement):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    _run("SET CONSTRAINTS ALL IMMEDIATE")  # what the test wrote is no reason of its own to refuse
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        _run(statement)


def test_nor_does_a_session_that_calls_itself_a_replica_get_round_it():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no replicas")
    _run("SET LOCAL session_replication_role = replica")
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        _run("DELETE FROM audit_event")


def test_nor_may_an_event_be_replaced():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        _run("INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event")


def test_an_event_that_was_inserted_by_hand_waits_to_be_sequenced_like_any_other():
    event = Event.objects.first()
    assert event is not None
    Event.objects.create(
        **{
            name: getattr(event, name)
            for name in ("kind", "at", "actor_kind", "actor", "organisation", "fields", "writer_previous")
        },
        event_id="0" * 32,
        writer="1" * 32,
        writer_serial=1,
    )

    assert Pending.objects.filter(event__event_id="0" * 32).exists()


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
