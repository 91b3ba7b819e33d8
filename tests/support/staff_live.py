"""A live site's staff: colleagues, requests, a review and an emergency, for browser tests. Run by LiveSite.call."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from joinedup_web.accounts import actions
from joinedup_web.accounts.models import (
    EmergencyReason,
    OfficerPost,
    Organisation,
    ReviewDecision,
    ReviewItem,
    Role,
    StaffUser,
)
from support.staff_accounts import PASSWORD, with_app, with_password
from support.web_people import acting, organisation, sign_in, staff

NAMES = ("Ada Okafor", "Bea Lindqvist", "Cai Morgan", "Dev Sharma", "Elin Rees", "Farah Aziz", "Gwen Parry")


def role(code: str) -> Role:
    return Role.objects.get(code=code, organisation=None)


def named(user: StaffUser, name: str) -> StaffUser:
    user.name = name
    user.save()
    return user


def cookie(user: StaffUser, place: Organisation) -> str:
    client = Client()
    sign_in(client, user, where=place)
    return client.cookies["joinedup_staff"].value


def county() -> dict[str, Any]:
    """Fill the site; returns cookies of an administrator and of a platform administrator, and the pages' addresses."""
    place = organisation()
    administrator = with_password(
        named(staff("organisation_administrator", email="ada@example.test"), NAMES[0])
    )
    secret = with_app(administrator)
    second = named(staff("organisation_administrator", "clerk"), NAMES[1])
    adviser = named(staff("adviser"), NAMES[2])
    clerk = named(staff("clerk", "leader"), NAMES[3])
    gone = named(staff("analyst"), NAMES[4])
    platform = named(staff("platform_administrator"), NAMES[5])
    by, other = acting(administrator), acting(second)
    StaffUser.objects.filter(id=clerk.id).update(last_login=timezone.now() - timedelta(days=3))
    actions.close_account(by=by, user=gone, reason="left")
    actions.name_officer(
        by=by, organisation=place, post=OfficerPost.DPO, holder=adviser, since=date(2026, 1, 5)
    )
    own = actions.define_role(
        by=by, organisation=place, name="Night clerk", what="Reviews pairs at night", codes=["pair.review"]
    )
    sent = actions.invite(
        by=by, email="gwen@example.test", name=NAMES[6], roles=[role("clerk"), own], organisation=place
    )
    link = "/staff/" + sent.link.partition("/staff/")[2]
    review = actions.open_review(by=by, organisation=place)
    decided = ReviewItem.objects.filter(membership__user=clerk).first()
    actions.decide_item(by=by, item=decided, decision=ReviewDecision.KEEP)
    emergency = actions.open_emergency(
        by=other,
        organisation=place,
        role=role("caseworker"),
        reason=EmergencyReason.SAFEGUARDING,
        why="A child may be at risk and the duty caseworker cannot be reached",
    )
    actions.ask_for_recovery(by=by, user=clerk, address="0" * 64)
    clerk_held = clerk.memberships.first()
    pages = {
        "home": "/staff/",
        "account": "/staff/account",
        "session": "/staff/session",
        "confirm": "/staff/confirm",
        "choose-organisation": "/staff/choose-organisation",
        "new-passkey": "/staff/account/passkey",
        "recovery-codes": "/staff/account/recovery-codes",
        "password": "/staff/account/password",
        "staff": "/staff/colleagues",
        "staff-filtered": "/staff/colleagues?q=a&is_active=True",
        "staff-none": "/staff/colleagues?q=nobody+like+this",
        "person": f"/staff/colleagues/{clerk.id}",
        "grant": f"/staff/colleagues/{clerk.id}/roles/new",
        "close": f"/staff/colleagues/{clerk.id}/close",
        "end-role": f"/staff/memberships/{clerk_held.id}/end",
        "invitations": "/staff/invitations",
        "invite": "/staff/invitations/new",
        "roles": "/staff/roles",
        "add-role": "/staff/roles/new",
        "organisation": f"/staff/organisations/{place.id}",
        "change-organisation": f"/staff/organisations/{place.id}/change",
        "name-officer": f"/staff/organisations/{place.id}/officers/new",
        "recoveries": "/staff/recoveries",
        "recovery": f"/staff/recoveries/{clerk.recoveries.get().id}",
        "reviews": "/staff/reviews",
        "review": f"/staff/reviews/{review.id}",
        "emergencies": "/staff/emergency-access",
        "emergency": f"/staff/emergency-access/{emergency.id}",
        "break-glass": "/staff/emergency-access/new",
    }
    return {
        "administrator": cookie(administrator, place),
        "platform": cookie(platform, place),
        "pages": pages,
        "email": administrator.email,
        "password": PASSWORD,
        "secret": secret,
        "invitation": link,
    }


def invitation() -> str:
    """A new invitation to the site's organisation; returns its address."""
    by = acting(StaffUser.objects.get(email="ada@example.test"))
    number = StaffUser.objects.count()
    sent = actions.invite(
        by=by,
        email=f"new{number}@example.test",
        name="Hana Novak",
        roles=[role("clerk")],
        organisation=organisation(),
    )
    return "/staff/" + sent.link.partition("/staff/")[2]


def newest_email() -> str:
    """The e-mail address of the account that was made last."""
    return StaffUser.objects.latest("created_at").email
