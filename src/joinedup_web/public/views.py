"""The public pages. They are read by anybody, in English and in Welsh, and know nothing about who reads them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from joinedup_web.gate.rules import for_everyone


@for_everyone("the start page says what the service is")
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What the service is and where to go."""
    return render(request, "public/start.html")


@for_everyone("the law wants the accessibility statement open to all")
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "public/accessibility.html")


@for_everyone("people may read what is done with their data before they sign in")
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The privacy notice."""
    return render(request, "public/privacy.html")


@for_everyone("people may read which cookies are set before any is")
@require_safe
def cookies(request: HttpRequest) -> HttpResponse:
    """The cookies that are set, and why no consent is asked."""
    return render(request, "public/cookies.html")
