"""A unit of work is made durable together with its events, several units under one commit where that helps.

SQLite: all units of a process go to one committer thread (committer.py), which writes many under one fsync.
PostgreSQL: each runs on its own thread's connection; the server puts commits together by itself.
Inside a transaction that is open already (a deed within a deed, a test) the unit joins it.
Nothing is answered before its commit.
"""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from joinedup.audit import Receipt, Writer
from joinedup_web.audit.write import Draft, insert, new_writer, number

log = logging.getLogger(__name__)

Hook = tuple[Callable[[], object], bool]
"""What is to happen after the commit, and whether its failure is only logged."""


@dataclass(eq=False)
class Unit:
    """Work to be kept or undone as a whole.

    work: writes the rows, and returns the events to keep with them. alone: it may take long, so others are not
    put under the same commit. rows: False where it writes none, so that its work is done before the turn to write is
    asked for. drafts: its events where that was done. receipts: once it is durable, of each event.
    """

    work: Callable[[], list[Draft]]
    alone: bool = False
    rows: bool = True
    drafts: list[Draft] | None = None
    receipts: tuple[Receipt, ...] = ()
    error: BaseException | None = None
    hooks: list[Hook] = field(default_factory=list)
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    done: threading.Lock = field(default_factory=threading.Lock)


def keep(unit: Unit) -> None:
    """Run a unit and return once it is durable; whatever it raises comes out, and nothing of it is kept."""
    if connection.in_atomic_block:
        _join(unit)
    elif connection.vendor == "sqlite":
        from joinedup_web.audit.committer import committer

        if not unit.rows:
            with connection.execute_wrapper(_only_reading):
                unit.drafts = unit.work()
        committer().keep(unit)
        _after(unit)
    else:
        _by_itself(unit)


def _only_reading(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """Refuse statements that are to write: there is no transaction that could undo them."""
    if sql[:6].upper() != "SELECT":
        raise RuntimeError("an action with rows=False wrote rows")
    return execute(sql, params, many, context)


def _join(unit: Unit) -> None:
    """In somebody else's transaction, which may yet be undone: a writer of its own, so that leaves no gap."""
    with transaction.atomic():
        _, numbered = number(new_writer(), unit.work())
        insert(numbered.events)
        unit.receipts = numbered.receipts


_own = threading.local()


def _by_itself(unit: Unit) -> None:
    writer: Writer = getattr(_own, "writer", None) or new_writer()
    _own.writer = None  # an unclear end, as of a broken connection, begins a new writer
    unclear = False
    try:
        with transaction.atomic():
            after, numbered = number(writer, unit.work())
            insert(numbered.events)
            unit.receipts = numbered.receipts
            unclear = True
        _own.writer = after
    except BaseException:
        unit.receipts = ()
        if not unclear:
            _own.writer = writer
        raise


def _after(unit: Unit) -> None:
    """What follows a commit happens in the thread that asked, so that nobody else waits for it."""
    for call, robust in unit.hooks:
        try:
            call()
        except Exception:
            if not robust:
                raise
            log.exception("something after a commit failed")
