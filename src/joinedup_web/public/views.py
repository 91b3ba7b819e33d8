"""The public pages. They are read by anybody, in English and in Welsh, and know nothing about who reads them."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from joinedup_web.design.context import address_if
from joinedup_web.gate.rules import for_everyone
from joinedup_web.public.cookies import cookies as list_of_cookies

STATEMENT_PREPARED = date(2026, 11, 23)  # change it whenever what the statement says was looked at again


@for_everyone("the start page says what the service is")
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What the service is and where to go."""
    may_sign_in = settings.JOINEDUP.one_login is not None or settings.JOINEDUP.is_demonstration
    there = address_if("identity:sign_in") if may_sign_in else ""
    return render(request, "public/start.html", {"citizen_sign_in": there})


@for_everyone("the law wants the accessibility statement open to all")
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "public/accessibility.html", {"prepared": STATEMENT_PREPARED})


@for_everyone("people may read what is done with their data before they sign in")
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The privacy notice."""
    return render(request, "public/privacy.html")


@for_everyone("people may read which cookies are set before any is")
@require_safe
def cookies(request: HttpRequest) -> HttpResponse:
    """The cookies that are set, and why no consent is asked."""
    return render(request, "public/cookies.html", {"cookies": list_of_cookies()})
