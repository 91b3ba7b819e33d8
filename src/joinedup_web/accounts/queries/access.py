"""Recoveries, reviews and emergencies, as those who must act on them see them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from joinedup_web.accounts.actions.reviews import EVERY
from joinedup_web.accounts.memberships import holds
from joinedup_web.accounts.models import (
    AccessReview,
    EmergencyAccess,
    Membership,
    Organisation,
    Recovery,
    RecoveryState,
    ReviewItem,
    Role,
)
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide, require

SHOWN_FOR = timedelta(days=90)


def recoveries(by: Actor) -> QuerySet[Recovery]:
    """Requests of the last 90 days of people who work for the asker's organisation, waiting ones included."""
    require(by, "staff.recover")
    rows = Recovery.objects.filter(asked_at__gt=timezone.now() - SHOWN_FOR).select_related(
        "user", "decided_by"
    )
    if "staff.recover" in by.platform:
        return rows
    near = Membership.objects.filter(
        holds(timezone.now()), user=OuterRef("user_id"), organisation_id=by.organisation_id
    )
    return rows.filter(Exists(near))


def waiting_recoveries(by: Actor) -> QuerySet[Recovery]:
    """Those that wait for somebody else's approval."""
    return (
        recoveries(by).filter(state=RecoveryState.ASKED, expires_at__gt=timezone.now()).exclude(user_id=by.id)
    )


def recovery(by: Actor, recovery_id: UUID) -> Recovery:
    """One request. Raises Http404."""
    found = recoveries(by).filter(id=recovery_id).first()
    if found is None:
        raise Http404
    return found


def reviews(by: Actor) -> list[AccessReview]:
    """The organisation's reviews, the latest first, with `total` and `decided`."""
    require(by, "staff.review")
    return list(
        AccessReview.objects.filter(organisation_id=by.organisation_id)
        .select_related("opened_by", "closed_by")
        .annotate(total=Count("items"), decided=Count("items", filter=~Q(items__decision="")))
    )


def review(by: Actor, review_id: UUID) -> AccessReview:
    """One review. Raises Http404 for another organisation's."""
    require(by, "staff.review")
    found = AccessReview.objects.filter(id=review_id, organisation_id=by.organisation_id).first()
    if found is None:
        raise Http404
    return found


def review_items(by: Actor, review: AccessReview) -> list[ReviewItem]:
    """Every role in a review, those without a decision first, by name."""
    require(by, "staff.review", organisation_id=review.organisation_id)
    rows = ReviewItem.objects.filter(review=review).select_related(
        "membership__user", "membership__role", "decided_by"
    )
    return sorted(
        rows, key=lambda row: (row.decision != "", row.membership.user.name, row.membership.role.name)
    )


def review_item(by: Actor, review: AccessReview, item_id: UUID) -> ReviewItem:
    """One role in a review. Raises Http404."""
    found = (
        ReviewItem.objects.filter(review=review, id=item_id)
        .select_related("membership__user", "membership__role", "review")
        .first()
    )
    if found is None:
        raise Http404
    return found


def next_review_due(organisation: Organisation) -> datetime:
    """When the next review is due: 90 days after the last one closed, or after the organisation joined."""
    last = AccessReview.objects.filter(organisation=organisation).exclude(closed_at=None)
    closed = last.order_by("-closed_at").values_list("closed_at", flat=True).first()
    return (closed or organisation.created_at) + EVERY


def review_tasks(by: Actor) -> int:
    """How many roles wait for this reviewer, or 1 where a review is due and none is open; 0 where all is well."""
    if by.organisation_id is None or not decide(by, "staff.review").allowed:
        return 0
    open_one = AccessReview.objects.filter(organisation_id=by.organisation_id, closed_at=None).first()
    if open_one is not None:
        waiting = ReviewItem.objects.filter(review=open_one, decision="").exclude(membership__user_id=by.id)
        return waiting.filter(membership__in=Membership.objects.filter(holds(timezone.now()))).count() or 1
    organisation = Organisation.objects.get(id=by.organisation_id)
    return int(next_review_due(organisation) <= timezone.now())


def emergencies(by: Actor) -> QuerySet[EmergencyAccess]:
    """Emergency accesses of the organisation; one's own only, where one may not close others'."""
    rows = EmergencyAccess.objects.select_related("user", "role", "organisation", "closed_by", "reviewed_by")
    if "access.close_break_glass" in by.platform:
        return rows
    if decide(by, "access.close_break_glass").allowed:
        return rows.filter(Q(organisation_id=by.organisation_id) | Q(user_id=by.id))
    return rows.filter(user_id=by.id)


def emergency(by: Actor, emergency_id: UUID) -> EmergencyAccess:
    """One emergency access. Raises Http404."""
    found = emergencies(by).filter(id=emergency_id).first()
    if found is None:
        raise Http404
    return found


def emergencies_to_review(by: Actor) -> int:
    """How many wait for this person's look."""
    if not decide(by, "access.close_break_glass").allowed:
        return 0
    return emergencies(by).filter(reviewed_at=None).exclude(user_id=by.id).count()


def open_emergencies(by: Actor) -> list[EmergencyAccess]:
    """Those open now that this person should know of: their own, and others' where they may close them."""
    return list(emergencies(by).filter(closed_at=None, until__gt=timezone.now()))


def emergency_roles(by: Actor) -> list[Role]:
    """The roles that may be taken in an emergency in the asker's organisation, without those held already."""
    require(by, "access.break_glass")
    held = Membership.objects.filter(
        holds(timezone.now()), user_id=by.id, organisation_id=by.organisation_id
    ).values("role_id")
    return list(
        Role.objects.filter(
            Q(organisation=None) | Q(organisation_id=by.organisation_id), platform=False, withdrawn_at=None
        ).exclude(id__in=held)
    )
