"""What is done to a source: upload, replace, read otherwise, correct its meanings, remove."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage import queries
from joinedup_web.linkage.actions import correct_source, read_again, remove_source, upload_source
from joinedup_web.linkage.forms.sources import MeaningsForm, ReadingForm, UploadForm, paper_can_be_read
from joinedup_web.linkage.models import Source, SourceState
from joinedup_web.linkage.uploads import receives_files
from joinedup_web.linkage.views.shown import by_of
from joinedup_web.linkage.words import FORMATS, kind_word, sure


@for_staff("source.upload")
@receives_files
def upload(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Upload a new source into a project."""
    by = by_of(request)
    project = queries.project(by, project_id, permission="source.upload")
    taken = set(queries.sources(by, project).values_list("name", flat=True))
    form = UploadForm(taken=taken)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, taken=taken)
        if form.is_valid():
            told = form.cleaned_data
            read = {"layout": told["layout"]} if told["layout"] else {}
            kept = on_form(
                form,
                lambda: upload_source(
                    by=by, project=project, upload=told["file"], name=told["name"], read=read
                ),
            )
            if kept is not None:
                messages.success(request, f"{kept.file_name} is uploaded and will be measured now.")
                return redirect("linkage:source", kept.id)
    context = {"form": form, "project": project, **_limits()}
    return render(request, "linkage/upload.html", context, status=422 if form.errors else 200)


@for_staff("source.upload")
@receives_files
def replace_source(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Put a newer file in a source's place, under the same name."""
    by = by_of(request)
    old = _in_use(queries.source(by, source_id, permission="source.upload"))
    form = UploadForm(replaces=old)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, replaces=old)
        if form.is_valid():
            told = form.cleaned_data
            read = {"layout": told["layout"]} if told["layout"] else {}
            kept = on_form(
                form,
                lambda: upload_source(
                    by=by, project=old.project, upload=told["file"], name=old.name, read=read
                ),
            )
            if kept is not None:
                messages.success(request, f"{kept.file_name} takes the place of {old.file_name}.")
                return redirect("linkage:source", kept.id)
    context = {"form": form, "project": old.project, "source": old, **_limits()}
    return render(request, "linkage/upload.html", context, status=422 if form.errors else 200)


@for_staff("source.upload")
@receives_files
def reading(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Choose another sheet, header row, encoding or layout, and have the source measured again."""
    by = by_of(request)
    source = _in_use(queries.source(by, source_id, permission="source.upload"))
    form = ReadingForm(source=source)
    if request.method == "POST":
        form = ReadingForm(request.POST, request.FILES, source=source)
        if form.is_valid():
            read, tables, parts = form.reading()
            if not parts:
                messages.info(request, "Nothing was changed, so the source was not measured again.")
                return redirect("linkage:source", source.id)
            again = on_form(
                form, lambda: read_again(by=by, source=source, read=read, tables=tables, parts=parts)
            )
            if again is not None:
                messages.success(request, f"{source.name} will be measured again now.")
                return redirect("linkage:source", source.id)
    return render(
        request,
        "linkage/reading.html",
        {"form": form, "source": source, "format": FORMATS.get(source.format, "")},
        status=422 if form.errors else 200,
    )


@for_staff("source.correct")
def meanings(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Check and correct what the columns of a source mean."""
    by = by_of(request)
    source = _in_use(queries.source(by, source_id, permission="source.correct"))
    if source.state != SourceState.READY:
        return redirect("linkage:source", source.id)
    form = MeaningsForm(request.POST if request.method == "POST" else None, source=source)
    if request.method == "POST" and form.is_valid():
        kept = on_form(
            form,
            lambda: correct_source(
                by=by,
                source=source,
                kinds=form.kinds(),
                id_column=form.id_column(),
                one_record_per_person=form.cleaned_data["one_record_per_person"],
            ),
        )
        if kept is not None:
            messages.success(request, f"What the columns of {source.name} mean is checked and kept.")
            return redirect("linkage:project", source.project_id)
    rows = [
        (column, field, kind_word(found["kind"]), sure(found["confidence"]), found)
        for (column, field) in form.column_fields()
        for found in (source.meanings[column],)
    ]
    context = {"form": form, "source": source, "rows": rows}
    return render(request, "linkage/meanings.html", context, status=422 if form.errors else 200)


@for_staff("source.upload")
def remove(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Take a source out of its project, after asking."""
    by = by_of(request)
    source = _in_use(queries.source(by, source_id, permission="source.upload"))
    there = reverse("linkage:source", args=[source.id])
    if request.method == "POST":
        done = on_page(
            request,
            lambda: remove_source(by=by, source=source),
            done=f"{source.name} is removed and its file is deleted.",
        )
        return redirect("linkage:project", source.project_id) if done else redirect(there)
    return render(
        request,
        "design/confirm.html",
        {
            "title": f"Remove {source.name} from {source.project.name}?",
            "what": (
                f"The file {source.file_name} and its quality report are deleted. This cannot be undone.",
                "Runs that used it keep their results. What clerks decided about its records is kept too, and holds "
                "again if you upload a file under the same name.",
            ),
            "button": "Remove the source",
            "cancel": there,
            "warning": True,
        },
    )


def _in_use(source: Source) -> Source:
    """A removed source is only looked at."""
    if source.state == SourceState.REMOVED:
        raise Http404
    return source


def _limits() -> dict[str, object]:
    return {"limit": settings.JOINEDUP.upload_limit, "paper": paper_can_be_read()}
