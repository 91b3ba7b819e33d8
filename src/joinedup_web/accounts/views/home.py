"""Where a member of staff starts: what waits for them, and what they may do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from joinedup_web.accounts.home import tasks_for
from joinedup_web.accounts.memberships import organisations_of
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.rules import for_any_staff


@for_any_staff("the staff home shows each person what they may do")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this person came to do."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    if by.organisation_id is None:
        choices = organisations_of(request.staff_session.user_id)  # type: ignore[attr-defined]
        if choices and not by.platform:
            return redirect("accounts:choose_organisation")
    waiting, other = tasks_for(by)
    return render(request, "accounts/home.html", {"waiting": waiting, "other": other})
