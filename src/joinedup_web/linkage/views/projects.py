"""Projects: the list, one to begin, and one with what to do next."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from joinedup_web.accounts.views.shown import on_form
from joinedup_web.design.filters import Choice, DateRange, TextSearch
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.gate.decide import decide
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage import queries
from joinedup_web.linkage.actions import create_project
from joinedup_web.linkage.actions.taken import export_projects
from joinedup_web.linkage.forms.projects import ProjectForm
from joinedup_web.linkage.models import RunState
from joinedup_web.linkage.steps import next_step, steps_of
from joinedup_web.linkage.views.shown import by_of, may, run_tag, source_tag

LAST_RUNS = 10

PROJECTS = ListPage(
    title="Projects",
    noun=("project", "projects"),
    columns=(
        Column("name", "Name", sort=("name",), link=lambda p: reverse("linkage:project", args=[p.id])),
        Column("purpose", "Purpose"),
        Column("source_count", "Sources", sort=("source_count",), numeric=True),
        Column("run_count", "Runs", sort=("run_count",), numeric=True),
        Column(
            "last_state",
            "Last run",
            sort=("last_state",),
            value=lambda p: RunState(p.last_state).label if p.last_state else "None yet",
            cell=lambda p: run_tag(p.last_state) if p.last_state else "None yet",
        ),
        Column("pair_count", "Pairs to review", sort=("pair_count",), numeric=True),
        Column("created_at", "Begun", sort=("created_at",)),
    ),
    filters=(
        TextSearch(fields=("name", "purpose"), label="Name or purpose"),
        Choice("last_state", "State of the last run", RunState.choices),
        DateRange("created_at", "Begun"),
    ),
    default_sort="name",
    empty="There is no project yet. A project holds the sources that are joined for one purpose, with every run.",
    template="linkage/projects.html",
)


@for_staff("linkage.view")
@require_safe
def projects(request: HttpRequest) -> HttpResponseBase:
    """Every project of the organisation."""
    by = by_of(request)
    new = ("Begin a project", reverse("linkage:new_project")) if may(by, "source.upload") else None
    return replace(PROJECTS, empty_link=new).answer(
        request,
        queries.projects(by),
        context={"new": new},
        on_export=lambda export: export_projects(by=by, rows=export.rows, is_filtered=bool(export.filters)),
    )


@for_staff("source.upload")
def new_project(request: HttpRequest) -> HttpResponse:
    """Begin a project."""
    by = by_of(request)
    form = ProjectForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        made = on_form(form, lambda: create_project(by=by, name=told["name"], purpose=told["purpose"]))
        if made is not None:
            messages.success(request, f"{made.name} has begun. Upload its first source.")
            return redirect("linkage:project", made.id)
    return render(request, "linkage/new_project.html", {"form": form}, status=422 if form.errors else 200)


@for_staff("linkage.view")
@require_safe
def project(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """One project: what to do next, its sources and its runs."""
    by = by_of(request)
    found = queries.project(by, project_id)
    sees_sources = decide(by, "source.view").allowed
    sources = list(queries.sources(by, found)) if sees_sources else []
    runs = list(queries.runs(by, found).order_by("-number")[: LAST_RUNS + 1])
    steps = steps_of(by, found, sources, runs, queries.pairs_waiting(by, found))
    has_people = any(run.state == RunState.FINISHED and run.results_gone_at is None for run in runs)
    if not sees_sources:
        steps = steps[2:]
    return render(
        request,
        "linkage/project.html",
        {
            "project": found,
            "steps": steps,
            "next": next_step(steps),
            "sees_sources": sees_sources,
            "sources": [(source, source_tag(source)) for source in sources],
            "runs": [(run, run_tag(run.state)) for run in runs[:LAST_RUNS]],
            "has_more_runs": len(runs) > LAST_RUNS,
            "may_upload": may(by, "source.upload"),
            "may_run": may(by, "linkage.run"),
            "may_settle_purposes": has_people and may(by, "record.purposes"),
            "finished": sum(run.state == RunState.FINISHED for run in runs),
        },
    )
