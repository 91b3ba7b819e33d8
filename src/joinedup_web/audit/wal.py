"""SQLite's write-ahead log is copied into the database beside the deeds, not within one that others wait behind.

A commit that finds the log long copies it, with two more fsyncs, while its writer still holds the turn to write. So
the writers of the audit record let the log grow further, and the sequencer copies it between its turns. Where none
does, or it cannot keep up, a commit copies what is left. PostgreSQL needs none of this.
"""

from __future__ import annotations

import time

from django.db import connection

MOST_PAGES = 4000
"""How far the log grows (16 MB) before a commit copies it all the same."""

SECONDS_BETWEEN = 1.0


def let_grow() -> None:
    """Open this thread's connection where it is not, with the longer log."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA wal_autocheckpoint = {MOST_PAGES}")


class Copying:
    """Copies the log every second or so, for whoever calls `if_due` often and holds no transaction."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def if_due(self) -> None:
        """Copy what no reader still needs; other writers go on meanwhile."""
        if connection.vendor != "sqlite" or time.monotonic() - self._last < SECONDS_BETWEEN:
            return
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
        self._last = time.monotonic()
