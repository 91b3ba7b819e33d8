"""What the processes that answer share: loaded once, before they are forked from the one that begins them.

A page of memory that nobody writes to is there once, however many processes have it. Where the system gives each
process an interpreter of its own instead (macOS, and Python 3.14), nothing is shared but the files of the indexes.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import multiprocessing
import os
import sys
from collections import Counter
from multiprocessing.synchronize import Lock
from pathlib import Path

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.urls import URLResolver, get_resolver
from django.utils.module_loading import import_string

from joinedup.errors import JoinedupError
from joinedup_web.person_index.queries import load_for_all

log = logging.getLogger(__name__)

TURN_SECONDS = 0.001
"""How long a thread may compute while others want to: a commit that many wait for must not wait long itself."""

SECONDS_TO_CHOOSE = 2.0
"""How long a process waits for its turn to choose: one that was killed while choosing must not keep others waiting."""

_choosing: Lock | None = None
"""Held while a process chooses its processor, where there are as many processes as processors."""


def application() -> WSGIHandler:
    """What answers requests, as each process of the website takes it."""
    sys.setswitchinterval(TURN_SECONDS)
    if _choosing is not None and _choosing.acquire(timeout=SECONDS_TO_CHOOSE):
        try:
            _stay_on_one_processor()
        except OSError as problem:  # as where the system does not tell of siblings: it answers all the same
            log.warning("processes share the processors", extra={"fault": type(problem).__name__})
        finally:
            _choosing.release()
    found: WSGIHandler = import_string(settings.WSGI_APPLICATION)
    return found


def load(*, processes: int) -> None:
    """Load what so many processes need to answer: all pages' code, and what asking a person index does.

    Nothing stays open.
    """
    global _choosing
    if multiprocessing.get_start_method() != "fork":
        return
    if hasattr(os, "sched_setaffinity") and processes >= max(2, len(os.sched_getaffinity(0))):
        _choosing = multiprocessing.Lock()
    import_string(settings.WSGI_APPLICATION)
    _resolve(get_resolver())
    try:
        load_for_all()
    except JoinedupError as problem:  # each question will say so itself
        log.warning("an index could not be opened beforehand", extra={"fault": type(problem).__name__})
    connections.close_all()
    gc.collect()
    gc.freeze()  # looking for garbage would write to what is shared, and take longer at each turn


def _resolve(resolver: URLResolver) -> None:
    """Load the modules of all addresses, as the first request would."""
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            _resolve(each)
    resolver._populate()


def _stay_on_one_processor() -> None:
    """Keep this process on the processor that the fewest of its siblings have.

    Python runs one thread of a process at a time. Where its threads wander between processors each finds the other's
    caches cold, and a request costs up to twice as much.
    """
    taken: Counter[int] = Counter()
    for sibling in _siblings():
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            theirs = os.sched_getaffinity(sibling)
            taken.update(theirs if len(theirs) == 1 else ())
    chosen = min(os.sched_getaffinity(0), key=lambda each: (taken[each], each))
    for task in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(task), {chosen})


def _siblings() -> list[int]:
    parent = os.getppid()
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(each) for each in listed if int(each) != os.getpid()]
