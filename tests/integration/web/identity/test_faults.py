"""Whatever the provider does wrong: a clear page, one audit event with its code, and nobody signed in by it."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from joinedup_web.identity.models import Citizen, CitizenSession, KeptDocument, PendingStart, ProvedIdentity
from support.citizens import CitizenBrowser, citizen_events
from support.openid_provider import UNPROVED, Fault
from support.signing_keys import ec_key

pytestmark = [pytest.mark.web, pytest.mark.django_db]

# In each line: what the provider does, the code recorded, the page's status, its heading. Written by hand from
# docs/reference/one-login-rules.md. The first eight and the authorise errors are those of the simulator.
CHECK = "Sorry, we could not check your sign-in"
OUT = "Sorry, you cannot sign in at the moment"
OURS = "Sorry, you cannot sign in because of a problem with this service"
SIGN_IN = [
    (Fault.ID_TOKEN_INVALID_ISS, "id_token_bad_issuer", 400, CHECK),
    (Fault.ID_TOKEN_INVALID_AUD, "id_token_bad_audience", 400, CHECK),
    (Fault.ID_TOKEN_INVALID_ALG_HEADER, "id_token_bad_algorithm", 400, CHECK),
    (Fault.ID_TOKEN_INVALID_SIGNATURE, "id_token_bad_signature", 400, CHECK),
    (Fault.ID_TOKEN_TOKEN_EXPIRED, "id_token_expired", 400, CHECK),
    (Fault.ID_TOKEN_TOKEN_NOT_VALID_YET, "id_token_not_yet_valid", 400, CHECK),
    (Fault.ID_TOKEN_NONCE_NOT_MATCHING, "id_token_bad_nonce", 400, CHECK),
    (Fault.ID_TOKEN_INCORRECT_VOT, "id_token_incorrect_vot", 400, CHECK),
    (Fault.AUTHORISE_ACCESS_DENIED, "access_denied", 403, "You have not signed in"),
    (Fault.AUTHORISE_TEMPORARILY_UNAVAILABLE, "temporarily_unavailable", 503, OUT),
    (Fault.AUTHORISE_LOGIN_REQUIRED, "login_required", 400, "You have been signed out"),
    (Fault.AUTHORISE_INVALID_REQUEST, "request_rejected", 500, OURS),
    (Fault.AUTHORISE_SERVER_ERROR, "provider_server_error", 503, OUT),
    (Fault.AUTHORISE_UNHEARD_OF, "provider_error_unknown", 400, CHECK),
    (Fault.ID_TOKEN_UNKNOWN_KEY, "id_token_unknown_key", 400, CHECK),
    (Fault.ID_TOKEN_ALG_NONE, "id_token_bad_algorithm", 400, CHECK),
    (Fault.ID_TOKEN_NO_SUB, "id_token_no_subject", 400, CHECK),
    (Fault.ID_TOKEN_OTHER_VTM, "id_token_bad_trustmark", 400, CHECK),
    (Fault.TOKEN_NOT_JSON, "token_answer_malformed", 400, CHECK),
    (Fault.TOKEN_REFUSES_CLIENT, "client_refused", 500, OURS),
    (Fault.OUTAGE_TOKEN, "token_unavailable", 503, OUT),
    (Fault.OUTAGE_KEYS, "keys_unavailable", 503, OUT),
    (Fault.KEYS_MALFORMED, "keys_malformed", 400, CHECK),
]
WHO = "Sorry, we could not check who you are"
IDENTITY = [
    (Fault.CORE_IDENTITY_INVALID_ALG_HEADER, "core_identity_bad_algorithm", 400, WHO),
    (Fault.CORE_IDENTITY_INVALID_SIGNATURE, "core_identity_bad_signature", 400, WHO),
    (Fault.CORE_IDENTITY_INVALID_ISS, "core_identity_bad_issuer", 400, WHO),
    (Fault.CORE_IDENTITY_INVALID_AUD, "core_identity_bad_audience", 400, WHO),
    (Fault.CORE_IDENTITY_INCORRECT_SUB, "core_identity_incorrect_sub", 400, WHO),
    (Fault.CORE_IDENTITY_TOKEN_EXPIRED, "core_identity_expired", 400, WHO),
    (Fault.CORE_IDENTITY_UNKNOWN_KEY, "core_identity_unknown_key", 400, WHO),
    (Fault.CORE_IDENTITY_OTHER_CONTROLLER, "core_identity_bad_controller", 400, WHO),
    (Fault.CORE_IDENTITY_LOW_VOT, "core_identity_insufficient_vot", 400, WHO),
    (Fault.CORE_IDENTITY_NO_BIRTH_DATE, "core_identity_no_birth_date", 400, WHO),
    (Fault.USERINFO_OTHER_SUB, "userinfo_bad_subject", 400, WHO),
    (Fault.OUTAGE_USERINFO, "userinfo_unavailable", 503, "Sorry, you cannot prove who you are at the moment"),
    (Fault.OUTAGE_DID, "did_unavailable", 503, "Sorry, you cannot prove who you are at the moment"),
    (
        Fault.AUTHORISE_ACCESS_DENIED,
        "identity_not_proved",
        403,
        "GOV.UK One Login could not prove who you are",
    ),
    (
        Fault.TOKEN_REFUSES_CLIENT,
        "client_refused",
        500,
        "Sorry, you cannot prove who you are because of a problem with this service",
    ),
]


def heading_of(answer) -> str:
    return answer.content.decode().partition("<h1")[2].partition(">")[2].partition("</h1>")[0].strip()


@pytest.mark.parametrize(("fault", "code", "status", "heading"), SIGN_IN, ids=lambda value: str(value)[:40])
def test_each_fault_of_the_sign_in(citizen, fault, code, status, heading):
    citizen.op.faults.add(fault)

    answer = citizen.sign_in()

    assert (answer.status_code, heading_of(answer)) == (status, heading)
    assert citizen_events() == [("citizen.sign_in_refused", {"fault": code})]
    assert not citizen.is_signed_in()
    assert not Citizen.objects.exists()
    assert not CitizenSession.objects.exists()


@pytest.mark.parametrize(("fault", "code", "status", "heading"), IDENTITY, ids=lambda value: str(value)[:40])
def test_each_fault_of_proving_who_one_is(citizen, fault, code, status, heading):
    citizen.sign_in()
    citizen.op.faults.add(fault)

    answer = citizen.prove()

    assert (answer.status_code, heading_of(answer)) == (status, heading)
    assert citizen_events()[1:] == [("citizen.identity_failed", {"fault": code})]
    assert not ProvedIdentity.objects.exists()
    assert "We do not know your name yet" in citizen.page()


@pytest.mark.parametrize("step", ["sign in", "identity"])
def test_an_outage_before_leaving_is_told_and_recorded(citizen, step):
    if step == "identity":
        citizen.sign_in()
        KeptDocument.objects.all().delete()
    citizen.op.faults.add(Fault.OUTAGE_DISCOVERY)
    before = len(citizen_events())

    answer = citizen.client.get(f"/account/{'identity' if step == 'identity' else 'sign-in'}/start")

    assert answer.status_code == 503
    assert "GOV.UK One Login is not answering." in answer.content.decode()
    kind = "citizen.identity_failed" if step == "identity" else "citizen.sign_in_refused"
    assert citizen_events()[before:] == [(kind, {"fault": "discovery_unavailable"})]


def test_people_sign_in_through_an_outage_of_what_is_kept(citizen, op):
    CitizenBrowser(op, citizen.http).sign_in()
    KeptDocument.objects.update(fresh_until=timezone.now(), asked_at=timezone.now() - timedelta(hours=2))
    op.faults |= {Fault.OUTAGE_DISCOVERY, Fault.OUTAGE_KEYS}

    citizen.sign_in()

    assert citizen.is_signed_in()


def test_the_same_answer_brought_again_is_refused_though_the_provider_would_take_its_code(citizen, op):
    op.faults.add(Fault.CODE_ACCEPTED_TWICE)
    back = citizen.leave()
    citizen.client.get(back)
    citizen.client.post("/account/sign-out")

    answer = citizen.client.get(back)

    assert (answer.status_code, heading_of(answer)) == (400, "You need to start again")
    assert citizen_events()[-1] == ("citizen.sign_in_refused", {"fault": "state_unknown"})
    assert not citizen.is_signed_in()


def test_a_code_that_was_spent_elsewhere_is_refused(citizen, op):
    back = citizen.leave()
    op.codes.clear()

    answer = citizen.client.get(back)

    assert (answer.status_code, heading_of(answer)) == (400, "You need to sign in again")
    assert citizen_events() == [("citizen.sign_in_refused", {"fault": "code_refused"})]
    assert not citizen.is_signed_in()


def test_an_assertion_that_the_provider_has_seen_is_a_fault_of_ours(citizen, op, monkeypatch):
    back = citizen.leave()
    monkeypatch.setattr(op.replays, "is_first", lambda *_, **__: False)

    answer = citizen.client.get(back)

    assert (answer.status_code, heading_of(answer)) == (500, OURS)
    assert citizen_events() == [("citizen.sign_in_refused", {"fault": "client_refused"})]


def test_each_assertion_of_ours_is_another(citizen, op):
    for _ in range(3):
        CitizenBrowser(op, citizen.http).sign_in()

    assert len(op.replays._until) == 3


def test_a_provider_that_hears_no_user_agent_forbids_us_and_that_is_a_fault_of_ours(citizen, op, monkeypatch):
    back = citizen.leave()
    answer_of = op.answer
    monkeypatch.setattr(
        op,
        "answer",
        lambda method, target, headers, body: answer_of(method, target, {**headers, "user-agent": ""}, body),
    )

    answer = citizen.client.get(back)

    assert (answer.status_code, heading_of(answer)) == (500, OURS)
    assert citizen_events() == [("citizen.sign_in_refused", {"fault": "token_forbidden"})]


def test_every_call_of_ours_says_who_we_are(citizen, op):
    citizen.sign_in()
    citizen.prove()

    assert all(agent.startswith("joinedup/") for agent in op.agents)


def test_rotated_identity_keys_are_found(citizen, op):
    citizen.sign_in()
    citizen.prove()
    op.identity_keys.insert(0, ec_key("did-2"))
    KeptDocument.objects.update(asked_at=timezone.now() - timedelta(minutes=2))

    citizen.prove()

    assert [kind for kind, _ in citizen_events()][-1] == "citizen.identity_proved"


def test_should_somebody_else_come_back_both_are_signed_out(citizen, op):
    citizen.sign_in()
    op.person = UNPROVED

    answer = citizen.prove()

    assert heading_of(answer) == "You signed in to a different GOV.UK One Login"
    assert citizen_events()[-1] == ("citizen.identity_failed", {"fault": "subject_changed"})
    assert not citizen.is_signed_in()
    assert not CitizenSession.objects.exists()


def test_when_the_providers_session_is_over_ours_ends_too(citizen, op):
    citizen.sign_in()
    op.faults.add(Fault.AUTHORISE_LOGIN_REQUIRED)

    answer = citizen.prove()

    assert heading_of(answer) == "You have been signed out"
    assert not citizen.is_signed_in()


def test_a_sign_in_that_took_too_long_is_begun_again(citizen):
    back = citizen.leave()
    PendingStart.objects.all().delete()

    answer = citizen.client.get(back)

    assert (answer.status_code, heading_of(answer)) == (400, "You need to start again")


def test_each_page_says_what_to_do_next_and_what_code_to_give(citizen, op):
    op.faults.add(Fault.ID_TOKEN_INVALID_SIGNATURE)

    page = citizen.sign_in().content.decode()

    assert 'href="/account/sign-in/start"' in page
    assert "id_token_bad_signature" in page
    assert "If you need help" in page


def test_the_pages_are_welsh_too(citizen, op):
    citizen.page("/account/sign-in?lang=cy")
    op.faults.add(Fault.ID_TOKEN_INVALID_SIGNATURE)

    begun = citizen.client.get("/account/sign-in/start")
    answer = citizen.sign_in()

    assert "ui_locales=cy" in begun["Location"]
    assert '<html lang="cy"' in answer.content.decode()
    assert heading_of(answer) == "Mae’n ddrwg gennym, nid oeddem yn gallu gwirio eich mewngofnodi"


def test_no_log_line_holds_a_token_a_code_or_a_name(citizen, op, caplog):
    caplog.set_level(logging.DEBUG)
    citizen.sign_in()
    op.faults.add(Fault.CORE_IDENTITY_INVALID_SIGNATURE)
    citizen.prove()

    told = "\n".join(str(record.__dict__) for record in caplog.records if record.name.startswith("joinedup"))
    assert "core_identity_bad_signature" in told
    assert [mark for mark in ("Newname", "1970", "eyJ", "urn:fdc", "code=") if mark in told] == []


def test_strange_answers_are_refused_without_a_word_in_the_record_once_there_are_many(op):
    client = Client()
    for _ in range(60):
        assert client.get("/account/return?state=x&code=y").status_code == 400

    answer = client.get("/account/return?state=x&code=y")

    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()
    assert 0 < int(answer["Retry-After"]) <= 600
    assert len(citizen_events()) == 60
