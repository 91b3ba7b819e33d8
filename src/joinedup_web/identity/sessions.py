"""Who asks on the public side: a citizen by their session, a machine client by its bearer token."""

from __future__ import annotations

from django.http import HttpRequest

from joinedup_web.gate.actor import ANONYMOUS, Actor


def citizen_actor(request: HttpRequest) -> Actor:
    """The citizen who is signed in."""
    return ANONYMOUS


def client_actor(request: HttpRequest) -> Actor:
    """The machine client whose token came with the request."""
    return ANONYMOUS
