"""Writers of a SQLite database take turns by a lock that the system queues and frees.

SQLite lets one connection write at a time, and has the others ask again and again, with pauses: under load some
wait for seconds. A blocking flock on a file beside the database wakes the next writer at once, and a process that
is killed gives its turn up. PostgreSQL needs none of this.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

_held = threading.local()


def lock_file(name: str) -> Path:
    """A lock file beside the database."""
    return Path(f"{connection.settings_dict['NAME']}.{name}")


@contextmanager
def write_turn() -> Iterator[None]:
    """Hold the turn to write, waiting for it. Nothing on PostgreSQL; may be nested in one thread."""
    if connection.vendor != "sqlite" or getattr(_held, "depth", 0):
        yield
        return
    handle = os.open(lock_file("turn"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _held.depth = 1
        yield
    finally:
        _held.depth = 0
        os.close(handle)  # and with it the lock


@contextmanager
def leadership(name: str) -> Iterator[bool]:
    """Try to become the one leader over all processes; yields whether one is. Never waits."""
    if connection.vendor == "sqlite":
        handle = os.open(lock_file(name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            yield False
            return
        try:
            yield True
        finally:
            os.close(handle)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(current_database() || %s))", [name])
        led = bool(cursor.fetchone()[0])
    try:
        yield led
    finally:
        if led:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(current_database() || %s))", [name])
