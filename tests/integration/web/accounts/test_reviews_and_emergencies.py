"""The periodic access review, and emergency access with its alarm."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from joinedup_web.accounts import actions
from joinedup_web.accounts.models import (
    AccessReview,
    EmergencyAccess,
    EmergencyReason,
    Officer,
    Organisation,
    ReviewDecision,
    ReviewItem,
    Role,
)
from joinedup_web.accounts.queries.access import emergencies_to_review, next_review_due, review_tasks
from joinedup_web.accounts.upkeep import tidy_up
from joinedup_web.audit.models import Event
from joinedup_web.gate.decide import Refused
from support.staff_accounts import kinds, last_event
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def decide(item, by, decision=ReviewDecision.KEEP):
    return actions.decide_item(by=by, item=item, decision=decision)


def test_a_review_keeps_and_ends_roles_and_nobody_decides_on_their_own(client):
    first, second, clerk = (
        staff("organisation_administrator"),
        staff("organisation_administrator"),
        staff("clerk"),
    )
    one, two = acting(first), acting(second)
    review = actions.open_review(by=one, organisation=organisation())
    items = {item.membership.user: item for item in ReviewItem.objects.all()}
    assert len(items) == 3

    with pytest.raises(Refused, match="their own access"):
        decide(items[first], one)
    with pytest.raises(Refused, match="still need a decision"):
        actions.close_review(by=one, review=review)
    decide(items[second], one)
    decide(items[first], two)
    decide(items[clerk], one, ReviewDecision.END)
    with pytest.raises(Refused, match="somebody else decided"):
        decide(items[clerk], two)
    actions.close_review(by=one, review=review)

    assert clerk.memberships.get().ended_at is not None
    assert second.memberships.get().reviewed_at is not None
    assert last_event("access.reviewed") == {"review": str(review.id), "accounts": 3, "kept": 2, "removed": 1}
    with pytest.raises(Refused, match="closed"):
        decide(items[clerk], two)


def test_a_review_is_due_after_ninety_days_and_shown_on_the_home_page(client):
    administrator = staff("organisation_administrator")
    sign_in(client, administrator)
    assert review_tasks(acting(administrator)) == 0
    Organisation.objects.update(created_at=timezone.now() - timedelta(days=91))
    assert review_tasks(acting(administrator)) == 1
    home = client.get("/staff/").content.decode()
    assert home.index("Review who has access") < home.index("What else you can do")
    assert "Overdue" in client.get("/staff/reviews").content.decode()

    client.post("/staff/reviews")
    review = AccessReview.objects.get()
    other = staff("organisation_administrator")
    decide(ReviewItem.objects.get(), acting(other))
    client.post(f"/staff/reviews/{review.id}")

    assert review_tasks(acting(administrator)) == 0
    assert next_review_due(organisation()) > timezone.now() + timedelta(days=89)


def test_roles_decided_on_the_page(client):
    clerk = staff("clerk")
    sign_in(client, staff("organisation_administrator"))
    client.post("/staff/reviews")
    item = ReviewItem.objects.get(membership__user=clerk)
    there = f"/staff/reviews/{item.review_id}/{item.id}"

    assert client.post(there, {"decision": "perhaps"}).status_code == 404
    client.post(there, {"decision": "end"})

    assert clerk.memberships.get().ended_at is not None
    assert last_event("access.role_reviewed")["decision"] == "end"


def test_a_review_elsewhere_is_not_found(client):
    there = organisation("Southshire Council")
    by = acting(staff("organisation_administrator", where=there), there)
    review = actions.open_review(by=by, organisation=there)
    item = ReviewItem.objects.get()
    sign_in(client, staff("organisation_administrator"))

    assert client.get(f"/staff/reviews/{review.id}").status_code == 404
    assert client.post(f"/staff/reviews/{review.id}/{item.id}", {"decision": "end"}).status_code == 404


def caseworker() -> Role:
    return Role.objects.get(code="caseworker", organisation=None)


def break_glass(user, why="The tip-off line is down and a child may be at risk") -> EmergencyAccess:
    return actions.open_emergency(
        by=acting(user),
        organisation=organisation(),
        role=caseworker(),
        reason=EmergencyReason.SAFEGUARDING,
        why=why,
    )


def test_emergency_access_lasts_an_hour_with_an_alarm_and_a_banner(client, monkeypatch):
    user, colleague = staff("organisation_administrator"), staff("organisation_administrator")
    sign_in(client, user)
    form = {"role": str(caseworker().id), "reason": "safeguarding", "why": "A marked reason in words"}

    client.post("/staff/emergency-access/new", form)

    emergency = EmergencyAccess.objects.get()
    assert "record.view" in acting(user).permissions
    assert emergency.until - emergency.opened_at == timedelta(hours=1)
    opened = last_event("break_glass.opened")
    assert (opened["grant"], opened["reason"]) == (str(emergency.id), "safeguarding")
    assert "marked reason" not in str(list(Event.objects.values()))
    assert "Emergency access is open" in client.get("/staff/account").content.decode()
    sign_in(client, colleague)
    assert "Emergency access is open" in client.get("/staff/account").content.decode()
    sign_in(client, staff("clerk"))
    assert "Emergency access is open" not in client.get("/staff/account").content.decode()
    later = timezone.now() + timedelta(minutes=61)
    monkeypatch.setattr("joinedup_web.accounts.memberships.timezone.now", lambda: later)
    assert "record.view" not in acting(user).permissions


def test_officers_and_administrators_are_told_at_once(monkeypatch, django_capture_on_commit_callbacks):
    told = []

    class Sender:
        def send(self, message):
            told.append((message.template, message.to))

    monkeypatch.setattr("joinedup_web.accounts.messages.notifier", Sender)
    user = staff("organisation_administrator", email="who@example.test")
    dpo = staff("adviser", email="dpo@example.test")
    staff("organisation_administrator", email="colleague@example.test")
    actions.name_officer(
        by=acting(user), organisation=organisation(), post="dpo", holder=dpo, since=timezone.localdate()
    )
    with django_capture_on_commit_callbacks(execute=True):
        break_glass(user)

    assert sorted(told) == [
        ("break_glass_alarm", "colleague@example.test"),
        ("break_glass_alarm", "dpo@example.test"),
    ]


def test_every_named_officer_in_post_is_told_and_the_platform_where_no_other_administrator_is(
    monkeypatch, django_capture_on_commit_callbacks
):
    told = []

    class Sender:
        def send(self, message):
            told.append(message.to)

    monkeypatch.setattr("joinedup_web.accounts.messages.notifier", Sender)
    user, today = staff("organisation_administrator", email="who@example.test"), timezone.localdate()
    staff("platform_administrator", email="platform@example.test")
    staff("asset_owner", email="no-post@example.test")
    posts = [
        ("dpo", "dpo@example.test", -30, None),
        ("siro", "siro@example.test", -30, 1),
        ("iao", "iao@example.test", -30, None),
        ("iao", "iao-that-was@example.test", -30, -1),
        ("iao", "iao-to-be@example.test", 1, None),
    ]
    for post, email, since, until in posts:
        Officer.objects.create(
            organisation=organisation(),
            post=post,
            holder=staff("adviser", email=email),
            asset=email,
            since=today + timedelta(days=since),
            until=until and today + timedelta(days=until),
        )

    with django_capture_on_commit_callbacks(execute=True):
        break_glass(user)

    in_post = {"dpo@example.test", "siro@example.test", "iao@example.test"}
    assert sorted(told) == sorted(in_post | {"platform@example.test"})


def test_it_is_closed_by_hand_and_reviewed_by_somebody_else(client):
    user, colleague = staff("organisation_administrator"), staff("organisation_administrator")
    emergency = break_glass(user)
    assert emergencies_to_review(acting(colleague)) == 1
    assert emergencies_to_review(acting(user)) == 0
    review = {"emergency": emergency, "was_justified": True, "finding": "It was right"}
    with pytest.raises(Refused, match="their own emergency access"):
        actions.review_emergency(by=acting(user), **review)

    actions.close_emergency(by=acting(user), emergency=emergency)
    assert "record.view" not in acting(user).permissions
    with pytest.raises(Refused, match="not been reviewed"):
        break_glass(user)
    sign_in(client, colleague)
    client.post(
        f"/staff/emergency-access/{emergency.id}", {"was_justified": "yes", "finding": "It was right"}
    )

    emergency.refresh_from_db()
    assert (emergency.reviewed_by, emergency.was_justified) == (colleague, True)
    assert kinds("break_glass.opened", "break_glass.closed", "break_glass.reviewed") == [
        "break_glass.opened",
        "break_glass.closed",
        "break_glass.reviewed",
    ]


def test_reviewing_closes_what_is_still_open():
    user, colleague = staff("organisation_administrator"), staff("organisation_administrator")
    emergency = break_glass(user)

    actions.review_emergency(
        by=acting(colleague), emergency=emergency, was_justified=False, finding="No need"
    )

    assert "record.view" not in acting(user).permissions
    assert last_event("break_glass.closed")["by"] == "hand"


def test_what_runs_out_is_closed_by_time_with_its_event():
    user = staff("organisation_administrator")
    emergency = break_glass(user)
    EmergencyAccess.objects.update(until=timezone.now() - timedelta(seconds=1))

    tidy_up()
    tidy_up()

    emergency.refresh_from_db()
    assert emergency.closed_at is not None
    assert kinds("break_glass.closed") == ["break_glass.closed"]
    assert last_event("break_glass.closed")["by"] == "time"


def test_who_may_not_break_the_glass(client):
    with pytest.raises(Refused, match="no role of yours"):
        break_glass(staff("clerk"))
    user = staff("organisation_administrator")
    with pytest.raises(Refused, match="say what happened"):
        break_glass(user, why="  ")
    user.memberships.create(
        organisation=organisation(), role=Role.objects.get(code="auditor", organisation=None)
    )
    with pytest.raises(Refused, match="not even in an emergency"):
        break_glass(user)

    assert not EmergencyAccess.objects.exists()
    assert kinds("access.refused") == ["access.refused"] * 3


def test_another_organisations_emergency_is_neither_seen_nor_closed(client):
    emergency = break_glass(staff("organisation_administrator"))
    there = organisation("Southshire Council")
    stranger = staff("organisation_administrator", where=there)
    sign_in(client, stranger, there)

    assert client.get(f"/staff/emergency-access/{emergency.id}").status_code == 404
    assert client.post(f"/staff/emergency-access/{emergency.id}/close").status_code == 404
    with pytest.raises(Refused, match="only who opened it"):
        actions.close_emergency(by=acting(stranger, there), emergency=emergency)
