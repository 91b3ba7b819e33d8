"""Error pages that say what happened and what to do next; no traceback and no person's data."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from joinedup_web.gate.decide import Refused


def _page(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"error": template.partition(".")[0], "status": status}, status=status)
    return render(request, f"errors/{template}", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request makes no sense."""
    return _page(request, "bad_request.html", 400)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 raised by Django itself."""
    return _page(request, "refused.html", 403, reasons=())


def refused_page(request: HttpRequest, problem: Refused) -> HttpResponse:
    """403 by the gate, with its reasons."""
    return _page(request, "refused.html", 403, reasons=problem.decision.reasons)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was open too long or came from elsewhere."""
    return _page(request, "form_expired.html", 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return _page(request, "not_found.html", 404)


def fault(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours."""
    return _page(request, "fault.html", 500)
