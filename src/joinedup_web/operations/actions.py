"""Deeds of those who keep the service running."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from joinedup_web.audit.deed import Deed, action
from joinedup_web.gate.actor import SYSTEM


@action("operations.view")
def note_jobs_export(deed: Deed, *, rows: int) -> None:
    """Somebody downloads the list of background jobs."""
    deed.record("table.exported", table="background_jobs", rows=rows, filtered=False)


def note_backup(*, content: str, last_event: int) -> None:
    """Record that a backup was made. content: the archive's SHA-256."""
    _note_backup(by=SYSTEM, content=content, last_event=last_event)


@action(None)
def _note_backup(deed: Deed, *, content: str, last_event: int) -> None:
    deed.record("backup.made", backup=uuid.uuid4(), content=content, last_event=last_event)


@dataclass(frozen=True)
class AfterRestore:
    """What a restore did to what it brought back. sessions: ended, of staff and citizens. erased: rows that went."""

    sessions: int
    erased: int


def note_restore(*, content: str) -> AfterRestore:
    """Record that a backup was restored; end every session in it, and carry out again what was erased since."""
    from joinedup_web.operations.keeping import LEDGER, erase_again

    sessions = _note_restore(by=SYSTEM, content=content)
    ledger = Path(settings.SITE_DIR) / LEDGER
    return AfterRestore(sessions, erase_again(ledger) if ledger.exists() else 0)


@action(None, alone=True)
def _note_restore(deed: Deed, *, content: str) -> int:
    """Who was signed out by force after the backup was made would be signed in again: so nobody stays, nor a system."""
    from django.contrib.sessions.models import Session

    from joinedup_web.accounts.actions.session import end_sessions
    from joinedup_web.accounts.models import SessionEnd, StaffSession
    from joinedup_web.audit.models import Event
    from joinedup_web.identity.models import AccessToken, CitizenSession

    last = Event.objects.order_by("-number").values_list("number", flat=True).first() or 0
    ended = CitizenSession.objects.all().delete()[0]
    open_ones = StaffSession.objects.filter(ended_at=None)
    for user_id in set(open_ones.values_list("user_id", flat=True)):
        ended += end_sessions(deed, user_id=user_id, reason=SessionEnd.BY_ADMINISTRATOR)
    Session.objects.all().delete()  # half a sign-in, too
    AccessToken.objects.all().delete()  # a system asks for another one
    deed.record("backup.restored", backup=uuid.uuid4(), content=content, last_event=last, sessions=ended)
    return ended
