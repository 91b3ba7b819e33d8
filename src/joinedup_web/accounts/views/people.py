"""Colleagues: the list, one person, their roles, their sessions and their account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from joinedup_web.accounts.actions import (
    close_account,
    end_role,
    grant_role,
    open_account,
    sign_out_person,
)
from joinedup_web.accounts.actions.export import export_staff
from joinedup_web.accounts.forms.people import CloseAccountForm, GrantForm
from joinedup_web.accounts.queries import organisations as places
from joinedup_web.accounts.queries import people
from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.design.filters import Choice, TextSearch
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.design.rows import QueryRows, Rows
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide
from joinedup_web.gate.rules import for_staff

FRESH = 30  # minutes since one last proved who one is, before what others may do is changed


@dataclass(frozen=True)
class RoleChoice(Choice):
    """The roles to look for. The query narrows by them, because a role is not a column of a person."""

    def narrow(self, rows: Rows, state: Any) -> Rows:
        return rows


def _roles(row: Any) -> str:
    names = sorted({held.role.name for held in people.roles_here(row)})
    return ", ".join(names) or "No role"


def _address(row: Any) -> str:
    return reverse("accounts:person", args=[people.account_of(row).id])


STAFF = ListPage(
    title="Staff",
    noun=("person", "people"),
    columns=(
        Column("name", "Name", sort=("name",), link=_address),
        Column("email", "Email address", sort=("email",)),
        Column("roles", "Roles", value=_roles),
        Column("is_active", "Account", value=lambda user: "Open" if user.is_active else "Closed"),
        Column("last_login", "Last signed in", sort=("last_login",), cell=None),
    ),
    filters=(
        TextSearch(fields=("name", "email"), label="Name or email address"),
        Choice("is_active", "Account", ((True, "Open"), (False, "Closed"))),
    ),
    default_sort="name",
    empty="Nobody has an account yet. Invite a colleague to begin.",
    csv_name="staff",
    template="accounts/staff.html",
)


@for_staff("staff.view")
@require_safe
def staff(request: HttpRequest) -> HttpResponseBase:
    """Who has an account, and which roles they hold."""
    by = _by(request)
    roles = RoleChoice("role", "Role", tuple((role.id, role.name) for role in people.known_roles(by)))
    page = replace(
        STAFF,
        filters=(*STAFF.filters, roles),
        empty_link=("Invite a colleague", reverse("accounts:invite")) if _may(by, "staff.invite") else None,
    )
    return page.answer(
        request,
        QueryRows(people.staff(by, roles=request.GET.getlist("role")), count_by_key=True),
        context={"may_invite": _may(by, "staff.invite")},
        on_export=lambda export: export_staff(by=by, rows=export.rows, is_filtered=bool(export.filters)),
    )


@for_staff("staff.view")
@require_safe
def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One person: their account, roles and what may be done about them."""
    by = _by(request)
    user = people.person(by, user_id)
    now = timezone.now()
    rows = people.roles_of(by, user)
    may_sign_out = _may(by, "staff.sign_out")
    return render(
        request,
        "accounts/person.html",
        {
            "user": user,
            "is_self": user.id == by.id,
            "present": [row for row in rows if people.is_current(row, now)],
            "past": [row for row in rows if not people.is_current(row, now)],
            "may_grant": _may(by, "staff.grant"),
            "may_sign_out": may_sign_out,
            "sessions": people.open_session_count(by, user) if may_sign_out else 0,
        },
    )


@for_staff("staff.grant", fresh_minutes=FRESH)
def grant(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Give somebody a role, in the organisation one works for, or (on the platform) over all."""
    by = _by(request)
    user = people.person(by, user_id)
    place = places.place_named(by, request.GET.get("organisation", ""), permission="staff.grant")
    roles = people.givable_roles(by, place)
    form = GrantForm(request.POST if request.method == "POST" else None, roles=roles)
    if request.method == "POST" and form.is_valid():
        role = form.chosen()
        given = on_form(
            form,
            lambda: grant_role(
                by=by,
                organisation_id=place.id if place else None,
                user=user,
                role=role,
                expires_at=form.cleaned_data["until"],
            ),
        )
        if given is not None:
            messages.success(request, f"{user.name} now has the role {role.name}")
            return redirect("accounts:person", user_id=user.id)
    return render(
        request,
        "accounts/grant.html",
        {
            "form": form,
            "user": user,
            "place": place,
            "hints": {str(role.id): role.what for role in roles},
            "others": list(places.organisations(by)) if "staff.grant" in by.platform else [],
        },
        status=422 if form.errors else 200,
    )


@for_staff("staff.grant", fresh_minutes=FRESH)
def end(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """Ask, then take a role away."""
    by = _by(request)
    held = people.membership(by, membership_id)
    if request.method == "POST":
        on_page(
            request,
            lambda: end_role(by=by, organisation_id=held.organisation_id, membership=held),
            done=f"{held.user.name} no longer has the role {held.role.name}",
        )
        return redirect("accounts:person", user_id=held.user_id)
    where = f" at {held.organisation.name}" if held.organisation else ""
    return _ask(
        request,
        f"End the role {held.role.name} of {held.user.name}?",
        [f"They will no longer be able to do what it allows{where}, from their next page on."],
        "End the role",
        reverse("accounts:person", args=[held.user_id]),
    )


@for_staff("staff.sign_out")
def sign_out(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Ask, then end every session of somebody."""
    by = _by(request)
    user = people.person(by, user_id)
    if request.method == "POST":
        on_page(
            request,
            lambda: sign_out_person(by=by, user=user),
            done=f"{user.name} has been signed out everywhere",
        )
        return redirect("accounts:person", user_id=user.id)
    return _ask(
        request,
        f"Sign {user.name} out everywhere?",
        ["What they have not saved will be lost. They can sign in again."],
        "Sign them out",
        reverse("accounts:person", args=[user.id]),
    )


@for_staff("staff.sign_out", fresh_minutes=FRESH)
def close(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Ask why, then close somebody's account."""
    by = _by(request)
    user = people.person(by, user_id)
    form = CloseAccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        closed = on_form(
            form, lambda: close_account(by=by, user=user, reason=form.cleaned_data["reason"]) or True
        )
        if closed:
            messages.success(request, f"The account of {user.name} has been closed")
            return redirect("accounts:person", user_id=user.id)
    context = {
        "title": f"Close the account of {user.name}?",
        "what": ["They will be signed out and will not be able to sign in. Their history stays."],
        "form": form,
        "button": "Close the account",
        "warning": True,
        "cancel": reverse("accounts:person", args=[user.id]),
    }
    return render(request, "design/confirm.html", context, status=422 if form.errors else 200)


@for_staff("staff.sign_out", fresh_minutes=FRESH)
def reopen(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Ask, then open a closed account."""
    by = _by(request)
    user = people.person(by, user_id)
    if request.method == "POST":
        on_page(
            request,
            lambda: open_account(by=by, user=user),
            done=f"The account of {user.name} has been opened",
        )
        return redirect("accounts:person", user_id=user.id)
    return _ask(
        request,
        f"Open the account of {user.name} again?",
        ["They will be able to sign in, with the roles that they still hold."],
        "Open the account",
        reverse("accounts:person", args=[user.id]),
        warning=False,
    )


def _ask(
    request: HttpRequest, title: str, what: list[str], button: str, cancel: str, *, warning: bool = True
) -> HttpResponse:
    context = {"title": title, "what": what, "button": button, "warning": warning, "cancel": cancel}
    return render(request, "design/confirm.html", context)


def _by(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _may(by: Actor, permission: str) -> bool:
    return decide(by, permission).allowed
