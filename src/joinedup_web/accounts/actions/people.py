"""Deeds on colleagues: roles given and ended, sessions ended, accounts closed and opened."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from joinedup_web.accounts.actions.session import end_sessions
from joinedup_web.accounts.granting import check_roles
from joinedup_web.accounts.memberships import current_memberships, holds
from joinedup_web.accounts.models import Membership, Role, SessionEnd, StaffUser
from joinedup_web.audit.deed import Deed, action

CLOSING_REASONS = {
    "left": "They have left or moved on",
    "unused": "The account is not used",
    "compromised": "Somebody else may be using it",
    "duplicate": "They have another account",
}


@action("staff.grant")
def grant_role(deed: Deed, *, user: StaffUser, role: Role, expires_at: datetime | None = None) -> Membership:
    """Give somebody a role in the deed's organisation (a platform role: over all)."""
    place = None if role.platform else deed.organisation_id
    check_roles(deed, user_id=user.id, roles=[role], organisation_id=place)
    if expires_at is not None and expires_at <= deed.at:
        raise deed.refuse("date_past", "the role would have ended already")
    return give(deed, user=user, role=role, organisation_id=place, expires_at=expires_at)


@action("staff.grant")
def end_role(deed: Deed, *, membership: Membership) -> None:
    """Take a role away."""
    if membership.user_id == deed.by.id:
        raise deed.refuse("own_work", "nobody changes their own roles; ask a colleague")
    _check_platform(deed, membership)
    end(deed, membership)


@action("staff.sign_out")
def sign_out_person(deed: Deed, *, user: StaffUser) -> int:
    """End every session of somebody who works here; return how many there were."""
    if "staff.sign_out" not in deed.by.platform:
        here = current_memberships(user.id, on=deed.at).filter(organisation_id=deed.by.organisation_id)
        if not here.exists():
            raise deed.refuse(
                "works_elsewhere", "they do not work here any more, so their sessions are not yours to end"
            )
    ended = end_sessions(deed, user_id=user.id, reason=SessionEnd.BY_ADMINISTRATOR)
    if not ended:
        raise deed.refuse("no_sessions", "they are not signed in anywhere")
    return ended


@action("staff.sign_out")
def close_account(deed: Deed, *, user: StaffUser, reason: str) -> None:
    """Close an account and end its sessions. Its history stays."""
    if user.id == deed.by.id:
        raise deed.refuse("own_work", "nobody closes their own account; ask a colleague")
    _check_reach(deed, user)
    if set(_platform_administrators(deed.at)) == {user.id}:
        raise deed.refuse("last_administrator", "somebody must be left who administers the platform")
    if not StaffUser.objects.filter(id=user.id, is_active=True).update(is_active=False):
        raise deed.refuse("closed_already", "the account is closed already")
    deed.record("account.disabled", account=user.id, reason=reason)
    end_sessions(deed, user_id=user.id, reason=SessionEnd.ACCOUNT_DISABLED)


@action("staff.sign_out")
def open_account(deed: Deed, *, user: StaffUser) -> None:
    """Open a closed account again, with the roles that still hold."""
    if user.id == deed.by.id:
        raise deed.refuse("own_work", "nobody opens their own account; ask a colleague")
    _check_reach(deed, user)
    if not StaffUser.objects.filter(id=user.id, is_active=False).update(is_active=True):
        raise deed.refuse("open_already", "the account is open already")
    deed.record("account.enabled", account=user.id)


def give(
    deed: Deed,
    *,
    user: StaffUser,
    role: Role,
    organisation_id: UUID | None,
    expires_at: datetime | None,
    granted_by: UUID | None = None,
) -> Membership:
    """Part of a deed: the membership and its event. Refuses where it is held already."""
    same = Membership.objects.select_for_update().filter(
        user=user, role=role, organisation_id=organisation_id, ended_at=None
    )
    for held in same:
        if held.expires_at is None or held.expires_at > deed.at:
            raise deed.refuse("held_already", f"they hold the role {role.name} already")
        Membership.objects.filter(id=held.id).update(ended_at=held.expires_at)
    made = Membership.objects.create(
        user=user,
        organisation_id=organisation_id,
        role=role,
        granted_by_id=granted_by or deed.by.id,
        granted_at=deed.at,
        expires_at=expires_at,
    )
    deed.record(
        "role.granted", account=user.id, role=role.code, until=expires_at, organisation_id=organisation_id
    )
    return made


def end(deed: Deed, membership: Membership) -> None:
    """Part of a deed: the end of a membership and its event. Refuses where it has ended."""
    ended = Membership.objects.filter(id=membership.id, ended_at=None).update(ended_at=deed.at)
    if not ended:
        raise deed.refuse("ended_already", "that role was taken away already")
    if membership.role.code == "platform_administrator" and not _platform_administrators(deed.at):
        raise deed.refuse("last_administrator", "somebody must be left who administers the platform")
    deed.record(
        "role.removed",
        account=membership.user_id,
        role=membership.role.code,
        organisation_id=membership.organisation_id,
    )


def _check_platform(deed: Deed, membership: Membership) -> None:
    if membership.organisation_id is None and "staff.grant" not in deed.by.platform:
        raise deed.refuse("no_permission", "only a platform role may take away platform roles")


def _check_reach(deed: Deed, user: StaffUser) -> None:
    """Closing an account reaches every organisation that somebody works for."""
    if "staff.sign_out" in deed.by.platform:
        return
    elsewhere = current_memberships(user.id, on=deed.at).exclude(organisation_id=deed.by.organisation_id)
    if elsewhere.exists() or current_memberships(user.id, on=deed.at).filter(organisation=None).exists():
        raise deed.refuse(
            "works_elsewhere",
            "they also work elsewhere, so end their roles here; a platform administrator can close the account",
        )


def _platform_administrators(on: datetime) -> list[UUID]:
    return list(
        Membership.objects.filter(
            holds(on), organisation=None, role__code="platform_administrator", user__is_active=True
        ).values_list("user_id", flat=True)
    )
