"""What every page knows: who asks, which side it is on, the languages, the navigation. No query is made here."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from joinedup_web.design.navigation import navigation
from joinedup_web.gate.actor import ANONYMOUS
from joinedup_web.gate.sides import STAFF_PATH, is_staff_side

ACCOUNT_VIEWS = {
    "sign_out": "accounts:sign_out",
    "account": "accounts:account",
    "organisation": "accounts:choose_organisation",
}
LANGUAGES = (("en", "English"), ("cy", "Cymraeg"))


def page(request: HttpRequest) -> dict[str, Any]:
    """The context of the base template; also for error pages, where the middlewares may not have run."""
    by = getattr(request, "actor", ANONYMOUS)
    staff_side = is_staff_side(request.path)
    return {
        "actor": by,
        "staff_side": staff_side,
        "home": STAFF_PATH if staff_side else f"/{_said_in_address()}",
        "language": getattr(request, "LANGUAGE_CODE", "en-gb").partition("-")[0],
        "language_links": [(code, name, _in_language(request, code)) for code, name in LANGUAGES],
        "navigation": navigation(by, request.path) if staff_side else [],
        "account_links": {name: address_if(view) for name, view in ACCOUNT_VIEWS.items()}
        if staff_side
        else {},
    }


def address_if(view: str, *args: object) -> str:
    """The address of a view that may not be part of this deployment; empty where it is not."""
    try:
        return reverse(view, args=args)
    except NoReverseMatch:
        return ""


def footer_links() -> list[dict[str, str]]:
    """The links at the foot of every page, in the page's language."""
    query = _said_in_address()
    return [
        {"href": reverse("public:accessibility") + query, "text": _("Accessibility statement")},
        {"href": reverse("public:privacy") + query, "text": _("Privacy")},
        {"href": reverse("public:cookies") + query, "text": _("Cookies")},
    ]


def _said_in_address() -> str:
    """What links of the frame end with, so that the next page is in this page's language where no cookie says it."""
    return "?lang=cy" if get_language() == "cy" else ""


def _in_language(request: HttpRequest, code: str) -> str:
    """This page's address in a language. What was asked for (a search, a page number) stays."""
    asked = request.GET.copy()
    asked["lang"] = code
    return f"{request.path}?{asked.urlencode()}"
