"""Deeds of those who keep the service running."""

from __future__ import annotations

import uuid

from joinedup_web.audit.deed import Deed, action
from joinedup_web.gate.actor import SYSTEM


def note_backup(*, content: str, last_event: int) -> None:
    """Record that a backup was made. content: the archive's SHA-256."""
    _note_backup(by=SYSTEM, content=content, last_event=last_event)


@action(None)
def _note_backup(deed: Deed, *, content: str, last_event: int) -> None:
    deed.record("backup.made", backup=uuid.uuid4(), content=content, last_event=last_event)


def note_restore(*, content: str) -> int:
    """Record that a backup was restored, and carry out again what was erased since; return how many erasures."""
    return _note_restore(by=SYSTEM, content=content)


@action(None, alone=True)
def _note_restore(deed: Deed, *, content: str) -> int:
    from joinedup_web.audit.models import Event

    last = Event.objects.order_by("-number").values_list("number", flat=True).first() or 0
    deed.record("backup.restored", backup=uuid.uuid4(), content=content, last_event=last)
    return 0
