"""Citizens sign in, prove who they are, see their account, leave, and delete it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from joinedup_web.audit import subjects
from joinedup_web.audit.models import Event, SubjectSalt
from joinedup_web.identity.models import Citizen, CitizenSession, PendingStart, ProvedIdentity
from support.citizens import CitizenBrowser, citizen_events
from support.openid_provider import UNPROVED

pytestmark = [pytest.mark.web, pytest.mark.django_db]
MARKS = ("Newname", "Oldname", "1970-01-02", "ada@example.com", "ZZ1 1ZZ", "urn:fdc:gov.uk")


def everything_kept() -> str:
    """All rows of all tables as text, sessions among them."""
    told = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            told += [str(row) for row in cursor.fetchall()]
    return "\n".join(told)


def test_the_sign_in_page_explains_and_leads_on(citizen):
    page = citizen.page("/account/sign-in")

    assert "Sign in with GOV.UK One Login" in page
    assert "/account/sign-in/start" in page


def test_without_a_provider_nobody_is_sent_anywhere(client):
    assert "You cannot sign in to this service yet" in client.get("/account/sign-in").content.decode()
    assert client.get("/account/sign-in/start").status_code == 404
    assert client.get("/account/return?code=a&state=b").status_code == 404


def test_a_citizen_signs_in_and_has_an_account_of_our_own(citizen):
    answer = citizen.sign_in()

    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert "We do not know your name yet" in citizen.page()
    assert citizen_events() == [("citizen.signed_in", {})]
    assert not PendingStart.objects.exists()


def test_the_same_person_has_the_same_account_and_another_has_another(citizen, op):
    citizen.sign_in()
    CitizenBrowser(op, citizen.http).sign_in()
    assert Citizen.objects.count() == 1

    op.person = UNPROVED
    CitizenBrowser(op, citizen.http).sign_in()
    assert Citizen.objects.count() == 2


def test_a_citizen_proves_who_they_are_and_of_it_only_names_and_birth_date_are_kept_sealed(citizen):
    citizen.sign_in()

    answer = citizen.prove()

    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    page = citizen.page()
    assert "Ada Mary Newname" in page
    assert "Ada Mary Oldname" in page
    assert "2 January 1970" in page
    assert "You have proved who you are" in page
    assert [kind for kind, _ in citizen_events()] == ["citizen.signed_in", "citizen.identity_proved"]
    kept = everything_kept()
    assert [mark for mark in MARKS if mark in kept] == []


def test_return_codes_that_come_with_a_proved_identity_are_recorded(citizen, op):
    from dataclasses import replace

    proved_with_codes = replace(op.person, return_codes=("N", "A"))
    op.people, op.person = (proved_with_codes,), proved_with_codes
    citizen.sign_in()

    citizen.prove()

    assert citizen_events()[-1] == (
        "citizen.identity_proved",
        {"confidence": "p2", "return_codes": ["a", "n"]},
    )


def test_a_citizen_who_cannot_be_proved_is_told_with_the_codes_and_stays_signed_in(citizen, op):
    op.person = UNPROVED
    citizen.sign_in()

    answer = citizen.prove()

    assert answer.status_code == 403
    page = answer.content.decode()
    assert "GOV.UK One Login could not prove who you are" in page
    assert "<strong>X</strong>" in page
    assert citizen_events()[-1] == (
        "citizen.identity_failed",
        {"fault": "identity_not_proved", "return_codes": ["x"]},
    )
    assert citizen.is_signed_in()
    assert not ProvedIdentity.objects.exists()


def test_signing_in_leads_on_to_the_page_that_was_asked_for_and_never_elsewhere(citizen):
    asked = citizen.client.get("/account/activity")
    assert asked["Location"] == "/account/sign-in?next=%2Faccount%2Factivity"
    back = citizen.client.get(citizen.leave("/account/sign-in/start?next=/account/activity"))
    assert back["Location"] == "/account/activity"

    for evil in (
        "https://evil.example/",
        "//evil.example/",
        "/staff/",
        "/account/sign-in",
        "\\\\evil.example",
    ):
        other = CitizenBrowser(citizen.op, citizen.http)
        answer = other.client.get(other.leave(f"/account/sign-in/start?next={evil}"))
        assert answer["Location"] == "/account/"


def test_signing_in_changes_the_session_key_and_the_form_token(citizen):
    citizen.page("/account/sign-in")
    back = citizen.leave()
    before = citizen.client.cookies["joinedup_public"].value
    with_old_cookie = Client()
    with_old_cookie.cookies["joinedup_public"] = before

    citizen.client.get(back)

    assert citizen.client.cookies["joinedup_public"].value != before
    assert with_old_cookie.get("/account/").status_code == 302
    assert citizen.is_signed_in()


def test_an_answer_brought_by_another_browser_signs_nobody_in(citizen, op):
    back = citizen.leave()
    thief = CitizenBrowser(op, citizen.http)
    thief.leave()

    answer = thief.client.get(back)

    assert answer.status_code == 400
    assert not thief.is_signed_in()
    assert not CitizenSession.objects.exists()


def test_both_sides_are_apart(citizen):
    citizen.sign_in()

    assert citizen.client.get("/staff/").status_code == 302
    assert citizen.client.cookies["joinedup_public"]["path"] == "/"
    assert "joinedup_staff" not in citizen.client.cookies


def test_knowing_who_asks_takes_two_queries(citizen):
    citizen.sign_in()
    citizen.page()

    with CaptureQueriesContext(
        connection,
    ) as asked:
        citizen.client.get("/privacy")

    assert len(asked) == 2


def test_a_session_ends_after_an_hour_without_use_and_says_so(citizen):
    citizen.sign_in()
    CitizenSession.objects.update(last_seen_at=timezone.now() - timedelta(minutes=61))

    answer = citizen.client.get("/account/")

    assert answer["Location"] == "/account/sign-in?next=%2Faccount%2F"
    page = citizen.page("/account/sign-in")
    assert "did not use the service for an hour" in page
    assert "&lt;" not in page
    assert citizen_events()[-1] == ("citizen.signed_out", {"by": "time"})
    assert not CitizenSession.objects.exists()


def test_a_session_ends_after_eight_hours_however_much_it_is_used(citizen):
    citizen.sign_in()
    CitizenSession.objects.update(started_at=timezone.now() - timedelta(hours=8, minutes=1))

    assert not citizen.is_signed_in()


def test_who_took_longer_than_an_hour_over_proving_who_they_are_is_let_in_again(citizen):
    citizen.sign_in()
    back = citizen.leave("/account/identity/start")
    CitizenSession.objects.update(last_seen_at=timezone.now() - timedelta(minutes=70))

    answer = citizen.client.get(back)

    assert answer["Location"] == "/account/"
    assert "Ada Mary Newname" in citizen.page()
    assert Citizen.objects.count() == 1


def test_signing_out_ends_both_sessions(citizen):
    citizen.sign_in()

    answer = citizen.client.post("/account/sign-out")

    assert answer["Location"].startswith(f"{citizen.op.issuer}logout?id_token_hint=")
    back = citizen.http.get(answer["Location"])
    assert back.headers["location"].startswith("http://127.0.0.1:8000/account/signed-out?state=")
    assert "You have signed out" in citizen.page("/account/signed-out?state=x")
    assert not citizen.is_signed_in()
    assert citizen_events()[-1] == ("citizen.signed_out", {"by": "person"})
    assert not CitizenSession.objects.exists()


def test_signing_out_needs_a_form_of_ours_and_no_session(citizen, client):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/account/sign-out").status_code == 403
    assert client.get("/account/sign-out").status_code == 405
    assert client.post("/account/sign-out")["Location"] == "/account/signed-out"


def test_pages_whose_forms_lead_to_the_provider_say_so_in_their_policy(citizen):
    citizen.sign_in()

    policy = citizen.client.get("/account/")["Content-Security-Policy"]
    elsewhere = citizen.client.get("/privacy")["Content-Security-Policy"]

    assert f"form-action 'self' {citizen.op.issuer.rstrip('/')}" in policy
    assert "form-action 'self';" in f"{elsewhere};"


def test_signing_out_while_the_provider_is_out_ends_our_session_all_the_same(citizen):
    from joinedup_web.identity.models import KeptDocument
    from support.openid_provider import Fault

    citizen.sign_in()
    KeptDocument.objects.all().delete()
    citizen.op.faults.add(Fault.OUTAGE_DISCOVERY)

    answer = citizen.client.post("/account/sign-out")

    assert answer["Location"] == "/account/signed-out"
    assert "You may still be signed in to GOV.UK One Login" in citizen.page("/account/signed-out")
    assert not citizen.is_signed_in()


def test_deleting_the_account_erases_it_and_makes_its_events_nobodys(citizen, op):
    citizen.sign_in()
    citizen.prove()
    other = CitizenBrowser(op, citizen.http)
    other.sign_in()
    citizen_id = Citizen.objects.get().id
    assert "Are you sure" in citizen.page("/account/delete")

    answer = citizen.client.post("/account/delete")

    assert answer["Location"].startswith(f"{op.issuer}logout?")
    assert "Your account has been deleted" in citizen.page("/account/signed-out")
    for model in (Citizen, CitizenSession, ProvedIdentity):
        assert not model.objects.exists()
    assert subjects.known_token("citizen", citizen_id) is None
    assert not SubjectSalt.objects.exists()
    assert citizen_events()[-1] == ("citizen.account_deleted", {"sessions": 2})
    assert Event.objects.order_by("-number").first().actor == ""
    assert not other.is_signed_in()

    citizen.sign_in()
    assert Citizen.objects.get().id != citizen_id
    assert "Ada" not in citizen.page()


def test_a_citizen_sees_what_they_did_and_that_nobody_used_their_data(citizen):
    citizen.sign_in()
    citizen.prove()

    page = citizen.page()

    assert "You signed in" in page
    assert "Nobody has used data about you through this account." in page
    assert "You proved who you are" in citizen.page("/account/activity")


def test_a_citizen_sees_who_used_their_data(citizen, monkeypatch):
    from joinedup_web.audit import names
    from joinedup_web.audit.deed import action
    from support.web_people import acting, organisation, staff

    @action(None)
    def look(deed, *, token):
        deed.record("record.viewed", subject=token, purpose="council_tax")

    citizen.sign_in()
    token = subjects.known_token("citizen", Citizen.objects.get().id)
    monkeypatch.setattr(names, "_organisations", lambda: [(organisation().id, organisation().name)])
    look(by=acting(staff("caseworker")), token=token)

    page = citizen.page()

    assert organisation().name in page
    assert "council tax" in page


def test_pages_of_a_citizen_are_kept_by_no_cache(citizen):
    citizen.sign_in()

    for address in ("/account/", "/account/activity", "/account/delete"):
        assert "no-store" in citizen.client.get(address)["Cache-Control"]


@pytest.mark.parametrize(
    "address", ["/account/", "/account/activity", "/account/delete", "/account/identity/start"]
)
def test_a_citizens_pages_ask_who_one_is(client, address):
    assert client.get(address)["Location"].startswith("/account/sign-in?next=")
