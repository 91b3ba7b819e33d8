"""Getting back in after every factor was lost: a second person makes sure who it is; one link, one hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from joinedup_web.accounts import actions
from joinedup_web.accounts.models import AuthenticatorApp, Recovery, RecoveryState
from joinedup_web.gate.decide import Refused
from support.staff_accounts import kinds, last_event, open_link, with_app, with_password
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
NEW = "another horse battery staple"


@pytest.fixture
def clerk():
    user = with_password(staff("clerk", email="clerk@example.test"))
    with_app(user)
    return user


@pytest.fixture
def asked(client, clerk) -> Recovery:
    client.post("/staff/sign-in/lost", {"email": clerk.email})
    return Recovery.objects.get()


def approve(recovery, by):
    return actions.approve_recovery(by=by, recovery=recovery, checked_by="video")


def path_of(approved) -> str:
    return "/staff/" + approved.link.partition("/staff/")[2]


def test_asking_tells_nothing_about_accounts(client, clerk):
    known = client.post("/staff/sign-in/lost", {"email": "CLERK@example.test"})
    unknown = client.post("/staff/sign-in/lost", {"email": "nobody@example.test"})

    assert known.status_code == unknown.status_code == 200
    assert len(known.content) == len(unknown.content)
    assert Recovery.objects.count() == 1
    assert kinds() == ["recovery.asked", "recovery.asked"]


def test_the_whole_way_back_in(client, clerk, asked):
    administrator = staff("organisation_administrator")
    sign_in(client, administrator)
    page = client.post(f"/staff/recoveries/{asked.id}", {"checked": "video"}).content.decode()
    link = "/staff/recover/" + page.partition("/staff/recover/")[2].partition("<")[0].strip()
    client.post("/staff/sign-out")

    open_link(client, link)
    answer = client.post("/staff/recover", {"password": NEW})

    assert answer["Location"] == "/staff/sign-in/set-up"
    assert not AuthenticatorApp.objects.exists()
    clerk.refresh_from_db()
    assert clerk.check_password(NEW)
    assert open_link(client, link).status_code == 410
    assert last_event("recovery.approved")["checked"] == "video"
    assert {"recovery.used", "mfa.removed", "password.changed"} <= set(kinds())


def test_nobody_approves_their_own(client):
    administrator = with_password(staff("organisation_administrator", email="admin@example.test"))
    client.post("/staff/sign-in/lost", {"email": administrator.email})

    with pytest.raises(Refused, match="their own recovery"):
        approve(Recovery.objects.get(), acting(administrator))

    assert Recovery.objects.get().state == RecoveryState.ASKED


def test_approvers_elsewhere_neither_see_nor_approve(client, asked):
    there = organisation("Southshire Council")
    stranger = staff("organisation_administrator", where=there)
    sign_in(client, stranger, there)

    assert client.get(f"/staff/recoveries/{asked.id}").status_code == 404
    with pytest.raises(Refused, match="do not work for your organisation"):
        approve(asked, acting(stranger, there))


def test_a_platform_administrator_comes_back_by_the_platform_alone(client):
    user = with_password(staff("platform_administrator", "clerk", email="both@example.test"))
    client.post("/staff/sign-in/lost", {"email": user.email})
    recovery = Recovery.objects.get()

    with pytest.raises(Refused, match="platform administrator must approve"):
        approve(recovery, acting(staff("organisation_administrator")))
    approve(recovery, acting(staff("platform_administrator")))

    assert Recovery.objects.get().state == RecoveryState.APPROVED


def test_requests_and_links_run_out(client, asked):
    by = acting(staff("organisation_administrator"))
    approved = approve(asked, by)
    Recovery.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert open_link(client, path_of(approved)).status_code == 410
    Recovery.objects.update(state=RecoveryState.ASKED)
    asked.refresh_from_db()

    with pytest.raises(Refused, match="ran out"):
        approve(asked, by)


def test_a_refused_request_opens_nothing(client, asked):
    sign_in(client, staff("organisation_administrator"))

    client.post(f"/staff/recoveries/{asked.id}", {"decision": "refuse"})

    assert Recovery.objects.get().state == RecoveryState.REFUSED
    assert AuthenticatorApp.objects.exists()
    assert last_event("recovery.refused")["recovery"] == str(asked.id)


def test_clerks_approve_nothing(client, asked):
    with pytest.raises(Refused, match="no role of yours"):
        approve(asked, acting(staff("clerk")))
    sign_in(client, staff("clerk"))

    assert client.get("/staff/recoveries").status_code == 403
