"""A citizen's own pages: who they are signed in as, who used their data, what they did, and how to leave."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from joinedup.identity import IdentityFault
from joinedup_web.design.paging import page_items
from joinedup_web.gate.actor import ANONYMOUS, Actor
from joinedup_web.gate.rules import for_citizens, for_everyone
from joinedup_web.identity.actions.citizens import delete_account, end_session
from joinedup_web.identity.one_login import chosen, one_login, origin
from joinedup_web.identity.purpose_words import purpose_words
from joinedup_web.identity.queries.citizens import (
    account_of,
    activity_of,
    provider_session,
    session_count,
    uses_of,
)
from joinedup_web.identity.sessions import close_session

SHOWN, A_PAGE = 5, 50


@for_citizens()
@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Who one is signed in as, and what one can do."""
    by = _by(request)
    context = {
        "own": account_of(by),
        "session": request.citizen_session,  # type: ignore[attr-defined]
        "uses": uses_of(by),
        "purpose_words": purpose_words,
        "activity": [(event.at, _deed(event.kind)) for event in activity_of(by)[:SHOWN]],
    }
    return _page(request, "identity/account.html", context)


@for_citizens()
@never_cache
@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """All that one did here."""
    pages = Paginator(activity_of(_by(request)), A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    items = page_items(page.number, pages.num_pages, lambda number: f"?page={number}")
    context = {
        "activity": [(event.at, _deed(event.kind)) for event in page.object_list],
        "pagination": items if pages.num_pages > 1 else None,
    }
    return _page(request, "identity/activity.html", context)


@for_everyone("whoever is signed in may sign out, and whoever is not any more is not asked to sign in for it")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here, then at GOV.UK One Login."""
    session = getattr(request, "citizen_session", None)
    if session is None:
        return HttpResponseRedirect(reverse("identity:signed_out"))
    there = _provider_logout(request)
    end_session(by=_by(request), session_id=session.id, reason="person")
    close_session(request, keep_browser=False)
    if not there:
        messages.warning(request, _("You may still be signed in to GOV.UK One Login. Sign out there too."))
    return HttpResponseRedirect(there or reverse("identity:signed_out"))


@for_everyone("one comes here after signing out")
@never_cache
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """That one is signed out."""
    return render(request, "identity/signed_out.html", {})


@for_citizens()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """Ask, then delete the account, and sign out everywhere."""
    by = _by(request)
    if request.method == "POST":
        assert by.id is not None
        there = _provider_logout(request)
        delete_account(by=ANONYMOUS, citizen_id=by.id)
        close_session(request, keep_browser=False)
        messages.success(request, _("Your account has been deleted"))
        return HttpResponseRedirect(there or reverse("identity:signed_out"))
    return _page(request, "identity/delete.html", {"sessions": session_count(by)})


def _provider_logout(request: HttpRequest) -> str:
    """Where the session at the provider ends; "" where it cannot be reached just now."""
    if chosen() is None:
        return ""
    session = request.citizen_session  # type: ignore[attr-defined]
    try:
        return one_login().logout(provider_session(session)["id_token"]).url
    except IdentityFault:
        return ""


def _page(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    """A page whose forms may lead on to the provider: browsers hold a form's redirects to form-action, too."""
    response = render(request, template, context)
    response._csp_update = {"form-action": [origin()]} if origin() else {}  # type: ignore[attr-defined]
    return response


def _deed(kind: str) -> str:
    words = {
        "citizen.signed_in": _("You signed in"),
        "citizen.signed_out": _("You signed out, or were signed out after an hour without use"),
        "citizen.identity_proved": _("You proved who you are"),
        "citizen.identity_failed": _("Proving who you are did not work"),
        "citizen.sign_in_refused": _("Signing in again did not work"),
    }
    return words.get(kind, kind.partition(".")[2].replace("_", " "))


def _by(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]
