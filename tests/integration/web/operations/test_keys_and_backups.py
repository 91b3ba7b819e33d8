"""Whoever keeps the machines sees how keys and backups stand; a key that was replaced is noted once."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from joinedup.ports import InMemoryKeyStore, KeyPurpose
from joinedup_web.audit.models import Event
from joinedup_web.gate.decide import Refused
from joinedup_web.operations import keys_and_backups
from joinedup_web.operations.actions import note_backup
from support.pages import words
from support.web_people import acting, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
DAY = [datetime(2026, month, 1, 12, tzinfo=UTC) for month in (1, 2, 3)]


@pytest.fixture
def store(monkeypatch):
    """A store with two keys in use, neither of which replaced another."""
    made = InMemoryKeyStore()
    for purpose in (KeyPurpose.SESSION, KeyPurpose.AUDIT_SIGNING):
        made.rotate(purpose, on=DAY[0])
    monkeypatch.setattr(keys_and_backups, "key_store", lambda: made)
    return made


def digest(key) -> str:
    return hashlib.sha256(key.id.encode()).hexdigest()


def test_first_keys_replaced_nothing(store):
    assert keys_and_backups.note_rotations() == 0
    assert not Event.objects.filter(kind="key.rotated").exists()


def test_a_key_that_was_replaced_is_noted_once_with_no_part_of_it(store):
    first = store.current(KeyPurpose.SESSION)
    second = store.rotate(KeyPurpose.SESSION, on=DAY[1])

    assert [keys_and_backups.note_rotations(), keys_and_backups.note_rotations()] == [1, 0]
    third = store.rotate(KeyPurpose.SESSION, on=DAY[2])
    assert keys_and_backups.note_rotations() == 1

    noted = [event.fields for event in Event.objects.filter(kind="key.rotated").order_by("number")]
    assert noted == [
        {"purpose": "session", "key": digest(second), "before": digest(first)},
        {"purpose": "session", "key": digest(third), "before": digest(second)},
    ]


def test_several_rotations_between_two_rounds_are_noted_in_their_order(store):
    keys = [store.current(KeyPurpose.SESSION), *(store.rotate(KeyPurpose.SESSION, on=day) for day in DAY[1:])]

    keys_and_backups.note_rotations()

    noted = Event.objects.filter(kind="key.rotated").order_by("number")
    assert [event.fields["key"] for event in noted] == [digest(key) for key in keys[1:]]


def test_the_page_tells_who_keeps_the_machines(store, client):
    sign_in(client, staff("platform_administrator"))
    assert "No backup has been made yet" in words(client.get("/staff/service"))
    note_backup(content="0" * 64, last_event=1)

    page = words(client.get("/staff/service"))

    assert "The last backup was made on" in page
    assert "Audit signing 1 January 2026" in page
    assert "Session 1 January 2026" in page


def test_nobody_else_is_told(store):
    with pytest.raises(Refused):
        keys_and_backups.keys_and_backups(acting(staff("organisation_administrator")))
