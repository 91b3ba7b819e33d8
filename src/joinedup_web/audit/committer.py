"""The committer: one thread of a process that writes the deeds of all its threads, many under one commit.

A commit on SQLite costs an fsync, some milliseconds, whatever it holds. So deeds queue; the committer takes the
turn to write, runs what waits, each that writes rows in a savepoint of its own, commits once, and then answers them
all. A deed that fails is undone alone. Where the commit itself fails, none of them happened, and all are told.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from queue import Empty, SimpleQueue

from django.db import connection, transaction

from joinedup.audit import Writer
from joinedup.errors import ServiceError
from joinedup_web.audit import computing, wal
from joinedup_web.audit.commit import Unit
from joinedup_web.audit.turn import write_turn
from joinedup_web.audit.write import MOST_AT_ONCE, Numbered, insert, names_person, new_writer, number

log = logging.getLogger(__name__)

MOST_UNITS = 128
"""How many deeds one commit may hold."""

MOST_SECONDS = 0.05
"""After how long no further deed joins a commit, so that one slow deed does not gather others behind it."""


SECONDS_TO_GATHER = 0.003
"""How long a commit waits for more deeds where the one before held several: each costs as much as some deeds do."""


class NotKept(ServiceError):
    """The commit failed: nothing of the deed was kept."""


class Committer:
    """Started at the first deed; stopped when the process ends."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Unit | None] = SimpleQueue()
        self._held: Unit | None = None
        self._writer = new_writer()
        self._stopped = self._busy = False
        self._thread = threading.Thread(target=self._run, name="audit-committer", daemon=True)
        self._thread.start()

    def keep(self, unit: Unit) -> None:
        """Hand a unit over and wait until it is durable; raises what it raised, or NotKept."""
        unit.done.acquire()
        self._queue.put(unit)
        computing.let_go()
        while not unit.done.acquire(timeout=5):
            if not self._thread.is_alive():
                raise _not_kept()
        if unit.error is not None:
            raise unit.error

    def stop(self) -> None:
        """Finish what waits, and end the thread."""
        self._queue.put(None)
        self._thread.join(timeout=30)

    @property
    def is_running(self) -> bool:
        """Whether it takes units."""
        return self._thread.is_alive() and not self._stopped

    def _run(self) -> None:
        try:
            while (first := self._next(wait=True)) is not None:
                units = [first]
                try:
                    self._connect()
                    self._commit(units)
                except BaseException as error:
                    log.error("a commit failed: %s", type(error).__name__)
                    self._writer = new_writer()  # whether it was kept is not known
                    for unit in units:
                        if unit.error is None:
                            unit.error = _not_kept(error)
                    connection.close()
                finally:
                    for unit in units:
                        unit.done.release()
        finally:
            self._stopped = True
            connection.close()

    def _connect(self) -> None:
        connection.close_if_unusable_or_obsolete()
        if connection.connection is None:
            wal.let_grow()

    def _next(self, *, wait: bool) -> Unit | None:
        if self._held is not None:
            unit, self._held = self._held, None
            return unit
        if self._stopped:
            return None
        try:
            unit = self._queue.get(block=wait)
        except Empty:
            return None
        if unit is None:
            self._stopped = True
        return unit

    def _commit(self, units: list[Unit]) -> None:
        """Run units, the first of which is there already, and commit once."""
        if self._busy:
            time.sleep(SECONDS_TO_GATHER)
        self._join_ready(units)
        kept = self._insert_ready(units) if all(map(_is_ready, units)) else self._run_in_transaction(units)
        for unit, numbered in kept:
            unit.receipts = numbered.receipts
        self._busy = len(units) > 1

    def _join_ready(self, units: list[Unit]) -> None:
        """Let what waits join, as long as it is ready; a unit that is not may join as the last."""
        while len(units) < MOST_AT_ONCE and _is_ready(units[-1]):
            unit = None if self._stopped else self._next(wait=False)
            if unit is None:
                return
            if unit.alone:
                self._held = unit
                return
            units.append(unit)

    def _insert_ready(self, units: list[Unit]) -> list[tuple[Unit, Numbered]]:
        """Keep units that are ready by one statement, which is a transaction by itself.

        Each call of the database gives the processor to other threads and waits to have it back, and the others
        who want to write wait meanwhile: so little happens within the turn.
        """
        kept: list[tuple[Unit, Numbered]] = []
        writer = self._numbered(self._writer, units, kept)
        with write_turn():
            late = [units[-1]]
            while len(units) + len(late) <= MOST_AT_ONCE and (unit := self._next(wait=False)) is not None:
                if not _is_ready(unit):
                    self._held = unit
                    break
                late.append(unit)
            units += late[1:]
            writer = self._numbered(writer, late[1:], kept)
            if kept:
                insert([event for _, numbered in kept for event in numbered.events])
        self._writer = writer
        return kept

    @staticmethod
    def _numbered(writer: Writer, units: list[Unit], kept: list[tuple[Unit, Numbered]]) -> Writer:
        for unit in units:
            try:
                writer, numbered = number(writer, unit.drafts or [])
            except Exception as error:
                unit.error = error
            else:
                kept.append((unit, numbered))
        return writer

    def _run_in_transaction(self, units: list[Unit]) -> list[tuple[Unit, Numbered]]:
        kept: list[tuple[Unit, Numbered]] = []
        with write_turn():
            with transaction.atomic():
                until = time.monotonic() + MOST_SECONDS
                writer = self._writer
                here = 0
                while here < len(units):
                    unit = units[here]
                    try:
                        after, numbered = (
                            _undoable(writer, unit) if unit.drafts is None else number(writer, unit.drafts)
                        )
                    except BaseException as error:
                        unit.error = error
                    else:
                        writer = after
                        kept.append((unit, numbered))
                        # What was to follow the commit is taken out, to happen in the thread that asked.
                        unit.hooks += [(call, robust) for _, call, robust in connection.run_on_commit]
                    connection.run_on_commit = []
                    here += 1
                    if here == len(units) and not unit.alone:
                        self._join_next(units, until)
                insert([event for _, numbered in kept for event in numbered.events])
            self._writer = writer
        return kept

    def _join_next(self, units: list[Unit], until: float) -> None:
        if self._stopped or len(units) >= MOST_UNITS or time.monotonic() > until:
            return
        unit = self._next(wait=False)
        if unit is not None and unit.alone:
            self._held = unit
        elif unit is not None:
            units.append(unit)


def _undoable(writer: Writer, unit: Unit) -> tuple[Writer, Numbered]:
    with transaction.atomic():
        return number(writer, unit.context.run(unit.work))


def _is_ready(unit: Unit) -> bool:
    """Whether nothing is left but to number its one event and insert it, without a person's token to be made."""
    return unit.drafts is not None and len(unit.drafts) == 1 and not names_person(unit.drafts[0])


_committer: Committer | None = None
_making = threading.Lock()


def committer() -> Committer:
    """The committer of this process."""
    global _committer
    found = _committer
    if found is not None and found.is_running:
        return found
    with _making:
        if _committer is None or not _committer.is_running:
            _committer = Committer()
        return _committer


def stop() -> None:
    """Finish what waits and end the thread; the next deed starts another."""
    global _committer
    with _making:
        found, _committer = _committer, None
    if found is not None and found.is_running:
        found.stop()


def _forget() -> None:
    """A forked child has no committer yet: threads do not come along."""
    global _committer, _making
    _committer, _making = None, threading.Lock()


def _not_kept(cause: BaseException | None = None) -> NotKept:
    error = NotKept(
        what="the database did not keep this",
        where="audited deeds",
        mend="try again, and tell whoever runs the service",
    )
    error.__cause__ = cause
    return error


os.register_at_fork(after_in_child=_forget)
atexit.register(stop)
