"""Comments are read in the background: sentiment, team and tags, each where its feature is switched on.

The worker looks for comments that nobody has read yet, so whoever keeps a comment need do no more than call
`note_new`, which costs nothing: work that was lost with a worker is found again by the same look.
"""

from __future__ import annotations

import threading
from uuid import UUID

_new = threading.Event()


def note_new(organisation_id: UUID) -> None:
    """Say that comments of an organisation came in. Called after the commit; writes nothing, and never fails."""
    _new.set()


def wait_for_new(seconds: float) -> None:
    """Wait until comments came in by this process, or some seconds have gone: other processes cannot say so."""
    _new.wait(seconds)
    _new.clear()
