"""The roles: those shipped, and an organisation's own."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from joinedup_web.accounts.actions import change_role, define_role, withdraw_role
from joinedup_web.accounts.forms.people import RoleForm
from joinedup_web.accounts.models import Role
from joinedup_web.accounts.queries import organisations as places
from joinedup_web.accounts.queries import people
from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide
from joinedup_web.gate.permissions import permissions, role_kinds
from joinedup_web.gate.rules import for_staff


@for_staff("staff.view")
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """Every role with what it allows."""
    by = _by(request)
    words = {code: each.what for code, each in permissions().items()}
    return render(
        request,
        "accounts/roles.html",
        {
            "own": [(role, [words[code] for code in role.permissions]) for role in people.own_roles(by)],
            "shipped": [
                (kind, [words[code] for code in words if code in kind.permissions])
                for kind in role_kinds().values()
            ],
            "may_change": by.organisation_id is not None and decide(by, "staff.grant").allowed,
        },
    )


@for_staff("staff.grant")
def add(request: HttpRequest) -> HttpResponse:
    """Make a role of the organisation's own."""
    by = _by(request)
    place = places.own_organisation(by)
    form = RoleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = on_form(
            form,
            lambda: define_role(
                by=by,
                organisation_id=place.id,
                organisation=place,
                name=form.cleaned_data["name"],
                what=form.cleaned_data["what"],
                codes=form.cleaned_data["permissions"],
            ),
        )
        if made is not None:
            messages.success(request, f"The role {made.name} has been made")
            return redirect("accounts:roles")
    context = {"form": form, "title": "Make a role"}
    return render(request, "accounts/role_form.html", context, status=422 if form.errors else 200)


@for_staff("staff.grant", fresh_minutes=30)
def change(request: HttpRequest, role_id: int) -> HttpResponse:
    """Change a role of the organisation's own."""
    by = _by(request)
    role = _open_role(by, role_id)
    initial = {"name": role.name, "what": role.what, "permissions": role.permissions}
    form = RoleForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        changed = on_form(
            form,
            lambda: change_role(
                by=by,
                organisation_id=role.organisation_id,
                role=role,
                name=form.cleaned_data["name"],
                what=form.cleaned_data["what"],
                codes=form.cleaned_data["permissions"],
            ),
        )
        if changed is not None:
            messages.success(request, f"The role {changed.name} has been changed")
            return redirect("accounts:roles")
    context = {"form": form, "title": f"Change the role {role.name}"}
    return render(request, "accounts/role_form.html", context, status=422 if form.errors else 200)


@for_staff("staff.grant")
def withdraw(request: HttpRequest, role_id: int) -> HttpResponse:
    """Ask, then take a role out of use."""
    by = _by(request)
    role = _open_role(by, role_id)
    if request.method == "POST":
        on_page(
            request,
            lambda: withdraw_role(by=by, organisation_id=role.organisation_id, role=role),
            done=f"The role {role.name} has been withdrawn",
        )
        return redirect("accounts:roles")
    context = {
        "title": f"Withdraw the role {role.name}?",
        "what": ["Nobody can be given it any more."],
        "button": "Withdraw the role",
        "warning": True,
        "cancel": reverse("accounts:roles"),
    }
    return render(request, "design/confirm.html", context)


def _open_role(by: Actor, role_id: int) -> Role:
    role = people.own_role(by, role_id)
    if role.withdrawn_at is not None:
        raise Http404
    return role


def _by(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]
