"""No English is left where a citizen reads Welsh: signing in, its faults, the account, leaving."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from joinedup.identity import FaultCode, IdentityFault
from joinedup_web.audit import subjects
from joinedup_web.audit.deed import action
from joinedup_web.audit.models import Event
from joinedup_web.identity.fault_words import fault_words
from joinedup_web.identity.models import Citizen, CitizenSession
from joinedup_web.identity.purpose_words import WORDS
from joinedup_web.identity.views import account
from joinedup_web.linkage.purposes import PURPOSES
from support.openid_provider import Fault
from support.page_globals import page_globals
from support.web_people import acting, organisation, staff
from support.welsh import plain_words_in, plain_words_of, wide, wide_welsh

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture
def welsh():
    with wide_welsh():
        yield


def plain(answer, *names: str) -> list[str]:
    return plain_words_of(answer.content.decode(), but=("Joinedup", *names))


def in_welsh(citizen, address: str):
    return citizen.client.get(address, {"lang": "cy"})


@pytest.mark.parametrize("in_identity", [False, True])
@pytest.mark.parametrize("code", FaultCode)
def test_every_fault_has_its_words(welsh, code, in_identity):
    with translation.override("cy"):
        words = fault_words(IdentityFault(code, what="inside"), in_identity=in_identity)

    assert plain_words_in([words.heading, *words.sentences, words.button]) == []


@pytest.mark.parametrize(
    "fault", [Fault.ID_TOKEN_INVALID_SIGNATURE, Fault.AUTHORISE_ACCESS_DENIED, Fault.OUTAGE_TOKEN]
)
def test_the_page_of_a_fault(citizen, op, welsh, fault):
    in_welsh(citizen, "/account/sign-in")
    op.faults.add(fault)

    answer = citizen.sign_in()

    assert answer.status_code in (400, 403, 503)
    assert plain(answer, "id_token_bad_signature", "access_denied", "token_unavailable") == []


def test_the_codes_of_proving_who_one_is(citizen, op, welsh):
    in_welsh(citizen, "/account/sign-in")
    citizen.sign_in()
    op.faults.add(Fault.AUTHORISE_ACCESS_DENIED)

    assert plain(citizen.prove()) == []


def test_the_account_of_somebody_who_proved_who_they_are(citizen, welsh):
    in_welsh(citizen, "/account/sign-in")
    citizen.sign_in()
    citizen.prove()
    token = subjects.known_token("citizen", Citizen.objects.get().id)
    place = organisation()
    place.name_cy = wide("Cyngor")
    place.save()
    by = acting(staff("caseworker"))
    for purpose in [*PURPOSES, "council_tax"]:
        looked_at(by=by, token=token, purpose=purpose)

    page = in_welsh(citizen, "/account/")

    assert wide("Gweithio ar eich achos") in page.content.decode()
    assert '<span lang="en">council tax</span>' in page.content.decode()
    assert [words for words in plain(page) if "Newname" not in words and "Oldname" not in words] == []


def test_each_purpose_that_staff_may_state_is_told_to_citizens():
    assert set(WORDS) == set(PURPOSES)


def test_all_that_one_did_over_several_pages(citizen, welsh, monkeypatch):
    monkeypatch.setattr(account, "A_PAGE", 1)
    in_welsh(citizen, "/account/sign-in")
    citizen.sign_in()
    citizen.prove()
    citizen.client.post("/account/sign-out")
    citizen.sign_in()

    assert Event.objects.filter(kind__startswith="citizen.").count() > 3
    for page in ("1", "2", "3"):
        assert plain(citizen.client.get("/account/activity", {"page": page})) == []


def test_leaving_and_being_signed_out(citizen, op, welsh):
    in_welsh(citizen, "/account/sign-in")
    citizen.sign_in()
    op.faults.add(Fault.OUTAGE_DISCOVERY)
    citizen.client.post("/account/sign-out")
    answers = [citizen.client.get("/account/signed-out")]
    op.faults.clear()
    citizen.sign_in()
    CitizenSession.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
    citizen.client.get("/account/")
    answers.append(citizen.client.get("/account/sign-in"))
    citizen.sign_in()
    CitizenSession.objects.all().delete()
    citizen.client.get("/account/")
    answers.append(citizen.client.get("/account/sign-in"))
    citizen.sign_in()
    answers.append(citizen.client.get("/account/delete"))
    citizen.client.post("/account/delete")
    answers.append(citizen.client.get("/account/signed-out"))

    assert [plain(answer) for answer in answers] == [[] for _ in answers]
    assert wide("dileu") in answers[-1].content.decode()


def test_signing_in_to_a_demonstration(citizen, welsh):
    with page_globals(is_demonstration=True):
        assert plain(in_welsh(citizen, "/account/sign-in")) == []


@action(None)
def looked_at(deed, *, token, purpose):
    deed.record("record.viewed", subject=token, purpose=purpose)
