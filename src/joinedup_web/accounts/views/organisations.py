"""Organisations: the list, one of them, its identifiers and its officers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from joinedup_web.accounts.actions import add_organisation, change_organisation, end_officer, name_officer
from joinedup_web.accounts.actions.export import export_organisations
from joinedup_web.accounts.forms.people import EndOfficerForm, OfficerForm, OrganisationForm
from joinedup_web.accounts.identifiers import SCHEMES
from joinedup_web.accounts.models import OfficerPost, OrganisationKind, StaffUser
from joinedup_web.accounts.queries import organisations as places
from joinedup_web.accounts.queries.people import colleagues_of
from joinedup_web.accounts.views.shown import on_form
from joinedup_web.design.filters import Choice, TextSearch
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide
from joinedup_web.gate.rules import for_staff

ORGANISATIONS = ListPage(
    title="Organisations",
    noun=("organisation", "organisations"),
    columns=(
        Column(
            "name", "Name", sort=("name",), link=lambda row: reverse("accounts:organisation", args=[row.id])
        ),
        Column("kind", "Kind", value=lambda row: row.get_kind_display()),
        *(Column(scheme.field, scheme.name) for scheme in SCHEMES),
    ),
    filters=(
        TextSearch(fields=("name", *(scheme.field for scheme in SCHEMES)), label="Name or identifier"),
        Choice("kind", "Kind", OrganisationKind.choices),
    ),
    default_sort="name",
    empty="There are no organisations yet.",
    template="accounts/organisations.html",
)


@for_staff("organisation.view")
@require_safe
def organisations(request: HttpRequest) -> HttpResponseBase:
    """All organisations; whoever sees one alone goes straight to it."""
    by = _by(request)
    if "organisation.view" not in by.platform:
        return redirect("accounts:organisation", organisation_id=by.organisation_id)
    return ORGANISATIONS.answer(
        request,
        places.organisations(by),
        context={"may_add": decide(by, "organisation.create").allowed},
        on_export=lambda export: export_organisations(
            by=by, rows=export.rows, is_filtered=bool(export.filters)
        ),
    )


@for_staff("organisation.create")
def add(request: HttpRequest) -> HttpResponse:
    """Add an organisation."""
    form = OrganisationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = on_form(
            form,
            lambda: add_organisation(
                by=_by(request),
                name=form.cleaned_data["name"],
                name_cy=form.cleaned_data["name_cy"],
                kind=form.cleaned_data["kind"],
                identifiers=form.identifiers(),
            ),
        )
        if made is not None:
            messages.success(request, f"{made.name} has been added. Invite its administrator next")
            return redirect("accounts:organisation", organisation_id=made.id)
    return render(
        request,
        "accounts/organisation_form.html",
        {"form": form, "title": "Add an organisation", "cancel": reverse("accounts:organisations")},
        status=422 if form.errors else 200,
    )


@for_staff("organisation.view")
@require_safe
def organisation(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """One organisation: its identifiers, its officers."""
    by = _by(request)
    found = places.organisation(by, organisation_id)
    officers = places.officers(by, found)
    named = {row.post for row in officers if row.until is None}
    return render(
        request,
        "accounts/organisation.html",
        {
            "organisation": found,
            "identifiers": [(scheme.name, getattr(found, scheme.field)) for scheme in SCHEMES],
            "present": [row for row in officers if row.until is None],
            "past": [row for row in officers if row.until is not None],
            "lacking": [post.label for post in OfficerPost if post not in named],
            "may_change": decide(by, "organisation.change", organisation_id=found.id).allowed,
            "may_invite": "staff.invite" in by.platform,
            "may_list": "organisation.view" in by.platform,
        },
    )


@for_staff("organisation.change")
def change(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Change the name, kind and identifiers."""
    found = places.organisation(_by(request), organisation_id)
    initial = {
        "name": found.name,
        "name_cy": found.name_cy,
        "kind": found.kind,
        **{scheme.field: getattr(found, scheme.field) or "" for scheme in SCHEMES},
    }
    form = OrganisationForm(request.POST if request.method == "POST" else None, initial=initial)
    there = reverse("accounts:organisation", args=[found.id])
    if request.method == "POST" and form.is_valid():
        changed = on_form(
            form,
            lambda: change_organisation(
                by=_by(request),
                organisation_id=found.id,
                organisation=found,
                name=form.cleaned_data["name"],
                name_cy=form.cleaned_data["name_cy"],
                kind=form.cleaned_data["kind"],
                identifiers=form.identifiers(),
            ),
        )
        if changed is not None:
            messages.success(request, "The organisation has been changed")
            return redirect(there)
    return render(
        request,
        "accounts/organisation_form.html",
        {"form": form, "title": f"Change {found.name}", "cancel": there},
        status=422 if form.errors else 200,
    )


@for_staff("organisation.change")
def officer(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Name who holds a post."""
    by = _by(request)
    found = places.organisation(by, organisation_id)
    form = OfficerForm(
        request.POST if request.method == "POST" else None,
        colleagues=colleagues_of(found),
        initial={"post": request.GET.get("post")},
    )
    there = reverse("accounts:organisation", args=[found.id])
    if request.method == "POST" and form.is_valid():
        holder: StaffUser = form.cleaned_data["holder"]
        post = OfficerPost(form.cleaned_data["post"])
        named = on_form(
            form,
            lambda: name_officer(
                by=by,
                organisation_id=found.id,
                organisation=found,
                post=post,
                holder=holder,
                since=form.cleaned_data["since"],
                asset=form.cleaned_data["asset"] if post is OfficerPost.IAO else "",
            ),
        )
        if named is not None:
            messages.success(request, f"{holder.name} has been named {post.label.lower()}")
            return redirect(there)
    context = {"form": form, "organisation": found, "cancel": there}
    return render(request, "accounts/officer.html", context, status=422 if form.errors else 200)


@for_staff("organisation.change")
def officer_end(request: HttpRequest, officer_id: int) -> HttpResponse:
    """Say when somebody's time in a post ended."""
    by = _by(request)
    found = places.officer(by, officer_id)
    form = EndOfficerForm(request.POST if request.method == "POST" else None)
    there = reverse("accounts:organisation", args=[found.organisation_id])
    if request.method == "POST" and form.is_valid():
        ended = on_form(
            form,
            lambda: (
                end_officer(
                    by=by,
                    organisation_id=found.organisation_id,
                    officer=found,
                    until=form.cleaned_data["until"],
                )
                or True
            ),
        )
        if ended:
            messages.success(request, "The post has been changed. Name who holds it now")
            return redirect(there)
    context = {
        "title": f"End {found.holder.name}’s time as {found.get_post_display().lower()}",
        "what": [],
        "form": form,
        "button": "Save",
        "cancel": there,
    }
    return render(request, "design/confirm.html", context, status=422 if form.errors else 200)


def _by(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]
