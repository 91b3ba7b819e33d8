"""Django's secret key, from the site's key store: rotated with fallbacks, so that nobody is signed out by it."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from joinedup.ports import KeyPurpose
from joinedup.settings import Mode, Settings
from joinedup_web.gate.keys import open_store


def secret_key(settings: Settings) -> tuple[str, list[str]]:
    """Return the key that signs now and older ones that still verify."""
    if settings.mode is Mode.TEST:
        return "test-only-" + "x" * 50, []
    store, now = open_store(settings, os.environ), datetime.now(UTC)
    newest = store.current(KeyPurpose.SESSION)
    older = [key for key in store.all(KeyPurpose.SESSION) if key.id != newest.id and key.is_usable(on=now)]
    return newest.secret_text(), [key.secret_text() for key in older]
