"""Whatever is done to keys in whatever order: one in use, one to follow, and nothing unreadable by accident."""

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from joinedup.ports.field_encryption import decrypt, encrypt
from joinedup.ports.key_document import read_ring, write_ring
from joinedup.ports.key_errors import KeyStoreError
from joinedup.ports.key_locks import MasterKey, Passphrase, new_recipient, recipient_from_pem, seal, unseal
from joinedup.ports.key_memory import InMemoryKeyStore
from joinedup.ports.keys import KeyPurpose, KeyState

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
FIELDS = KeyPurpose.FIELD_ENCRYPTION
PURPOSES = (FIELDS, KeyPurpose.SUBJECT_TOKENS, KeyPurpose.SESSION)
LOCK = MasterKey(b"m" * 32)
RECIPIENT = recipient_from_pem(new_recipient()[0])
STORE = InMemoryKeyStore()
STORE.rotate(FIELDS, on=NOW)


@given(plain=st.binary(max_size=500), context=st.text(max_size=40))
def test_what_is_encrypted_is_read_again(plain, context):
    assert decrypt(STORE, encrypt(STORE, plain, context=context), context=context) == plain


@given(plain=st.binary(max_size=60), one=st.text(max_size=20), other=st.text(max_size=20))
def test_only_in_its_own_context(plain, one, other):
    envelope = encrypt(STORE, plain, context=one)
    if one == other:
        assert decrypt(STORE, envelope, context=other) == plain
        return
    with pytest.raises(KeyStoreError):
        decrypt(STORE, envelope, context=other)


@given(text=st.text(max_size=80))
def test_any_text_is_refused_and_breaks_nothing(text):
    for envelope in (text, f"ju1.{text}", f"ju1.{STORE.current(FIELDS).id}.{text}"):
        with pytest.raises(KeyStoreError):
            decrypt(STORE, envelope, context="c")


@settings(deadline=None)
@given(
    content=st.binary(max_size=300),
    lock=st.sampled_from([None, LOCK, RECIPIENT, Passphrase("correct horse battery", n=2**10)]),
)
def test_what_is_sealed_is_opened_by_the_same_lock(content, lock):
    assert unseal(seal(content, lock=lock), lock=lock) == content


@given(document=st.one_of(st.binary(max_size=80), st.text(max_size=80).map(str.encode)))
def test_any_bytes_are_refused_as_a_file_of_keys(document):
    with pytest.raises(KeyStoreError):
        read_ring(document, lock=LOCK, where="here")


class Keys(RuleBasedStateMachine):
    """Rotations, retirements, destructions and restorations, held against a plain list of what must be so."""

    def __init__(self) -> None:
        super().__init__()
        self.store, self.now = InMemoryKeyStore(), NOW
        self.values: list[tuple[str, bytes, str]] = []  # envelope, plain, key id
        self.unreadable: set[str] = set()  # key ids that somebody retired or destroyed
        self.gone: set[str] = set()
        self.backups: list[bytes] = []

    @rule(purpose=st.sampled_from(PURPOSES), days=st.integers(0, 20))
    def rotate(self, purpose, days):
        self.now += timedelta(days=days)
        before = self.store.all(purpose)
        made = self.store.rotate(purpose, on=self.now)
        announced = [key.id for key in before if key.state is KeyState.NEXT]
        assert not announced or announced == [made.id]

    @rule(plain=st.binary(max_size=20))
    def keep(self, plain):
        if self.store.all(FIELDS):
            key = self.store.current(FIELDS)
            self.values.append((encrypt(self.store, plain, context="c"), plain, key.id))

    @rule(data=st.data())
    def retire(self, data):
        keys = [key for purpose in PURPOSES for key in self.store.all(purpose)]
        if keys:
            key = data.draw(st.sampled_from(keys))
            if key.state is KeyState.CURRENT:
                with pytest.raises(KeyStoreError):
                    self.store.retire(key.id, on=self.now)
            else:
                self.store.retire(key.id, on=self.now)
                self.unreadable.add(key.id)

    @rule(data=st.data())
    def destroy(self, data):
        keys = [key for purpose in PURPOSES for key in self.store.all(purpose)]
        if keys:
            key = data.draw(st.sampled_from(keys))
            with contextlib.suppress(KeyStoreError):
                self.store.destroy(key.id, on=self.now)
                assert key.state is KeyState.RETIRED
                self.gone.add(key.id)

    @rule()
    def back_up(self):
        self.backups.append(self.store.backup(lock=LOCK))

    @rule(data=st.data())
    def restore(self, data):
        if self.backups:
            self.store.restore(data.draw(st.sampled_from(self.backups)), lock=LOCK)

    @invariant()
    def one_current_and_at_most_one_next(self):
        for purpose in PURPOSES:
            keys = self.store.all(purpose)
            count = Counter(key.state for key in keys)
            assert count[KeyState.CURRENT] == bool(keys)
            assert count[KeyState.NEXT] <= 1
            assert len({key.id for key in keys}) == len(keys)

    @invariant()
    def nothing_is_unreadable_that_nobody_retired(self):
        for envelope, plain, key_id in self.values:
            if key_id in self.unreadable | self.gone:
                with pytest.raises(KeyStoreError):
                    decrypt(self.store, envelope, context="c")
            else:
                assert decrypt(self.store, envelope, context="c") == plain

    @invariant()
    def what_is_destroyed_stays_so(self):
        assert set(self.store.destroyed()) == self.gone
        assert not self.gone & {key.id for purpose in PURPOSES for key in self.store.all(purpose)}

    @invariant()
    def the_ring_is_the_same_after_writing_and_reading(self):
        ring = self.store._ring
        again = read_ring(write_ring(ring, lock=LOCK), lock=LOCK, where="here")
        assert (again.keys, dict(again.destroyed)) == (ring.keys, dict(ring.destroyed))


Keys.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestKeys = Keys.TestCase
