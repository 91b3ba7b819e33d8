"""Deeds of those who keep the service running."""

from __future__ import annotations

import uuid
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


def note_restore(*, content: str) -> int:
    """Record that a backup was restored, and carry out again what was erased since; return how many rows went."""
    from joinedup_web.operations.keeping import LEDGER, erase_again

    _note_restore(by=SYSTEM, content=content)
    ledger = Path(settings.SITE_DIR) / LEDGER
    return erase_again(ledger) if ledger.exists() else 0


@action(None)
def _note_restore(deed: Deed, *, content: str) -> None:
    from joinedup_web.audit.models import Event

    last = Event.objects.order_by("-number").values_list("number", flat=True).first() or 0
    deed.record("backup.restored", backup=uuid.uuid4(), content=content, last_event=last)
