"""The key store that the settings name; it is read before Django is set up, since Django's own secret lies in it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from joinedup.ports import (
    CommandKeyStore,
    EnvironmentKeyStore,
    FileKeyStore,
    KeyPurpose,
    KeyStore,
    Passphrase,
)
from joinedup.ports import make_missing_keys as make_missing
from joinedup.settings import Settings

# What a site in a folder of its own makes at its first start; other stores are filled by whoever keeps them.
MADE_AT_START = (
    KeyPurpose.SESSION,
    KeyPurpose.AUDIT_SIGNING,
    KeyPurpose.SUBJECT_TOKENS,
    KeyPurpose.FIELD_ENCRYPTION,
)


def open_store(told: Settings, environment: Mapping[str, str]) -> KeyStore:
    """Return the store. Raises KeyStoreError where it cannot be trusted or reached."""
    if told.keys == "environment":
        return EnvironmentKeyStore(environment)
    if told.keys.startswith("command:"):
        path = {"PATH": environment.get("PATH", os.defpath)}
        return CommandKeyStore(shlex.split(told.keys.removeprefix("command:")), environment=path)
    lock = Passphrase(told.keys_passphrase) if told.keys_passphrase else None
    store = FileKeyStore(Path(told.keys), lock=lock)
    make_missing(store, on=datetime.now(UTC), purposes=MADE_AT_START)
    return store
