"""What the processes that answer share: loaded once, before they are forked from the one that begins them.

A page of memory that nobody writes to is there once, however many processes have it. Where the system gives each
process an interpreter of its own instead (macOS, and Python 3.14), nothing is shared but the files of the indexes.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import sys

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


def application() -> WSGIHandler:
    """What answers requests, as each process of the website takes it."""
    sys.setswitchinterval(TURN_SECONDS)
    found: WSGIHandler = import_string(settings.WSGI_APPLICATION)
    return found


def load() -> None:
    """Load what answering needs: all pages' code, and what asking a person index does. Nothing stays open."""
    if multiprocessing.get_start_method() != "fork":
        return
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
