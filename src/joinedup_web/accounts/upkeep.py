"""What time brings about in accounts: the worker calls `tidy_up` every minute or so."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from joinedup_web.accounts.lockout import FORGOTTEN_AFTER
from joinedup_web.accounts.models import EmergencyAccess, FailureCount, Invitation, Membership, StaffSession
from joinedup_web.accounts.sessions import IDLE, LONGEST
from joinedup_web.audit.deed import Deed, action
from joinedup_web.gate.actor import SYSTEM

SESSIONS_KEPT = timedelta(days=90)


def tidy_up() -> dict[str, int]:
    """Close emergency access that ran out, note invitations that did, forget old failures; return how many of each."""
    now = timezone.now()
    emergencies = list(EmergencyAccess.objects.filter(closed_at=None, until__lte=now))
    for emergency in emergencies:
        _close(by=SYSTEM, organisation_id=emergency.organisation_id, emergency=emergency)
    invitations = list(
        Invitation.objects.filter(
            accepted_at=None, withdrawn_at=None, expired_noted=False, expires_at__lte=now
        )
    )
    for invitation in invitations:
        _note_expired(by=SYSTEM, organisation_id=invitation.organisation_id, invitation=invitation)
    failures, _ = FailureCount.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()
    StaffSession.objects.filter(ended_at=None, last_seen_at__lt=now - IDLE).update(
        ended_at=now, end="timed_out"
    )
    sessions, _ = StaffSession.objects.filter(started_at__lt=now - SESSIONS_KEPT - LONGEST).delete()
    return {
        "emergencies": len(emergencies),
        "invitations": len(invitations),
        "failures": failures,
        "sessions": sessions,
    }


@action(None)
def _close(deed: Deed, *, emergency: EmergencyAccess) -> None:
    row = EmergencyAccess.objects.select_for_update().get(id=emergency.id)
    if row.closed_at is not None:
        raise deed.refuse("closed_already", "somebody closed it in the meantime")
    row.closed_at = row.until
    row.save()
    Membership.objects.filter(id=row.membership_id, ended_at=None).update(ended_at=row.until)
    deed.record("break_glass.closed", grant=row.id, by="time")


@action(None)
def _note_expired(deed: Deed, *, invitation: Invitation) -> None:
    Invitation.objects.filter(id=invitation.id).update(expired_noted=True)
    deed.record("invitation.expired", invitation=invitation.id)
