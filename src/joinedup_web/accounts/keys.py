"""Single values encrypted under the site's keys, so that the database alone tells nothing."""

from __future__ import annotations

from functools import cache

from django.utils import timezone

from joinedup import ports
from joinedup_web.audit.keys import key_store


def sealed(plain: str, *, context: str) -> str:
    """Return a value encrypted. context: table, column and row; elsewhere it does not open."""
    return ports.encrypt(_store(), plain.encode(), context=context)


def opened(envelope: str, *, context: str) -> str:
    """Return what `sealed` took. Raises KeyStoreError where the key is gone or the context is another."""
    return ports.decrypt(_store(), envelope, context=context).decode()


@cache
def _store() -> ports.KeyStore:
    """The site's key store; where it is a folder, the key for values is made if it is lacking."""
    store = key_store()
    if isinstance(store, ports.FileKeyStore):
        ports.make_missing_keys(store, on=timezone.now(), purposes=(ports.KeyPurpose.FIELD_ENCRYPTION,))
    return store
