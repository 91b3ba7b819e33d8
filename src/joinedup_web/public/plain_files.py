"""What programs look for at fixed addresses: what search engines may read, and whom to tell of a fault of security."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from joinedup_web.gate.rules import for_everyone

PLAIN = "text/plain; charset=utf-8"
NOT_FOR_SEARCH = ("/staff/", "/account/", "/api/", "/health/", "/metrics")
"""Forms of the public are not among these: they say noindex themselves, which a program must read to heed."""


@for_everyone("programs ask what they may read before they know anything")
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may read (RFC 9309): the public pages, and nothing of a demonstration."""
    closed = ("/",) if settings.JOINEDUP.is_demonstration else NOT_FOR_SEARCH
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return HttpResponse("\n".join(lines) + "\n", content_type=PLAIN)


@for_everyone("whoever finds a fault of security must learn whom to tell")
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a fault of security (RFC 9116). 404 where nobody was named, or no longer holds."""
    told = settings.JOINEDUP.security_contact
    if told is None or told.until <= timezone.now():
        raise Http404
    lines = [
        *(f"Contact: {address}" for address in told.addresses),
        f"Expires: {told.until:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en, cy",
        f"Canonical: {settings.JOINEDUP.url}{request.path}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type=PLAIN)
