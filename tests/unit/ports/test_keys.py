"""What a key may be asked for, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from joinedup.ports.key_errors import KeyLockError, KeyStoreError
from joinedup.ports.key_locks import (
    MasterKey,
    Passphrase,
    locked_by,
    master_key_from_text,
    new_recipient,
    recipient_from_pem,
    seal,
)
from joinedup.ports.key_memory import InMemoryKeyStore
from joinedup.ports.keys import KeyPurpose

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
AUDIT, SUBJECTS = KeyPurpose.AUDIT_SIGNING, KeyPurpose.SUBJECT_TOKENS


@pytest.fixture
def store() -> InMemoryKeyStore:
    made = InMemoryKeyStore()
    made.rotate(AUDIT, on=NOW)
    made.rotate(SUBJECTS, on=NOW)
    return made


def test_a_signing_key_gives_both_halves_in_pem(store):
    key = store.current(AUDIT)

    private = load_pem_private_key(key.private_pem(), None)
    assert private.public_key() == load_pem_public_key(key.public_pem())
    assert key.verify(private.sign(b"checkpoint"), b"checkpoint")


def test_each_kind_of_key_refuses_what_is_the_others(store):
    with pytest.raises(KeyStoreError, match="no shared secret"):
        store.current(AUDIT).secret()
    for ask in (lambda key: key.sign(b""), lambda key: key.private_pem(), lambda key: key.public_pem()):
        with pytest.raises(KeyStoreError):
            ask(store.current(SUBJECTS))
    assert not store.current(SUBJECTS).verify(b"", b"")


def test_a_previous_key_vouches_for_what_it_signed_and_a_retired_one_for_nothing(store):
    old = store.current(AUDIT)
    signature = old.sign(b"checkpoint")
    store.rotate(AUDIT, on=NOW)
    assert store.all(AUDIT)[2].verify(signature, b"checkpoint")

    retired = store.retire(old.id, on=NOW)

    assert not retired.verify(signature, b"checkpoint")
    with pytest.raises(KeyStoreError, match="signs nothing"):
        retired.sign(b"checkpoint")


def test_locks_that_would_hold_nothing_are_refused():
    for make in (
        lambda: Passphrase("eleven char"),
        lambda: MasterKey(b"short"),
        lambda: master_key_from_text("not base64!"),
        lambda: recipient_from_pem(b"not PEM"),
        lambda: recipient_from_pem(InMemoryKeyStore().rotate(AUDIT, on=NOW).public_pem()),
    ):
        with pytest.raises(KeyLockError):
            make()


def test_a_document_says_what_locks_it():
    master = master_key_from_text("bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW0=\n")

    assert locked_by(seal(b"", lock=None)) is None
    assert locked_by(seal(b"", lock=master)) == "master key"
    assert locked_by(seal(b"", lock=recipient_from_pem(new_recipient()[1]))) == "recipient"
