"""Deeds of emergency access: opened with an alarm, closed by hand or by time, and looked at by somebody else."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from joinedup_web.accounts.actions.people import give
from joinedup_web.accounts.colleagues import holders_in
from joinedup_web.accounts.granting import apart
from joinedup_web.accounts.memberships import held_by
from joinedup_web.accounts.messages import link_to, send_after
from joinedup_web.accounts.models import (
    EmergencyAccess,
    EmergencyReason,
    Membership,
    Officer,
    Organisation,
    Role,
    StaffUser,
)
from joinedup_web.audit.deed import Deed, action
from joinedup_web.design.words import clock

LASTS = timedelta(hours=1)


@action("access.break_glass")
def open_emergency(
    deed: Deed, *, organisation: Organisation, role: Role, reason: EmergencyReason, why: str
) -> EmergencyAccess:
    """Take a role for an hour. The officers and whoever may close it are told at once.

    why: in the person's own words; kept with the access and never in the audit record.
    """
    assert deed.by.id is not None
    if not why.strip():
        raise deed.refuse("no_reason", "say what happened and what you need to do")
    if role.platform or role.organisation_id not in (None, organisation.id) or role.withdrawn_at:
        raise deed.refuse("role_elsewhere", "that role is not one of this organisation")
    if EmergencyAccess.objects.filter(user_id=deed.by.id, closed_at=None, until__gt=deed.at).exists():
        raise deed.refuse("open_already", "you have emergency access already; close it first")
    if EmergencyAccess.objects.filter(user_id=deed.by.id, reviewed_at=None).exists():
        raise deed.refuse("not_reviewed", "your last emergency access has not been reviewed yet")
    held = {
        code
        for each in held_by(deed.by.id, on=deed.at)
        if each.organisation_id in (None, organisation.id)
        for code in each.permissions
    }
    kept_apart = apart(held | set(role.permissions))
    if kept_apart:
        raise deed.refuse("duties_apart", f"not even in an emergency: {kept_apart}")
    user = StaffUser.objects.get(id=deed.by.id)
    until = deed.at + LASTS
    membership = give(deed, user=user, role=role, organisation_id=organisation.id, expires_at=until)
    made = EmergencyAccess.objects.create(
        user=user,
        organisation=organisation,
        role=role,
        membership=membership,
        reason=reason.value,
        why=why.strip(),
        opened_at=deed.at,
        until=until,
    )
    deed.record("break_glass.opened", grant=made.id, reason=reason.value, until=until)
    for colleague in _to_tell(organisation, but=user):
        send_after(
            deed,
            "break_glass_alarm",
            to=colleague.email,
            when=clock(deed.at),
            organisation=organisation.name,
            reason=reason.label,
            ends=clock(until),
            link=link_to("accounts:emergency", emergency_id=made.id),
        )
    return made


@action(None)
def close_emergency(deed: Deed, *, emergency: EmergencyAccess) -> None:
    """End emergency access before its time. Whoever opened it may, and whoever may close such access."""
    if emergency.user_id != deed.by.id and not _may_close(deed, emergency):
        raise deed.refuse("no_permission", "only who opened it, or an administrator, may close it")
    closed = EmergencyAccess.objects.filter(id=emergency.id, closed_at=None, until__gt=deed.at).update(
        closed_at=deed.at, closed_by=deed.by.id
    )
    if not closed:
        raise deed.refuse("closed_already", "it is over already")
    Membership.objects.filter(id=emergency.membership_id).update(ended_at=deed.at)
    deed.record("break_glass.closed", grant=emergency.id, by="hand")


@action("access.close_break_glass")
def review_emergency(deed: Deed, *, emergency: EmergencyAccess, was_justified: bool, finding: str) -> None:
    """Say, as somebody else than who used it, whether it was justified; closes it where it is still open."""
    if emergency.user_id == deed.by.id:
        raise deed.refuse("own_work", "nobody reviews their own emergency access; ask a colleague")
    row = EmergencyAccess.objects.select_for_update().get(id=emergency.id)
    if row.reviewed_at is not None:
        raise deed.refuse("reviewed_already", "it was reviewed already")
    if row.closed_at is None:
        by_time = row.until <= deed.at
        row.closed_at, row.closed_by_id = (row.until, None) if by_time else (deed.at, deed.by.id)
        Membership.objects.filter(id=row.membership_id, ended_at=None).update(ended_at=row.closed_at)
        deed.record("break_glass.closed", grant=row.id, by="time" if by_time else "hand")
    row.reviewed_at, row.reviewed_by_id = deed.at, deed.by.id
    row.was_justified, row.finding = was_justified, finding.strip()
    row.save()
    deed.record("break_glass.reviewed", grant=row.id, was_justified=was_justified)


def _may_close(deed: Deed, emergency: EmergencyAccess) -> bool:
    if "access.close_break_glass" in deed.by.platform:
        return True
    near = deed.by.organisation_id == emergency.organisation_id
    return near and "access.close_break_glass" in deed.by.permissions


def _to_tell(organisation: Organisation, *, but: StaffUser) -> list[StaffUser]:
    """Who holds a named post in the organisation today, and who may close emergency access there.

    Where nobody else there may close it, those who may for the whole platform are told as well.
    """
    today = timezone.localdate()
    in_post = Q(since__lte=today) & (Q(until=None) | Q(until__gte=today))
    officers = Officer.objects.filter(in_post, organisation=organisation, holder__is_active=True)
    found = {officer.holder_id: officer.holder for officer in officers.select_related("holder")}
    closers = holders_in("access.close_break_glass", [organisation.id], but=but.id)
    closers = closers or holders_in("access.close_break_glass", [None], but=but.id)
    found |= {user.id: user for user in closers}
    found.pop(but.id, None)
    return list(found.values())
