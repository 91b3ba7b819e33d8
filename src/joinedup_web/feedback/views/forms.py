"""A service's forms: one to add, one with its state, versions and points, opened and closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from joinedup.feedback import definition_from
from joinedup.feedback.templates import templates
from joinedup_web.accounts.views.shown import on_page
from joinedup_web.design.words import clock
from joinedup_web.feedback.actions import forms as actions
from joinedup_web.feedback.form_standing import standing_of
from joinedup_web.feedback.forms.forms import FormForm, NewFormForm, OpenForm
from joinedup_web.feedback.models import Ending, Form, FormState
from joinedup_web.feedback.queries import collect
from joinedup_web.feedback.views.collect_shown import form_trail, on_fields, trail
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may

BLAME = {"no_name": "name", "name_taken": "name", "no_such_template": "template"}
DATES = {"closes_too_early": "closes_on"}
FIRST_POINTS = 20


@for_staff("service.manage")
def new_form(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Add a form to a service."""
    by = by_of(request)
    service = collect.service(by, service_id, permission="service.manage")
    form = NewFormForm(request.POST if request.method == "POST" else None)
    there = reverse("feedback:service", args=[service.id])
    if request.method == "POST" and form.is_valid():
        made = on_fields(
            form,
            BLAME,
            lambda: actions.create_form(
                by=by, organisation_id=service.organisation_id, service=service, **form.cleaned_data
            ),
        )
        if made is not None:
            messages.success(request, f"{made.name} is added. Look its questions over, then publish them.")
            return redirect("feedback:form", made.id)
    context = {
        "form": form,
        "service": service,
        "trail": trail((service.name, there)),
        "cancel": there,
        "hints": {code: each.what for code, each in templates().items()},
    }
    return render(request, "feedback/collect/new_form.html", context, status=422 if form.errors else 200)


@require_safe
@for_staff("feedback.view")
def form(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """One form: whether it takes answers, its questions, where people are asked, its versions."""
    by, at = by_of(request), timezone.now()
    found = collect.form(by, form_id)
    versions = collect.versions(by, found)
    points = list(collect.points_of(by, found, at)[: FIRST_POINTS + 1])
    asked = collect.endings_asked(by, found)
    newest = versions[0] if versions else None
    context = {
        "form": found,
        "service": found.service,
        "trail": trail((found.service.name, reverse("feedback:service", args=[found.service_id]))),
        "standing": standing_of(found, at),
        "versions": versions,
        "newest": newest,
        "questions": len(definition_from(newest.definition).questions) if newest else 0,
        "points": [(point, Ending(point.ending).label) for point in points[:FIRST_POINTS]],
        "has_more_points": len(points) > FIRST_POINTS,
        "unasked": [each.label for each in Ending if each is not Ending.ANYWHERE and each.value not in asked]
        if points
        else [],
        "may_manage": may(by, "service.manage"),
        "about": _about(found, at),
        "is_open": found.state == FormState.OPEN,
    }
    return render(request, "feedback/collect/form.html", context)


@for_staff("service.manage")
def change_form(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Change a form's name, and who may answer it."""
    by = by_of(request)
    found = collect.form(by, form_id, permission="service.manage")
    initial = {"name": found.name, "one_answer_each": "yes" if found.one_answer_each else "no"}
    form = FormForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        changed = on_fields(
            form,
            BLAME,
            lambda: actions.change_form(
                by=by,
                organisation_id=found.service.organisation_id,
                form=found,
                name=told["name"],
                one_answer_each=told["one_answer_each"] == "yes",
            ),
        )
        if changed is not None:
            messages.success(request, "The form is changed.")
            return redirect("feedback:form", found.id)
    context = {"form": form, "title": "Change the form", **_around(found)}
    return render(request, "feedback/collect/plain_form.html", context, status=422 if form.errors else 200)


@for_staff("service.manage")
def open_form(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Open a form, at once or between two days; change the days of an open one."""
    by = by_of(request)
    found = collect.form(by, form_id, permission="service.manage")
    initial = {}
    if found.state == FormState.OPEN:
        initial = {
            "opens_on": timezone.localdate(found.opens_at) if found.opens_at else None,
            "closes_on": timezone.localdate(found.closes_at - timedelta(seconds=1))
            if found.closes_at
            else None,
        }
    form = OpenForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        opened = on_fields(
            form,
            DATES,
            lambda: actions.open_form(
                by=by, organisation_id=found.service.organisation_id, form=found, **form.moments()
            ),
        )
        if opened is not None:
            messages.success(request, _opened_words(opened))
            return redirect("feedback:form", found.id)
    is_open = found.state == FormState.OPEN
    context = {
        "form": form,
        "title": "Change the days" if is_open else "Open the form",
        "button": "Save" if is_open else "Open the form",
        **_around(found),
    }
    return render(request, "feedback/collect/plain_form.html", context, status=422 if form.errors else 200)


@require_POST
@for_staff("service.manage")
def close_form(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Close a form."""
    return _one_button(request, form_id, actions.close_form, "The form is closed. Its responses stay.")


def _one_button(request: HttpRequest, form_id: UUID, deed: Callable[..., object], done: str) -> HttpResponse:
    by = by_of(request)
    found = collect.form(by, form_id, permission="service.manage")
    on_page(
        request,
        lambda: deed(by=by, organisation_id=found.service.organisation_id, form=found),
        done=done,
    )
    return redirect("feedback:form", found.id)


def _around(of: Form) -> dict[str, Any]:
    return {
        "caption": of.name,
        "trail": form_trail(of),
        "cancel": reverse("feedback:form", args=[of.id]),
    }


def _about(of: Form, at: datetime) -> list[tuple[str, Any]]:
    told: list[tuple[str, Any]] = [
        ("What it is for", of.get_kind_display()),
        ("Who may answer it", "People who are invited, once each" if of.one_answer_each else "Everybody"),
    ]
    if of.state == FormState.OPEN and of.opens_at is not None:
        told.append(("Opens" if of.opens_at > at else "Opened", clock(of.opens_at)))
    if of.state == FormState.OPEN and of.closes_at is not None:
        told.append(("Closes" if of.closes_at > at else "Closed", clock(of.closes_at)))
    return told


def _opened_words(of: Form) -> str:
    standing = standing_of(of, timezone.now())
    return "The form is open." if standing.is_open else f"The form is ready: {standing.words.lower()}."
