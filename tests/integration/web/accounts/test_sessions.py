"""Sessions: they end by time, by their owner, by an administrator, and when a password or factor changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from joinedup.settings import Mode
from joinedup_web.accounts.actions import change_password, close_account, sign_out_person
from joinedup_web.accounts.models import SessionEnd, SignInMethod, StaffSession
from joinedup_web.accounts.sessions import open_session, staff_actor
from joinedup_web.gate.decide import Refused
from support.staff_accounts import PASSWORD, code_of, kinds, last_event, with_app, with_password
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def is_signed_in(client) -> bool:
    return client.get("/staff/account").status_code == 200


def test_knowing_who_asks_takes_three_queries(client):
    user = staff("analyst", "clerk", "leader")
    sign_in(client, user)
    from django.contrib.sessions.backends.db import SessionStore

    request = RequestFactory().get("/staff/")
    request.session = SessionStore(client.cookies["joinedup_staff"].value)
    with CaptureQueriesContext(connection) as asked:
        actor = staff_actor(request)

    assert actor.id == user.id
    assert actor.organisation_name == "Northshire Council"
    assert len(asked) == 3


def test_half_an_hour_alone_ends_a_session(client):
    sign_in(client, staff("clerk"))
    StaffSession.objects.update(last_seen_at=timezone.now() - timedelta(minutes=31))

    answer = client.get("/staff/account")

    assert answer["Location"].startswith("/staff/sign-in?next=")
    assert StaffSession.objects.get().end == SessionEnd.TIMED_OUT
    assert last_event("session.ended_by_force")["reason"] == "timed_out"
    assert "You have been signed out" in client.get(answer["Location"]).content.decode()


def test_use_keeps_a_session_open_but_eight_hours_end_it(client):
    sign_in(client, staff("clerk"))
    StaffSession.objects.update(last_seen_at=timezone.now() - timedelta(minutes=29))
    assert is_signed_in(client)
    assert timezone.now() - StaffSession.objects.get().last_seen_at < timedelta(minutes=1)

    StaffSession.objects.update(started_at=timezone.now() - timedelta(hours=8, minutes=1))

    assert not is_signed_in(client)


def test_the_page_about_the_session_says_when_it_ends_and_keeps_it_open(client):
    sign_in(client, staff("clerk"))

    assert "You will be signed out at" in client.get("/staff/session").content.decode()
    assert client.post("/staff/session", {"next": "/staff/account"})["Location"] == "/staff/account"


def test_signing_out_ends_the_session_for_good(client):
    sign_in(client, staff("clerk"))
    key = client.cookies["joinedup_staff"].value

    assert client.get("/staff/sign-out").status_code == 405
    client.post("/staff/sign-out")
    client.cookies["joinedup_staff"] = key

    assert not is_signed_in(client)
    assert kinds() == ["sign_in.ended"]


def test_people_see_and_end_their_other_sessions(client):
    user = staff("clerk")
    elsewhere = Client()
    sign_in(elsewhere, user)
    sign_in(client, user)
    other = StaffSession.objects.earliest("started_at")

    page = client.get("/staff/account").content.decode()
    assert page.count("Firefox on Linux") == 2
    client.post(f"/staff/account/sessions/{other.id}/end")

    assert not is_signed_in(elsewhere)
    assert is_signed_in(client)


def test_nobody_ends_a_strangers_session_as_their_own(client):
    stranger = Client()
    sign_in(stranger, staff("clerk"))
    theirs = StaffSession.objects.get()
    sign_in(client, staff("clerk"))

    client.post(f"/staff/account/sessions/{theirs.id}/end")

    assert is_signed_in(stranger)
    assert last_event("access.refused")["reason"] == "no_such_session"


def test_an_administrator_signs_somebody_out_everywhere(client):
    user = staff("clerk")
    sign_in(client, user)

    ended = sign_out_person(by=acting(staff("organisation_administrator")), user=user)

    assert ended == 1
    assert not is_signed_in(client)
    with pytest.raises(Refused, match="may not do this"):
        sign_out_person(by=acting(staff("clerk")), user=user)


def test_closing_an_account_ends_its_sessions_at_once(client):
    user = staff("clerk")
    sign_in(client, user)

    close_account(by=acting(staff("organisation_administrator")), user=user, reason="left")

    assert not is_signed_in(client)
    assert kinds() == ["account.disabled", "session.ended_by_force"]


def test_a_new_password_ends_the_other_sessions(client):
    user = staff("clerk")
    elsewhere = Client()
    sign_in(elsewhere, user)
    sign_in(client, user)
    here = StaffSession.objects.latest("started_at")

    change_password(by=acting(user), user=user, hashed="x", session_id=here.id)

    assert not is_signed_in(elsewhere)
    assert is_signed_in(client)


def test_what_matters_asks_for_proof_again(client):
    user = with_password(staff("clerk"))
    secret = with_app(user)
    sign_in(client, user, at=timezone.now() - timedelta(minutes=11))

    asked = client.get("/staff/account/password")
    assert asked["Location"] == "/staff/confirm?next=%2Fstaff%2Faccount%2Fpassword"
    wrong = client.post(
        "/staff/confirm", {"password": PASSWORD, "code": "000000", "next": "/staff/account/password"}
    )
    assert "wrong" in wrong.content.decode()
    assert client.get("/staff/account/password").status_code == 302
    right = client.post(
        "/staff/confirm", {"password": PASSWORD, "code": code_of(secret), "next": "/staff/account/password"}
    )

    assert right["Location"] == "/staff/account/password"
    assert client.get("/staff/account/password").status_code == 200
    assert last_event("sign_in.confirmed") == {"method": "password_totp"}


def test_a_role_that_was_taken_away_is_gone_at_the_next_page(client):
    user = staff("organisation_administrator")
    sign_in(client, user)
    assert client.get("/staff/colleagues").status_code == 200

    user.memberships.update(ended_at=timezone.now())

    assert client.get("/staff/colleagues").status_code == 403


def test_people_of_several_organisations_choose_one(client):
    there = organisation("Southshire Council")
    user = staff("clerk")
    user.memberships.create(organisation=there, role=user.memberships.get().role)
    sign_in(client, user)
    page = client.get("/staff/choose-organisation").content.decode()
    assert "Northshire Council" in page
    assert "Southshire Council" in page

    stranger = organisation("Eastshire Council")
    refused = client.post("/staff/choose-organisation", {"organisation": str(stranger.id)})
    assert "Choose an organisation" in refused.content.decode()
    client.post("/staff/choose-organisation", {"organisation": str(there.id)})

    assert "Southshire Council" in client.get("/staff/account").content.decode()


def test_there_is_no_way_in_without_proof_outside_a_demonstration(rf):
    with pytest.raises(RuntimeError, match="outside a demonstration"):
        open_session(rf.get("/staff/"), staff("clerk"), method=SignInMethod.DEMONSTRATION, at=timezone.now())


@pytest.mark.parametrize("mode", [Mode.PRODUCTION, Mode.TEST])
def test_a_session_without_proof_ends_outside_a_demonstration(client, settings, mode):
    with_proof = Client()
    sign_in(with_proof, staff("clerk"))
    kept = StaffSession.objects.get()
    sign_in(client, staff("clerk"))
    StaffSession.objects.exclude(id=kept.id).update(method=SignInMethod.DEMONSTRATION)
    settings.JOINEDUP = replace(settings.JOINEDUP, mode=Mode.DEMONSTRATION)
    assert is_signed_in(client)

    settings.JOINEDUP = replace(settings.JOINEDUP, mode=mode)

    assert not is_signed_in(client)
    assert StaffSession.objects.exclude(id=kept.id).get().end == SessionEnd.BY_ADMINISTRATOR
    assert last_event("session.ended_by_force")["reason"] == "by_administrator"
    assert is_signed_in(with_proof)
    settings.JOINEDUP = replace(settings.JOINEDUP, mode=Mode.DEMONSTRATION)
    assert not is_signed_in(client), "it came back with the demonstration"
