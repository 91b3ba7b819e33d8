"""A provider at which the site is registered, and a citizen's browser."""

from __future__ import annotations

import pytest

from joinedup.ports import HttpxClient
from support.citizens import CitizenBrowser, provider_of


@pytest.fixture
def op(settings):
    with provider_of(settings) as running:
        yield running


@pytest.fixture
def citizen(op):
    with HttpxClient(timeout_seconds=5, tries=1) as http:
        yield CitizenBrowser(op, http)
