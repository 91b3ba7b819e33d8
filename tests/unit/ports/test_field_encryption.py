"""Single values encrypted: bound to their place, readable after rotations, and lost when they should be."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from joinedup.ports.field_encryption import (
    decrypt,
    encrypt,
    is_under_current_key,
    new_subject_key,
    open_subject_key,
    rewrap_subject_key,
)
from joinedup.ports.key_errors import KeyStoreError
from joinedup.ports.key_memory import InMemoryKeyStore
from joinedup.ports.keys import KeyPurpose

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
FIELDS = KeyPurpose.FIELD_ENCRYPTION


@pytest.fixture
def keys() -> InMemoryKeyStore:
    store = InMemoryKeyStore()
    store.rotate(FIELDS, on=NOW)
    return store


def test_the_envelope_is_aes_gcm_with_the_key_id_and_context_bound(keys):
    key = keys.current(FIELDS)
    envelope = encrypt(keys, b"LS1 4DY", context="person/7/postcode")
    form, key_id, text = envelope.split(".")
    body = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    assert (form, key_id, len(body)) == ("ju1", key.id, 12 + 7 + 16)
    bound = b"ju1\0" + key.id.encode() + b"\0person/7/postcode"
    assert AESGCM(key.secret()).decrypt(body[:12], body[12:], bound) == b"LS1 4DY"


def test_the_same_value_never_looks_the_same(keys):
    assert len({encrypt(keys, b"LS1 4DY", context="c") for _ in range(100)}) == 100


def test_a_value_moved_to_another_row_does_not_open(keys):
    envelope = encrypt(keys, b"LS1 4DY", context="person/7/postcode")

    with pytest.raises(KeyStoreError, match="altered, moved"):
        decrypt(keys, envelope, context="person/8/postcode")


def test_a_rotation_leaves_values_readable_and_says_which_to_make_anew(keys):
    envelope = encrypt(keys, b"LS1 4DY", context="c")
    assert is_under_current_key(keys, envelope)

    keys.rotate(FIELDS, on=NOW)

    assert decrypt(keys, envelope, context="c") == b"LS1 4DY"
    assert not is_under_current_key(keys, envelope)


def test_destroying_the_key_makes_the_value_unreadable_and_says_so(keys):
    key = keys.current(FIELDS)
    envelope = encrypt(keys, b"LS1 4DY", context="c")
    keys.rotate(FIELDS, on=NOW)
    keys.retire(key.id, on=NOW)
    with pytest.raises(KeyStoreError, match="the key is retired"):
        decrypt(keys, envelope, context="c")

    keys.destroy(key.id, on=NOW)

    with pytest.raises(KeyStoreError, match="destroyed, so what it encrypted cannot be read again"):
        decrypt(keys, envelope, context="c")


@pytest.mark.parametrize(
    "text", ["", "LS1 4DY", "ju1.x", "ju1..AAAA", "ju2.k.AAAA", "ju1.k.%%%", "ju1.k.AAAA"]
)
def test_what_is_no_envelope_is_refused(keys, text):
    with pytest.raises(KeyStoreError, match="not an encrypted value"):
        decrypt(keys, text, context="c")


def test_keys_for_other_purposes_encrypt_nothing(keys):
    with pytest.raises(KeyStoreError, match="encrypt nothing"):
        encrypt(keys, b"x", context="c", purpose=KeyPurpose.SUBJECT_TOKENS)


def test_one_persons_key_opens_nothing_of_anothers(keys):
    wrapped = {person: new_subject_key(keys, subject=person) for person in ("p1", "p2")}
    first = open_subject_key(keys, wrapped["p1"], subject="p1")
    second = open_subject_key(keys, wrapped["p2"], subject="p2")
    envelope = first.encrypt(b"LS1 4DY", context="postcode")

    assert first.decrypt(envelope, context="postcode") == b"LS1 4DY"
    with pytest.raises(KeyStoreError, match="altered, moved"):
        second.decrypt(envelope, context="postcode")
    with pytest.raises(KeyStoreError, match="altered, moved"):
        open_subject_key(keys, wrapped["p1"], subject="p2")
    assert "p1" not in envelope


def test_a_forgotten_person_is_unreadable_even_with_every_key_of_the_store(keys):
    envelope = open_subject_key(keys, new_subject_key(keys, subject="p1"), subject="p1").encrypt(
        b"LS1 4DY", context="c"
    )  # the wrapped key is kept nowhere: it has been forgotten
    another = open_subject_key(keys, new_subject_key(keys, subject="p1"), subject="p1")

    for attempt in (
        lambda: decrypt(keys, envelope, context="c"),
        lambda: another.decrypt(envelope, context="c"),
    ):
        with pytest.raises(KeyStoreError):
            attempt()


def test_after_a_rotation_only_the_wrapping_is_made_anew(keys):
    wrapped = new_subject_key(keys, subject="p1")
    envelope = open_subject_key(keys, wrapped, subject="p1").encrypt(b"LS1 4DY", context="c")
    keys.rotate(FIELDS, on=NOW)

    renewed = rewrap_subject_key(keys, wrapped, subject="p1")

    assert is_under_current_key(keys, renewed)
    assert open_subject_key(keys, renewed, subject="p1").decrypt(envelope, context="c") == b"LS1 4DY"


def test_a_persons_key_shows_nothing_of_itself(keys):
    key = open_subject_key(keys, new_subject_key(keys, subject="p1"), subject="p1")

    assert repr(key) == "SubjectKey()"
