"""Staff of Northshire in front of the pages of models."""

from __future__ import annotations

import pytest
from django.test import Client

from joinedup.errors import JoinedupError
from joinedup_web.text import child, jobs
from support.web_people import organisation, sign_in, staff


@pytest.fixture
def client_of():
    """A client signed in with a role, in Northshire or where it is told."""

    def of(role: str, where=None) -> Client:
        client, place = Client(), where or organisation()
        sign_in(client, staff(role, where=place), where=place)
        return client

    return of


@pytest.fixture
def in_this_process(monkeypatch):
    """Evaluate without a child process, whose start takes seconds; one test tries a real one."""

    def here(order, *, on_progress, is_cancelled, module):
        assert module == jobs.CHILD
        on_progress("evaluating", 0, 1)
        try:
            return {"finished": child.evaluate(order)}
        except JoinedupError as error:
            return {"problem": error.as_dict()}

    monkeypatch.setattr(jobs, "in_child", here)
