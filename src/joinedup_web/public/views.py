"""The public pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from joinedup_web.gate.rules import for_everyone


@for_everyone("the start page says what the service is")
def start(request: HttpRequest) -> HttpResponse:
    """What the service is and where to go."""
    return render(request, "public/start.html")
