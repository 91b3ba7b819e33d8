"""Setting up a second factor: forced at the first sign-in, and after a recovery."""

from __future__ import annotations

from base64 import b64encode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from joinedup_web.accounts import authenticator, passkeys, pending
from joinedup_web.accounts.actions import add_passkey, begin_app, confirm_app, make_recovery_codes
from joinedup_web.accounts.actions.sign_in import app_context
from joinedup_web.accounts.forms.sign_in import CodeForm
from joinedup_web.accounts.keys import opened
from joinedup_web.accounts.models import SignInMethod, StaffUser
from joinedup_web.accounts.passkeys import BadPasskey
from joinedup_web.accounts.pending import CHALLENGE, Pending, Step
from joinedup_web.accounts.views.shown import sentence
from joinedup_web.accounts.views.sign_in import finish, start_again
from joinedup_web.accounts.visitor import browser
from joinedup_web.gate.actor import Actor, ActorKind
from joinedup_web.gate.decide import Refused
from joinedup_web.gate.rules import for_everyone

WHY = "setting up a second factor before the first sign-in is complete"


@for_everyone(WHY)
@require_safe
@never_cache
def choose(request: HttpRequest) -> HttpResponse:
    """Ask which factor to set up."""
    who = pending.read(request, Step.SET_UP)
    if who is None:
        return start_again(request)
    return render(request, "accounts/set_up.html", {"passkeys": passkeys.are_possible()})


@for_everyone(WHY)
@never_cache
def app(request: HttpRequest) -> HttpResponse:
    """Show the secret of an authenticator app, and take its first code."""
    who = pending.read(request, Step.SET_UP)
    if who is None:
        return start_again(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if confirm_app(by=owner(who.user), user=who.user, code=form.cleaned_data["code"]):
            return _next(request, who, SignInMethod.PASSWORD_TOTP)
        form.add_error(
            "code",
            "The code is wrong. Check that the phone's clock is right, then enter the code it shows now",
        )
    context = {"form": form, **app_page(who.user, request)}
    return render(request, "accounts/app.html", context, status=422 if form.errors else 200)


@for_everyone(WHY)
@never_cache
def passkey(request: HttpRequest) -> HttpResponse:
    """Ask the browser to make a passkey, and keep it."""
    who = pending.read(request, Step.SET_UP)
    if who is None:
        return start_again(request)
    problem = ""
    if request.method == "POST":
        problem = keep_passkey(request, who.user)
        if not problem:
            return _next(request, who, SignInMethod.PASSWORD_PASSKEY)
    context = {"problem": problem, "cancel": "accounts:set_up", "options": "accounts:set_up_passkey_options"}
    return render(request, "accounts/new_passkey.html", context, status=422 if problem else 200)


@for_everyone(WHY)
@require_POST
@never_cache
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser is to ask when it makes a passkey."""
    who = pending.read(request, Step.SET_UP)
    if who is None:
        return HttpResponse(status=409)
    return new_passkey_options(request, who.user)


@for_everyone(WHY)
@never_cache
def codes(request: HttpRequest) -> HttpResponse:
    """Show recovery codes once, then let the person in."""
    who = pending.read(request, Step.CODES)
    if who is None:
        return start_again(request)
    if request.method == "POST" and request.POST.get("step") == "go_on":
        return finish(request, who, SignInMethod(who.method))
    shown = make_recovery_codes(by=owner(who.user), user=who.user) if request.method == "POST" else []
    return render(request, "accounts/codes.html", {"codes": shown, "first": True})


def owner(user: StaffUser) -> Actor:
    """Somebody acting on their own account before they are signed in."""
    return Actor(ActorKind.STAFF, id=user.id)


def app_page(user: StaffUser, request: HttpRequest) -> dict[str, str]:
    """What the page about an authenticator app shows: the secret as text and as a QR code.

    The secret stays the same over a wrong code, so that the app need not be set up twice.
    """
    begun = getattr(user, "app", None) if request.method == "POST" else None
    if begun is not None and begun.confirmed_at is None:
        secret = opened(begun.secret, context=app_context(user.id))
    else:
        secret = begin_app(by=owner(user), user=user)
    picture = authenticator.qr_code_svg(secret, account=user.email, issuer=settings.JOINEDUP.service_name)
    return {
        "secret": authenticator.grouped(secret),
        "qr_code": "data:image/svg+xml;base64," + b64encode(picture).decode(),
    }


def new_passkey_options(request: HttpRequest, user: StaffUser) -> HttpResponse:
    """What the browser is to ask when it makes a passkey for somebody."""
    asked = passkeys.ask_for_new(user, held=user.passkeys.all())
    request.session[CHALLENGE] = asked.challenge
    return HttpResponse(asked.options, content_type="application/json")


def keep_passkey(request: HttpRequest, user: StaffUser) -> str:
    """Check and keep what the browser made; return what is wrong, or nothing."""
    challenge = request.session.pop(CHALLENGE, None)
    if challenge is None:
        return "The browser took too long. Try again"
    try:
        made = passkeys.check_new(request.POST.get("credential", ""), challenge=challenge)
        session = getattr(request, "staff_session", None)
        add_passkey(
            by=owner(user),
            user=user,
            made=made,
            name=request.POST.get("name", "").strip()[:60] or browser(request),
            session_id=session.id if session else None,
        )
    except BadPasskey:
        return "The passkey could not be checked. Try again, or use an authenticator app"
    except Refused as refused:
        return sentence(refused)
    return ""


def _next(request: HttpRequest, who: Pending, method: SignInMethod) -> HttpResponse:
    pending.move(request, who.user, step=Step.CODES, method=method.value, after=who.after)
    return redirect("accounts:set_up_codes")
