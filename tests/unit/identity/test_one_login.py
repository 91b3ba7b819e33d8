"""Signing in with GOV.UK One Login: what succeeds, and every fault refused by its own code."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from joinedup.identity import (
    Claim,
    FaultCode,
    FaultKind,
    IdentityFault,
    Language,
    LevelOfConfidence,
    ReturnCode,
    Step,
    Subject,
)
from joinedup.ports import RecordedHttp
from support.openid_provider import PERSON, UNPROVED, Fault
from support.signing_keys import rsa_key

# Which code refuses each fault of the sign-in (first step).
SIGN_IN_FAULTS = {
    Fault.ID_TOKEN_INVALID_ISS: FaultCode.ID_TOKEN_BAD_ISSUER,
    Fault.ID_TOKEN_INVALID_AUD: FaultCode.ID_TOKEN_BAD_AUDIENCE,
    Fault.ID_TOKEN_INVALID_ALG_HEADER: FaultCode.ID_TOKEN_BAD_ALGORITHM,
    Fault.ID_TOKEN_INVALID_SIGNATURE: FaultCode.ID_TOKEN_BAD_SIGNATURE,
    Fault.ID_TOKEN_TOKEN_EXPIRED: FaultCode.ID_TOKEN_EXPIRED,
    Fault.ID_TOKEN_TOKEN_NOT_VALID_YET: FaultCode.ID_TOKEN_NOT_YET_VALID,
    Fault.ID_TOKEN_NONCE_NOT_MATCHING: FaultCode.ID_TOKEN_BAD_NONCE,
    Fault.ID_TOKEN_INCORRECT_VOT: FaultCode.ID_TOKEN_INCORRECT_VOT,
    Fault.AUTHORISE_ACCESS_DENIED: FaultCode.ACCESS_DENIED,
    Fault.AUTHORISE_TEMPORARILY_UNAVAILABLE: FaultCode.TEMPORARILY_UNAVAILABLE,
    Fault.AUTHORISE_LOGIN_REQUIRED: FaultCode.LOGIN_REQUIRED,
    Fault.AUTHORISE_INVALID_REQUEST: FaultCode.REQUEST_REJECTED,
    Fault.AUTHORISE_SERVER_ERROR: FaultCode.PROVIDER_SERVER_ERROR,
    Fault.AUTHORISE_UNHEARD_OF: FaultCode.PROVIDER_ERROR_UNKNOWN,
    Fault.TOKEN_NOT_JSON: FaultCode.TOKEN_ANSWER_MALFORMED,
    Fault.TOKEN_LACKS_ID_TOKEN: FaultCode.TOKEN_ANSWER_MALFORMED,
    Fault.TOKEN_REFUSES_CLIENT: FaultCode.CLIENT_REFUSED,
    Fault.ID_TOKEN_UNKNOWN_KEY: FaultCode.ID_TOKEN_UNKNOWN_KEY,
    Fault.ID_TOKEN_ALG_NONE: FaultCode.ID_TOKEN_BAD_ALGORITHM,
    Fault.ID_TOKEN_NO_SUB: FaultCode.ID_TOKEN_NO_SUBJECT,
    Fault.ID_TOKEN_TWO_AUDIENCES: FaultCode.ID_TOKEN_BAD_AUTHORISED_PARTY,
    Fault.ID_TOKEN_OTHER_AZP: FaultCode.ID_TOKEN_BAD_AUTHORISED_PARTY,
    Fault.ID_TOKEN_BAD_AT_HASH: FaultCode.ID_TOKEN_BAD_ACCESS_TOKEN_HASH,
    Fault.ID_TOKEN_OTHER_VTM: FaultCode.ID_TOKEN_BAD_TRUSTMARK,
    Fault.OUTAGE_TOKEN: FaultCode.TOKEN_UNAVAILABLE,
    Fault.OUTAGE_KEYS: FaultCode.KEYS_UNAVAILABLE,
    Fault.KEYS_MALFORMED: FaultCode.KEYS_MALFORMED,
}
# … and of the identity (second step).
IDENTITY_FAULTS = {
    Fault.AUTHORISE_ACCESS_DENIED: FaultCode.IDENTITY_NOT_PROVED,
    Fault.CORE_IDENTITY_INVALID_ALG_HEADER: FaultCode.CORE_IDENTITY_BAD_ALGORITHM,
    Fault.CORE_IDENTITY_INVALID_SIGNATURE: FaultCode.CORE_IDENTITY_BAD_SIGNATURE,
    Fault.CORE_IDENTITY_INVALID_ISS: FaultCode.CORE_IDENTITY_BAD_ISSUER,
    Fault.CORE_IDENTITY_INVALID_AUD: FaultCode.CORE_IDENTITY_BAD_AUDIENCE,
    Fault.CORE_IDENTITY_INCORRECT_SUB: FaultCode.CORE_IDENTITY_INCORRECT_SUB,
    Fault.CORE_IDENTITY_TOKEN_EXPIRED: FaultCode.CORE_IDENTITY_EXPIRED,
    Fault.CORE_IDENTITY_TOKEN_NOT_VALID_YET: FaultCode.CORE_IDENTITY_NOT_YET_VALID,
    Fault.CORE_IDENTITY_UNKNOWN_KEY: FaultCode.CORE_IDENTITY_UNKNOWN_KEY,
    Fault.CORE_IDENTITY_OTHER_CONTROLLER: FaultCode.CORE_IDENTITY_BAD_CONTROLLER,
    Fault.CORE_IDENTITY_LOW_VOT: FaultCode.CORE_IDENTITY_INSUFFICIENT_VOT,
    Fault.CORE_IDENTITY_NO_NAME: FaultCode.CORE_IDENTITY_NO_NAME,
    Fault.CORE_IDENTITY_NO_BIRTH_DATE: FaultCode.CORE_IDENTITY_NO_BIRTH_DATE,
    Fault.CORE_IDENTITY_NOT_TEXT: FaultCode.CORE_IDENTITY_MALFORMED,
    Fault.USERINFO_OTHER_SUB: FaultCode.USERINFO_BAD_SUBJECT,
    Fault.USERINFO_NOT_JSON: FaultCode.USERINFO_MALFORMED,
    Fault.USERINFO_REFUSES: FaultCode.USERINFO_REFUSED,
    Fault.OUTAGE_USERINFO: FaultCode.USERINFO_UNAVAILABLE,
    Fault.OUTAGE_DID: FaultCode.DID_UNAVAILABLE,
    Fault.DID_MALFORMED: FaultCode.DID_MALFORMED,
}


def query_of(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def test_a_sign_in_tells_who_and_asks_for_two_factors_and_no_identity(someone):
    start = someone.one_login.begin_sign_in(language=Language.WELSH, return_to="/apply")
    asked = query_of(start.url)
    signed_in = someone.one_login.finish(someone.browser.go(start), someone.browser.pendings)

    assert signed_in.subject.issuer == someone.op.issuer
    assert signed_in.subject.value.startswith("urn:fdc:gov.uk:2022:")
    assert signed_in.pending.return_to == "/apply"
    assert signed_in.session_id == "op-session"
    assert asked["vtr"] == ['["Cl.Cm"]']
    assert asked["ui_locales"] == ["cy"]
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert "claims" not in asked


def test_a_proved_identity_brings_names_with_their_history_and_the_date_of_birth(someone):
    answer = someone.prove()
    identity = answer.proved()

    assert identity.name.full == "Ada Mary Newname"
    assert [name.full for name in identity.former_names] == ["Ada Mary Oldname"]
    assert identity.birth_date == date(1970, 1, 2)
    assert identity.confidence is LevelOfConfidence.P2
    assert answer.return_codes == ()


def test_the_second_step_asks_for_p2_and_the_claims_and_nothing_else(someone):
    subject = someone.sign_in().subject
    start = someone.one_login.begin_identity(subject=subject, claims=(Claim.ADDRESS,))
    asked = query_of(start.url)

    assert asked["vtr"] == ['["Cl.Cm.P2"]']
    assert json.loads(asked["claims"][0]) == {
        "userinfo": {
            "https://vocab.account.gov.uk/v1/coreIdentityJWT": None,
            "https://vocab.account.gov.uk/v1/address": None,
        }
    }
    signed_in = someone.one_login.finish(someone.browser.go(start), someone.browser.pendings)
    assert someone.one_login.identity(signed_in).claims == {
        Claim.ADDRESS: [{"postalCode": "ZZ1 1ZZ", "addressCountry": "GB"}]
    }


def test_an_identity_that_could_not_be_proved_is_none_and_says_its_codes(someone):
    someone.op.person = UNPROVED
    answer = someone.prove()

    assert answer.identity is None
    assert answer.return_codes == (ReturnCode("X"),)
    with pytest.raises(IdentityFault) as caught:
        answer.proved()
    assert caught.value.code is FaultCode.IDENTITY_NOT_PROVED


def test_return_codes_may_come_with_a_proved_identity(someone):
    coded = replace(PERSON, return_codes=("A", "D"))
    someone.op.people = (coded,)
    answer = someone.prove()

    assert answer.identity is not None
    assert [each.code for each in answer.return_codes] == ["A", "D"]


@pytest.mark.parametrize(("fault", "code"), SIGN_IN_FAULTS.items(), ids=lambda each: each.name)
def test_each_fault_of_the_sign_in_is_refused_by_its_own_code(someone, fault, code):
    someone.op.faults = {fault}

    with pytest.raises(IdentityFault) as caught:
        someone.sign_in()
    assert caught.value.code is code
    assert caught.value.purpose == Step.SIGN_IN.value
    assert caught.value.what
    assert caught.value.mend


@pytest.mark.parametrize(("fault", "code"), IDENTITY_FAULTS.items(), ids=lambda each: each.name)
def test_each_fault_of_the_identity_is_refused_by_its_own_code(someone, fault, code):
    signed_in = someone.sign_in()
    someone.op.faults = {fault}

    with pytest.raises(IdentityFault) as caught:
        someone.prove_after(signed_in)
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.OUTAGE_DISCOVERY, FaultCode.DISCOVERY_UNAVAILABLE),
        (Fault.DISCOVERY_OTHER_ISSUER, FaultCode.DISCOVERY_MALFORMED),
    ],
)
def test_without_a_description_no_sign_in_begins(someone, fault, code):
    someone.op.faults = {fault}

    with pytest.raises(IdentityFault) as caught:
        someone.one_login.begin_sign_in()
    assert caught.value.code is code


def test_the_sixteen_faults_of_the_simulator_are_all_among_them():
    named = [fault for fault in Fault if fault.value.rpartition(": ")[2].isupper()]
    sixteen = named[:16]

    assert len(sixteen) == 16
    assert set(sixteen) <= SIGN_IN_FAULTS.keys() | IDENTITY_FAULTS.keys()


def test_the_same_answer_brought_again_is_refused_though_the_provider_would_take_its_code(someone):
    someone.op.faults = {Fault.CODE_ACCEPTED_TWICE}
    query = someone.browser.go(someone.one_login.begin_sign_in())
    someone.one_login.finish(query, someone.browser.pendings)

    with pytest.raises(IdentityFault) as caught:
        someone.one_login.finish(query, someone.browser.pendings)
    assert caught.value.code is FaultCode.STATE_UNKNOWN
    assert someone.op.count("/token") == 1


def test_a_code_that_the_provider_has_seen_is_refused(someone):
    stolen = dict(parse_qsl(someone.browser.go(someone.one_login.begin_sign_in())))["code"]
    someone.op.codes.clear()
    start = someone.one_login.begin_sign_in()
    someone.browser.pendings.put(start.pending)

    with pytest.raises(IdentityFault) as caught:
        someone.one_login.finish(
            urlencode({"code": stolen, "state": start.pending.state}), someone.browser.pendings
        )
    assert caught.value.code is FaultCode.CODE_REFUSED


def test_a_code_stolen_for_another_browser_is_refused_by_its_verifier(someone):
    stolen = dict(parse_qsl(someone.browser.go(someone.one_login.begin_sign_in())))["code"]
    thief = someone.one_login.begin_sign_in()
    someone.browser.pendings.put(thief.pending)

    with pytest.raises(IdentityFault) as caught:
        someone.one_login.finish(
            urlencode({"code": stolen, "state": thief.pending.state}), someone.browser.pendings
        )
    assert caught.value.code is FaultCode.CODE_REFUSED


def test_the_provider_refuses_a_request_without_pkce(someone, http):
    url = someone.one_login.begin_sign_in().url
    without = "&".join(part for part in url.split("&") if not part.startswith("code_challenge"))

    assert http.get(without).status == 400


def test_the_provider_refuses_an_assertion_that_it_has_seen(someone, http):
    captured = RecordedHttp({})
    query = someone.browser.go(someone.one_login.begin_sign_in())
    party, real = someone.one_login.party, someone.one_login.party._http
    party.endpoints()
    party._http = captured
    with pytest.raises(IdentityFault):
        someone.one_login.finish(query, someone.browser.pendings)
    form = dict(parse_qsl(captured.sent[0].body.decode()))
    url = captured.sent[0].url
    party._http = real

    assert http.post_form(url, form).status == 200
    second = http.post_form(url, form)
    assert (second.status, second.json()["error"]) == (401, "invalid_client")


def test_what_is_sent_to_the_token_endpoint_is_signed_for_five_minutes_and_once(someone):
    from joinedup.identity.client_credentials import CODES
    from joinedup.identity.tokens import claims_unproved, header_of

    assertions = []
    for _ in range(2):
        captured = RecordedHttp({})
        query = someone.browser.go(someone.one_login.begin_sign_in())
        someone.one_login.party._http = captured
        with pytest.raises(IdentityFault):
            someone.one_login.finish(query, someone.browser.pendings)
        form = dict(parse_qsl(captured.sent[0].body.decode()))
        assertions.append(form["client_assertion"])
    claims = [claims_unproved(text, codes=CODES) for text in assertions]

    assert header_of(assertions[0], codes=CODES) == {"alg": "RS256", "kid": "client-1", "typ": "JWT"}
    assert claims[0]["iss"] == claims[0]["sub"] == "joinedup-test"
    assert claims[0]["aud"] == someone.op.provider.url("token")
    assert claims[0]["exp"] - claims[0]["iat"] == 300
    assert claims[0]["jti"] != claims[1]["jti"]
    assert len(form["code_verifier"]) >= 43


def test_every_back_channel_call_names_us_and_one_that_does_not_is_forbidden(someone):
    someone.prove()
    assert all(agent.startswith("joinedup/") for agent in someone.op.agents)

    status, _, _ = someone.op.answer("POST", "/token", {"user-agent": " "}, "")
    assert status == 403


def test_a_403_from_the_token_endpoint_is_ours_to_mend(someone, monkeypatch):
    query = someone.browser.go(someone.one_login.begin_sign_in())
    monkeypatch.setattr(someone.op, "_token", lambda form, headers: (403, {}, "Forbidden"))

    with pytest.raises(IdentityFault) as caught:
        someone.one_login.finish(query, someone.browser.pendings)
    assert (caught.value.code, caught.value.kind) == (FaultCode.TOKEN_FORBIDDEN, FaultKind.OURS)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", FaultCode.STATE_UNKNOWN),
        ("code=x", FaultCode.STATE_UNKNOWN),
        ("code=x&state=unheard-of", FaultCode.STATE_UNKNOWN),
        ("error=access_denied&state=unheard-of", FaultCode.STATE_UNKNOWN),
        ("code=x&code=y&state=z", FaultCode.RESPONSE_MALFORMED),
        ("code=%ff&state=z", FaultCode.RESPONSE_MALFORMED),
        ("&".join(f"a{n}=1" for n in range(99)), FaultCode.RESPONSE_MALFORMED),
    ],
)
def test_an_answer_that_this_browser_did_not_ask_for_is_refused(someone, query, code):
    with pytest.raises(IdentityFault) as caught:
        someone.one_login.finish(query, someone.browser.pendings)
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("interaction_required", FaultCode.INTERACTION_REQUIRED),
        ("consent_required", FaultCode.INTERACTION_REQUIRED),
        ("account_selection_required", FaultCode.INTERACTION_REQUIRED),
        ("invalid_scope", FaultCode.REQUEST_REJECTED),
        ("unauthorized_client", FaultCode.REQUEST_REJECTED),
        ("unsupported_response_type", FaultCode.REQUEST_REJECTED),
        ("request_not_supported", FaultCode.REQUEST_REJECTED),
        ("<script>", FaultCode.PROVIDER_ERROR_UNKNOWN),
        ("", FaultCode.PROVIDER_ERROR_UNKNOWN),
    ],
)
def test_each_error_that_oauth_knows_is_an_outcome_of_its_own(someone, error, code):
    start = someone.one_login.begin_sign_in()
    someone.browser.pendings.put(start.pending)
    answer = {"state": start.pending.state, "error": error, "error_description": "<b>words</b>"}

    with pytest.raises(IdentityFault) as caught:
        someone.one_login.finish(urlencode(answer), someone.browser.pendings)
    assert caught.value.code is code
    assert "<" not in str(caught.value)  # the provider's own words are not shown


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, FaultCode.RESPONSE_MALFORMED),
        ({"code": "x", "iss": "https://evil.example/"}, FaultCode.RESPONSE_BAD_ISSUER),
    ],
)
def test_an_answer_without_a_code_or_from_another_issuer_is_refused(someone, more, code):
    start = someone.one_login.begin_sign_in()
    someone.browser.pendings.put(start.pending)

    with pytest.raises(IdentityFault) as caught:
        someone.one_login.finish(urlencode({"state": start.pending.state, **more}), someone.browser.pendings)
    assert caught.value.code is code
    assert someone.op.count("/token") == 0


def test_an_answer_that_names_the_right_issuer_is_taken(someone):
    query = someone.browser.go(someone.one_login.begin_sign_in())
    query += "&" + urlencode({"iss": someone.op.issuer})

    assert someone.one_login.finish(query, someone.browser.pendings).subject.value


def test_a_sign_in_may_take_two_hours_and_no_more(someone):
    start = someone.one_login.begin_sign_in()
    someone.clock.move(seconds=7200)
    assert someone.one_login.finish(someone.browser.go(start), someone.browser.pendings)

    start = someone.one_login.begin_sign_in()
    someone.clock.move(seconds=7201)
    with pytest.raises(IdentityFault) as caught:
        someone.one_login.finish(someone.browser.go(start), someone.browser.pendings)
    assert caught.value.code is FaultCode.SIGN_IN_TOO_OLD


def test_should_somebody_else_come_back_from_proving_it_is_refused(someone):
    start = someone.one_login.begin_identity(subject=Subject(issuer=someone.op.issuer, value="urn:another"))

    with pytest.raises(IdentityFault) as caught:
        someone.one_login.finish(someone.browser.go(start), someone.browser.pendings)
    assert caught.value.code is FaultCode.SUBJECT_CHANGED


def test_a_query_that_the_firewall_would_stop_is_not_sent(someone):
    longest = ["openid", *(["email"] * 700)]

    with pytest.raises(IdentityFault) as caught:
        someone.one_login.begin_sign_in(scopes=longest)
    assert caught.value.code is FaultCode.REQUEST_TOO_LONG
    longest_that_is_asked = someone.one_login.begin_identity(subject=Subject("x", "y"), claims=tuple(Claim))
    assert len(urlsplit(longest_that_is_asked.url).query) < 4096


def test_signed_by_an_rsa_key_is_refused_where_es256_was_agreed(someone):
    someone.op.keys = [rsa_key("op-rsa")]

    with pytest.raises(IdentityFault) as caught:
        someone.sign_in()
    assert caught.value.code is FaultCode.ID_TOKEN_BAD_ALGORITHM


def test_a_core_identity_signed_by_rsa_is_refused_even_if_its_did_document_has_that_key(someone):
    someone.op.identity_keys = [rsa_key("did-rsa")]

    with pytest.raises(IdentityFault) as caught:
        someone.prove()
    assert caught.value.code is FaultCode.CORE_IDENTITY_BAD_ALGORITHM


def test_the_key_of_an_id_token_cannot_sign_an_identity(someone, monkeypatch):
    real = someone.op._key
    monkeypatch.setattr(
        someone.op,
        "_key",
        lambda fault, key: someone.op.keys[0] if "CORE" in fault.name else real(fault, key),
    )

    with pytest.raises(IdentityFault) as caught:
        someone.prove()
    assert caught.value.code is FaultCode.CORE_IDENTITY_UNKNOWN_KEY


def test_no_fault_no_log_and_no_value_shows_a_persons_data(someone, caplog):
    caplog.set_level(logging.DEBUG)
    signed_in = someone.sign_in()
    answer = someone.prove()
    shown = [repr(signed_in), repr(answer), repr(answer.identity), repr(signed_in.pending)]
    for fault in IDENTITY_FAULTS:
        someone.op.faults = {fault}
        try:
            someone.prove()
        except IdentityFault as caught:
            shown += [str(caught), repr(caught), json.dumps(caught.as_dict())]
    told = "\n".join([*shown, caplog.text])

    secret = ["Ada", "Newname", "1970", "ada@", signed_in.subject.value, signed_in.id_token, "ZZ1"]
    secret += [signed_in.pending.state, signed_in.pending.nonce, signed_in.access_token]
    assert [word for word in secret if word in told] == []
