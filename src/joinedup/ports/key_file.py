"""Keys in a directory: the embedded default. One file, replaced whole; one writer at a time.

A reader sees the old state or the new, never a part; a crash in mid-write leaves the old. The file's
permissions are checked at every reading, and its owner. On the disk, destroyed keys may linger in
freed blocks: with a lock they are unreadable there, so use one where keys are destroyed for a purpose.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from joinedup.ports.key_document import read_ring, write_ring
from joinedup.ports.key_errors import KeyStoreError
from joinedup.ports.key_locks import KeyLock, locked_by
from joinedup.ports.key_material import generate
from joinedup.ports.key_ring import KeyRing, destroyed_now
from joinedup.ports.keys import Key, KeyPurpose

log = logging.getLogger(__name__)

FILE, NEW_FILE, TURN_FILE = "keys.json", "keys.json.new", "turn"
LARGEST_BYTES = 4_000_000


class FileKeyStore:
    """Keys in `directory` (0700, made at the first writing), under `lock` if one is given.

    Several processes may share it: each sees another's rotation at its next call.
    """

    def __init__(self, directory: Path, *, lock: KeyLock | None = None) -> None:
        self._directory = directory
        self._lock = lock
        self._seen: tuple[tuple[int, int, int], KeyRing] | None = None

    def current(self, purpose: KeyPurpose) -> Key:
        """The key in use."""
        return self._read().current(purpose)

    def all(self, purpose: KeyPurpose) -> tuple[Key, ...]:
        """Every key of the purpose, newest first."""
        return self._read().of(purpose)

    def destroyed(self) -> tuple[str, ...]:
        """The ids that never come back."""
        return tuple(sorted(self._read().destroyed))

    def rotate(self, purpose: KeyPurpose, *, on: datetime, at_once: bool = False) -> Key:
        """The next key becomes current; on the disk before this returns."""
        ring = self._change(lambda ring: ring.rotated(purpose, on=on, generate=generate, at_once=at_once))
        log.info("rotated %s: %s is current", purpose.value, ring.current(purpose).id)
        return ring.current(purpose)

    def retire(self, key_id: str, *, on: datetime) -> Key:
        """A previous or next key's use ends."""
        return self._change(lambda ring: ring.retired(key_id, on=on)).find(key_id)

    def destroy(self, key_id: str, *, on: datetime) -> None:
        """A retired key is no more."""
        self._change(lambda ring: ring.without(key_id, on=on))
        log.info("destroyed %s", key_id)

    def backup(self, *, lock: KeyLock) -> bytes:
        """All keys under the lock given, which need not be the store's own."""
        return write_ring(self._read(), lock=lock)

    def restore(self, backup: bytes, *, lock: KeyLock, destroyed: Iterable[str] = ()) -> int:
        """The backup's keys, added."""
        read = read_ring(backup, lock=lock, where="the backup")
        named = tuple(destroyed)
        came_back = 0

        def merge(ring: KeyRing) -> KeyRing:
            nonlocal came_back
            merged = ring.merged(read, destroyed=destroyed_now(named, known=ring.destroyed))
            came_back = len({key.id for key in merged.keys} - {key.id for key in ring.keys})
            return merged

        self._change(merge)
        return came_back

    def _read(self) -> KeyRing:
        _check_private(self._directory, directory=True)
        file = self._directory / FILE
        try:
            handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return KeyRing()
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            raise KeyStoreError(what="a link stands where the keys should be", where=str(file)) from None
        with open(handle, "rb") as opened:
            status = os.fstat(opened.fileno())
            _refuse_if_open_to_others(status, file)
            seen = (status.st_ino, status.st_mtime_ns, status.st_size)
            if self._seen is not None and self._seen[0] == seen:
                return self._seen[1]
            if status.st_size > LARGEST_BYTES:
                raise KeyStoreError(what="too large for a file of keys", where=str(file))
            ring = read_ring(opened.read(), lock=self._lock, where=str(file))
        self._seen = (seen, ring)
        return ring

    def _change(self, change: Callable[[KeyRing], KeyRing]) -> KeyRing:
        with self._turn():
            before = self._read()
            after = change(before)
            if after != before:
                self._write(write_ring(after, lock=self._lock))
            return after

    def _write(self, document: bytes) -> None:
        file, new = self._directory / FILE, self._directory / NEW_FILE
        new.unlink(missing_ok=True)  # what a crashed writer left; ours is the turn
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(handle, "wb") as opened:
            opened.write(document)
            opened.flush()
            _make_later_than(file, opened.fileno())
            os.fsync(opened.fileno())
        os.replace(new, file)
        directory = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)  # the rename itself is durable only after this
        finally:
            os.close(directory)

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """One writer at a time, among processes and threads; the system ends the turn of one that dies."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_private(self._directory, directory=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(self._directory / TURN_FILE, flags, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _make_later_than(file: Path, new: int) -> None:
    """Readers know a change by inode, time and size; an inode may be used again within one tick."""
    if file.exists():
        old, made = file.stat().st_mtime_ns, os.fstat(new).st_mtime_ns
        if made <= old:
            os.utime(new, ns=(old + 1, old + 1))


def _check_private(path: Path, *, directory: bool = False) -> None:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return
    if directory and not stat.S_ISDIR(status.st_mode):
        raise KeyStoreError(what="the key store is not a directory of its own", where=str(path))
    _refuse_if_open_to_others(status, path)


def _refuse_if_open_to_others(status: os.stat_result, path: Path) -> None:
    if status.st_uid != os.geteuid():
        raise KeyStoreError(
            what="the keys belong to another user", where=str(path), mend="run as their owner, or chown them"
        )
    if status.st_mode & 0o077:
        wanted = "0700" if stat.S_ISDIR(status.st_mode) else "0600"
        raise KeyStoreError(
            what=f"others may read the keys (mode {stat.S_IMODE(status.st_mode):04o})",
            where=str(path),
            mend=f"chmod {wanted} it, and rotate if anybody may have read them",
        )


def lock_kind(directory: Path) -> str | None:
    """What locks the keys in a directory: a KeyLock's kind, or None (also where there are no keys yet)."""
    file = directory / FILE
    return locked_by(file.read_bytes(), where=str(file)) if file.exists() else None
