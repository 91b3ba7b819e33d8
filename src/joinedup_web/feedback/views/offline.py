"""Asking face to face without a network: the page to carry along, and the file that it gives, brought back."""

from __future__ import annotations

from pathlib import PurePath
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from joinedup_web.feedback.actions import imports as actions
from joinedup_web.feedback.forms.imports import OfflineForm
from joinedup_web.feedback.offline.page import offline_page
from joinedup_web.feedback.queries import collect
from joinedup_web.feedback.views.collect_shown import form_trail, on_fields
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.uploads import receives_files
from joinedup_web.linkage.views.shown import by_of


@for_staff("feedback.import")
@receives_files
def offline(request: HttpRequest, form_id: UUID) -> HttpResponseBase:
    """How it is done, and where the file comes back."""
    by = by_of(request)
    found = collect.form(by, form_id, permission="feedback.import")
    form = OfflineForm()
    if request.method == "POST":
        form = OfflineForm(request.POST, request.FILES)
        if form.is_valid():
            upload = form.cleaned_data["file"]
            done = on_fields(
                form,
                {"no_offline_file": "file", "no_version": "file"},
                lambda: actions.bring_offline(
                    by=by, form=found, file_name=PurePath(upload.name).name, content=upload.read()
                ),
            )
            if done is not None:
                return redirect("feedback:import", done.id)
    context = {
        "form": form,
        "of": found,
        "trail": form_trail(found),
        "is_published": found.versions.exists(),
    }
    return render(request, "feedback/intake/offline.html", context, status=422 if form.errors else 200)


@for_staff("feedback.import")
@require_safe
def page(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """The page as one file, with a lock of its own."""
    by = by_of(request)
    found = collect.form(by, form_id, permission="feedback.import")
    newest = found.versions.first()
    if newest is None:
        raise Http404
    newest.form = found
    actions.note_offline_page(by=by, form=found)
    answer = HttpResponse(offline_page(newest), content_type="text/html; charset=utf-8")
    name = f"{slugify(found.service.name)[:40] or 'service'}-{slugify(found.name)[:40] or 'form'}"
    answer["Content-Disposition"] = f'attachment; filename="{name}.html"'
    answer["Cache-Control"] = "no-store"
    return answer
