"""Short requests of one process compute one after another, and wait for the disk beside each other.

Python runs one thread of a process at a time. Where many want to compute, the processor is handed over some fifty
times in a request of a millisecond, and each takes twice as long. So a request that is known to be short asks for
the turn first, and lets go of it when nothing is left but to wait until its deed is durable.

The turn is a courtesy and protects nothing: who waits longer than MOST_SECONDS goes on without it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

MOST_SECONDS = 0.02

_turn = threading.Lock()
_mine = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """Compute within, as the only one where the others are as polite; until `let_go`."""
    _mine.turn = _turn if _turn.acquire(timeout=MOST_SECONDS) else None
    try:
        yield
    finally:
        let_go()


def let_go() -> None:
    """Let others compute: what is left is waiting, or little. Nothing for a thread without the turn."""
    held: threading.Lock | None = getattr(_mine, "turn", None)
    _mine.turn = None
    if held is not None:
        held.release()


def _forget() -> None:
    """A forked child's turn is free, whoever had it."""
    global _turn
    _turn = threading.Lock()
    _mine.turn = None


os.register_at_fork(after_in_child=_forget)
