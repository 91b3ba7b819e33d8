"""Open data of a service: the decision to open them, and what everybody can download."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from joinedup.feedback.open_data import COLUMNS, OpenMonth, csvw
from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.design.csv_file import csv_lines
from joinedup_web.feedback.actions import act_figures as actions
from joinedup_web.feedback.forms.act_figures import LicenceForm
from joinedup_web.feedback.models import ServiceStatement
from joinedup_web.feedback.queries import act_measures
from joinedup_web.feedback.queries import act_open as queries
from joinedup_web.feedback.views.public_words import in_language, language_of, name_of
from joinedup_web.gate.rules import for_everyone, for_staff
from joinedup_web.linkage.views.shown import by_of

WHY = "an organisation opened these figures to everybody"
NOTES = (
    "Empty: not known, or withheld.",
    "The column withheld names the columns of its row whose number is withheld, so that nobody can be found.",
)


@for_staff("improvement.publish")
def open_data(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """What everybody could download, and the decision to let them."""
    by = by_of(request)
    service = act_measures.service(by, service_id, permission="improvement.publish")
    statement = ServiceStatement.objects.select_related("opened_by").filter(service=service).first()
    form = LicenceForm(
        request.POST if request.method == "POST" else None,
        initial={"licence": statement.licence, "licence_url": statement.licence_url} if statement else None,
    )
    if request.method == "POST" and form.is_valid():
        done = on_form(
            form,
            lambda: actions.open_figures(
                by=by, organisation_id=service.organisation_id, service=service, **form.cleaned_data
            ),
        )
        if done is not None:
            messages.success(request, "The figures are open to everybody.")
            return redirect("feedback:open_data", service.id)
    months = queries.preview(by, service)
    context = {
        "service": service,
        "statement": statement,
        "is_open": statement is not None and statement.is_open_data,
        "form": form,
        "columns": _shown_columns(),
        "rows": [each.row() for each in reversed(months[-12:])],
        "months": len(months),
        "with_withheld": sum(bool(each.withheld) for each in months),
    }
    return render(request, "feedback/act/open_data.html", context, status=422 if form.errors else 200)


@for_staff("improvement.publish")
def close(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Open them no more."""
    by = by_of(request)
    service = act_measures.service(by, service_id, permission="improvement.publish")
    if request.method == "POST":
        on_page(
            request,
            lambda: actions.close_figures(by=by, organisation_id=service.organisation_id, service=service),
            done="The figures are not open any more.",
        )
        return redirect("feedback:open_data", service.id)
    context = {
        "title": "Withdraw these figures?",
        "what": [
            "Nobody can download them from then on.",
            "What people downloaded already stays with them, under the licence that it had.",
        ],
        "button": "Withdraw the figures",
        "cancel": reverse("feedback:open_data", args=[service.id]),
        "warning": True,
    }
    return render(request, "design/confirm.html", context)


@require_safe
@for_everyone(WHY)
def public_figures(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The figures as a page, with their licence and their downloads."""
    statement = queries.public_statement(slug)
    service = statement.service
    language = language_of(request)
    context = {
        "service": service,
        "service_name_here": name_of(service, language),
        "done": in_language(reverse("feedback_public:done", args=(service.slug,)), language),
        "statement": statement,
        "columns": [
            ("month", _("Month")),
            ("answers", _("Answers")),
            ("satisfaction_percent", _("User satisfaction in per cent")),
            ("started", _("Started")),
            ("completed", _("Completed")),
            ("completed_online", _("Completed online")),
            ("cost_pounds", _("Cost, £")),
        ],
        "rows": [
            (each, date_format(each.month, "F Y"), _thousands(each.row()))
            for each in reversed(queries.open_months(service)[-24:])
        ],
    }
    return render(request, "feedback/act/public_figures.html", context)


@require_safe
@for_everyone(WHY)
def public_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The figures as CSV."""
    months = queries.open_months(queries.public_statement(slug).service)
    rows = [list(each.row().values()) for each in months]
    answer = HttpResponse("".join(csv_lines(list(COLUMNS), rows)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{slug}.csv"'
    described = reverse("feedback_public:figures_metadata", args=[slug])
    answer["Link"] = f'<{described}>; rel="describedby"; type="application/csvm+json"'
    return answer


@require_safe
@for_everyone(WHY)
def public_json(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The figures as JSON, with the same columns; numbers as numbers."""
    statement = queries.public_statement(slug)
    months = queries.open_months(statement.service)
    told = {
        "service": statement.service.name,
        "organisation": statement.service.organisation.name,
        "licence": {"name": statement.licence, "url": statement.licence_url},
        "columns": {name: what for name, (_kind, what) in COLUMNS.items()},
        "notes": list(NOTES),
        "months": [_as_json(each) for each in months],
    }
    return JsonResponse(told, json_dumps_params={"indent": 1})


@require_safe
@for_everyone(WHY)
def public_metadata(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The description of the CSV file, for machines."""
    statement = queries.public_statement(slug)
    told = csvw(
        url="figures.csv",
        title=f"{statement.service.name}: figures by month",
        publisher=statement.service.organisation.name,
        licence_url=statement.licence_url,
        notes=NOTES,
    )
    return JsonResponse(told, content_type="application/csvm+json", json_dumps_params={"indent": 1})


def _as_json(of: OpenMonth) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, text in of.row().items():
        if name == "month":
            row[name] = text
        elif name == "withheld":
            row[name] = list(of.withheld)
        else:
            row[name] = None if not text else float(text) if "." in text else int(text)
    return row


def _thousands(row: dict[str, str]) -> dict[str, str]:
    """Numbers as people write them; their decimals stay as they are."""
    told = {}
    for name, text in row.items():
        whole, point, rest = text.partition(".")
        told[name] = f"{int(whole):,}{point}{rest}" if whole.isdecimal() else text
    return told


def _shown_columns() -> list[tuple[str, str]]:
    words = ("Month", "Answers", "1", "2", "3", "4", "5", "Satisfaction, %", "Started", "Completed",
             "Completed online", "Could have used it", "Cost, £")  # fmt: skip
    return list(zip(COLUMNS, words, strict=False))
