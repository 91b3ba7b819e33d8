"""Signing in with a local account: password, then a second factor; or a passkey alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from joinedup_web.accounts import passkeys, pending
from joinedup_web.accounts.actions import (
    ask_for_recovery,
    try_code,
    try_passkey,
    try_password,
    try_recovery_code,
)
from joinedup_web.accounts.actions import (
    sign_out as end_session,
)
from joinedup_web.accounts.actions.factors import has_factor
from joinedup_web.accounts.actions.sign_in import Attempt
from joinedup_web.accounts.forms.sign_in import CodeForm, EmailForm, RecoveryCodeForm, SignInForm
from joinedup_web.accounts.lockout import account_subject, locked_until
from joinedup_web.accounts.memberships import may_use
from joinedup_web.accounts.models import SignInMethod, StaffUser
from joinedup_web.accounts.passwords import is_password_of
from joinedup_web.accounts.pending import CHALLENGE, Pending, Step, safe_next
from joinedup_web.accounts.sessions import NOTICE, close_session, open_session
from joinedup_web.accounts.visitor import address_digest
from joinedup_web.design.words import clock
from joinedup_web.gate.actor import ANONYMOUS
from joinedup_web.gate.rules import for_any_staff, for_everyone

WRONG = "The email address or password is wrong, or the account cannot be used"
TOO_LATE = "You took too long, so sign in again"


@for_everyone("nobody is signed in yet")
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask who they are: e-mail and password, a passkey, or the organisation's own sign-in."""
    if request.actor.is_known:  # type: ignore[attr-defined]
        return redirect(safe_next(request))
    form = SignInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        attempt = _password_attempt(request, form)
        if attempt.user is not None:
            return _second_step(request, attempt.user)
        form.add_error(None, _too_many(attempt) or WRONG)
    return render(
        request,
        "accounts/sign_in.html",
        {
            "form": form,
            "notice": request.session.pop(NOTICE, "") if NOTICE in request.session else "",
            "passkeys": passkeys.are_possible(),
            "provider": settings.JOINEDUP.staff_provider,
            "after": safe_next(request),
        },
        status=422 if form.errors else 200,
    )


@for_everyone("the second step of signing in")
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Ask for a code of the authenticator app, or for the passkey."""
    who = pending.read(request, Step.FACTOR)
    if who is None:
        return start_again(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        attempt = try_code(
            by=ANONYMOUS, user=who.user, code=form.cleaned_data["code"], address=address_digest(request)
        )
        if attempt.is_right:
            return finish(request, who, SignInMethod.PASSWORD_TOTP)
        form.add_error(
            "code", _too_many(attempt) or "The code is wrong, or was used already. Wait for the next one"
        )
    context = {"form": form, **_ways(who)}
    return render(request, "accounts/code.html", context, status=422 if form.errors else 200)


@for_everyone("the second step of signing in, for those without their factor")
@never_cache
def recovery_code(request: HttpRequest) -> HttpResponse:
    """Ask for a recovery code; whoever uses one is asked to set up a factor again afterwards."""
    who = pending.read(request, Step.FACTOR)
    if who is None:
        return start_again(request)
    form = RecoveryCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        attempt = try_recovery_code(
            by=ANONYMOUS, user=who.user, code=form.cleaned_data["code"], address=address_digest(request)
        )
        if attempt.is_right:
            return finish(request, who, SignInMethod.PASSWORD_RECOVERY_CODE)
        form.add_error("code", _too_many(attempt) or "The code is wrong, or was used already")
    return render(request, "accounts/recovery_code.html", {"form": form}, status=422 if form.errors else 200)


@for_everyone("a browser asks what to give the person's passkey")
@require_POST
@never_cache
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser is to ask of a passkey: any of this site, or one of who gave their password."""
    who = pending.read(request, Step.FACTOR) if request.POST.get("second") else None
    asked = passkeys.ask_to_prove(who.user.passkeys.all() if who else ())
    request.session[CHALLENGE] = asked.challenge
    return HttpResponse(asked.options, content_type="application/json")


@for_everyone("signing in with a passkey")
@require_POST
@never_cache
def passkey(request: HttpRequest) -> HttpResponse:
    """Check what the passkey answered."""
    challenge = request.session.pop(CHALLENGE, None)  # one answer for each question
    second = bool(request.POST.get("second"))
    who = pending.read(request, Step.FACTOR) if second else None
    if challenge is None or (second and who is None):
        return start_again(request)
    attempt = try_passkey(
        by=ANONYMOUS,
        answer=request.POST.get("credential", ""),
        challenge=challenge,
        address=address_digest(request),
        expected=who.user.id if who else None,
    )
    if attempt.user is None:
        request.session[NOTICE] = "too_many" if attempt.locked_until else "passkey_wrong"
        return redirect("accounts:sign_in")
    method = SignInMethod.PASSWORD_PASSKEY if second else SignInMethod.PASSKEY
    return finish(request, who or Pending(attempt.user, Step.FACTOR, "", safe_next(request)), method)


@for_everyone("somebody who lost their factors asks to get back in")
@never_cache
def lost(request: HttpRequest) -> HttpResponse:
    """Take the wish to get back in. The answer is the same whether or not there is such an account."""
    form = EmailForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        user = StaffUser.objects.filter(email=form.cleaned_data["email"].strip().lower()).first()
        usable = user if user is not None and may_use(user, on=timezone.now()) else None
        until = locked_until(address_digest(request), at=timezone.now())
        if until is None:
            ask_for_recovery(by=ANONYMOUS, user=usable, address=address_digest(request))
        return render(request, "accounts/lost_done.html")
    return render(request, "accounts/lost.html", {"form": form}, status=422 if form.errors else 200)


@for_any_staff("everybody may sign out")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    end_session(by=request.actor, session=request.staff_session)  # type: ignore[attr-defined]
    close_session(request, notice="signed_out")
    return redirect("accounts:sign_in")


def finish(request: HttpRequest, who: Pending, method: SignInMethod) -> HttpResponse:
    """Open the session and go where the person wanted to go."""
    open_session(request, who.user, method=method, at=timezone.now())
    if method is SignInMethod.PASSWORD_RECOVERY_CODE:
        return redirect("accounts:account")
    return HttpResponseRedirect(who.after or "/staff/")


def start_again(request: HttpRequest) -> HttpResponse:
    """Back to the first step, with a word why."""
    request.session[NOTICE] = "too_late"
    return redirect("accounts:sign_in")


def _password_attempt(request: HttpRequest, form: SignInForm) -> Attempt:
    email, now = form.cleaned_data["email"].strip().lower(), timezone.now()
    address = address_digest(request)
    user = StaffUser.objects.filter(email=email).first()
    is_locked = locked_until(account_subject(email), address, at=now) is not None
    is_right = not is_locked and is_password_of(user, form.cleaned_data["password"])
    return try_password(
        by=ANONYMOUS,
        email=email,
        address=address,
        user=user,
        is_right=is_right,
        is_open=user is not None and may_use(user, on=now),
    )


def _second_step(request: HttpRequest, user: StaffUser) -> HttpResponse:
    after = safe_next(request)
    if has_factor(user):
        pending.begin(request, user, step=Step.FACTOR, after=after)
        return redirect("accounts:code")
    pending.begin(request, user, step=Step.SET_UP, after=after)
    return redirect("accounts:set_up")


def _ways(who: Pending) -> dict[str, Any]:
    return {
        "has_app": getattr(who.user, "app", None) is not None and who.user.app.confirmed_at is not None,
        "has_passkey": passkeys.are_possible() and who.user.passkeys.exists(),
    }


def _too_many(attempt: Attempt) -> str:
    until: datetime | None = attempt.locked_until
    return f"There were too many attempts. You can try again on {clock(until)}" if until else ""
