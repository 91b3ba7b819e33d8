"""Services: the list, one with what stands where, one to set up, to change, to close and to open again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from joinedup_web.accounts.views.shown import on_page
from joinedup_web.design.context import address_if
from joinedup_web.design.filters import Choice, TextSearch
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.feedback import parts
from joinedup_web.feedback.actions.exports import export_table
from joinedup_web.feedback.actions.services import change_service as change_deed
from joinedup_web.feedback.actions.services import create_service
from joinedup_web.feedback.form_standing import standing_of
from joinedup_web.feedback.forms.services import ServiceForm
from joinedup_web.feedback.models import Service
from joinedup_web.feedback.queries import collect
from joinedup_web.feedback.views.collect_shown import on_fields, public_address, trail
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may, tag

BLAME = {
    "no_name": "name",
    "name_taken": "name",
    "no_address": "slug",
    "address_taken": "slug",
    "minutes": "acknowledge_minutes",
    "days": "keep_original_days",
    "same_person": "deputy",
    "no_duty_person": "duty_person",
    "may_not_acknowledge": "duty_person",
}


def _state(row: Service) -> Any:
    return tag("In use", "good") if row.is_active else tag("Closed", "neutral")


SERVICES = ListPage(
    title="Feedback",
    noun=("service", "services"),
    columns=(
        Column(
            "name", "Service", sort=("name",), link=lambda row: reverse("feedback:service", args=[row.id])
        ),
        Column(
            "is_active",
            "State",
            sort=("is_active",),
            value=lambda row: "In use" if row.is_active else "Closed",
            cell=_state,
        ),
        Column("open_forms", "Open forms", sort=("open_forms",), numeric=True),
        Column("lately", "Responses in 28 days", sort=("lately",), numeric=True),
        Column("newest", "Newest response", sort=("newest",)),
    ),
    filters=(
        TextSearch(fields=("name", "name_cy", "slug"), label="Name or address"),
        Choice("is_active", "State", ((True, "In use"), (False, "Closed"))),
    ),
    default_sort="name",
    empty="No service asks for feedback yet. Set one up to make its forms, links and QR codes.",
    csv_name="services",
    template="feedback/collect/services.html",
)


@require_safe
@for_staff("feedback.view")
def services(request: HttpRequest) -> HttpResponseBase:
    """The organisation's services that ask for feedback."""
    by = by_of(request)
    new = ("Set up a service", reverse("feedback:new_service")) if may(by, "service.manage") else None
    return replace(SERVICES, empty_link=new).answer(
        request,
        collect.services(by, timezone.now()),
        context={"new": new},
        on_export=lambda export: export_table(
            by=by, table="services", rows=export.rows, is_filtered=bool(export.filters)
        ),
    )


@for_staff("service.manage")
def new_service(request: HttpRequest) -> HttpResponse:
    """Set up a service."""
    by = by_of(request)
    form = ServiceForm(request.POST if request.method == "POST" else None, able=collect.duty_people(by))
    if request.method == "POST" and form.is_valid():
        made = on_fields(form, BLAME, lambda: create_service(by=by, **form.told()))
        if made is not None:
            messages.success(request, f"{made.name} is set up. Add its first form.")
            return redirect("feedback:service", made.id)
    return _form_page(request, by, form, title="Set up a service", back=None)


@for_staff("service.manage")
def change_service(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Change what is held about a service."""
    by = by_of(request)
    found = collect.service(by, service_id, permission="service.manage")
    initial = {name: getattr(found, name) for name in ServiceForm.base_fields}
    initial |= {name: str(getattr(found, f"{name}_id") or "") for name in ("duty_person", "deputy")}
    form = ServiceForm(
        request.POST if request.method == "POST" else None, able=collect.duty_people(by), initial=initial
    )
    if request.method == "POST" and form.is_valid():
        changed = on_fields(
            form,
            BLAME,
            lambda: change_deed(by=by, organisation_id=found.organisation_id, service=found, **form.told()),
        )
        if changed is not None:
            messages.success(request, "The service is changed.")
            return redirect("feedback:service", found.id)
    return _form_page(request, by, form, title="Change the service", back=found)


def _form_page(
    request: HttpRequest, by: Actor, form: ServiceForm, *, title: str, back: Service | None
) -> HttpResponse:
    there = [(back.name, reverse("feedback:service", args=[back.id]))] if back is not None else []
    context = {
        "form": form,
        "title": title,
        "trail": trail(*there),
        "cancel": there[0][1] if there else reverse("feedback:services"),
        "prefix": public_address("/feedback/"),
        "nobody_able": len(form.fields["duty_person"].choices) == 1,  # type: ignore[attr-defined]
        "is_new": back is None,
    }
    status = 422 if form.errors else 200
    return render(request, "feedback/collect/service_form.html", context, status=status)


@require_safe
@for_staff("feedback.view")
def service(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """One service: what stands where, its forms, and where its responses are read."""
    by, at = by_of(request), timezone.now()
    found = collect.service(by, service_id)
    forms = [(form, standing_of(form, at)) for form in collect.forms_of(by, found, at)]
    total, lately = collect.responses_in(by, found, at)
    context = {
        "service": found,
        "state": _state(found),
        "trail": trail(),
        "forms": forms,
        "total": total,
        "lately": lately,
        "unable": collect.unable_on_duty(by, found),
        "may_manage": may(by, "service.manage"),
        "links": _links(by, found),
        "next": _next_step(found, forms) if may(by, "service.manage") else None,
        "address": public_address(f"/feedback/{found.slug}"),
    }
    return render(request, "feedback/collect/service.html", context)


@for_staff("service.manage")
def service_state(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Close a service, or open it again, after a look at what that does."""
    by = by_of(request)
    found = collect.service(by, service_id, permission="service.manage")
    there = reverse("feedback:service", args=[found.id])
    if request.method == "POST":
        is_active = not found.is_active
        on_page(
            request,
            lambda: change_deed(
                by=by, organisation_id=found.organisation_id, service=found, is_active=is_active
            ),
            done="The service is open again." if is_active else "The service is closed.",
        )
        return redirect(there)
    closing = (
        "No form of it takes answers any more. Links, QR codes and buttons say so.",
        "Responses stay, and people go on working with them. You can open it again.",
    )
    opening = ("Its open forms take answers again, through every open link, QR code and button.",)
    context = {
        "title": f"Close {found.name}?" if found.is_active else f"Open {found.name} again?",
        "what": closing if found.is_active else opening,
        "button": "Close the service" if found.is_active else "Open the service",
        "cancel": there,
        "warning": found.is_active,
    }
    return render(request, "design/confirm.html", context)


def _links(by: Actor, of: Service) -> list[tuple[str, str]]:
    """Words and address of each part that this person may see and that is there."""
    there = (
        (part.words, address_if(part.view_name, of.id)) for part in parts.PARTS if may(by, part.permission)
    )
    return [(words, address) for words, address in there if address]


def _next_step(of: Service, forms: list[tuple[Any, Any]]) -> tuple[str, str, str] | None:
    """What is still to do before people can answer: why, words of the button, address. None where nothing is."""
    if not of.is_active:
        return None
    if of.duty_person_id is None:
        return (
            "Nobody is on duty for this service, so none of its forms can be opened.",
            "Name the duty person",
            reverse("feedback:change_service", args=[of.id]),
        )
    if not forms:
        return (
            "Add a form next: what people are asked.",
            "Add a form",
            reverse("feedback:new_form", args=[of.id]),
        )
    first = forms[0][0]
    there = reverse("feedback:form", args=[first.id])
    if all(form.version is None for form, _ in forms):
        return ("Look the questions over, and publish them.", f"Go on with {first.name}", there)
    if not any(standing.code in {"open", "waiting"} for _, standing in forms):
        return ("No form takes answers. Open one.", f"Go on with {first.name}", there)
    if not any(form.point_count or form.one_answer_each for form, _ in forms):
        return (
            "Nobody can reach a form yet. Make a link, a QR code or a button.",
            f"Go on with {first.name}",
            there,
        )
    return None
