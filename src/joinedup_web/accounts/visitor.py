"""What a request tells of its sender that we use: the network address (as a keyed digest) and the browser's family."""

from __future__ import annotations

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

from joinedup_web.accounts.tokens import keyed_digest

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
    """Return the keyed digest of the sender's network; the address itself is kept nowhere.

    IPv6 counts by its /64, which one subscriber holds as a whole.
    """
    return keyed_digest("address", _network(_address(request)))


def browser(request: HttpRequest) -> str:
    """Return family and system, such as "Firefox on Windows"; no version, so that it singles nobody out."""
    agent = request.headers.get("User-Agent", "")
    family = next((name for mark, name in _BROWSERS if re.search(rf"\b{mark}/", agent)), "Unknown browser")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return f"{family} on {system}" if system else family


def _address(request: HttpRequest) -> str:
    """The address that the outermost of our own proxies saw; what stands before it anybody may have written."""
    proxies = settings.JOINEDUP.proxies
    if proxies:
        passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(passed) >= proxies and passed[-proxies]:
            return passed[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if found.version == 6 and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)
