"""Every page of accounts opens for whoever may see it, in its empty and its filled state."""

from __future__ import annotations

import pytest
from django.urls import reverse

from joinedup_web.accounts import actions
from joinedup_web.accounts.models import EmergencyReason, OfficerPost, Role, StaffUser
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]

LISTS = [
    "home",
    "account",
    "session",
    "confirm",
    "choose_organisation",
    "own_app",
    "own_passkey",
    "own_codes",
    "password",
    "remove_app",
    "staff",
    "roles",
    "add_role",
    "invitations",
    "invite",
    "recoveries",
    "reviews",
    "emergencies",
    "break_glass",
]
PUBLIC = ["sign_in", "lost"]


@pytest.fixture
def administrator(client):
    user = staff("organisation_administrator")
    sign_in(client, user)
    return user


@pytest.mark.parametrize("name", LISTS)
def test_an_administrator_opens_it(client, administrator, name):
    answer = client.get(reverse(f"accounts:{name}"))

    assert answer.status_code == 200, answer.get("Location")
    assert answer.content.count(b"<h1") == 1


@pytest.mark.parametrize("name", PUBLIC)
def test_anybody_opens_it(client, name):
    answer = client.get(reverse(f"accounts:{name}"))

    assert answer.status_code == 200
    assert answer.content.count(b"<h1") == 1


@pytest.mark.parametrize(
    "name", ["organisations", "add_organisation", "staff", "invite", "invitations", "emergencies", "home"]
)
def test_a_platform_administrator_opens_it(client, name):
    sign_in(client, staff("platform_administrator"))

    assert client.get(reverse(f"accounts:{name}")).status_code == 200


def test_pages_about_one_thing_open(client, administrator):
    colleague = staff("clerk", "organisation_administrator")
    by, other = acting(administrator), acting(colleague)
    place = organisation()
    sent = actions.invite(
        by=by,
        organisation_id=place.id,
        email="new@example.test",
        name="New Person",
        roles=[Role.objects.get(code="clerk", organisation=None)],
        organisation=place,
    )
    role = actions.define_role(
        by=by, organisation=place, name="Night clerk", what="Reviews at night", codes=["pair.review"]
    )
    officer = actions.name_officer(
        by=by, organisation=place, post=OfficerPost.DPO, holder=colleague, since=place.created_at.date()
    )
    review = actions.open_review(by=by, organisation=place)
    emergency = actions.open_emergency(
        by=other,
        organisation=place,
        role=Role.objects.get(code="caseworker", organisation=None),
        reason=EmergencyReason.INCIDENT,
        why="A test of the alarm",
    )
    actions.ask_for_recovery(by=by, user=colleague, address="x" * 64)
    recovery = colleague.recoveries.get()
    there = [
        ("person", {"user_id": colleague.id}),
        ("person", {"user_id": administrator.id}),
        ("grant", {"user_id": colleague.id}),
        ("sign_out_person", {"user_id": colleague.id}),
        ("close_account", {"user_id": colleague.id}),
        ("open_account", {"user_id": colleague.id}),
        ("end_role", {"membership_id": colleague.memberships.first().id}),
        ("send_again", {"invitation_id": sent.invitation.id}),
        ("withdraw_invitation", {"invitation_id": sent.invitation.id}),
        ("organisation", {"organisation_id": place.id}),
        ("change_organisation", {"organisation_id": place.id}),
        ("name_officer", {"organisation_id": place.id}),
        ("end_officer", {"officer_id": officer.id}),
        ("change_role", {"role_id": role.id}),
        ("withdraw_role", {"role_id": role.id}),
        ("review", {"review_id": review.id}),
        ("emergency", {"emergency_id": emergency.id}),
        ("recovery", {"recovery_id": recovery.id}),
        ("staff", {}),
        ("roles", {}),
        ("invitations", {}),
        ("recoveries", {}),
        ("reviews", {}),
        ("emergencies", {}),
        ("home", {}),
    ]
    for name, arguments in there:
        answer = client.get(reverse(f"accounts:{name}", kwargs=arguments))
        assert answer.status_code == 200, name
        assert answer.content.count(b"<h1") == 1, name
    assert StaffUser.objects.count() == 2
