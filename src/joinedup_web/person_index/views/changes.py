"""Where a project's person index stands, and what may be asked of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.design.filters import Choice
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage import queries as linkage_queries
from joinedup_web.linkage.views.shown import again_by_itself, by_of, may, tag
from joinedup_web.person_index import actions, queries
from joinedup_web.person_index.forms import BeginForm, ExtractForm, UndoForm
from joinedup_web.person_index.happenings import happening, happenings_table
from joinedup_web.person_index.models import ChangeState, IndexChange
from joinedup_web.person_index.words import CHANGE_STANDING, counts_words

MOST_CHANGES = 20


def change_tag(change: IndexChange) -> Any:
    """The tag of a change's state."""
    return tag(ChangeState(change.state).label, CHANGE_STANDING[change.state])


@for_staff("linkage.view")
@require_safe
def overview(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The index of a project: where it stands, what is under way, and what changed it."""
    by = by_of(request)
    project = linkage_queries.project(by, project_id)
    index = queries.of_project(by, project)
    under_way = queries.under_way(by, index) if index is not None else None
    may_run = may(by, "linkage.run")
    context: dict[str, Any] = {
        "project": project,
        "index": index,
        "under_way": under_way,
        "runs": queries.runs_to_begin_with(by, project),
        "may_run": may_run,
        "may_match": may(by, "record.view"),
        "changes": [],
    }
    if index is not None:
        context["changes"] = [
            (change, change_tag(change), counts_words(change.counts) if change.counts else "")
            for change in queries.changes(by, index)[:MOST_CHANGES]
        ]
    answer = render(request, "person_index/overview.html", context)
    return again_by_itself(request, answer) if under_way else answer


@for_staff("linkage.run")
def begin(request: HttpRequest, project_id: UUID) -> HttpResponseBase:
    """Begin the index with the people and the model of a finished run."""
    by = by_of(request)
    project = linkage_queries.project(by, project_id, permission="linkage.run")
    runs = queries.runs_to_begin_with(by, project)
    first = {"run": str(runs[0].id)} if runs else {}
    form = BeginForm(request.POST if request.method == "POST" else None, runs=runs, initial=first)
    if request.method == "POST" and form.is_valid():
        chosen = next(run for run in runs if str(run.id) == form.cleaned_data["run"])
        done = on_form(form, lambda: actions.begin_index(by=by, project=project, run=chosen))
        if done is not None:
            messages.success(request, "The person index begins as soon as a worker is free.")
            return redirect("index:overview", project.id)
    hints = {
        str(
            run.id
        ): f"{run.headline.get('records') or 0:,} records, {run.headline.get('people') or 0:,} people"
        for run in runs
    }
    context = {"form": form, "project": project, "runs": runs, "hints": hints}
    return render(request, "person_index/begin.html", context, status=422 if form.errors else 200)


@for_staff("linkage.run")
def add(request: HttpRequest, project_id: UUID) -> HttpResponseBase:
    """Bring a newer file of a source into the index."""
    by = by_of(request)
    index = queries.index(by, project_id, permission="linkage.run")
    sources = queries.sources_to_bring_in(by, index)
    form = ExtractForm(request.POST if request.method == "POST" else None, sources=sources)
    if request.method == "POST" and form.is_valid():
        chosen = next(source for source in sources if str(source.id) == form.cleaned_data["source"])
        done = on_form(
            form,
            lambda: actions.add_extract(
                by=by,
                index=index,
                source=chosen,
                complete=form.cleaned_data["complete"] == "yes",
                may_shrink=form.cleaned_data["may_shrink"],
                reason=form.cleaned_data["reason"].strip(),
            ),
        )
        if done is not None:
            messages.success(request, f"{chosen.name} is brought in as soon as a worker is free.")
            return redirect("index:overview", project_id)
    hints = {
        str(source.id): f"{source.file_name}, {source.rows_good or 0:,} rows"
        + (", newer than the index" if queries.is_newer(index, source) else "")
        for source in sources
    }
    context = {"form": form, "project": index.project, "sources": sources, "hints": hints}
    return render(request, "person_index/add.html", context, status=422 if form.errors else 200)


@require_POST
@for_staff("linkage.run")
def decisions(request: HttpRequest, project_id: UUID) -> HttpResponseBase:
    """Let the index obey the decisions of clerks as they stand today."""
    by = by_of(request)
    index = queries.index(by, project_id, permission="linkage.run")
    on_page(
        request,
        lambda: actions.take_in_decisions(by=by, index=index),
        done="Clerks’ decisions are taken in as soon as a worker is free.",
    )
    return redirect("index:overview", project_id)


EVENTS = ListPage(
    title="Merges and splits",
    noun=("event", "events"),
    columns=(
        Column(
            "number",
            "Event",
            sort=("number",),
            link=lambda row: reverse("index:event", args=[row["project"], row["number"]]),
        ),
        Column("at", "When", sort=("number",)),
        Column("what", "What happened", sort=("what",)),
        Column("person", "Person", sort=("person",)),
        Column("other", "Other person", sort=("other",)),
        Column("why", "Why"),
        Column("version", "Version", sort=("version",), numeric=True),
    ),
    filters=(
        Choice(
            "kind",
            "What happened",
            [
                ("merged", "Merged"),
                ("split", "Split"),
                ("retired", "No record left"),
                ("revived", "Back again"),
            ],
        ),
    ),
    default_sort="-number",
    empty="Nobody was merged, split or retired since the index began.",
    csv_name="merges-and-splits",
    template="person_index/events.html",
)


@require_safe
@for_staff("linkage.view")
def events(request: HttpRequest, project_id: UUID) -> HttpResponseBase:
    """The merges and splits of an index, the newest first; numbers of people alone, and nobody's record."""
    by = by_of(request)
    index = queries.index(by, project_id, permission="linkage.view")
    table = happenings_table(queries.folder_of(by, index, permission="linkage.view"), project_id)
    return EVENTS.answer(
        request,
        table,
        context={"project": index.project},
        on_export=lambda export: actions.export_events(
            by=by, rows=export.rows, is_filtered=bool(export.filters)
        ),
    )


@for_staff("linkage.view")
@require_safe
def event(request: HttpRequest, project_id: UUID, number: int) -> HttpResponse:
    """One merge or split: what happened, and why."""
    return _event(request, project_id, number, UndoForm())


@for_staff("index.correct")
@require_POST
def undo(request: HttpRequest, project_id: UUID, number: int) -> HttpResponseBase:
    """Undo a merge or a split; every later change obeys it."""
    by = by_of(request)
    index = queries.index(by, project_id, permission="index.correct")
    form = UndoForm(request.POST)
    if form.is_valid():
        done = on_form(
            form,
            lambda: actions.undo_event(
                by=by, index=index, event=number, reason=form.cleaned_data["reason"].strip()
            ),
        )
        if done is not None:
            messages.success(request, "It is undone as soon as a worker is free.")
            return redirect("index:overview", project_id)
    return _event(request, project_id, number, form)


def _event(request: HttpRequest, project_id: UUID, number: int, form: UndoForm) -> HttpResponse:
    by = by_of(request)
    index = queries.index(by, project_id, permission="linkage.view")
    told = happening(queries.folder_of(by, index, permission="linkage.view"), number)
    context = {
        "project": index.project,
        "event": told,
        "form": form,
        "may_undo": told.can_be_undone and may(by, "index.correct"),
    }
    return render(request, "person_index/event.html", context, status=422 if form.errors else 200)
