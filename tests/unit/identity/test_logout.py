"""Leaving, both ways: from us to the provider, and the provider's notice to us."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from joinedup.identity import FaultCode, IdentityFault, MemoryReplayGuard, Provider
from joinedup.identity.logout import CODES, EVENT, logout_start
from joinedup.identity.tokens import claims_unproved, sign
from support.openid_provider import unsigned, with_header
from support.sign_in import NOW
from support.signing_keys import ec_key, rsa_key

AT = int(NOW.timestamp())
SUBJECT = "urn:fdc:gov.uk:2022:somebody"


@pytest.fixture
def replays(clock) -> MemoryReplayGuard:
    return MemoryReplayGuard(clock=clock)


def code_of(someone, replays, token: str) -> FaultCode:
    with pytest.raises(IdentityFault) as caught:
        someone.one_login.read_logout_token(token, replays=replays)
    return caught.value.code


def test_logging_out_ends_the_session_there_and_brings_the_browser_back(someone, http):
    leave = someone.one_login.logout(someone.sign_in().id_token)
    answer = http.get(leave.url)

    assert len(urlsplit(leave.url).query) < 2048
    assert answer.headers["location"] == f"http://127.0.0.1:9/signed-out?state={leave.state}"


def test_the_token_may_be_long_past_its_time(someone, http):
    id_token = someone.sign_in().id_token
    someone.clock.move(seconds=3600)

    assert "signed-out" in http.get(someone.one_login.logout(id_token).url).headers["location"]


def test_a_logout_that_the_firewall_would_stop_is_not_sent(someone):
    with pytest.raises(IdentityFault) as caught:
        someone.one_login.logout("x" * 2048)
    assert caught.value.code is FaultCode.LOGOUT_TOO_LONG


def test_a_provider_without_a_logout_address_is_said_to_have_none():
    provider = Provider(issuer="https://op.example/", client_id="c", redirect_uri="https://rp.example/cb")

    with pytest.raises(IdentityFault) as caught:
        logout_start(provider, end_session="", id_token="hint", state="s")
    assert caught.value.code is FaultCode.LOGOUT_UNSUPPORTED
    bare = logout_start(provider, end_session="https://op.example/leave?a=1", id_token="hint", state="s")
    assert bare.url == "https://op.example/leave?a=1&id_token_hint=hint"


def test_a_notice_of_another_type_is_refused(someone, replays):
    claims = claims_unproved(someone.op.logout_token(subject=SUBJECT), codes=CODES)
    typed = {
        kind: sign(claims, key=someone.op.keys[0], header={"typ": kind}) for kind in ("at+jwt", "logout+jwt")
    }

    assert code_of(someone, replays, typed["at+jwt"]) is FaultCode.LOGOUT_TOKEN_MALFORMED
    assert someone.one_login.read_logout_token(typed["logout+jwt"], replays=replays)


def test_a_notice_says_whose_sessions_to_close(someone, replays):
    notice = someone.one_login.read_logout_token(
        someone.op.logout_token(subject=SUBJECT, sid="session-7"), replays=replays
    )

    assert (notice.subject.issuer, notice.subject.value) == (someone.op.issuer, SUBJECT)
    assert notice.session_id == "session-7"


def test_two_notices_for_one_person_are_both_taken(someone, replays):
    for _ in range(2):
        someone.one_login.read_logout_token(someone.op.logout_token(subject=SUBJECT), replays=replays)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"iss": "https://evil.example/"}, FaultCode.LOGOUT_TOKEN_BAD_ISSUER),
        ({"aud": "another"}, FaultCode.LOGOUT_TOKEN_BAD_AUDIENCE),
        ({"aud": ["another", "joinedup-test"]}, FaultCode.LOGOUT_TOKEN_BAD_AUDIENCE),
        ({"exp": AT - 31}, FaultCode.LOGOUT_TOKEN_EXPIRED),
        ({"iat": AT + 31}, FaultCode.LOGOUT_TOKEN_NOT_YET_VALID),
        ({"iat": None}, FaultCode.LOGOUT_TOKEN_MALFORMED),
        ({"exp": None}, FaultCode.LOGOUT_TOKEN_MALFORMED),
        ({"exp": "soon"}, FaultCode.LOGOUT_TOKEN_MALFORMED),
        ({"exp": True}, FaultCode.LOGOUT_TOKEN_MALFORMED),
        ({"sub": None}, FaultCode.LOGOUT_TOKEN_NO_SUBJECT),
        ({"sub": 7}, FaultCode.LOGOUT_TOKEN_NO_SUBJECT),
        ({"events": None}, FaultCode.LOGOUT_TOKEN_BAD_EVENTS),
        ({"events": {EVENT: {"more": 1}}}, FaultCode.LOGOUT_TOKEN_BAD_EVENTS),
        ({"events": {EVENT: {}, "another": {}}}, FaultCode.LOGOUT_TOKEN_BAD_EVENTS),
        ({"events": [EVENT]}, FaultCode.LOGOUT_TOKEN_BAD_EVENTS),
        ({"nonce": "n"}, FaultCode.LOGOUT_TOKEN_HAS_NONCE),
        ({"jti": None}, FaultCode.LOGOUT_TOKEN_MALFORMED),
        ({"jti": 5}, FaultCode.LOGOUT_TOKEN_MALFORMED),
    ],
)
def test_a_notice_with_a_wrong_claim_is_refused_and_not_remembered(someone, replays, changed, code):
    wrong = someone.op.logout_token(subject=SUBJECT, **{"jti": "one", **changed})
    assert code_of(someone, replays, wrong) is code

    good = someone.op.logout_token(subject=SUBJECT, jti="one")
    assert someone.one_login.read_logout_token(good, replays=replays)


def test_a_notice_with_a_wrong_signature_key_or_algorithm_is_refused(someone, replays):
    good = someone.op.logout_token(subject=SUBJECT)
    head, _, signed = good.rpartition(".")

    codes = [
        code_of(someone, replays, token)
        for token in (
            f"{head}.{signed[::-1]}",
            unsigned(good),
            with_header(good, alg="RS256"),
            with_header(good, kid="another"),
            with_header(good, kid=None),
            someone.op.logout_token(subject=SUBJECT, key=ec_key("unpublished")),
            someone.op.logout_token(subject=SUBJECT, key=rsa_key("unpublished-rsa")),
            someone.op.logout_token(subject=SUBJECT, key=ec_key("op-1")).replace(".", "", 1),
            "",
            "a.b.c",
        )
    ]
    name = "LOGOUT_TOKEN_"
    assert [code.name.removeprefix(name) for code in codes] == [
        "BAD_SIGNATURE",
        "BAD_ALGORITHM",
        "BAD_ALGORITHM",
        "UNKNOWN_KEY",
        "UNKNOWN_KEY",
        "UNKNOWN_KEY",
        "BAD_ALGORITHM",
        "MALFORMED",
        "MALFORMED",
        "MALFORMED",
    ]


def test_an_id_token_is_no_notice(someone, replays):
    assert code_of(someone, replays, someone.sign_in().id_token) is FaultCode.LOGOUT_TOKEN_BAD_EVENTS


def test_a_notice_that_comes_again_is_refused_for_as_long_as_it_could_be_used(someone, replays):
    token = someone.op.logout_token(subject=SUBJECT)
    someone.one_login.read_logout_token(token, replays=replays)

    assert code_of(someone, replays, token) is FaultCode.LOGOUT_TOKEN_REPLAYED
    someone.clock.move(seconds=149.9)  # it lives 120 s, and 30 more by the skew
    assert code_of(someone, replays, token) is FaultCode.LOGOUT_TOKEN_REPLAYED
    someone.clock.move(seconds=0.1)
    assert code_of(someone, replays, token) is FaultCode.LOGOUT_TOKEN_EXPIRED


def test_the_id_of_a_short_notice_is_remembered_for_three_minutes(someone, replays):
    first = someone.op.logout_token(subject=SUBJECT, jti="one", exp=AT + 1)
    someone.one_login.read_logout_token(first, replays=replays)

    someone.clock.move(seconds=179)
    again = someone.op.logout_token(subject=SUBJECT, jti="one")
    assert code_of(someone, replays, again) is FaultCode.LOGOUT_TOKEN_REPLAYED
    someone.clock.move(seconds=1)
    assert someone.one_login.read_logout_token(again, replays=replays)


def test_a_notice_is_refused_in_an_outage_of_keys_that_were_never_seen(someone, replays):
    from support.openid_provider import Fault

    someone.op.faults = {Fault.OUTAGE_KEYS}
    token = someone.op.logout_token(subject=SUBJECT)

    assert code_of(someone, replays, token) is FaultCode.KEYS_UNAVAILABLE


def test_the_logout_request_names_the_token_and_where_to_come_back_to(someone):
    asked = parse_qs(urlsplit(someone.one_login.logout("hint").url).query)

    assert asked["id_token_hint"] == ["hint"]
    assert asked["post_logout_redirect_uri"] == ["http://127.0.0.1:9/signed-out"]
    assert len(asked["state"][0]) >= 16
