"""Links that people arrive by: an invitation, a recovery. Known by their token alone."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from joinedup_web.accounts.actions.invitations import is_unfinished
from joinedup_web.accounts.models import Invitation, Recovery, RecoveryState
from joinedup_web.accounts.tokens import digest_of


@dataclass(frozen=True)
class Arrival:
    """An invitation as its link shows it. state: open, unfinished, used, withdrawn, expired or unknown."""

    state: str
    invitation: Invitation | None = None


def invitation_of(token: str) -> Arrival:
    """How the invitation of a link stands."""
    found = (
        Invitation.objects.select_related("organisation", "invited_by", "accepted_by")
        .filter(token_digest=digest_of(token))
        .first()
    )
    if found is None:
        return Arrival("unknown")
    if found.withdrawn_at is not None:
        return Arrival("withdrawn", found)
    if found.expires_at <= timezone.now():
        return Arrival("expired", found)
    if found.accepted_at is not None:
        return Arrival("unfinished" if is_unfinished(found) else "used", found)
    return Arrival("open", found)


def open_invitation(token: str) -> Invitation | None:
    """The invitation of a link where it is open."""
    arrival = invitation_of(token)
    return arrival.invitation if arrival.state == "open" else None


def recovery_of(token: str) -> Recovery | None:
    """The recovery of a link where it may be used; None for any other."""
    return (
        Recovery.objects.select_related("user")
        .filter(token_digest=digest_of(token), state=RecoveryState.APPROVED, expires_at__gt=timezone.now())
        .first()
    )
