"""What the HTTP client leaves in the log."""

from __future__ import annotations

import logging

import pytest

from joinedup.errors import ServiceError
from joinedup.ports import HttpxClient


def test_no_query_is_logged_though_everything_is_logged(caplog):
    caplog.set_level(logging.DEBUG)

    with HttpxClient(tries=1) as client, pytest.raises(ServiceError):
        client.get("http://127.0.0.1:1/token?code=SECRET")

    assert "SECRET" not in caplog.text
