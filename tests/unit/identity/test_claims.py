"""What is said of a person, as values."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from joinedup.identity import (
    AuthenticationStrength,
    BirthDate,
    CoreIdentity,
    LevelOfConfidence,
    MemoryPendingSignIns,
    Name,
    PendingSignIn,
    ReturnCode,
    VectorOfTrust,
)

DAY = date(2026, 5, 1)


def name(given: str, valid_from: str = "", valid_until: str = "") -> Name:
    return Name(
        given=(given,),
        family=("Family",),
        valid_from=date.fromisoformat(valid_from) if valid_from else None,
        valid_until=date.fromisoformat(valid_until) if valid_until else None,
    )


@pytest.mark.parametrize(
    ("names", "present"),
    [
        ([name("Only")], "Only"),
        ([name("Old", "", "2020-03-01"), name("New", "2020-03-01")], "New"),
        ([name("New", "2020-03-01"), name("Old", "", "2020-03-01")], "New"),
        ([name("Old", "2001-01-01"), name("New", "2020-03-01")], "New"),
        ([name("Now"), name("Next", "2026-05-02")], "Now"),
        ([name("Until today", "", "2026-05-01"), name("From today", "2026-05-01")], "From today"),
        ([name("Former", "2001-01-01", "2002-01-01"), name("Later", "2010-01-01", "2011-01-01")], "Later"),
    ],
)
def test_the_present_name_is_the_newest_that_has_begun_and_not_ended(names, present):
    identity = CoreIdentity(tuple(names), (BirthDate(DAY),), LevelOfConfidence.P2, asserted_on=DAY)

    assert identity.name.given == (present,)
    assert len(identity.former_names) == len(names) - 1


def test_the_present_date_of_birth_is_the_one_without_an_end():
    dates = (BirthDate(date(1970, 1, 1), valid_until=DAY), BirthDate(date(1971, 1, 1), valid_from=DAY))
    identity = CoreIdentity((name("A"),), dates, LevelOfConfidence.P2, asserted_on=DAY)

    assert identity.birth_date == date(1971, 1, 1)


@pytest.mark.parametrize("text", ["Cl", "Cl.Cm", "Cl.Cm.P1", "Cl.Cm.P2", "Cl.Cm.P3"])
def test_a_vector_is_read_as_it_is_written(text):
    assert VectorOfTrust.read(text).text == text


@pytest.mark.parametrize("text", ["", "P2", "Cm", "Cl.Cm.P9", "Cl.Cm.P", "cl.cm", "Cl.P2.P2"])
def test_what_is_no_vector_is_refused(text):
    with pytest.raises(ValueError, match="is not a valid"):
        VectorOfTrust.read(text)


def test_p0_is_never_written():
    assert VectorOfTrust(AuthenticationStrength.MEDIUM, LevelOfConfidence.P0).text == "Cl.Cm"


def test_a_level_meets_those_at_or_below_it():
    levels = list(LevelOfConfidence)

    assert [[a.meets(b) for b in levels] for a in levels] == [
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]


@pytest.mark.parametrize("code", ["", "a", "A person", "AB CD", "ABCDE"])
def test_what_is_no_return_code_is_refused_unseen(code):
    with pytest.raises(ValueError, match="capital letter"):
        ReturnCode(code)


def test_a_pending_sign_in_survives_a_session_and_is_taken_once():
    pending = PendingSignIn(
        issuer="https://op.example/",
        state="s",
        nonce="n",
        code_verifier="v",
        started_at=datetime(2026, 5, 1, tzinfo=UTC),
        purpose="one_login_sign_in",
        max_age=60,
        expected_subject="x",
        return_to="/apply",
    )
    kept = MemoryPendingSignIns()
    kept.put(PendingSignIn.from_dict(json.loads(json.dumps(pending.as_dict()))))

    assert kept.take("another") is None
    assert kept.take("s") == pending
    assert kept.take("s") is None


def test_a_browser_keeps_its_five_newest_sign_ins():
    kept = MemoryPendingSignIns()
    for number in range(7):
        kept.put(PendingSignIn("i", str(number), "n", "v", started_at=datetime(2026, 5, 1, tzinfo=UTC)))

    assert [kept.take(str(number)) is not None for number in range(7)] == [False] * 2 + [True] * 5
