"""The questions of a form's versions, read once in each process: a version never changes."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

from joinedup.feedback import FormDefinition, definition_from
from joinedup_web.feedback.models import FormVersion

MOST_KEPT = 256

_read: OrderedDict[tuple[int, datetime], FormDefinition] = OrderedDict()


def definition_of(version: FormVersion) -> FormDefinition:
    """Return what a version asks."""
    key = (version.pk, version.made_at)
    found = _read.get(key)
    if found is None:
        found = _read[key] = definition_from(version.definition)
        while len(_read) > MOST_KEPT:
            _read.popitem(last=False)
    return found
