"""What time brings about: the worker does it now and then, whoever of several workers comes first."""

from __future__ import annotations

import logging
import threading

from django.db import close_old_connections
from django.utils import timezone

from joinedup_web.accounts.upkeep import tidy_up
from joinedup_web.identity.keeping import let_go
from joinedup_web.operations.keeping import apply_retention, carry_out_later, carry_to_ledger
from joinedup_web.operations.keys_and_backups import note_rotations
from joinedup_web.operations.models import Erasure, ErasureState

log = logging.getLogger(__name__)
SECONDS_BETWEEN_ROUNDS = 60.0
ROUNDS_BETWEEN_RETENTION = 60


def start(stop: threading.Event) -> threading.Thread:
    """Begin the rounds in a thread; they end soon after `stop` is set."""
    thread = threading.Thread(target=_rounds, args=(stop,), name="upkeep", daemon=True)
    thread.start()
    return thread


def _rounds(stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        try:
            tidy_up()
            carry_to_ledger()
            if number % ROUNDS_BETWEEN_RETENTION == 0:
                apply_retention(on=timezone.now())
                let_go(on=timezone.now())
                note_rotations()
                for erasure in Erasure.objects.filter(state=ErasureState.APPROVED):
                    carry_out_later.enqueue(
                        str(erasure.id)
                    )  # left over from a crash; doing it twice is harmless
        except Exception as problem:  # the next round tries again; the kind alone is told
            log.error("a round of upkeep failed: %s", type(problem).__name__)
        finally:
            close_old_connections()
        number += 1
        stop.wait(SECONDS_BETWEEN_ROUNDS)
