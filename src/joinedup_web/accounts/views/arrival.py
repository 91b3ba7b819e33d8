"""Pages that a link opens: accepting an invitation, getting back in after a lost factor.

A link's token goes into the session at once and the browser on to an address without it, so that it stands in no
log line, no history and no Referer of what follows.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from joinedup_web.accounts import pending
from joinedup_web.accounts.actions import accept_as_colleague, accept_invitation, use_recovery
from joinedup_web.accounts.forms.sign_in import AcceptForm, NewPasswordForm
from joinedup_web.accounts.models import Invitation, StaffUser
from joinedup_web.accounts.pending import Step
from joinedup_web.accounts.queries.arrival import invitation_of, recovery_of
from joinedup_web.accounts.views.provider import INVITATION
from joinedup_web.accounts.views.shown import on_form
from joinedup_web.gate.actor import ANONYMOUS, Actor
from joinedup_web.gate.rules import for_everyone

RECOVERY = "staff_recovery"
GONE = {"used": 410, "withdrawn": 410, "expired": 410, "unknown": 404}


@for_everyone("whoever has the link was invited")
@require_safe
@never_cache
def invitation_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token of an invitation."""
    request.session[INVITATION] = token
    return redirect("accounts:invitation")


@for_everyone("whoever has the link was approved by a second person")
@require_safe
@never_cache
def recover_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token of a recovery."""
    request.session[RECOVERY] = token
    return redirect("accounts:recover")


@for_everyone("whoever has the link was invited")
@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest) -> HttpResponse:
    """Accept an invitation: as a new colleague, as one with an account, or at the organisation's provider."""
    arrival = invitation_of(request.session.get(INVITATION, ""))
    if arrival.state in GONE:
        context = {"why": arrival.state, "invitation": arrival.invitation}
        return render(request, "accounts/invitation_gone.html", context, status=GONE[arrival.state])
    found = arrival.invitation
    assert found is not None
    if arrival.state == "unfinished":
        return _go_on(request, found)
    colleague = StaffUser.objects.filter(email=found.email).first()
    if colleague is not None:
        return _accept_as_colleague(request, found)
    form = AcceptForm(
        request.POST if request.method == "POST" else None,
        user=StaffUser(email=found.email),
        initial={"name": found.name},
    )
    if request.method == "POST" and form.is_valid():
        user = on_form(
            form,
            lambda: accept_invitation(
                by=ANONYMOUS,
                invitation=found,
                name=form.cleaned_data["name"],
                hashed=make_password(form.cleaned_data["password"]),
            ),
        )
        if user is not None:
            pending.begin(request, user, step=Step.SET_UP)
            return redirect("accounts:set_up")
    return render(
        request,
        "accounts/invitation.html",
        {"form": form, "invitation": found, "provider": settings.JOINEDUP.staff_provider},
        status=422 if form.errors else 200,
    )


@for_everyone("whoever has the link was approved by a second person")
@never_cache
@sensitive_post_parameters("password")
def recover(request: HttpRequest) -> HttpResponse:
    """Set a new password after an approved recovery; a new factor comes next."""
    found = recovery_of(request.session.get(RECOVERY, ""))
    if found is None:
        return render(request, "accounts/recover_gone.html", status=410)
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=found.user)
    if request.method == "POST" and form.is_valid():
        user = on_form(
            form,
            lambda: use_recovery(
                by=ANONYMOUS,
                recovery=found,
                hashed=make_password(form.cleaned_data["password"]),
            ),
        )
        if user is not None:
            pending.begin(request, user, step=Step.SET_UP)
            return redirect("accounts:set_up")
    return render(
        request,
        "accounts/recover.html",
        {"form": form, "recovery": found},
        status=422 if form.errors else 200,
    )


def _go_on(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Somebody began, and stopped before they had a second factor."""
    assert found.accepted_by is not None
    if request.method == "POST":
        pending.begin(request, found.accepted_by, step=Step.SET_UP)
        return redirect("accounts:set_up")
    return render(request, "accounts/invitation_go_on.html", {"invitation": found})


def _accept_as_colleague(request: HttpRequest, found: Invitation) -> HttpResponse:
    by: Actor = request.actor  # type: ignore[attr-defined]
    user = request.staff_session.user if by.is_known else None  # type: ignore[attr-defined]
    if user is not None and user.email == found.email and request.method == "POST":
        accept_as_colleague(by=by, invitation=found, user=user)
        messages.success(request, "You have accepted the invitation")
        return redirect("accounts:choose_organisation")
    context = {
        "invitation": found,
        "user": user,
        "is_theirs": user is not None and user.email == found.email,
        "token": request.session[INVITATION],  # signing in begins a new session
    }
    return render(request, "accounts/invitation_colleague.html", context)
