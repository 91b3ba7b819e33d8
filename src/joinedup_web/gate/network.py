"""Where a request came from, as far as our own proxies saw it, and how we reach other services in our turn."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

from joinedup.ports import HttpxClient


def network_of(request: HttpRequest) -> str:
    """The network that a request came from; an IPv6 /64, which one subscriber holds as a whole, counts as one.

    It is what the outermost of our own proxies saw: what stands before that anybody may have written.
    """
    address, proxies = str(request.META.get("REMOTE_ADDR", "")), settings.JOINEDUP.proxies
    passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if proxies and len(passed) >= proxies and passed[-proxies]:
        address = passed[-proxies]
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)


def http_client() -> HttpxClient:
    """A client for other services, by the proxy that the settings name."""
    return HttpxClient(proxy=settings.JOINEDUP.https_proxy)
