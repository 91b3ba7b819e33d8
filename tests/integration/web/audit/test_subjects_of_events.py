"""Every kind of event can be found by what it is about."""

from __future__ import annotations

import pytest

from joinedup.audit import EVENT_KINDS
from joinedup_web.audit.views import SUBJECTS

pytestmark = [pytest.mark.web, pytest.mark.sqlite_only]


def test_every_kind_of_event_is_offered_under_one_subject():
    words = [word for _, belongs in SUBJECTS.values() for word in belongs]

    assert len(words) == len(set(words))
    assert {name.partition(".")[0] for name in EVENT_KINDS} == set(words)
