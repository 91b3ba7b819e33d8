"""How long this room keeps what it keeps: sessions nobody uses, accounts nobody comes back to, spent proofs.

And after a backup was restored: accounts that citizens had deleted are deleted again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from joinedup_web.audit import subjects
from joinedup_web.audit.deed import Deed, action
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.identity.actions.citizens import delete_account
from joinedup_web.identity.models import (
    AccessToken,
    Attempts,
    Citizen,
    CitizenSession,
    DeletedCitizen,
    PendingStart,
    SeenOnce,
)
from joinedup_web.identity.sealing import digest_of
from joinedup_web.identity.sessions import LONGEST
from joinedup_web.identity.stores import LONGEST_PENDING

UNUSED_FOR = timedelta(days=2 * 365)
"""After how long without a sign-in an account is deleted: its owner begins a new one when they come back."""
MOST_AT_ONCE = 500


def let_go(*, on: datetime) -> dict[str, int]:
    """Let go of what was kept long enough; return how many things of each kind went. To be called each hour or day."""
    gone = {
        "pending_sign_ins": PendingStart.objects.filter(started_at__lt=on - LONGEST_PENDING).delete()[0],
        "seen_once": SeenOnce.objects.filter(until__lte=on).delete()[0],
        "attempts": Attempts.objects.filter(window__lt=int(on.timestamp()) - 86_400).delete()[0],
        "access_tokens": AccessToken.objects.filter(expires_at__lte=on).delete()[0],
        "citizen_sessions": 0,
        "citizen_accounts": 0,
    }
    if CitizenSession.objects.filter(last_seen_at__lt=on - LONGEST).exists():
        gone["citizen_sessions"] = _end_sessions(by=SYSTEM, before=on - LONGEST)
    if Citizen.objects.filter(last_signed_in_at__lt=on - UNUSED_FOR).exists():
        gone["citizen_accounts"] = _delete_unused(by=SYSTEM, before=on - UNUSED_FOR)
    return gone


def deleted_citizens() -> list[str]:
    """Digests of the accounts that were deleted; they tell nothing about whom. Keep them away from the backups."""
    return sorted(DeletedCitizen.objects.values_list("digest", flat=True))


def delete_again(digests: Iterable[str] = ()) -> int:
    """After a restored backup: delete every account that was deleted before; return how many had come back.

    digests: what `deleted_citizens` returned, kept away from the backup.
    """
    now = timezone.now()
    DeletedCitizen.objects.bulk_create(
        [DeletedCitizen(digest=digest, at=now) for digest in digests], ignore_conflicts=True
    )
    gone = set(deleted_citizens())
    back = [each for each in Citizen.objects.values_list("id", flat=True) if digest_of(str(each)) in gone]
    for citizen_id in back:
        delete_account(by=SYSTEM, citizen_id=citizen_id)
    return len(back)


@action(None)
def _end_sessions(deed: Deed, *, before: datetime) -> int:
    removed = CitizenSession.objects.filter(last_seen_at__lt=before).delete()[0]
    deed.record("retention.applied", store="citizen_sessions", removed=removed, held=0, before=before)
    return removed


@action(None, alone=True)
def _delete_unused(deed: Deed, *, before: datetime) -> int:
    found = Citizen.objects.filter(last_signed_in_at__lt=before).order_by("last_signed_in_at")
    unused = list(found.values_list("id", flat=True)[:MOST_AT_ONCE])
    Citizen.objects.filter(id__in=unused).delete()
    for citizen_id in unused:
        subjects.forget("citizen", citizen_id)
    DeletedCitizen.objects.bulk_create(
        [DeletedCitizen(digest=digest_of(str(each)), at=deed.at) for each in unused], ignore_conflicts=True
    )
    deed.record("retention.applied", store="citizen_accounts", removed=len(unused), held=0, before=before)
    return len(unused)
