"""How the keys and the backups stand, for whoever keeps the machines; and that a key was replaced, noted once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from joinedup.ports import Key, KeyPurpose, KeyState
from joinedup_web.audit.deed import Deed, action
from joinedup_web.audit.keys import key_store
from joinedup_web.audit.models import Event
from joinedup_web.gate.actor import SYSTEM, Actor
from joinedup_web.gate.decide import require


@dataclass(frozen=True)
class KeysAndBackups:
    """keys: purpose, since when its current key is in use (None: the store does not know). backup: the last one's."""

    keys: tuple[tuple[str, datetime | None], ...]
    backup: datetime | None


def keys_and_backups(by: Actor) -> KeysAndBackups:
    """How they stand. Raises KeyStoreError where the store cannot be read."""
    require(by, "operations.keep")
    store = key_store()
    current = [key for purpose in KeyPurpose for key in store.all(purpose) if key.state is KeyState.CURRENT]
    last = Event.objects.filter(kind="backup.made").order_by("-number").values_list("at", flat=True).first()
    return KeysAndBackups(tuple((key.purpose.value, key.activated) for key in current), last)


def note_rotations() -> int:
    """Record every key that took another's place and is not noted yet; return how many.

    `joinedup keys` and other stores know no database, so the worker looks now and then.
    """
    told = Event.objects.filter(kind="key.rotated").order_by().values_list("fields", flat=True)
    noted = {fields["key"] for fields in told}
    replaced = [
        (newer, older)
        for purpose in KeyPurpose
        for newer, older in pairwise(
            key for key in key_store().all(purpose) if key.state is not KeyState.NEXT
        )
        if _digest(newer) not in noted
    ]
    for newer, older in reversed(replaced):
        _note(by=SYSTEM, newer=newer, older=older)
    return len(replaced)


@action(None)
def _note(deed: Deed, *, newer: Key, older: Key) -> None:
    deed.record("key.rotated", purpose=newer.purpose.value, key=_digest(newer), before=_digest(older))


def _digest(key: Key) -> str:
    """SHA-256 of the key's id, which is the same in every store; nothing of the key itself."""
    return hashlib.sha256(key.id.encode()).hexdigest()
