"""The secret that the encoding organisations share and the linking party never gets, and the keys made of it.

The file is a sealed document of ``joinedup.ports`` (AES-256-GCM under a passphrase or for a recipient's public
key; or in the clear for its owner alone, mode 0600). Every key is HKDF-SHA256 (RFC 5869) of the secret with the
agreement's digest as salt, so one secret under another agreement gives encodings that match nothing.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from joinedup.ports import KeyLock, KeyStoreError, seal, unseal

Randomness = Callable[[int], bytes]
"""Gives so many random bytes: ``secrets.token_bytes``, or a seeded stand-in in tests."""

SECRET_BYTES = 32
_FORMAT = "joinedup private linkage secret 1"
_LARGEST = 100_000


@dataclass(frozen=True)
class Secret:
    """What the parties share; it shows itself nowhere."""

    material: bytes = field(repr=False)

    def key(self, *, digest: str, purpose: str) -> bytes:
        """The 32-byte key for one purpose under one agreement."""
        info = f"{_FORMAT}: {purpose}".encode()
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=bytes.fromhex(digest), info=info).derive(
            self.material
        )

    def check(self, *, digest: str) -> str:
        """Says whether two files were encoded with one secret, and nothing else of it (16 hexadecimal digits)."""
        return hmac.digest(self.key(digest=digest, purpose="check"), b"check", "sha256")[:8].hex()


def new_secret(randomness: Randomness) -> Secret:
    """A new secret of 32 random bytes."""
    return Secret(randomness(SECRET_BYTES))


def write_secret(path: str | Path, secret: Secret, *, lock: KeyLock | None = None) -> None:
    """Write a secret into a new file that its owner alone can read (0600), sealed by the lock if one is given.

    Raises KeyStoreError where the file is there already: a secret is never written over.
    """
    path = Path(path)
    content = json.dumps({"format": _FORMAT, "secret": base64.b64encode(secret.material).decode()}).encode()
    document = seal(content, lock=lock)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise KeyStoreError(
            what="there is a file already, and a secret is never written over",
            where=str(path),
            mend="choose another name, or move the old file away",
        ) from None
    with open(handle, "wb") as opened:
        opened.write(document)
        opened.flush()
        os.fsync(opened.fileno())


def read_secret(path: str | Path, *, lock: KeyLock | None = None) -> Secret:
    """The secret in a file. Raises KeyStoreError: open to others, no such file, the wrong lock, or damaged."""
    path = Path(path)
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(handle, "rb") as opened:
        status = os.fstat(opened.fileno())
        if status.st_uid != os.geteuid() or status.st_mode & 0o077:
            raise KeyStoreError(
                what=f"others may read the secret (mode {stat.S_IMODE(status.st_mode):04o}), or it is another's",
                where=str(path),
                mend="chmod 0600 it as its owner, and agree on a new secret if anybody may have read it",
            )
        document = opened.read(_LARGEST)
    content = unseal(document, lock=lock, where=str(path))
    try:
        read = json.loads(content)
        material = base64.b64decode(read["secret"], validate=True)
        if read["format"] != _FORMAT or len(material) != SECRET_BYTES:
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise KeyStoreError(
            what="a file of keys, but not a private linkage secret",
            where=str(path),
            mend="name the right file",
        ) from None
    return Secret(material)
