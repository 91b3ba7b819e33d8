"""The port for keys: what each is for, how it stands, and what a store of keys can do.

A key has a purpose, and the purpose decides the algorithm. Each purpose has one current key; the
next is made, and published where it has a public half, before it is used; those before it still
verify and decrypt. Stores: key_file, key_environment, key_command; key_memory for tests.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from joinedup.ports import key_material
from joinedup.ports.key_errors import KeyStoreError
from joinedup.ports.key_locks import KeyLock
from joinedup.ports.key_material import Algorithm


class KeyPurpose(Enum):
    """What a key is for. A key of one purpose is never used for another."""

    AUDIT_SIGNING = "audit_signing"
    ONE_LOGIN_CLIENT = "one_login_client"
    STAFF_CLIENT = "staff_client"
    DEMONSTRATION_ID_TOKEN = "demonstration_id_token"  # noqa: S105 - a purpose's name
    DEMONSTRATION_IDENTITY = "demonstration_identity"
    SUBJECT_TOKENS = "subject_tokens"
    FIELD_ENCRYPTION = "field_encryption"
    SESSION = "session"
    CLIENT_TOKEN = "client_token"  # noqa: S105 - a purpose's name
    BACKUP = "backup"

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm of every key of this purpose."""
        return _ALGORITHMS[self]

    @property
    def published_for(self) -> timedelta:
        """How long a next key must have been published before it may become current."""
        return _PUBLISHED_FOR.get(self, timedelta(0))

    @property
    def kept_for(self) -> timedelta | None:
        """How long a previous key still verifies or decrypts; None: until somebody retires it."""
        return _KEPT_FOR.get(self)


_ALGORITHMS = {
    KeyPurpose.AUDIT_SIGNING: Algorithm.ED25519,
    KeyPurpose.ONE_LOGIN_CLIENT: Algorithm.RSA_2048,  # One Login takes no other kind of client key
    KeyPurpose.STAFF_CLIENT: Algorithm.RSA_2048,
    KeyPurpose.DEMONSTRATION_ID_TOKEN: Algorithm.EC_P256,
    KeyPurpose.DEMONSTRATION_IDENTITY: Algorithm.EC_P256,
    KeyPurpose.SUBJECT_TOKENS: Algorithm.HMAC_SHA256,
    KeyPurpose.FIELD_ENCRYPTION: Algorithm.AES_256_GCM,
    KeyPurpose.SESSION: Algorithm.RANDOM_512,
    KeyPurpose.CLIENT_TOKEN: Algorithm.HMAC_SHA256,
    KeyPurpose.BACKUP: Algorithm.AES_256_GCM,
}
# Others fetch these public keys and keep them for a day at most.
_PUBLISHED_FOR = {
    KeyPurpose.ONE_LOGIN_CLIENT: timedelta(days=1),
    KeyPurpose.STAFF_CLIENT: timedelta(days=1),
}
# What they sign is spent within minutes (assertions), or within a session's fortnight.
_KEPT_FOR = {
    KeyPurpose.ONE_LOGIN_CLIENT: timedelta(days=2),
    KeyPurpose.STAFF_CLIENT: timedelta(days=2),
    KeyPurpose.DEMONSTRATION_ID_TOKEN: timedelta(days=1),
    KeyPurpose.DEMONSTRATION_IDENTITY: timedelta(days=1),
    KeyPurpose.SESSION: timedelta(days=14),
}


class KeyState(Enum):
    """How a key stands: next (published), current (in use), previous (verifies, decrypts), retired (no use)."""

    NEXT = "next"
    CURRENT = "current"
    PREVIOUS = "previous"
    RETIRED = "retired"


@dataclass(frozen=True)
class Key:
    """One key. Its secret parts are in no repr.

    id: the purpose and a fingerprint of the material, so it is the same in every store.
    created, activated: None where the store does not know. retires: when a previous key ends; None: open.
    public: SubjectPublicKeyInfo in DER, for keys that sign; else None.
    material: the secret: 32 bytes (64 for a session), or PKCS #8 in DER; None where it stays in a
        device, and then `signer` asks the device.
    """

    id: str
    purpose: KeyPurpose
    state: KeyState
    created: datetime | None
    activated: datetime | None
    retires: datetime | None
    public: bytes | None
    material: bytes | None = field(repr=False)
    signer: Callable[[bytes], bytes] | None = field(default=None, repr=False, compare=False)

    def secret(self) -> bytes:
        """The raw secret of a symmetric key. KeyStoreError for a key that signs."""
        if self.material is None or self.purpose.algorithm.is_asymmetric:
            raise KeyStoreError(what="this key has no shared secret", where=self.id, mend="use sign()")
        return self.material

    def secret_text(self) -> str:
        """The same in base64url without padding, for settings that want text."""
        return base64.urlsafe_b64encode(self.secret()).decode().rstrip("=")

    def sign(self, data: bytes) -> bytes:
        """The signature as JOSE has it: EdDSA, RS256, or ES256 as r and s. KeyStoreError if retired."""
        if self.state is KeyState.RETIRED:
            raise KeyStoreError(what="a retired key signs nothing", where=self.id, mend="use the current key")
        if self.signer is not None:
            return self.signer(data)
        return key_material.sign(self.purpose.algorithm, self._private(), data)

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether the signature is this key's over the data. A retired key vouches for nothing."""
        if self.public is None or self.state is KeyState.RETIRED:
            return False
        return key_material.verify(self.purpose.algorithm, self.public, signature, data)

    def private_pem(self) -> bytes:
        """PKCS #8 in PEM, for libraries that sign by themselves. KeyStoreError if it stays in a device."""
        return key_material.private_pem(self._private())

    def public_pem(self) -> bytes:
        """SubjectPublicKeyInfo in PEM. KeyStoreError for a symmetric key."""
        if self.public is None:
            raise KeyStoreError(what="a symmetric key has no public half", where=self.id)
        return key_material.public_pem(self.public)

    def is_usable(self, *, on: datetime) -> bool:
        """Whether it may still verify or decrypt at that instant; a next key may, for others may be ahead."""
        return self.state is not KeyState.RETIRED and (self.retires is None or on < self.retires)

    def _private(self) -> bytes:
        if self.material is None or not self.purpose.algorithm.is_asymmetric:
            raise KeyStoreError(what="this key has no private half here", where=self.id)
        return self.material


class KeyStore(Protocol):
    """Where keys are. Instants are aware datetimes; every method may raise KeyStoreError."""

    def current(self, purpose: KeyPurpose) -> Key:
        """The key to sign or encrypt with. KeyStoreError if there is none yet."""

    def all(self, purpose: KeyPurpose) -> tuple[Key, ...]:
        """Every key of the purpose, newest first: next, current, previous ones, retired ones."""

    def destroyed(self) -> tuple[str, ...]:
        """The ids of keys that were destroyed, in order of id: they never come back, even from a backup."""

    def rotate(self, purpose: KeyPurpose, *, on: datetime, at_once: bool = False) -> Key:
        """Make the next key current, the current one previous, and a new next; return the new current.

        In an empty store both are made. Refused while the next key is published too short a time,
        unless at_once (a key is known to others). Previous keys past their time are retired.
        """

    def retire(self, key_id: str, *, on: datetime) -> Key:
        """End a previous or next key's use; it stays until destroyed. The current key is refused."""

    def destroy(self, key_id: str, *, on: datetime) -> None:
        """Remove a retired key for good: what only it can read is unreadable from now on."""

    def backup(self, *, lock: KeyLock) -> bytes:
        """All keys as one file that only the lock opens."""

    def restore(self, backup: bytes, *, lock: KeyLock, destroyed: Iterable[str] = ()) -> int:
        """Add the backup's keys; return how many came back.

        Keys already here stay as they are; a current or next key of the backup becomes previous
        where another is current or next here. Destroyed keys (here, in the backup, or named) stay so.
        """


def find_key(keys: KeyStore, purpose: KeyPurpose, key_id: str) -> Key:
    """The key of that id, unless retired. KeyStoreError: unknown, retired or destroyed, told apart."""
    for key in keys.all(purpose):
        if key.id == key_id and key.state is not KeyState.RETIRED:
            return key
        if key.id == key_id:
            raise KeyStoreError(what="the key is retired", where=key_id, mend="ask who keeps the keys")
    if key_id in keys.destroyed():
        raise KeyStoreError(
            what="the key was destroyed, so what it encrypted cannot be read again", where=key_id
        )
    raise KeyStoreError(
        what="the key is not in this store", where=key_id, mend="restore it from the keys' backup"
    )


def make_missing_keys(
    keys: KeyStore, *, on: datetime, purposes: Iterable[KeyPurpose] = KeyPurpose
) -> tuple[KeyPurpose, ...]:
    """Make keys for each purpose that has none; return those purposes. Running it again changes nothing."""
    missing = tuple(purpose for purpose in purposes if not keys.all(purpose))
    for purpose in missing:
        keys.rotate(purpose, on=on)
    return missing
