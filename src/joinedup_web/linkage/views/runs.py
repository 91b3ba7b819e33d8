"""Runs: the list, one to start, one to watch, and one that has ended well or badly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.design.context import address_if
from joinedup_web.design.filters import Choice, DateRange, TextSearch
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.design.words import percent
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage import queries
from joinedup_web.linkage.actions import cancel_run, queue_run, resume_run
from joinedup_web.linkage.actions.taken import export_runs
from joinedup_web.linkage.forms.runs import RunForm
from joinedup_web.linkage.models import Run, RunState, SourceState
from joinedup_web.linkage.pictures import run_pictures
from joinedup_web.linkage.progress import UNDER_WAY, progress_of
from joinedup_web.linkage.results import PARTS
from joinedup_web.linkage.views.shown import again_by_itself, by_of, may, run_tag
from joinedup_web.linkage.words import RUN_KINDS

NOBODY_TOOK_IT = timedelta(seconds=30)


def _figure(name: str) -> Any:
    return lambda run: run.headline.get(name)


RUNS = ListPage(
    title="Linkage runs",
    noun=("run", "runs"),
    columns=(
        Column(
            "number",
            "Run",
            sort=("number",),
            value=lambda run: f"Run {run.number}",
            link=lambda run: reverse("linkage:run", args=[run.id]),
        ),
        Column(
            "project.name",
            "Project",
            sort=("project__name",),
            link=lambda run: reverse("linkage:project", args=[run.project_id]),
        ),
        Column(
            "state",
            "State",
            sort=("state",),
            value=lambda r: r.get_state_display(),
            cell=lambda r: run_tag(r.state),
        ),
        Column("kind", "Kind", sort=("kind",), value=lambda run: RUN_KINDS[run.kind][0]),
        Column("records", "Records", value=_figure("records"), numeric=True),
        Column("people", "People", value=_figure("people"), numeric=True),
        Column(
            "precision",
            "Precision",
            value=_figure("precision"),
            cell=lambda run: percent(run.headline.get("precision")),
            numeric=True,
        ),
        Column("created_at", "Asked for", sort=("created_at",)),
        Column("started_by.name", "By", sort=("started_by__name",)),
    ),
    filters=(
        TextSearch(fields=("project__name", "started_by__name"), label="Project or person"),
        Choice("state", "State", RunState.choices),
        Choice("kind", "Kind", [(code, words) for code, (words, _) in RUN_KINDS.items()]),
        DateRange("created_at", "Asked for"),
    ),
    default_sort="-created_at",
    empty="No linkage has been run yet. Open a project to start one.",
    template="linkage/runs.html",
)


@for_staff("linkage.view")
@require_safe
def runs(request: HttpRequest) -> HttpResponseBase:
    """Every run of the organisation's projects."""
    by = by_of(request)
    return replace(RUNS, empty_link=("See projects", address_if("linkage:projects"))).answer(
        request,
        queries.runs(by),
        on_export=lambda export: export_runs(by=by, rows=export.rows, is_filtered=bool(export.filters)),
    )


@for_staff("linkage.run")
def start(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Start a run; ?based_on= takes up the settings of an earlier one."""
    by = by_of(request)
    project = queries.project(by, project_id, permission="linkage.run")
    all_sources = list(queries.sources(by, project))
    ready = [source for source in all_sources if source.state == SourceState.READY]
    earlier = _earlier(request, project_id)
    form = RunForm(request.POST if request.method == "POST" else None, sources=ready, based_on=earlier)
    if request.method == "POST" and form.is_valid():
        run = on_form(
            form,
            lambda: queue_run(
                by=by,
                project=project,
                sources=form.chosen(),
                kind=form.cleaned_data["kind"],
                settings=form.settings(),
                based_on=earlier,
            ),
        )
        if run is not None:
            messages.success(
                request, f"Run {run.number} is asked for and starts as soon as a worker is free."
            )
            return redirect("linkage:run", run.id)
    return render(
        request,
        "linkage/start.html",
        {
            "form": form,
            "project": project,
            "ready": ready,
            "others": [source for source in all_sources if source.state != SourceState.READY],
            "unchecked": [source for source in ready if source.checked_at is None],
            "hints": {str(source.id): _about(source) for source in ready},
            "kind_hints": {code: what for code, (_, what) in RUN_KINDS.items()},
            "earlier": earlier,
            "decisions": queries.decision_count(by, project),
        },
        status=422 if form.errors else 200,
    )


@for_staff("linkage.view")
@require_safe
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """One run: watched while it runs, then its results, or why it has none."""
    by = by_of(request)
    found = queries.run(by, run_id)
    sources = list(found.sources.all())
    context: dict[str, Any] = {
        "run": found,
        "project": found.project,
        "tag": run_tag(found.state),
        "kind": RUN_KINDS[found.kind][0],
        "settings": _settings(found),
        "sources": sources,
        "may_run": may(by, "linkage.run"),
        "may_download": may(by, "result.download"),
        "sees_sources": may(by, "source.view"),
    }
    if found.state in UNDER_WAY:
        # No tag: it would stay behind when the words move on.
        context |= {"tag": "", "progress_now": progress_of(found), "is_stuck": _is_stuck(found)}
        return again_by_itself(request, render(request, "linkage/run_watch.html", context))
    if found.state == RunState.FINISHED:
        others = queries.finished_runs(by, found.project).exclude(id=found.id)[:1]
        context |= _results(found) | {
            "may_review": may(by, "pair.review"),
            "waiting": queries.pairs_waiting(by, found.project),
            "other": next(iter(others), None),
            "aside": [source for source in sources if source.rows_aside],
        }
        return render(request, "linkage/run_result.html", context)
    context["sources_gone"] = [source for source in sources if source.state != SourceState.READY]
    return render(request, "linkage/run_stopped.html", context)


@for_staff("linkage.view")
@require_safe
def run_progress(request: HttpRequest, run_id: UUID) -> JsonResponse:
    """How far a run is, for the progress bar."""
    found = queries.run(by_of(request), run_id)
    if found.state not in UNDER_WAY:
        return JsonResponse({"words": found.get_state_display(), "done": 1, "total": 1, "finished": True})
    return JsonResponse({**progress_of(found).as_dict(), "finished": False})


@for_staff("linkage.run")
def cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Cancel a run, after asking."""
    by = by_of(request)
    found = queries.run(by, run_id, permission="linkage.run")
    there = reverse("linkage:run", args=[found.id])
    if request.method == "POST":
        on_page(request, lambda: cancel_run(by=by, run=found), done=f"Run {found.number} is being cancelled.")
        return redirect(there)
    if found.state not in UNDER_WAY:
        messages.info(request, f"Run {found.number} is not running any more.")
        return redirect(there)
    return render(
        request,
        "design/confirm.html",
        {
            "title": f"Cancel run {found.number} of {found.project.name}?",
            "what": (
                "The run stops within a second or two. It leaves no results.",
                "You can take it up again later with the same sources and settings; it then begins anew.",
            ),
            "button": "Cancel the run",
            "cancel": there,
            "warning": True,
        },
    )


@for_staff("linkage.run")
@require_POST
def resume(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Take a cancelled or failed run up again."""
    by = by_of(request)
    found = queries.run(by, run_id, permission="linkage.run")
    on_page(request, lambda: resume_run(by=by, run=found), done=f"Run {found.number} is taken up again.")
    return redirect("linkage:run", found.id)


def _earlier(request: HttpRequest, project_id: UUID) -> Run | None:
    number = request.GET.get("based_on", "")
    if not number.isdecimal():
        return None
    return queries.runs(by_of(request)).filter(project_id=project_id, number=int(number[:9])).first()


def _about(source: Any) -> str:
    rows = f"{source.rows_good:,} rows, from {source.file_name}"
    return rows if source.checked_at else f"{rows}. Nobody has checked its columns yet"


def _is_stuck(run: Run) -> bool:
    return run.state == RunState.QUEUED and timezone.now() - run.created_at > NOBODY_TOOK_IT


def _settings(run: Run) -> list[tuple[str, str]]:
    threshold = run.settings.get("threshold_probability")
    obeyed = run.settings.get("use_decisions", True)
    decided = "1 pair" if run.decisions_used == 1 else f"{run.decisions_used:,} pairs"
    return [
        ("Kind", RUN_KINDS[run.kind][0]),
        ("Threshold", "chosen by the run" if threshold is None else f"probability {percent(threshold)}"),
        ("Clerks’ decisions", f"obeyed ({decided})" if obeyed else "not obeyed"),
        *([("Based on", f"run {run.based_on.number}")] if run.based_on else []),
    ]


def _results(run: Run) -> dict[str, Any]:
    record = run.record or {}
    stages = record.get("stages", ())
    return {
        "record": record,
        "headline": run.headline,
        "pictures": run_pictures(record),
        "estimates": [
            (words, what, record.get(name))
            for name, words, what in (
                ("precision", "Precision", "of the links made, how many are right"),
                ("recall", "Recall", "of the links there are, how many were made"),
                ("blocking_recall", "Blocking recall", "of the matches, how many were compared at all"),
            )
        ],
        "threshold": record.get("threshold_weight"),
        "stages": [
            (stage["name"].capitalize(), stage["seconds"], stage["peak_memory_mb"]) for stage in stages
        ],
        "seconds": sum(stage["seconds"] for stage in stages),
        "parts": PARTS,
    }
