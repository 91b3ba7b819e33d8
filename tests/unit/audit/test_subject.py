"""Naming a person without holding anything about them, and forgetting them."""

from __future__ import annotations

import hashlib
import hmac
import random

import pytest

from joinedup.audit import AuditError, SubjectTokens, subject_token
from joinedup.audit.field import is_token

KEY = b"k" * 32


class Salts:
    def __init__(self):
        self.kept = {}

    def find(self, reference):
        return self.kept.get(reference)

    def keep(self, reference, salt):
        return self.kept.setdefault(reference, salt)

    def forget(self, reference):
        return self.kept.pop(reference, None) is not None


@pytest.fixture
def salts():
    return Salts()


@pytest.fixture
def tokens(salts):
    return SubjectTokens(key=KEY, salts=salts, random_bytes=random.Random(1).randbytes)


def test_the_same_person_is_the_same_token_until_forgotten(tokens):
    before = tokens.token("citizen", "account 1")

    assert is_token(before)
    assert tokens.token("citizen", "account 1") == before == tokens.known_token("citizen", "account 1")
    assert tokens.forget("citizen", "account 1") is True
    assert tokens.known_token("citizen", "account 1") is None
    assert tokens.token("citizen", "account 1") != before


def test_forgetting_one_leaves_the_others(tokens):
    other = tokens.token("citizen", "account 2")
    tokens.token("citizen", "account 1")

    tokens.forget("citizen", "account 1")

    assert tokens.known_token("citizen", "account 2") == other
    assert tokens.forget("citizen", "account 1") is False


def test_once_the_salt_is_forgotten_key_and_identifier_lead_nowhere(tokens, salts):
    token = tokens.token("citizen", "account 1")
    tokens.forget("citizen", "account 1")

    left = repr(salts.kept)
    guesses = {subject_token(KEY, "citizen", "account 1", salt=bytes([n]) * 32) for n in range(256)}

    assert token not in guesses
    assert "account 1" not in left
    assert salts.kept == {}


def test_asking_about_somebody_leaves_no_trace(tokens, salts):
    assert tokens.known_token("citizen", "account 1") is None
    assert salts.kept == {}


def test_kinds_identifiers_keys_and_salts_all_matter():
    salt = b"s" * 32
    made = {
        subject_token(KEY, "citizen", "1", salt=salt),
        subject_token(KEY, "record", "1", salt=salt),
        subject_token(KEY, "citizen", "2", salt=salt),
        subject_token(KEY, "citize", "n1", salt=salt),
        subject_token(b"j" * 32, "citizen", "1", salt=salt),
        subject_token(KEY, "citizen", "1", salt=b"t" * 32),
    }

    assert len(made) == 6


def test_the_token_is_the_documented_hmac():
    def part(raw):
        return len(raw).to_bytes(4, "big") + raw

    message = part(b"joinedup subject token 1") + part(b"s" * 32) + part(b"citizen") + part(b"1")

    expected = hmac.new(KEY, message, hashlib.sha256).hexdigest()[:32]
    assert subject_token(KEY, "citizen", "1", salt=b"s" * 32) == f"t_{expected}"


def test_two_who_meet_a_subject_at_once_agree_on_one_salt(salts):
    """`keep` decides: who comes second uses the salt that stands."""
    one = SubjectTokens(key=KEY, salts=salts, random_bytes=random.Random(1).randbytes)
    two = SubjectTokens(key=KEY, salts=salts, random_bytes=random.Random(2).randbytes)
    salts.find = lambda reference: None

    assert one.token("citizen", "1") == two.token("citizen", "1")


@pytest.mark.parametrize(("key", "salt"), [(b"short", b"s" * 32), (KEY, b"short")])
def test_short_secrets_are_refused(key, salt):
    with pytest.raises(AuditError, match="too short"):
        subject_token(key, "citizen", "1", salt=salt)


def test_the_key_is_in_no_repr(tokens):
    assert "kkkk" not in repr(tokens)
