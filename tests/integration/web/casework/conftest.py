"""Browsers, messages that were sent, and a clock that can be moved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from joinedup.ports.clock import SystemClock
from joinedup.ports.notify import NotifyError
from joinedup.ports.notify_outbox import OutboxNotifier
from joinedup.ports.notify_templates import own_templates
from joinedup_web.accounts import messages
from joinedup_web.casework import reply_jobs
from support.web_people import organisation, sign_in, staff


class Post:
    """A message service. fails: what the next tries answer, in turn. takes_anyway: it fails and yet has taken it."""

    def __init__(self) -> None:
        self.outbox = OutboxNotifier(own_templates(), clock=SystemClock())
        self.fails: list[NotifyError] = []
        self.takes_anyway = False
        self.asked_again: list[bool] = []
        self.handed_over = 0

    def send(self, message):
        self.asked_again.append(message.again)
        if self.fails:
            failure = self.fails.pop(0)
            if self.takes_anyway:
                self._take(message)
            raise failure
        return self._take(message)

    def _take(self, message):
        if message.again and message.reference in {each.reference for each in self.sent}:
            return self.outbox.send(message)  # asked first, and it has it
        self.handed_over += 1
        return self.outbox.send(message)

    @property
    def sent(self):
        return self.outbox.messages()


@pytest.fixture
def post(monkeypatch):
    made = Post()
    monkeypatch.setattr(reply_jobs, "notifier", lambda: made)
    monkeypatch.setattr(messages, "notifier", lambda: made)
    return made


@pytest.fixture
def later(monkeypatch):
    """Moves the clock on, again and again."""
    real, moved = timezone.now, [timedelta()]
    monkeypatch.setattr("django.utils.timezone.now", lambda: real() + moved[0])

    def move(**by):
        moved[0] += timedelta(**by)

    return move


@pytest.fixture
def client_of():
    """A browser signed in as somebody with roles, at Northshire or elsewhere."""

    def make(*roles, where=None, user=None):
        client = Client()
        place = organisation(where) if where else None
        sign_in(client, user or staff(*roles, where=place), place)
        return client

    return make
