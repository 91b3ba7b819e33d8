"""Deeds of recovery: somebody lost every factor, a second person makes sure who they are, one link works once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from joinedup_web.accounts.actions.factors import remove_all_factors
from joinedup_web.accounts.actions.session import end_sessions
from joinedup_web.accounts.colleagues import holders_of
from joinedup_web.accounts.lockout import FREE_BY_ADDRESS, count_failure
from joinedup_web.accounts.memberships import current_memberships
from joinedup_web.accounts.messages import Delivery, link_to, send_after
from joinedup_web.accounts.models import Recovery, RecoveryState, SessionEnd, StaffUser
from joinedup_web.accounts.tokens import new_token
from joinedup_web.audit.deed import Deed, action
from joinedup_web.design.words import clock

ASKED_LASTS, LINK_LASTS = timedelta(hours=48), timedelta(hours=1)
WAYS_TO_CHECK = {
    "in_person": "I saw them in person",
    "video": "I saw them on a video call and know their face",
    "manager": "Their line manager vouched for them, in person or on a call that I made",
}


@dataclass(frozen=True)
class Approved:
    """An approval with its link, which is told here and in the message, and kept nowhere."""

    recovery: Recovery
    link: str = field(repr=False)
    delivery: Delivery


@action(None)
def ask_for_recovery(deed: Deed, *, user: StaffUser | None, address: str) -> None:
    """Note the wish of somebody at the sign-in page. Nothing that comes back tells whether there is an account.

    Each counts as an attempt from its address, so that nobody floods the approvers.
    """
    count_failure(address, free=FREE_BY_ADDRESS, at=deed.at)
    if user is None:
        deed.record("recovery.asked")
        return
    lapsed = Recovery.objects.filter(user=user, state=RecoveryState.ASKED, expires_at__lte=deed.at)
    lapsed.update(state=RecoveryState.REFUSED, decided_at=deed.at)
    made, is_new = Recovery.objects.get_or_create(
        user=user,
        state=RecoveryState.ASKED,
        defaults={"asked_at": deed.at, "expires_at": deed.at + ASKED_LASTS},
    )
    deed.record("recovery.asked", account=user.id, recovery=made.id)
    if is_new:
        for colleague in approvers(user):
            send_after(
                deed,
                "recovery_asked",
                to=colleague.email,
                name=colleague.name,
                colleague=user.name,
                when=clock(deed.at),
                link=link_to("accounts:recoveries"),
            )


@action("staff.recover")
def approve_recovery(deed: Deed, *, recovery: Recovery, checked_by: str) -> Approved:
    """Let somebody set up new factors, after making sure who they are. Nobody approves their own."""
    _check_open(deed, recovery)
    _check_reach(deed, recovery)
    token = new_token()
    _decide(deed, recovery, RecoveryState.APPROVED)
    Recovery.objects.filter(id=recovery.id).update(token_digest=token.digest, expires_at=deed.at + LINK_LASTS)
    deed.record("recovery.approved", account=recovery.user_id, recovery=recovery.id, checked=checked_by)
    link = link_to("accounts:recover_link", token=token.text)
    delivery = send_after(
        deed,
        "sign_in_recovery",
        to=recovery.user.email,
        name=recovery.user.name,
        link=link,
        expires=clock(deed.at + LINK_LASTS),
        contact=deed.by.name or "your administrator",
    )
    return Approved(recovery, link, delivery)


@action("staff.recover")
def refuse_recovery(deed: Deed, *, recovery: Recovery) -> None:
    """Turn a request down, for instance where the person knows nothing of it."""
    _check_open(deed, recovery)
    _check_reach(deed, recovery)
    _decide(deed, recovery, RecoveryState.REFUSED)
    deed.record("recovery.refused", account=recovery.user_id, recovery=recovery.id)


@action(None)
def use_recovery(deed: Deed, *, recovery: Recovery, hashed: str) -> StaffUser:
    """Set a new password, forget the lost factors, end all sessions; the person sets up a new factor next."""
    taken = Recovery.objects.filter(
        id=recovery.id, state=RecoveryState.APPROVED, expires_at__gt=deed.at
    ).update(state=RecoveryState.USED, used_at=deed.at)
    user = recovery.user
    if not taken or not user.is_active:
        raise deed.refuse("not_open", "the link was used or ran out; ask for recovery again")
    StaffUser.objects.filter(id=user.id).update(password=hashed)
    deed.record("recovery.used", account=user.id, recovery=recovery.id)
    remove_all_factors(deed, user)
    deed.record("password.changed", account=user.id)
    end_sessions(deed, user_id=user.id, reason=SessionEnd.PROOF_CHANGED)
    user.password = hashed
    return user


def approvers(user: StaffUser) -> list[StaffUser]:
    """Who may approve somebody's recovery: colleagues with the permission, never the person."""
    return holders_of("staff.recover", beside=user)


def _check_open(deed: Deed, recovery: Recovery) -> None:
    if recovery.user_id == deed.by.id:
        raise deed.refuse("own_work", "nobody approves their own recovery; ask a colleague")
    if recovery.state != RecoveryState.ASKED or recovery.expires_at <= deed.at:
        raise deed.refuse("not_open", "the request was decided already, or ran out")


def _check_reach(deed: Deed, recovery: Recovery) -> None:
    """Platform roles reach further than an organisation, so an organisation's approver may not bring them back."""
    if "staff.recover" in deed.by.platform:
        return
    held = set(current_memberships(recovery.user_id, on=deed.at).values_list("organisation_id", flat=True))
    if None in held:
        raise deed.refuse(
            "no_permission", "they hold a platform role, so a platform administrator must approve"
        )
    if deed.by.organisation_id not in held:
        raise deed.refuse("other_organisation", "they do not work for your organisation")


def _decide(deed: Deed, recovery: Recovery, state: RecoveryState) -> None:
    decided = Recovery.objects.filter(id=recovery.id, state=RecoveryState.ASKED).update(
        state=state, decided_by=deed.by.id, decided_at=deed.at
    )
    if not decided:
        raise deed.refuse("not_open", "somebody else decided in the meantime")
