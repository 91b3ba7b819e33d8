"""A ring of keys as bytes and back, for files, backups and programs."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from joinedup.ports.key_errors import KeyStoreError
from joinedup.ports.key_locks import KeyLock, seal, unseal
from joinedup.ports.key_ring import KeyRing, make_key
from joinedup.ports.keys import Key, KeyPurpose, KeyState


def write_ring(ring: KeyRing, *, lock: KeyLock | None) -> bytes:
    """The sealed document. KeyStoreError for a key whose material stays in a device."""
    content = {
        "keys": [key_as_dict(key) for key in ring.keys],
        "destroyed": {key_id: instant.isoformat() for key_id, instant in sorted(ring.destroyed.items())},
    }
    return seal(json.dumps(content).encode(), lock=lock)


def read_ring(document: bytes, *, lock: KeyLock | None, where: str) -> KeyRing:
    """The ring again. KeyStoreError: wrong lock, altered, or not what a ring looks like."""
    content = unseal(document, lock=lock, where=where)
    try:
        read = json.loads(content)
        return KeyRing(
            keys=tuple(key_from_dict(each) for each in read["keys"]),
            destroyed={str(key_id): _instant(text) for key_id, text in read["destroyed"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(error, where=where) from None


def key_as_dict(key: Key) -> dict[str, Any]:
    """A key as JSON has it, with its secret."""
    if key.material is None:
        raise KeyStoreError(what="this key stays in its device and cannot be written out", where=key.id)
    return {
        "id": key.id,
        "purpose": key.purpose.value,
        "state": key.state.value,
        "created": _written(key.created),
        "activated": _written(key.activated),
        "retires": _written(key.retires),
        "material": base64.b64encode(key.material).decode(),
    }


def key_from_dict(read: dict[str, Any]) -> Key:
    """The key again. Raises ValueError, KeyError or TypeError where it cannot be one."""
    key = make_key(
        KeyPurpose(read["purpose"]),
        base64.b64decode(read["material"], validate=True),
        state=KeyState(read["state"]),
        **{name: instant_or_none(read.get(name)) for name in ("created", "activated", "retires")},
    )
    if key.id != read["id"]:
        raise ValueError("the id is not that of the material")
    return key


def _damaged(error: Exception, *, where: str) -> KeyStoreError:
    # The kind of error alone: its words may quote what was read, and that is secret.
    return KeyStoreError(
        what=f"the keys cannot be read ({type(error).__name__})", where=where, mend="restore the backup"
    )


def _written(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def instant_or_none(text: str | None) -> datetime | None:
    """The instant that ISO 8601 text tells; None for none. Raises ValueError without a time zone."""
    return None if text is None else _instant(text)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return instant
