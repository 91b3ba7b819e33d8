"""What a request tells of its sender that we use: the network address (as a keyed digest) and the browser's family."""

from __future__ import annotations

import re

from django.http import HttpRequest

from joinedup_web.accounts.tokens import keyed_digest
from joinedup_web.gate.network import network_of

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def address_digest(request: HttpRequest) -> str:
    """Return the keyed digest of the sender's network; the address itself is kept nowhere."""
    return keyed_digest("address", network_of(request))


def browser(request: HttpRequest) -> str:
    """Return family and system, such as "Firefox on Windows"; no version, so that it singles nobody out."""
    agent = request.headers.get("User-Agent", "")
    family = next((name for mark, name in _BROWSERS if re.search(rf"\b{mark}/", agent)), "Unknown browser")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return f"{family} on {system}" if system else family
