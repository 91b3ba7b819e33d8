"""One's own account: how one signs in, where one is signed in, for whom one works now, and proving it again."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from joinedup_web.accounts import passkeys
from joinedup_web.accounts.actions import (
    change_password,
    confirm_app,
    end_own_session,
    make_recovery_codes,
    remove_app,
    remove_passkey,
    try_code,
    try_passkey,
    try_password,
)
from joinedup_web.accounts.actions.session import confirm_identity
from joinedup_web.accounts.forms.sign_in import ChangePasswordForm, CodeForm, ConfirmForm, NewPasswordForm
from joinedup_web.accounts.lockout import account_subject, locked_until
from joinedup_web.accounts.memberships import organisations_of
from joinedup_web.accounts.models import SignInMethod, StaffUser
from joinedup_web.accounts.passwords import is_password_of
from joinedup_web.accounts.pending import CHALLENGE, safe_next
from joinedup_web.accounts.queries.people import sessions_of
from joinedup_web.accounts.sessions import AUTHENTICATED, IDLE, ORGANISATION, ends_at
from joinedup_web.accounts.views.set_up import app_page, keep_passkey, new_passkey_options
from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.accounts.visitor import address_digest
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.rules import for_any_staff

FRESH = 10  # minutes since one last proved who one is, before how one signs in may be changed
OWN = "everybody sees to their own account"


@for_any_staff(OWN)
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """How one signs in, and where one is signed in."""
    user = _self(request)
    app = getattr(user, "app", None)
    return render(
        request,
        "accounts/account.html",
        {
            "user": user,
            "passkeys": list(user.passkeys.all()),
            "passkeys_possible": passkeys.are_possible(),
            "app": app if app is not None and app.confirmed_at else None,
            "codes_left": user.recovery_codes.filter(used_at=None).count(),
            "by_provider": user.provider_identities.exists(),
            "sessions": sessions_of(user),
            "here": request.staff_session.id,  # type: ignore[attr-defined]
        },
    )


@for_any_staff(OWN)
@never_cache
def session(request: HttpRequest) -> HttpResponse:
    """When one will be signed out. Asking is using: it puts off the end for leaving alone."""
    if request.method == "POST":
        return HttpResponseRedirect(safe_next(request))
    now = timezone.now()
    end = ends_at(request.staff_session)  # type: ignore[attr-defined]
    return render(
        request,
        "accounts/session.html",
        {"idle_until": min(now + IDLE, end), "end": end, "after": safe_next(request)},
    )


@for_any_staff(OWN)
@require_POST
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """End another of one's sessions."""
    on_page(
        request,
        lambda: end_own_session(by=_by(request), session_id=session_id),
        done="You have ended that session",
    )
    return redirect("accounts:account")


@for_any_staff(OWN, fresh_minutes=FRESH)
@never_cache
@sensitive_post_parameters()
def password(request: HttpRequest) -> HttpResponse:
    """Change the password, or set a first one."""
    user = _self(request)
    kind = ChangePasswordForm if user.has_usable_password() else NewPasswordForm
    form = kind(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        if isinstance(form, ChangePasswordForm) and not is_password_of(user, form.cleaned_data["present"]):
            form.add_error("present", "The password is wrong")
        else:
            hashed = make_password(form.cleaned_data["password"])
            change_password(by=_by(request), user=user, hashed=hashed, session_id=_session_id(request))
            messages.success(request, "Your password has been changed, and your other sessions have ended")
            return redirect("accounts:account")
    context = {"form": form, "user": user}
    return render(request, "accounts/password.html", context, status=422 if form.errors else 200)


@for_any_staff(OWN, fresh_minutes=FRESH)
@never_cache
def app(request: HttpRequest) -> HttpResponse:
    """Add an authenticator app."""
    user = _self(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        is_right = on_form(
            form,
            lambda: confirm_app(
                by=_by(request), user=user, code=form.cleaned_data["code"], session_id=_session_id(request)
            ),
        )
        if is_right:
            messages.success(request, "Your authenticator app has been added")
            return redirect("accounts:account")
        if is_right is False:
            form.add_error("code", "The code is wrong. Enter the code that the app shows now")
    if getattr(user, "app", None) is not None and user.app.confirmed_at is not None:
        messages.warning(request, "You have an authenticator app already. Remove it before you add another")
        return redirect("accounts:account")
    context = {"form": form, "cancel": "accounts:account", **app_page(user, request)}
    return render(request, "accounts/app.html", context, status=422 if form.errors else 200)


@for_any_staff(OWN, fresh_minutes=FRESH)
def remove_own_app(request: HttpRequest) -> HttpResponse:
    """Ask, then remove the authenticator app."""
    if request.method == "POST":
        on_page(
            request,
            lambda: remove_app(by=_by(request), user=_self(request), session_id=_session_id(request)),
            done="Your authenticator app has been removed",
        )
        return redirect("accounts:account")
    return _ask(
        request,
        "Remove your authenticator app?",
        ["Its codes will no longer work, and your other sessions will end."],
        "Remove the app",
    )


@for_any_staff(OWN, fresh_minutes=FRESH)
@never_cache
def passkey(request: HttpRequest) -> HttpResponse:
    """Add a passkey."""
    problem = ""
    if request.method == "POST":
        problem = keep_passkey(request, _self(request))
        if not problem:
            messages.success(request, "Your passkey has been added")
            return redirect("accounts:account")
    context = {"problem": problem, "cancel": "accounts:account", "options": "accounts:own_passkey_options"}
    return render(request, "accounts/new_passkey.html", context, status=422 if problem else 200)


@for_any_staff(OWN, fresh_minutes=FRESH)
@require_POST
@never_cache
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser is to ask when it makes a passkey."""
    return new_passkey_options(request, _self(request))


@for_any_staff(OWN, fresh_minutes=FRESH)
def remove_own_passkey(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    """Ask, then remove a passkey."""
    if request.method == "POST":
        on_page(
            request,
            lambda: remove_passkey(
                by=_by(request), user=_self(request), passkey_id=passkey_id, session_id=_session_id(request)
            ),
            done="The passkey has been removed",
        )
        return redirect("accounts:account")
    return _ask(
        request,
        "Remove this passkey?",
        ["You will not be able to sign in with it, and your other sessions will end."],
        "Remove the passkey",
    )


@for_any_staff(OWN, fresh_minutes=FRESH)
@never_cache
def codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes and show them once."""
    shown = make_recovery_codes(by=_by(request), user=_self(request)) if request.method == "POST" else []
    return render(request, "accounts/codes.html", {"codes": shown, "first": False})


@for_any_staff("everybody may prove again who they are")
@never_cache
@sensitive_post_parameters()
def confirm(request: HttpRequest) -> HttpResponse:
    """Prove again who one is, before something that matters."""
    user = _self(request)
    method = SignInMethod(request.staff_session.method)  # type: ignore[attr-defined]
    is_demonstration = settings.JOINEDUP.is_demonstration and method is SignInMethod.DEMONSTRATION
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if is_demonstration:
            return _confirmed(request, SignInMethod.DEMONSTRATION)
        if form.is_valid() and _proved(request, user, form):
            return _confirmed(request, SignInMethod.PASSWORD_TOTP)
    app = getattr(user, "app", None)
    return render(
        request,
        "accounts/confirm.html",
        {
            "form": form,
            "is_demonstration": is_demonstration,
            "has_app": app is not None and app.confirmed_at is not None and user.has_usable_password(),
            "has_passkey": passkeys.are_possible() and user.passkeys.exists(),
            "by_provider": settings.JOINEDUP.staff_provider if user.provider_identities.exists() else None,
            "after": safe_next(request),
        },
        status=422 if form.errors else 200,
    )


@for_any_staff("everybody may prove again who they are")
@require_POST
@never_cache
def confirm_passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser is to ask of one of one's own passkeys."""
    asked = passkeys.ask_to_prove(_self(request).passkeys.all())
    request.session[CHALLENGE] = asked.challenge
    return HttpResponse(asked.options, content_type="application/json")


@for_any_staff("everybody may prove again who they are")
@require_POST
@never_cache
def confirm_passkey(request: HttpRequest) -> HttpResponse:
    """Check what one's passkey answered."""
    challenge = request.session.pop(CHALLENGE, None)
    attempt = challenge and try_passkey(
        by=_by(request),
        answer=request.POST.get("credential", ""),
        challenge=challenge,
        address=address_digest(request),
        expected=_by(request).id,
    )
    if attempt and attempt.is_right:
        return _confirmed(request, SignInMethod.PASSKEY)
    messages.warning(request, "The passkey could not be checked. Try again")
    return redirect(request.get_full_path().replace("/passkey", "", 1))


@for_any_staff("people who work for several organisations choose one")
def choose_organisation(request: HttpRequest) -> HttpResponse:
    """Choose for which organisation one works now."""
    choices = organisations_of(_self(request).id)
    chosen = request.POST.get("organisation", "")
    problem = ""
    if request.method == "POST":
        if any(str(place.id) == chosen for place in choices):
            request.session[ORGANISATION] = chosen
            return HttpResponseRedirect(safe_next(request))
        problem = "Choose an organisation"
    return render(
        request,
        "accounts/choose_organisation.html",
        {"choices": choices, "problem": problem, "after": safe_next(request), "has_errors": problem},
        status=422 if problem else 200,
    )


def _proved(request: HttpRequest, user: StaffUser, form: ConfirmForm) -> bool:
    address, now = address_digest(request), timezone.now()
    is_locked = locked_until(account_subject(user.email), address, at=now) is not None
    first = try_password(
        by=_by(request),
        email=user.email,
        address=address,
        user=user,
        is_right=not is_locked and is_password_of(user, form.cleaned_data["password"]),
        is_open=True,
    )
    second = first.is_right and try_code(
        by=_by(request), user=user, code=form.cleaned_data["code"], address=address
    )
    if second and second.is_right:
        return True
    form.add_error(None, "The password or the code is wrong")
    return False


def _confirmed(request: HttpRequest, method: SignInMethod) -> HttpResponse:
    confirm_identity(by=_by(request), method=method)
    request.session[AUTHENTICATED] = timezone.now().isoformat()
    return HttpResponseRedirect(safe_next(request))


def _ask(request: HttpRequest, title: str, what: list[str], button: str) -> HttpResponse:
    context = {
        "title": title,
        "what": what,
        "button": button,
        "warning": True,
        "cancel": reverse("accounts:account"),
    }
    return render(request, "design/confirm.html", context)


def _by(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _self(request: HttpRequest) -> StaffUser:
    return request.staff_session.user  # type: ignore[attr-defined, no-any-return]


def _session_id(request: HttpRequest) -> UUID:
    return request.staff_session.id  # type: ignore[attr-defined, no-any-return]
