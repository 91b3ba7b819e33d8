"""The keys behind evidence: the store that the settings name, the signer of checkpoints, its public keys."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from joinedup.audit import NoteKey
from joinedup.ports.keys import Key, KeyPurpose, KeyState, KeyStore
from joinedup_web.gate.keys import open_store

_ED25519_BYTES = 32


_opening = threading.Lock()


def key_store() -> KeyStore:
    """Return the store that JOINEDUP_KEYS names. In a folder, what this room needs is made where it is lacking.

    Raises KeyStoreError where the store cannot be trusted or reached.
    """
    with _opening:  # else the threads of a first start would each make the keys that are lacking
        return _store()


@cache
def _store() -> KeyStore:
    return open_store(settings.JOINEDUP, os.environ)


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
