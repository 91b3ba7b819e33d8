"""The keys behind evidence: the store that the settings name, the signer of checkpoints, its public keys."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from joinedup.audit import NoteKey
from joinedup.ports.key_command import CommandKeyStore
from joinedup.ports.key_environment import EnvironmentKeyStore
from joinedup.ports.key_file import FileKeyStore
from joinedup.ports.key_locks import Passphrase
from joinedup.ports.keys import Key, KeyPurpose, KeyState, KeyStore, make_missing_keys

_ED25519_BYTES = 32


@cache
def key_store() -> KeyStore:
    """Return the store that JOINEDUP_KEYS names. In a folder, what this room needs is made where it is lacking.

    Raises KeyStoreError where the store cannot be trusted or reached.
    """
    named = settings.JOINEDUP.keys
    if named == "environment":
        return EnvironmentKeyStore(os.environ)
    if named.startswith("command:"):
        environment = {"PATH": os.environ.get("PATH", os.defpath)}
        return CommandKeyStore(shlex.split(named.removeprefix("command:")), environment=environment)
    passphrase = settings.JOINEDUP.keys_passphrase
    store = FileKeyStore(Path(named), lock=Passphrase(passphrase) if passphrase else None)
    make_missing_keys(
        store, on=timezone.now(), purposes=(KeyPurpose.AUDIT_SIGNING, KeyPurpose.SUBJECT_TOKENS)
    )
    return store


@dataclass(frozen=True)
class CheckpointSigner:
    """Signs checkpoints with a key that may never leave its store. name: the record's origin."""

    name: str
    key: Key

    @property
    def public(self) -> bytes:
        """The Ed25519 public key, 32 bytes."""
        return _raw(self.key)

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self.key.sign(message)


def checkpoint_signer(origin: str) -> CheckpointSigner:
    """The signer in use."""
    return CheckpointSigner(origin, key_store().current(KeyPurpose.AUDIT_SIGNING))


def public_keys(origin: str) -> tuple[NoteKey, ...]:
    """Every public key that has ever signed, or soon will, with the time that it is believed."""
    return tuple(
        NoteKey(origin, _raw(key), valid_from=key.activated, valid_until=key.retires)
        for key in key_store().all(KeyPurpose.AUDIT_SIGNING)
        if key.public is not None and key.state is not KeyState.NEXT
    )


def _raw(key: Key) -> bytes:
    assert key.public is not None
    return key.public[-_ED25519_BYTES:]  # RFC 8410: the key is the end of its SubjectPublicKeyInfo
