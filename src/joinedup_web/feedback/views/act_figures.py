"""A service's figures by month: the list, entering a month, a CSV file of several."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from joinedup.errors import UsageError
from joinedup.feedback.figures import read_month
from joinedup_web.accounts.views.shown import on_form
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.feedback.actions import act_figures as actions
from joinedup_web.feedback.actions.exports import export_table
from joinedup_web.feedback.forms.act_figures import FiguresFileForm, FiguresForm, filled
from joinedup_web.feedback.models import ServiceFigures
from joinedup_web.feedback.queries import act_measures as queries
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may

UNKNOWN = "Not known"


def _shown(name: str) -> Any:
    def cell(row: ServiceFigures) -> str:
        value = getattr(row, name)
        if value is None:
            return UNKNOWN
        return f"£{value / 100:,.2f}" if name == "cost_pence" else f"{value:,}"

    return cell


def _pounds(row: ServiceFigures) -> str | None:
    return None if row.cost_pence is None else f"{row.cost_pence // 100}.{row.cost_pence % 100:02d}"


def _list_page(may_note: bool) -> ListPage:
    """The list of months. Its CSV has the headings that an upload takes."""

    def enter(row: ServiceFigures) -> str:
        return f"{reverse('feedback:figures_enter', args=[row.service_id])}?month={row.month:%Y-%m}"

    return ListPage(
        title="Figures by month",
        noun=("month", "months"),
        columns=(
            Column(
                "month",
                "Month",
                sort=("month",),
                cell=lambda row: f"{row.month:%B %Y}",
                link=enter if may_note else None,
                in_csv=False,
            ),
            Column("month_csv", "month", value=lambda row: f"{row.month:%Y-%m}", on_page=False),
            *(
                Column(name, heading, sort=(name,), cell=_shown(name), numeric=True, in_csv=False)
                for name, heading in (
                    ("started", "Started"),
                    ("completed", "Completed"),
                    ("digital", "Completed online"),
                    ("eligible", "Could have used it"),
                    ("cost_pence", "Cost"),
                )
            ),
            *(
                Column(f"{name}_csv", name, value=lambda row, name=name: getattr(row, name), on_page=False)  # type: ignore[misc]
                for name in ("started", "completed", "digital", "eligible")
            ),
            Column("cost_csv", "cost", value=_pounds, on_page=False),
            Column("noted_by.name", "Entered by", in_csv=False),
        ),
        default_sort="-month",
        empty="No figures have been entered yet.",
        csv_name="figures",
        template="feedback/act/figures.html",
    )


@require_safe
@for_staff("measure.view")
def figures(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """The figures of a service by month."""
    by = by_of(request)
    service = queries.service(by, service_id)
    may_note = may(by, "measure.note")
    return _list_page(may_note).answer(
        request,
        queries.figures(by, service),
        context={"service": service, "may_note": may_note},
        on_export=lambda export: export_figures(by, export.rows),
    )


def export_figures(by: Any, rows: int) -> None:
    """Keep that the figures are downloaded."""
    export_table(by=by, table="figures", rows=rows)


@for_staff("measure.note")
def enter(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Enter the figures of a month, or change them."""
    by = by_of(request)
    service = queries.service(by, service_id, permission="measure.note")
    form = FiguresForm(
        request.POST if request.method == "POST" else None, initial=_initial(request, service_id)
    )
    if request.method == "POST" and form.is_valid():
        months = [form.cleaned_data["figures"]]
        done = on_form(
            form,
            lambda: actions.note_figures(
                by=by, organisation_id=service.organisation_id, service=service, figures=months
            ),
        )
        if done is not None:
            messages.success(request, f"The figures of {months[0].month:%B %Y} are kept.")
            return redirect("feedback:figures", service.id)
    context = {"form": form, "service": service}
    return render(request, "feedback/act/figures_enter.html", context, status=422 if form.errors else 200)


@for_staff("measure.note")
def upload(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Bring in a CSV file of several months."""
    by = by_of(request)
    service = queries.service(by, service_id, permission="measure.note")
    is_post = request.method == "POST"
    form = FiguresFileForm(request.POST if is_post else None, request.FILES if is_post else None)
    if is_post and form.is_valid():
        months = form.cleaned_data["file"]
        done = on_form(
            form,
            lambda: actions.note_figures(
                by=by, organisation_id=service.organisation_id, service=service, figures=months
            ),
        )
        if done is not None:
            words = "1 month is" if done == 1 else f"{done:,} months are"
            messages.success(request, f"The figures of {words} kept.")
            return redirect("feedback:figures", service.id)
    context = {"form": form, "service": service, "problems": getattr(form, "problems", [])}
    return render(request, "feedback/act/figures_upload.html", context, status=422 if form.errors else 200)


def _initial(request: HttpRequest, service_id: UUID) -> dict[str, str]:
    try:
        month = read_month(request.GET.get("month", ""))
    except UsageError:
        return {}
    row = ServiceFigures.objects.filter(service_id=service_id, month=month).first()
    return filled(row) if row is not None else {"month": f"{month:%Y-%m}"}
