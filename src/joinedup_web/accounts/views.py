"""Staff pages: home, sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from joinedup_web.gate.rules import for_any_staff, for_everyone


@for_any_staff("the staff home shows each person what they may do")
def home(request: HttpRequest) -> HttpResponse:
    """Where a member of staff starts."""
    return render(request, "accounts/home.html")


@for_everyone("nobody is signed in yet")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask who they are."""
    return render(request, "accounts/sign_in.html")
