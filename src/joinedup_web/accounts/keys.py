"""Single values encrypted under the site's keys, so that the database alone tells nothing."""

from __future__ import annotations

from joinedup import ports
from joinedup_web.audit.keys import key_store


def sealed(plain: str, *, context: str) -> str:
    """Return a value encrypted. context: table, column and row; elsewhere it does not open."""
    return ports.encrypt(key_store(), plain.encode(), context=context)


def opened(envelope: str, *, context: str) -> str:
    """Return what `sealed` took. Raises KeyStoreError where the key is gone or the context is another."""
    return ports.decrypt(key_store(), envelope, context=context).decode()
