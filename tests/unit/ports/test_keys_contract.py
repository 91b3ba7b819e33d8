"""What every store of keys promises, asked of each: the fake in memory is held to the same as the file."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from joinedup.ports.key_command import CommandKeyStore
from joinedup.ports.key_errors import KeyLockError, KeyStoreError
from joinedup.ports.key_file import FileKeyStore
from joinedup.ports.key_locks import MasterKey, Passphrase, new_recipient, recipient_from_pem
from joinedup.ports.key_memory import InMemoryKeyStore
from joinedup.ports.keys import KeyPurpose, KeyState, KeyStore, find_key, make_missing_keys

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SUBJECTS, CLIENT = KeyPurpose.SUBJECT_TOKENS, KeyPurpose.ONE_LOGIN_CLIENT
PROGRAM = Path(__file__).parents[2] / "support" / "key_program.py"
QUICK = 2**10  # scrypt's cost: one test below uses the real one


def command_store(directory: Path, *manner: str, **options) -> CommandKeyStore:
    environment = {"PATH": os.environ["PATH"]}
    return CommandKeyStore(
        [sys.executable, str(PROGRAM), str(directory), *manner], environment=environment, **options
    )


@pytest.fixture(params=["memory", "file", "file with a lock", "program"])
def store(request, tmp_path) -> KeyStore:
    match request.param:
        case "memory":
            return InMemoryKeyStore()
        case "file":
            return FileKeyStore(tmp_path / "keys")
        case "file with a lock":
            return FileKeyStore(tmp_path / "keys", lock=MasterKey(b"m" * 32))
    return command_store(tmp_path / "keys")


@pytest.fixture
def restoring(store) -> KeyStore:
    if isinstance(store, CommandKeyStore):
        pytest.skip("an external store restores its own backups")
    return store


def states(store: KeyStore, purpose: KeyPurpose = SUBJECTS) -> list[KeyState]:
    return [key.state for key in store.all(purpose)]


def test_an_empty_store_has_no_current_key_and_says_what_to_do(store):
    assert store.all(SUBJECTS) == ()
    with pytest.raises(KeyStoreError, match=r"no key for this purpose yet \(subject_tokens\)"):
        store.current(SUBJECTS)


def test_the_first_rotation_makes_the_key_in_use_and_the_one_to_follow(store):
    made = store.rotate(SUBJECTS, on=NOW)

    assert states(store) == [KeyState.NEXT, KeyState.CURRENT]
    assert store.current(SUBJECTS) == made
    assert (made.created, made.activated, made.retires) == (NOW, NOW, None)
    assert len(made.secret()) == 32


def test_the_next_key_is_known_before_it_is_used_and_the_last_one_after(store):
    first = store.rotate(SUBJECTS, on=NOW)
    announced = store.all(SUBJECTS)[0]

    second = store.rotate(SUBJECTS, on=NOW + DAY)

    assert second.id == announced.id
    assert second.activated == NOW + DAY
    assert states(store) == [KeyState.NEXT, KeyState.CURRENT, KeyState.PREVIOUS]
    assert find_key(store, SUBJECTS, first.id).secret() == first.secret()


def test_previous_keys_stand_newest_first(store):
    used = [store.rotate(SUBJECTS, on=NOW + days * DAY).id for days in range(3)]

    assert [key.id for key in store.all(SUBJECTS)][1:] == used[::-1]


def test_a_key_that_others_fetch_is_published_a_day_before_it_is_used(store):
    first = store.rotate(CLIENT, on=NOW)

    with pytest.raises(KeyStoreError, match="not been published for 24 hours yet"):
        store.rotate(CLIENT, on=NOW + timedelta(hours=23))

    assert store.current(CLIENT) == first
    assert store.rotate(CLIENT, on=NOW + DAY) != first


def test_in_an_emergency_it_is_not_waited_for(store):
    first = store.rotate(CLIENT, on=NOW)

    second = store.rotate(CLIENT, on=NOW, at_once=True)

    assert [key.id for key in store.all(CLIENT)][1:] == [second.id, first.id]


def test_a_previous_key_is_retired_by_the_rotation_after_its_time(store):
    first = store.rotate(CLIENT, on=NOW)
    store.rotate(CLIENT, on=NOW + DAY)
    previous = store.all(CLIENT)[2]
    assert previous.retires == NOW + 3 * DAY
    assert previous.is_usable(on=NOW + 2 * DAY)
    assert not previous.is_usable(on=NOW + 3 * DAY)

    store.rotate(CLIENT, on=NOW + 3 * DAY)

    with pytest.raises(KeyStoreError, match="the key is retired"):
        find_key(store, CLIENT, first.id)


def test_purposes_do_not_touch_each_other(store):
    first = store.rotate(SUBJECTS, on=NOW)
    store.rotate(KeyPurpose.CLIENT_TOKEN, on=NOW + DAY)

    assert store.current(SUBJECTS) == first
    assert store.current(KeyPurpose.CLIENT_TOKEN).secret() != first.secret()
    with pytest.raises(KeyStoreError, match="not in this store"):
        find_key(store, KeyPurpose.CLIENT_TOKEN, first.id)


def test_the_key_in_use_cannot_be_retired(store):
    key = store.rotate(SUBJECTS, on=NOW)

    with pytest.raises(KeyStoreError, match="current key is in use"):
        store.retire(key.id, on=NOW)

    assert store.current(SUBJECTS) == key


def test_a_key_is_destroyed_only_after_it_is_retired_and_then_told_as_such(store):
    key = store.rotate(SUBJECTS, on=NOW)
    store.rotate(SUBJECTS, on=NOW + DAY)
    with pytest.raises(KeyStoreError, match="only a retired key"):
        store.destroy(key.id, on=NOW + DAY)

    assert store.retire(key.id, on=NOW + DAY).state is KeyState.RETIRED
    store.destroy(key.id, on=NOW + 2 * DAY)

    assert key.id not in [each.id for each in store.all(SUBJECTS)]
    assert store.destroyed() == (key.id,)
    with pytest.raises(KeyStoreError, match="was destroyed"):
        find_key(store, SUBJECTS, key.id)


def test_a_key_that_never_was_is_refused(store):
    with pytest.raises(KeyStoreError, match="no such key"):
        store.retire("subject_tokens-0123456789abcdef", on=NOW)


def test_missing_keys_are_made_once(store):
    wanted = (SUBJECTS, KeyPurpose.SESSION)
    store.rotate(SUBJECTS, on=NOW)

    assert make_missing_keys(store, on=NOW, purposes=wanted) == (KeyPurpose.SESSION,)
    assert make_missing_keys(store, on=NOW, purposes=wanted) == ()


def test_a_backup_opens_with_its_own_lock_alone_and_brings_everything_back(store):
    first = store.rotate(SUBJECTS, on=NOW)
    store.rotate(SUBJECTS, on=NOW + DAY)
    backup = store.backup(lock=Passphrase("correct horse battery", n=QUICK))
    assert first.secret() not in backup

    empty = InMemoryKeyStore()
    with pytest.raises(KeyLockError, match="the passphrase is wrong"):
        empty.restore(backup, lock=Passphrase("correct horse batterx", n=QUICK))
    assert empty.all(SUBJECTS) == ()

    assert empty.restore(backup, lock=Passphrase("correct horse battery", n=QUICK)) == 3
    assert empty.all(SUBJECTS) == store.all(SUBJECTS)


def test_a_backup_for_a_recipient_cannot_be_opened_by_who_made_it(store):
    private, public = new_recipient()
    key = store.rotate(SUBJECTS, on=NOW)
    backup = store.backup(lock=recipient_from_pem(public))

    with pytest.raises(KeyLockError, match="seals and cannot open"):
        InMemoryKeyStore().restore(backup, lock=recipient_from_pem(public))

    elsewhere = InMemoryKeyStore()
    elsewhere.restore(backup, lock=recipient_from_pem(private))
    assert elsewhere.current(SUBJECTS) == key


def test_restoring_over_keys_in_use_makes_the_old_ones_previous(restoring):
    lock = MasterKey(b"b" * 32)
    other = InMemoryKeyStore()
    theirs = other.rotate(SUBJECTS, on=NOW - DAY)
    ours = restoring.rotate(SUBJECTS, on=NOW)

    assert restoring.restore(other.backup(lock=lock), lock=lock) == 2

    assert restoring.current(SUBJECTS) == ours
    assert find_key(restoring, SUBJECTS, theirs.id).state is KeyState.PREVIOUS
    assert states(restoring).count(KeyState.NEXT) == 1
    assert restoring.restore(other.backup(lock=lock), lock=lock) == 0


def test_a_destroyed_key_does_not_come_back_from_a_backup(restoring):
    lock = MasterKey(b"b" * 32)
    key = restoring.rotate(SUBJECTS, on=NOW)
    restoring.rotate(SUBJECTS, on=NOW + DAY)
    backup = restoring.backup(lock=lock)
    restoring.retire(key.id, on=NOW + DAY)
    restoring.destroy(key.id, on=NOW + DAY)

    assert restoring.restore(backup, lock=lock) == 0
    fresh = InMemoryKeyStore()
    fresh.restore(backup, lock=lock, destroyed=restoring.destroyed())

    assert key.id not in [each.id for each in (*restoring.all(SUBJECTS), *fresh.all(SUBJECTS))]
    assert fresh.destroyed() == (key.id,)


def test_an_instant_without_a_time_zone_is_a_bug(restoring):
    with pytest.raises(ValueError, match="time zone"):
        restoring.rotate(SUBJECTS, on=datetime(2026, 5, 1))
