"""What the templates know of a deployment, changed for a while: a crown, a contact, another name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.template import engines


@contextmanager
def page_globals(**values: Any) -> Iterator[None]:
    """Set globals of the page templates; compiled templates keep their own copy, so they are made anew."""
    environment = engines["jinja2"].env
    before = {name: environment.globals[name] for name in values}
    environment.globals.update(values)
    environment.cache.clear()
    try:
        yield
    finally:
        environment.globals.update(before)
        environment.cache.clear()
