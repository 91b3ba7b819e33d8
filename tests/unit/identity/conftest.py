"""A provider with a clock that tests set, and a citizen who signs in there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from joinedup.ports import HttpxClient, SetClock
from support.openid_provider import TestProvider, running_provider
from support.sign_in import NOW, Citizen, citizen
from support.signing_keys import rsa_key


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def http() -> Iterator[HttpxClient]:
    with HttpxClient(timeout_seconds=5, tries=1) as client:
        yield client


@pytest.fixture
def op(clock) -> Iterator[TestProvider]:
    with running_provider(clock=clock, client_keys=(rsa_key("client-1"),)) as provider:
        yield provider


@pytest.fixture
def someone(op, http, clock) -> Citizen:
    return citizen(op, http=http, clock=clock)
