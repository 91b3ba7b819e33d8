"""The sequencer: a thread of the processes that serve and work, of which one leads at a time.

    sequencing = sequencer.start(stop)   # threading.Event
    ...
    stop.set(); sequencing.join()

The leader places what was committed, signs checkpoints and carries them off. Where it dies, another takes over
within a second; whatever it was doing happened whole or not at all.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from joinedup_web.audit import checkpoints, wal
from joinedup_web.audit.models import Event, Pending
from joinedup_web.audit.sequence import MOST_EVENTS, sequence_once
from joinedup_web.audit.turn import leadership

log = logging.getLogger(__name__)

SECONDS_BETWEEN = 0.25
LATE = timedelta(seconds=10)
"""An event that waits longer is told in readiness and on the page; two seconds are promised."""

_fault: str | None = None


def start(stop: threading.Event) -> threading.Thread:
    """Start the thread; it ends soon after `stop` is set, having placed what was committed till then."""
    thread = threading.Thread(target=_run, args=(stop,), name="audit-sequencer", daemon=True)
    thread.start()
    return thread


def waiting() -> int:
    """How many committed events have no place yet."""
    return Pending.objects.count()


def problem() -> str | None:
    """What is wrong with sequencing, in words for anybody; None where all is well."""
    oldest = (
        Event.objects.filter(pending__isnull=False).order_by("number").values_list("at", flat=True).first()
    )
    if oldest is not None and timezone.now() - oldest > LATE:
        return "events have waited more than ten seconds to be sequenced"
    return checkpoints.problem() or _fault


def sequence_all() -> int:
    """Sequence until nothing waits that may be placed; return how many were."""
    total = 0
    while count := sequence_once():
        total += count
    return total


def _run(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            with leadership("sequencer") as leads:
                if leads:
                    _lead(stop)
        except Exception as error:
            _tell(error)
            connection.close()
        stop.wait(1)
    connection.close()


def _lead(stop: threading.Event) -> None:
    global _fault
    carry = True  # also what the leader before was killed over
    wal.let_grow()
    log_copying = wal.Copying()
    while True:
        last = stop.is_set()
        placed = sequence_once()
        if placed < MOST_EVENTS:
            carry = checkpoints.sign_if_due() is not None or carry
        _fault = None
        log_copying.if_due()
        if carry:
            carry = not _carried_off()
        if last:
            return
        if placed < MOST_EVENTS:
            stop.wait(SECONDS_BETWEEN)


def _carried_off() -> bool:
    """Sequencing goes on where a folder cannot be written; the problem is told until it can."""
    try:
        checkpoints.carry_off()
    except OSError as error:
        _tell(error)
        return False
    return True


def _tell(error: Exception) -> None:
    global _fault
    _fault = f"sequencing fails ({type(error).__name__}); see the log"
    log.exception("sequencing failed")
