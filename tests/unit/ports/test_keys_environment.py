"""Keys in variables: several versions a purpose, read only, and refusals that name the variable alone."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from joinedup.ports.key_environment import EnvironmentKeyStore
from joinedup.ports.key_errors import KeyStoreError
from joinedup.ports.key_locks import MasterKey
from joinedup.ports.key_memory import InMemoryKeyStore
from joinedup.ports.keys import KeyPurpose, KeyState, find_key

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
SUBJECTS = KeyPurpose.SUBJECT_TOKENS
A, B, C, D = (base64.b64encode(letter * 32).decode() for letter in (b"a", b"b", b"c", b"d"))


def test_versions_stand_newest_first():
    store = EnvironmentKeyStore(
        {
            "JOINEDUP_KEY_SUBJECT_TOKENS_PREVIOUS_2": D,
            "JOINEDUP_KEY_SUBJECT_TOKENS": B,
            "JOINEDUP_KEY_SUBJECT_TOKENS_PREVIOUS": C,
            "JOINEDUP_KEY_SUBJECT_TOKENS_NEXT": A,
            "PATH": "/bin",
        }
    )

    assert [key.secret()[:1] for key in store.all(SUBJECTS)] == [b"a", b"b", b"c", b"d"]
    assert [key.state for key in store.all(SUBJECTS)] == [
        KeyState.NEXT,
        KeyState.CURRENT,
        KeyState.PREVIOUS,
        KeyState.PREVIOUS,
    ]
    assert store.current(SUBJECTS).secret() == b"b" * 32


def test_a_key_keeps_its_id_when_it_moves_on():
    before = EnvironmentKeyStore({"JOINEDUP_KEY_SUBJECT_TOKENS": A})
    after = EnvironmentKeyStore({"JOINEDUP_KEY_SUBJECT_TOKENS": B, "JOINEDUP_KEY_SUBJECT_TOKENS_PREVIOUS": A})

    old = before.current(SUBJECTS)
    assert find_key(after, SUBJECTS, old.id).secret() == old.secret()


@pytest.mark.parametrize("purpose", KeyPurpose)
def test_keys_of_another_store_can_be_handed_over_as_text(purpose):
    key = InMemoryKeyStore().rotate(purpose, on=NOW)
    text = key.private_pem().decode() if purpose.algorithm.is_asymmetric else key.secret_text()

    for spelling in (text, text.replace("\n", "\\n")):
        store = EnvironmentKeyStore({f"JOINEDUP_KEY_{purpose.name}": spelling})
        assert store.current(purpose).id == key.id


def test_its_backup_moves_the_keys_into_another_store():
    lock, other = MasterKey(b"b" * 32), InMemoryKeyStore()

    other.restore(EnvironmentKeyStore({"JOINEDUP_KEY_SUBJECT_TOKENS": A}).backup(lock=lock), lock=lock)

    assert other.current(SUBJECTS).secret() == b"a" * 32


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"SUBJECT_TOKENS": "SECRET: 7f3a!"}, "not base64"),
        ({"SUBJECT_TOKENS": base64.b64encode(b"SECRET-7f3a").decode()}, "11 bytes where 32"),
        ({"AUDIT_SIGNING": A}, "not a key"),
        ({"AUDIT_SIGNING": "-----BEGIN PRIVATE KEY-----\\nSECRET-7f3a\\n"}, "not a key"),
        ({"SUBJECT_TOKEN": A}, "no purpose of keys has this name"),
        ({"SUBJECT_TOKENS_OLD": A}, "no purpose of keys has this name"),
        ({"SUBJECT_TOKENS_NEXT": A}, "the current one is not"),
        ({"SUBJECT_TOKENS": A, "SUBJECT_TOKENS_NEXT": A}, "hold the same key"),
    ],
)
def test_what_is_no_key_is_refused_by_its_variable_and_never_quoted(variables, told):
    with pytest.raises(KeyStoreError) as refused:
        EnvironmentKeyStore({f"JOINEDUP_KEY_{name}": text for name, text in variables.items()})

    assert told in str(refused.value)
    assert "JOINEDUP_KEY_" in str(refused.value)
    assert "SECRET" not in str(refused.value)


def test_a_key_of_another_algorithm_is_refused():
    pem = InMemoryKeyStore().rotate(KeyPurpose.AUDIT_SIGNING, on=NOW).private_pem().decode()

    with pytest.raises(KeyStoreError, match="not a key for EC-P256"):
        EnvironmentKeyStore({"JOINEDUP_KEY_DEMONSTRATION_ID_TOKEN": pem})


def test_nothing_can_be_changed():
    store = EnvironmentKeyStore({"JOINEDUP_KEY_SUBJECT_TOKENS": A})
    key = store.current(SUBJECTS)

    for change in (
        lambda: store.rotate(SUBJECTS, on=NOW),
        lambda: store.retire(key.id, on=NOW),
        lambda: store.destroy(key.id, on=NOW),
        lambda: store.restore(b"", lock=MasterKey(b"b" * 32)),
    ):
        with pytest.raises(KeyStoreError, match="read only"):
            change()
