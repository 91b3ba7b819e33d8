"""Subject tokens: how the audit record names a person without holding anything about them, and lets go again.

A token is an HMAC under a key, over the person's identifier and a random salt that is theirs alone. The salts
stand in a store outside the record. Forgetting a person's salt (erasure) makes every token of theirs in the
record, in exports and in backups unlinkable, even for whoever holds the key and the identifier: the events stay
whole and provable, and nothing tells any more about whom they are. If the person comes back, they get a new
salt and so another token.

The store finds a salt by a reference, another HMAC of the identifier. A restored backup brings old salts back,
so references that were forgotten are kept in a list and forgotten again after each restore. That list tells
whoever has the key that a person once asked for erasure; it does not lead to their events.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from joinedup.audit.error import AuditError

SALT_BYTES = 32
_SHORTEST_KEY = 32


class SubjectSalts(Protocol):
    """Where salts are kept, by reference. The website keeps them in a table of their own."""

    def find(self, reference: str) -> bytes | None:
        """The salt, or None where there is none (never met, or forgotten)."""
        ...

    def keep(self, reference: str, salt: bytes) -> bytes:
        """Keep a salt unless there is one already, in one step; return the one that stands."""
        ...

    def forget(self, reference: str) -> bool:
        """Remove the salt for good; whether there was one."""
        ...


@dataclass(frozen=True)
class SubjectTokens:
    """Makes and forgets tokens. key: at least 32 bytes. random_bytes: as `secrets.token_bytes`."""

    key: bytes = field(repr=False)
    salts: SubjectSalts
    random_bytes: Callable[[int], bytes]

    def token(self, kind: str, identifier: str) -> str:
        """The subject's token; one that is met for the first time gets a salt."""
        reference = subject_reference(self.key, kind, identifier)
        salt = self.salts.find(reference)
        if salt is None:
            salt = self.salts.keep(reference, self.random_bytes(SALT_BYTES))
        return subject_token(self.key, kind, identifier, salt=salt)

    def known_token(self, kind: str, identifier: str) -> str | None:
        """The subject's token where they have been met and not forgotten; nothing is kept by asking."""
        salt = self.salts.find(subject_reference(self.key, kind, identifier))
        return None if salt is None else subject_token(self.key, kind, identifier, salt=salt)

    def forget(self, kind: str, identifier: str) -> bool:
        """Make the subject's tokens unlinkable; whether there were any."""
        return self.salts.forget(subject_reference(self.key, kind, identifier))


def subject_token(key: bytes, kind: str, identifier: str, *, salt: bytes) -> str:
    """Return the token: `t_` and 32 hex digits, the first half of an HMAC-SHA256.

    kind: what the identifier is one of (citizen, record, person), so that equal identifiers of two kinds do
    not meet. identifier: ours, such as an account's UUID or a source and record id. salt: the subject's own.

    Raises AuditError where key or salt is too short to keep a secret.
    """
    if len(salt) < SALT_BYTES:
        raise AuditError(what="a subject's salt is too short", mend=f"give {SALT_BYTES} random bytes")
    return f"t_{_mac(key, b'joinedup subject token 1', salt, kind.encode(), identifier.encode())}"


def subject_reference(key: bytes, kind: str, identifier: str) -> str:
    """Return what a subject's salt is kept under: 32 hex digits. It never enters the audit record."""
    return _mac(key, b"joinedup subject reference 1", kind.encode(), identifier.encode())


def _mac(key: bytes, *parts: bytes) -> str:
    if len(key) < _SHORTEST_KEY:
        raise AuditError(
            what="the key of subject tokens is too short", mend=f"give at least {_SHORTEST_KEY} random bytes"
        )
    # Each part with its length before it, so that no two lists of parts run together to the same bytes.
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(key, message, "sha256")[:16].hex()
