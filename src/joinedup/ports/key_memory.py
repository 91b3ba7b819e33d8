"""Keys in memory: for tests and the demonstration; what it does is held against the file store's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from threading import Lock

from joinedup.ports.key_document import read_ring, write_ring
from joinedup.ports.key_locks import KeyLock
from joinedup.ports.key_material import generate
from joinedup.ports.key_ring import KeyRing, destroyed_now
from joinedup.ports.keys import Key, KeyPurpose


class InMemoryKeyStore:
    """Keys that end with the process."""

    def __init__(self) -> None:
        self._ring = KeyRing()
        self._turn = Lock()

    def current(self, purpose: KeyPurpose) -> Key:
        """The key in use."""
        return self._ring.current(purpose)

    def all(self, purpose: KeyPurpose) -> tuple[Key, ...]:
        """Every key of the purpose, newest first."""
        return self._ring.of(purpose)

    def destroyed(self) -> tuple[str, ...]:
        """The ids that never come back."""
        return tuple(sorted(self._ring.destroyed))

    def rotate(self, purpose: KeyPurpose, *, on: datetime, at_once: bool = False) -> Key:
        """The next key becomes current."""
        with self._turn:
            self._ring = self._ring.rotated(purpose, on=on, generate=generate, at_once=at_once)
            return self._ring.current(purpose)

    def retire(self, key_id: str, *, on: datetime) -> Key:
        """A previous or next key's use ends."""
        with self._turn:
            self._ring = self._ring.retired(key_id, on=on)
            return self._ring.find(key_id)

    def destroy(self, key_id: str, *, on: datetime) -> None:
        """A retired key is no more."""
        with self._turn:
            self._ring = self._ring.without(key_id, on=on)

    def backup(self, *, lock: KeyLock) -> bytes:
        """All keys under the lock."""
        return write_ring(self._ring, lock=lock)

    def restore(self, backup: bytes, *, lock: KeyLock, destroyed: Iterable[str] = ()) -> int:
        """The backup's keys, added."""
        read = read_ring(backup, lock=lock, where="the backup")
        with self._turn:
            before = {key.id for key in self._ring.keys}
            gone = destroyed_now(destroyed, known=self._ring.destroyed)
            self._ring = self._ring.merged(read, destroyed=gone)
            return sum(key.id not in before for key in self._ring.keys)
