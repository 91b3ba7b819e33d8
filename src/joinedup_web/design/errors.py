"""Error pages that say what happened and what to do next; no traceback and no person's data.

Both sides of the site share them; under /api/ the answer is JSON. The page of a fault (500) touches neither
the session nor the database, and is plain text of HTML where even the templates fail.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.utils.translation import get_language, gettext, gettext_noop

from joinedup_web.design.context import page
from joinedup_web.gate.actor import ANONYMOUS
from joinedup_web.gate.decide import GateDecision, Refused

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ErrorPage:
    """One kind of error: its word for programs, its heading, and what to do, as gettext keys."""

    code: str
    heading: str
    advice: tuple[str, ...]


PAGES = {
    400: ErrorPage(
        "bad_request",
        gettext_noop("There is a problem with what was sent"),
        (gettext_noop("We could not read the request. Go back, load the page again and try once more."),),
    ),
    403: ErrorPage(
        "refused",
        gettext_noop("You cannot see this page"),
        (
            gettext_noop(
                "If you think that you should, ask whoever looks after accounts in your organisation."
            ),
        ),
    ),
    404: ErrorPage(
        "not_found",
        gettext_noop("Page not found"),
        (
            gettext_noop("If you typed the web address, check that it is right."),
            gettext_noop("If you pasted it, check that you copied all of it."),
            gettext_noop("It may also belong to somebody else, or have been removed."),
        ),
    ),
    405: ErrorPage(
        "method_not_allowed",
        gettext_noop("This page cannot be used that way"),
        (gettext_noop("Go back to the page before, and use the buttons and links there."),),
    ),
    413: ErrorPage(
        "too_large",
        gettext_noop("The file is too large"),
        (
            gettext_noop("Nothing was kept of it."),
            gettext_noop("Split it into smaller files, or send a compressed form such as Parquet."),
        ),
    ),
    429: ErrorPage(
        "too_many",
        gettext_noop("Too many attempts"),
        (gettext_noop("Wait a few minutes, then try again."),),
    ),
    500: ErrorPage(
        "fault",
        gettext_noop("Sorry, there is a problem with the service"),
        (
            gettext_noop("Try again later. What you had saved before is safe."),
            gettext_noop("The fault has been written down for those who look after the service."),
        ),
    ),
}
FORM_EXPIRED = ErrorPage(
    "form_expired",
    gettext_noop("The form could not be accepted"),
    (
        gettext_noop("It was open for too long, or cookies are switched off in your browser."),
        gettext_noop("Go back, load the page again and fill it in once more. Nothing was changed."),
    ),
)
WHY = {
    "no_rule": gettext_noop("This page has no rule."),
    "no_token": gettext_noop("Give the monitoring token."),
    "not_signed_in": gettext_noop("Sign in as a member of staff first."),
    "no_organisation": gettext_noop("Choose the organisation you are working for."),
    "other_organisation": gettext_noop("It belongs to another organisation."),
    "no_permission": gettext_noop("No role of yours allows it."),
    "no_scope": gettext_noop("The token lacks a scope that is needed."),
}
"""What the gate's own refusals say in another language than English, by code; the record keeps code and English."""


def error_answer(
    request: HttpRequest,
    status: int,
    *,
    reasons: tuple[str, ...] = (),
    reasons_language: str = "",
    shown: ErrorPage | None = None,
) -> HttpResponse:
    """Return the page (or, under /api/, the JSON) of an error that a view met.

    reasons: sentences that say why, above the advice; they come from our own code, never from the request.
    reasons_language: theirs, where it is not the page's.
    """
    kind = shown or PAGES[status]
    if request.path.startswith("/api/"):
        what = reasons[0] if reasons else kind.heading
        return JsonResponse({"error": kind.code, "what": what, "status": status}, status=status)
    words = {
        "heading": gettext(kind.heading),
        "advice": [gettext(sentence) for sentence in kind.advice],
        "reasons": reasons,
        "reasons_language": reasons_language,
    }
    template = engines["jinja2"].get_template("errors/error.html")
    return HttpResponse(template.render(words, request), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request makes no sense."""
    return error_answer(request, 400)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 raised by Django itself."""
    return error_answer(request, 403)


def refused_page(request: HttpRequest, problem: Refused) -> HttpResponse:
    """403 by the gate, with its reasons."""
    reasons, language = _reasons_of(problem.decision)
    return error_answer(request, 403, reasons=reasons, reasons_language=language)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was open too long or came from elsewhere."""
    return error_answer(request, 403, shown=FORM_EXPIRED)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing is here, or nothing that this person may know of."""
    return error_answer(request, 404)


def fault(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours."""
    if request.path.startswith("/api/"):
        return error_answer(request, 500)
    kind = PAGES[500]
    words = {
        "request": request,
        "heading": gettext(kind.heading),
        "advice": [gettext(sentence) for sentence in kind.advice],
    }
    try:
        # Rendered without the request's context, so that no session, message or actor is asked for.
        bare = {**page(request), "actor": ANONYMOUS, "navigation": [], "account_links": {}}
        environment = engines["jinja2"].env  # type: ignore[attr-defined]
        body = environment.get_template("errors/fault.html").render({**bare, **words})
    except (
        Exception
    ):  # the fault may lie in the templates; whoever looks after the service still needs the log
        log.exception("the page of a fault could not be made")
        body = _without_templates(words["heading"], words["advice"])
    return HttpResponse(body, status=500)


def errors_as_pages(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a bare error (405 by a decorator, 413 or 429 by a view) becomes a page that helps."""

    def give(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if response.status_code not in {405, 413, 429} or getattr(response, "streaming", False):
            return response
        if response.content:
            return response
        helpful = error_answer(request, response.status_code)
        for name in ("Allow", "Retry-After"):
            if name in response:
                helpful[name] = response[name]
        return helpful

    return give


def _reasons_of(decision: GateDecision) -> tuple[tuple[str, ...], str]:
    """Why the gate refused, as sentences, and their language where that is not the page's."""
    is_english = (get_language() or "en").startswith("en")
    if not is_english and decision.code in WHY:
        return (gettext(WHY[decision.code]),), ""
    reasons = tuple(f"{reason[0].upper()}{reason[1:]}." for reason in decision.reasons if reason)
    return reasons, "" if is_english else "en"


def _without_templates(heading: object, advice: object) -> str:
    lines = advice if isinstance(advice, list) else []
    told = "".join(f"<p>{escape(str(line))}</p>" for line in lines)
    name = escape(settings.JOINEDUP.service_name)
    language = (get_language() or "en").partition("-")[0]
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(str(heading))} – {name}</title>"
        f"</head><body><main><h1>{escape(str(heading))}</h1>{told}</main></body></html>"
    )
