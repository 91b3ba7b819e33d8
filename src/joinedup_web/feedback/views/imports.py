"""Responses from elsewhere: the list, a file to bring, what its columns are, how far it is, what was kept aside."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.feedback import intake_files
from joinedup_web.feedback.actions import imports as actions
from joinedup_web.feedback.actions.exports import export_table
from joinedup_web.feedback.definitions import definition_of
from joinedup_web.feedback.forms.imports import NEW, ColumnsForm, ImportForm
from joinedup_web.feedback.models import Import, JobState
from joinedup_web.feedback.queries import collect
from joinedup_web.feedback.queries import imports as queries
from joinedup_web.feedback.views.collect_shown import on_fields, trail
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.uploads import receives_files
from joinedup_web.linkage.views.shown import again_by_itself, attachment, by_of, tag

LAYOUTS = {
    "": "Not known yet",
    "qualtrics": "Qualtrics",
    "citizen_space": "Citizen Space",
    "table": "A table",
    "paper": "Scanned paper forms",
    "offline": "A page without network",
}


def standing_of(of: Import) -> tuple[str, str]:
    """Where an import stands, in words and a colour."""
    if of.state == JobState.FAILED:
        return "Failed", "bad"
    if of.state == JobState.DONE:
        return "Done", "good"
    if of.is_confirmed:
        return "Being taken in", "working"
    return ("To check", "attention") if "columns" in of.mapping else ("Being looked at", "working")


IMPORTS = ListPage(
    title="Responses from elsewhere",
    noun=("file", "files"),
    columns=(
        Column(
            "file_name",
            "File",
            sort=("file_name",),
            link=lambda row: reverse("feedback:import", args=[row.id]),
        ),
        Column("form.name", "Form", sort=("form__name",)),
        Column("layout", "From", value=lambda row: LAYOUTS.get(row.layout, row.layout)),
        Column(
            "state",
            "State",
            value=lambda row: standing_of(row)[0],
            cell=lambda row: tag(*standing_of(row)),
        ),
        Column("kept", "Kept", numeric=True, value=lambda row: row.counts.get("kept")),
        Column("asked_at", "Brought", sort=("asked_at",)),
        Column("asked_by.name", "By"),
    ),
    default_sort="-asked_at",
    empty="No file of responses was brought in yet.",
    csv_name="imports",
    template="feedback/intake/imports.html",
)


@require_safe
@for_staff("feedback.import")
def imports(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """The files of responses that a service was brought."""
    by = by_of(request)
    service = collect.service(by, service_id, permission="feedback.import")
    return IMPORTS.answer(
        request,
        queries.imports_of(by, service),
        context={"service": service, "trail": _service_trail(service)},
        on_export=lambda export: export_table(by=by, table="imports", rows=export.rows, is_filtered=False),
    )


@for_staff("feedback.import")
@receives_files
def new_import(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Bring a file of responses."""
    by = by_of(request)
    service = collect.service(by, service_id, permission="feedback.import")
    there = queries.forms_to_fill(by, service)
    form = ImportForm(there=there)
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES, there=there)
        if form.is_valid():
            told = form.cleaned_data
            into = next((each for each in there if str(each.id) == told["into"]), None)
            if told["into"] != NEW and into is None:
                raise Http404
            done = on_fields(
                form,
                {"no_name": "name", "name_taken": "name", "not_published": "into"},
                lambda: actions.begin_import(
                    by=by,
                    service=service,
                    form=into,
                    name=told["name"],
                    file_name=PurePath(told["file"].name).name,
                    content=told["file"].read(),
                    ending=PurePath(told["file"].name).suffix.lower(),
                    layout=told["layout"],
                ),
            )
            if done is not None:
                return redirect("feedback:import", done.id)
    context = {"form": form, "service": service, "trail": _imports_trail(service)}
    return render(request, "feedback/intake/new.html", context, status=422 if form.errors else 200)


@for_staff("feedback.import")
@require_safe
def one(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """One file: what its columns are, how far it is, or what became of it."""
    of = queries.one(by_of(request), import_id)
    return again_by_itself(request, render(request, "feedback/intake/import.html", _of_import(of)))


@for_staff("feedback.import")
@require_POST
def confirm(request: HttpRequest, import_id: UUID) -> HttpResponseBase:
    """Agree to what each column is."""
    by = by_of(request)
    of = queries.one(by, import_id)
    if "columns" not in of.mapping:
        raise Http404
    form = _columns_form(of, request)
    if form.is_valid():
        chosen = [actions.as_mapping(column) for column in form.columns()]
        done = on_form(form, lambda: actions.confirm_import(by=by, of=of, columns=chosen))
        if done is not None:
            messages.success(request, "The rows are taken in as soon as a worker is free.")
            return redirect("feedback:import", of.id)
    return render(request, "feedback/intake/import.html", _of_import(of, form), status=422)


@for_staff("feedback.import")
@require_POST
def drop(request: HttpRequest, import_id: UUID) -> HttpResponseBase:
    """Take a file back before any of its rows is kept."""
    by = by_of(request)
    of = queries.one(by, import_id)
    service_id = of.form.service_id
    if on_page(request, lambda: actions.drop_import(by=by, of=of), done="The file was removed."):
        return redirect("feedback:imports", service_id)
    return redirect("feedback:import", import_id)


@for_staff("feedback.import")
@require_safe
def aside(request: HttpRequest, import_id: UUID) -> HttpResponseBase:
    """What was kept aside: rows, columns and reasons, and nothing of what was said."""
    by = by_of(request)
    of = queries.one(by, import_id)
    answer = attachment(intake_files.aside_file(of), "rows-kept-aside.csv", "text/csv; charset=utf-8")
    export_table(by=by, table="import_aside", rows=of.counts.get("aside", 0), is_filtered=False)
    return answer


def _of_import(of: Import, form: ColumnsForm | None = None) -> dict[str, Any]:
    to_check = of.state == JobState.WAITING and not of.is_confirmed and "columns" in of.mapping
    if form is None and to_check:
        form = _columns_form(of, None)
    return {
        "of": of,
        "service": of.form.service,
        "trail": _imports_trail(of.form.service),
        "standing": standing_of(of),
        "layout": LAYOUTS.get(of.layout, of.layout),
        "form": form if to_check else None,
        "is_under_way": of.state in actions.UNDER_WAY and not to_check,
        "has_aside": of.state == JobState.DONE and intake_files.aside_file(of).exists(),
        "notes": of.mapping.get("notes", ()),
        "responses": f"{reverse('feedback:responses', args=[of.form.service_id])}?form={of.form_id}",
    }


def _columns_form(of: Import, request: HttpRequest | None) -> ColumnsForm:
    asks = None
    if not of.mapping["makes_form"]:
        newest = of.form.versions.first()
        assert newest is not None
        asks = definition_of(newest)
    data = request.POST if request is not None else None
    return ColumnsForm(data, export=actions.export_of(of), asks=asks)


def _service_trail(service: Any) -> list[tuple[str, str]]:
    return trail((service.name, reverse("feedback:service", args=[service.id])))


def _imports_trail(service: Any) -> list[tuple[str, str]]:
    return [
        *_service_trail(service),
        ("Responses from elsewhere", reverse("feedback:imports", args=[service.id])),
    ]
