"""Values sealed under the site's keys, or under a citizen's own, so that the database alone tells nothing."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from joinedup import ports
from joinedup_web.audit.keys import key_store


def sealed(plain: str, *, context: str) -> str:
    """Return a value encrypted under the site's keys. context: table, column and row; elsewhere it does not open."""
    return ports.encrypt(key_store(), plain.encode(), context=context)


def opened(envelope: str, *, context: str) -> str:
    """Return what `sealed` took. Raises KeyStoreError where the key is gone or the context is another."""
    return ports.decrypt(key_store(), envelope, context=context).decode()


def new_citizen_key(citizen_id: UUID) -> str:
    """A key of one citizen's own, sealed, to be kept with them and deleted with them."""
    return ports.new_subject_key(key_store(), subject=str(citizen_id))


def sealed_for(citizen_id: UUID, key: str, values: dict[str, Any], *, context: str) -> str:
    """Return values encrypted under a citizen's own key."""
    own = ports.open_subject_key(key_store(), key, subject=str(citizen_id))
    return own.encrypt(json.dumps(values, ensure_ascii=False).encode(), context=context)


def opened_for(citizen_id: UUID, key: str, envelope: str, *, context: str) -> dict[str, Any]:
    """Return what `sealed_for` took. Raises KeyStoreError for another's, or where keys are gone."""
    own = ports.open_subject_key(key_store(), key, subject=str(citizen_id))
    values: dict[str, Any] = json.loads(own.decrypt(envelope, context=context))
    return values


def digest_of(*parts: str) -> str:
    """SHA-256 in hex of random values, such as session keys and subjects. What can be guessed needs more."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
