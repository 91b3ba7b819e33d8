"""The demonstration's own pages: who may be signed in as, and the way in without proof. Elsewhere they do not exist."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from joinedup_web.accounts.models import SignInMethod, StaffUser
from joinedup_web.accounts.sessions import open_session
from joinedup_web.demonstration.here import WHY, in_demonstration
from joinedup_web.demonstration.people import BODIES, WORKERS
from joinedup_web.demonstration.services import public_pages
from joinedup_web.gate.rules import for_everyone


@for_everyone(WHY)
@in_demonstration
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Every fictional member of staff, with what to try as them, and what the public is asked."""
    groups = [
        (body.name, [worker for worker in WORKERS if worker.body == place])
        for place, body in enumerate(BODIES)
    ]
    context = {"groups": groups, "services": public_pages()}
    return render(request, "demonstration/choose.html", context)


@for_everyone(WHY)
@in_demonstration
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of them. Stands under /staff/, where the staff cookie is sent."""
    wanted = request.POST.get("account", "")
    if wanted not in {worker.email for worker in WORKERS}:
        raise Http404
    user = StaffUser.objects.filter(email=wanted, is_active=True).first()
    if user is None:
        raise Http404
    open_session(request, user, method=SignInMethod.DEMONSTRATION, at=timezone.now())
    return HttpResponseRedirect(reverse("accounts:home"))
