"""Which new passwords are taken (OWASP ASVS 2.1)."""

from __future__ import annotations

import pytest

from joinedup_web.accounts.models import StaffUser
from joinedup_web.accounts.passwords import faults_of

ANNA = StaffUser(email="anna.morgan@example.test", name="Anna Morgan")


@pytest.mark.parametrize("password", ["kettle-moss", "", "ten chars "])
def test_eleven_characters_are_too_few(password):
    assert any("too short" in fault for fault in faults_of(password, user=ANNA))


@pytest.mark.parametrize("password", ["kettle-moss-9", "pedwar afal gwyrdd a phêr", "☂" * 12, "violet " * 18])
def test_twelve_of_any_kind_are_enough_and_many_are_welcome(password):
    """No rule asks for capitals, digits or signs."""
    assert faults_of(password, user=ANNA) == []


@pytest.mark.parametrize("password", ["anna.morgan@example", "qwerty123456"])
def test_what_others_would_guess_first_is_refused(password):
    assert faults_of(password, user=ANNA) != []
