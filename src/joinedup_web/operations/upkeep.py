"""What time brings about: the worker does it now and then, whoever of several workers comes first."""

from __future__ import annotations

import logging
import threading

from django.db import close_old_connections
from django.utils import timezone

from joinedup_web.accounts.upkeep import tidy_up
from joinedup_web.casework.upkeep import let_contacts_go, look_after_cases
from joinedup_web.feedback.digests import look_after_digests
from joinedup_web.feedback.flag_messages import tell_of_flags
from joinedup_web.feedback.import_job import let_unconfirmed_go
from joinedup_web.feedback.keeping import let_originals_go
from joinedup_web.feedback.measuring import measure_what_is_due
from joinedup_web.identity.keeping import let_go
from joinedup_web.operations.keeping import (
    apply_retention,
    carry_out_later,
    carry_to_ledger,
    holds_on,
)
from joinedup_web.operations.keys_and_backups import note_rotations
from joinedup_web.operations.models import Erasure, ErasureState

log = logging.getLogger(__name__)
SECONDS_BETWEEN_ROUNDS = 60.0
ROUNDS_BETWEEN_RETENTION = 60
ROUNDS_BETWEEN_DIGESTS = 5
"""They wait for comments to be read, and are due soon after."""


def start(stop: threading.Event) -> threading.Thread:
    """Begin the rounds in a thread; they end soon after `stop` is set."""
    thread = threading.Thread(target=_rounds, args=(stop,), name="upkeep", daemon=True)
    thread.start()
    return thread


def look_after_flags() -> None:
    """Tell who is due to be told that somebody may be in danger: first in each round, and whatever else fails."""
    try:
        tell_of_flags()
    except Exception as problem:  # the next round tries again; the kind alone is told
        log.error("people could not be told of flags: %s", type(problem).__name__)


def _rounds(stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        look_after_flags()
        try:
            tidy_up()
            carry_to_ledger()
            look_after_cases(on=timezone.now())
            if number % ROUNDS_BETWEEN_DIGESTS == 0:
                look_after_digests(on=timezone.now())
            if number % ROUNDS_BETWEEN_RETENTION == 0:
                apply_retention(on=timezone.now())
                let_go(on=timezone.now())
                let_originals_go(on=timezone.now(), is_held=lambda place: any(holds_on(place, "responses")))
                let_contacts_go(on=timezone.now(), is_held=lambda place: any(holds_on(place, "cases")))
                note_rotations()
                measure_what_is_due(on=timezone.now())
                let_unconfirmed_go(on=timezone.now())
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
