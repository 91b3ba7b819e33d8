"""Deeds of the periodic access review: opened, each role of each person kept or ended, closed."""

from __future__ import annotations

from datetime import timedelta

from joinedup_web.accounts.actions.people import end
from joinedup_web.accounts.colleagues import holders_in
from joinedup_web.accounts.memberships import holds
from joinedup_web.accounts.messages import link_to, send_after
from joinedup_web.accounts.models import (
    AccessReview,
    Membership,
    Organisation,
    ReviewDecision,
    ReviewItem,
)
from joinedup_web.audit.deed import Deed, action
from joinedup_web.design.words import day

EVERY, LASTS = timedelta(days=90), timedelta(days=14)


@action("staff.review")
def open_review(deed: Deed, *, organisation: Organisation) -> AccessReview:
    """Open a review of every role that holds in an organisation now; emergency access is reviewed elsewhere."""
    if AccessReview.objects.filter(organisation=organisation, closed_at=None).exists():
        raise deed.refuse("open_already", "a review is open already; finish that one first")
    review = AccessReview.objects.create(
        organisation=organisation, opened_at=deed.at, opened_by_id=deed.by.id, due_at=deed.at + LASTS
    )
    items = [
        ReviewItem(review=review, membership=membership)
        for membership in Membership.objects.filter(holds(deed.at), organisation=organisation, emergency=None)
    ]
    ReviewItem.objects.bulk_create(items)
    deed.record("access.review_opened", review=review.id, roles=len(items))
    for colleague in holders_in("staff.review", [organisation.id]):
        send_after(
            deed,
            "access_review_due",
            to=colleague.email,
            name=colleague.name,
            organisation=organisation.name,
            due=day(review.due_at),
            link=link_to("accounts:review", review_id=review.id),
        )
    return review


@action("staff.review")
def decide_item(deed: Deed, *, item: ReviewItem, decision: ReviewDecision) -> None:
    """Keep or end one role of somebody else. An end takes hold at once."""
    if not AccessReview.objects.filter(id=item.review_id, closed_at=None).exists():
        raise deed.refuse("closed", "the review is closed")
    membership = item.membership
    if membership.user_id == deed.by.id:
        raise deed.refuse("own_work", "nobody reviews their own access; ask a colleague")
    decided = ReviewItem.objects.filter(id=item.id, decision="").update(
        decision=decision.value, decided_by=deed.by.id, decided_at=deed.at
    )
    if not decided:
        raise deed.refuse("decided_already", "somebody else decided on that in the meantime")
    deed.record(
        "access.role_reviewed",
        review=item.review_id,
        account=membership.user_id,
        role=membership.role.code,
        decision=decision.value,
    )
    if decision is ReviewDecision.KEEP:
        Membership.objects.filter(id=membership.id).update(reviewed_at=deed.at)
    elif membership.ended_at is None:
        end(deed, membership)


@action("staff.review")
def close_review(deed: Deed, *, review: AccessReview) -> None:
    """Close a review in which every role that still holds was decided on."""
    if review.closed_at is not None:
        raise deed.refuse("closed", "the review is closed already")
    left = undecided(review, deed)
    if left:
        raise deed.refuse("not_finished", f"{left} roles still need a decision")
    AccessReview.objects.filter(id=review.id).update(closed_at=deed.at, closed_by=deed.by.id)
    items = ReviewItem.objects.filter(review=review)
    deed.record(
        "access.reviewed",
        review=review.id,
        accounts=items.values("membership__user_id").distinct().count(),
        kept=items.filter(decision=ReviewDecision.KEEP).count(),
        removed=items.filter(decision=ReviewDecision.END).count(),
    )


def undecided(review: AccessReview, deed: Deed) -> int:
    """How many roles that still hold have no decision yet; those that ended meanwhile need none."""
    return ReviewItem.objects.filter(
        review=review, decision="", membership__in=Membership.objects.filter(holds(deed.at))
    ).count()
