"""Giving and ending roles, an organisation's own roles, closing accounts: grants and refusals."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from joinedup_web.accounts import actions
from joinedup_web.accounts.models import Membership, Role
from joinedup_web.gate.decide import Refused
from support.staff_accounts import kinds, last_event
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def role(code: str) -> Role:
    return Role.objects.get(code=code, organisation=None)


def refused(reason: str, words: str, attempt) -> None:
    """It is refused for that reason, nothing changed, and there is one event."""
    before, held = len(kinds("access.refused")), list(Membership.objects.order_by("id").values())
    with pytest.raises(Refused, match=words):
        attempt()
    assert last_event("access.refused")["reason"] == reason
    assert len(kinds("access.refused")) == before + 1
    assert list(Membership.objects.order_by("id").values()) == held


@pytest.fixture
def administrator():
    return staff("organisation_administrator")


def test_a_role_is_given_on_the_page_until_a_day(client, administrator):
    user = staff("leader")
    sign_in(client, administrator)
    form = {"role": str(role("clerk").id), "until-day": "27", "until-month": "3", "until-year": "2199"}

    client.post(f"/staff/colleagues/{user.id}/roles/new", form)

    held = user.memberships.get(role__code="clerk")
    assert held.granted_by == administrator
    assert timezone.localtime(held.expires_at).isoformat() == "2199-03-28T00:00:00+00:00"
    assert last_event("role.granted")["role"] == "clerk"
    assert "pair.review" in acting(user).permissions


def test_an_expired_role_allows_nothing_and_may_be_given_anew(administrator):
    user = staff("clerk")
    user.memberships.update(expires_at=timezone.now() - timedelta(seconds=1))
    from joinedup_web.accounts.memberships import actor_of

    assert actor_of(user.id, organisation_id=organisation().id).permissions == frozenset()
    actions.grant_role(by=acting(administrator), user=user, role=role("clerk"))

    assert "pair.review" in acting(user).permissions


def test_what_may_not_be_given_is_refused(administrator):
    by, user = acting(administrator), staff("clerk")
    elsewhere = staff("auditor", where=organisation("Southshire Council"))
    grant = actions.grant_role
    refused("own_work", "their own roles", lambda: grant(by=by, user=administrator, role=role("caseworker")))
    refused("held_already", "already", lambda: grant(by=by, user=user, role=role("clerk")))
    refused(
        "no_permission",
        "platform role",
        lambda: grant(by=by, user=user, role=role("platform_administrator")),
    )
    refused(
        "no_permission", "no role of yours", lambda: grant(by=acting(user), user=user, role=role("leader"))
    )
    refused(
        "other_organisation",
        "another organisation",
        lambda: grant(
            by=by, organisation_id=organisation("Southshire Council").id, user=elsewhere, role=role("clerk")
        ),
    )
    past = timezone.now() - timedelta(days=1)
    refused(
        "date_past", "ended already", lambda: grant(by=by, user=user, role=role("leader"), expires_at=past)
    )


def test_duties_that_are_kept_apart_are_never_in_one_hand(administrator):
    by = acting(administrator)
    caseworker, auditor = staff("caseworker"), staff("auditor")
    words = "watches the watchers"
    refused("duties_apart", words, lambda: actions.grant_role(by=by, user=caseworker, role=role("auditor")))
    refused("duties_apart", words, lambda: actions.grant_role(by=by, user=auditor, role=role("caseworker")))
    platform = acting(staff("platform_administrator"))
    refused(
        "duties_apart",
        "watches the watchers|keeps the machines",
        lambda: actions.grant_role(by=platform, user=caseworker, role=role("platform_administrator")),
    )


def test_ending_a_role(client, administrator):
    user = staff("clerk")
    held = user.memberships.get()
    sign_in(client, administrator)
    assert "End the role Review clerk" in client.get(f"/staff/memberships/{held.id}/end").content.decode()

    client.post(f"/staff/memberships/{held.id}/end")

    held.refresh_from_db()
    assert held.ended_at is not None
    refused(
        "ended_already",
        "taken away already",
        lambda: actions.end_role(by=acting(administrator), membership=held),
    )
    own = administrator.memberships.get()
    refused("own_work", "their own roles", lambda: actions.end_role(by=acting(administrator), membership=own))


def test_the_last_platform_administrator_stays():
    first, second = staff("platform_administrator"), staff("platform_administrator")
    by = acting(first)
    actions.close_account(by=by, user=second, reason="left")
    actions.open_account(by=by, user=second)
    actions.end_role(by=by, membership=second.memberships.get())

    third = staff("platform_administrator")
    actions.end_role(by=acting(third), membership=first.memberships.get())
    with pytest.raises(Refused, match="their own roles"):
        actions.end_role(by=acting(third), membership=third.memberships.get())


def test_an_account_is_closed_with_a_reason_and_opened_again(client, administrator):
    user = staff("clerk")
    sign_in(client, administrator)

    client.post(f"/staff/colleagues/{user.id}/close", {})
    user.refresh_from_db()
    assert user.is_active, "no reason was given"
    client.post(f"/staff/colleagues/{user.id}/close", {"reason": "left"})
    user.refresh_from_db()
    assert not user.is_active
    assert last_event("account.disabled")["reason"] == "left"
    client.post(f"/staff/colleagues/{user.id}/open")

    user.refresh_from_db()
    assert user.is_active


def test_an_account_that_reaches_elsewhere_is_not_closed_from_here(administrator):
    user = staff("clerk")
    user.memberships.create(organisation=organisation("Southshire Council"), role=role("clerk"))

    refused(
        "works_elsewhere",
        "also work elsewhere",
        lambda: actions.close_account(by=acting(administrator), user=user, reason="left"),
    )
    actions.close_account(by=acting(staff("platform_administrator")), user=user, reason="left")


def test_people_of_other_organisations_are_not_found(client, administrator):
    there = organisation("Southshire Council")
    stranger = staff("clerk", where=there, email="marked.stranger@example.test")
    held = stranger.memberships.get()
    sign_in(client, administrator)

    assert "marked.stranger" not in client.get("/staff/colleagues").content.decode()
    assert "marked.stranger" not in b"".join(client.get("/staff/colleagues?format=csv")).decode()
    for path in ("", "/roles/new", "/sign-out", "/close", "/open"):
        assert client.get(f"/staff/colleagues/{stranger.id}{path}").status_code == 404
        assert client.post(f"/staff/colleagues/{stranger.id}{path}").status_code in (404, 405)
    assert client.post(f"/staff/memberships/{held.id}/end").status_code == 404


def test_the_roles_of_a_colleague_elsewhere_stay_unseen(client, administrator):
    user = staff("clerk")
    user.memberships.create(organisation=organisation("Southshire Council"), role=role("analyst"))
    sign_in(client, administrator)

    page = client.get(f"/staff/colleagues/{user.id}").content.decode()

    assert "Review clerk" in page
    assert "Southshire" not in page
    assert "Data analyst" not in page


def test_the_list_is_searched_filtered_and_downloaded(client, administrator):
    ada = staff("clerk", email="ada@example.test")
    bea = staff("leader", email="bea@example.test")
    bea.is_active = False
    bea.save()
    sign_in(client, administrator)
    page = lambda asked: client.get(f"/staff/colleagues?{asked}").content.decode()  # noqa: E731

    assert ada.email in page("q=ADA")
    assert bea.email not in page("q=ADA")
    assert bea.email in page("is_active=False")
    assert ada.email not in page("is_active=False")
    by_role = page(f"role={role('clerk').id}")
    assert ada.email in by_role
    assert bea.email not in by_role
    csv = b"".join(client.get("/staff/colleagues?format=csv")).decode()
    assert ada.email in csv
    assert last_event("table.exported")["table"] == "staff"


def test_an_organisation_makes_changes_and_withdraws_a_role_of_its_own(client, administrator):
    sign_in(client, administrator)
    form = {"name": "Night clerk", "what": "Reviews at night", "permissions": ["pair.review", "linkage.view"]}
    client.post("/staff/roles/new", form)
    made = Role.objects.get(organisation=organisation())
    assert (made.code, made.permissions) == ("own_1", ["linkage.view", "pair.review"])
    assert last_event("role.defined") == {"role": "own_1", "permissions": ["linkage.view", "pair.review"]}
    user = staff("leader")
    actions.grant_role(by=acting(administrator), user=user, role=made)

    client.post(f"/staff/roles/{made.id}/change", {**form, "permissions": ["source.view"]})
    assert "pair.review" not in acting(user).permissions
    client.post(f"/staff/roles/{made.id}/withdraw")
    made.refresh_from_db()
    assert made.withdrawn_at is None, "somebody holds it"
    actions.end_role(by=acting(administrator), membership=user.memberships.get(role=made))
    client.post(f"/staff/roles/{made.id}/withdraw")

    made.refresh_from_db()
    assert made.withdrawn_at is not None
    refused(
        "role_withdrawn",
        "no longer in use",
        lambda: actions.grant_role(by=acting(administrator), user=user, role=made),
    )


def test_own_roles_keep_within_their_bounds(administrator):
    by, place = acting(administrator), organisation()
    define = lambda codes, name="X": actions.define_role(  # noqa: E731
        by=by, organisation_id=place.id, organisation=place, name=name, what="x", codes=codes
    )
    refused("platform_permission", "concerns all", lambda: define(["operations.keep"]))
    refused("platform_permission", "concerns all", lambda: define(["no.such"]))
    refused("no_permissions", "at least one", lambda: define([]))
    refused("duties_apart", "may not allow both", lambda: define(["audit.export", "record.view"]))
    refused("name_taken", "of that name", lambda: define(["pair.review"], name="review CLERK"))
    held = define(["source.view"])
    actions.grant_role(by=acting(staff("organisation_administrator")), user=administrator, role=held)
    refused(
        "own_work",
        "you hold that role",
        lambda: actions.change_role(by=by, role=held, name="X", what="x", codes=["record.view"]),
    )


def test_another_organisations_own_role_is_neither_seen_nor_given(client, administrator):
    there = organisation("Southshire Council")
    theirs = actions.define_role(
        by=acting(staff("organisation_administrator", where=there), there),
        organisation=there,
        name="Marked role",
        what="x",
        codes=["pair.review"],
    )
    sign_in(client, administrator)

    assert "Marked role" not in client.get("/staff/roles").content.decode()
    assert client.get(f"/staff/roles/{theirs.id}/change").status_code == 404
    user = staff("leader")
    refused(
        "role_elsewhere",
        "not one of this organisation",
        lambda: actions.grant_role(by=acting(administrator), user=user, role=theirs),
    )


@pytest.mark.parametrize("code", ["analyst", "clerk", "caseworker", "leader"])
def test_roles_without_the_permission_see_no_staff(client, code):
    user = staff(code)
    sign_in(client, user)

    for path in (
        "colleagues",
        f"colleagues/{user.id}",
        "roles",
        "invitations",
        "invitations/new",
        "recoveries",
        "reviews",
    ):
        assert client.get(f"/staff/{path}").status_code == 403, path
