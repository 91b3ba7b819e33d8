"""The language of a page: public pages in English and Welsh, by ?lang=cy, then a cookie; staff pages in English.

Where no cookie is used (gate/sides.py), the address alone says it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from joinedup_web.gate.sides import is_staff_side, is_without_cookies

CODES = {"en": "en-gb", "cy": "cy"}


class LanguageMiddleware:
    """Sets the language before the view and remembers a choice in a cookie (a preference, no tracking)."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = CODES.get(request.GET.get("lang", ""))
        cookies = {} if is_without_cookies(request.path) else request.COOKIES
        kept = cookies.get(settings.LANGUAGE_COOKIE_NAME)
        code = asked or (kept if kept in CODES.values() else None) or settings.LANGUAGE_CODE
        if is_staff_side(request.path):
            asked, code = None, settings.LANGUAGE_CODE
        with translation.override(code):
            request.LANGUAGE_CODE = code  # type: ignore[attr-defined]
            response = self.answer(request)
        response.headers.setdefault("Content-Language", code.partition("-")[0])
        if asked and not is_without_cookies(request.path):
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                asked,
                max_age=365 * 86400,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
