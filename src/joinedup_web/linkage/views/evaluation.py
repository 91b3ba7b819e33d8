"""How good a project's linkage is, drawing a sample to find out, and training anew."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from joinedup_web.gate.decide import Refused
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage import evaluation as known
from joinedup_web.linkage import queries, review_queries, sampling
from joinedup_web.linkage.forms.review import SampleForm
from joinedup_web.linkage.models import RunState, SampleState, Verdict
from joinedup_web.linkage.training import LEAST_SAME
from joinedup_web.linkage.views.shown import by_of, may, sentence


@require_GET
@for_staff("linkage.view")
def evaluation(request: HttpRequest, project_id: UUID) -> HttpResponseBase:
    """What clerks' decisions say about a project's linkage."""
    return _page(request, project_id, SampleForm())


@require_POST
@for_staff("linkage.run")
def draw_sample(request: HttpRequest, project_id: UUID) -> HttpResponseBase:
    """Have pairs drawn at random into the review queue."""
    by = by_of(request)
    project = review_queries.project(by, project_id, permission="linkage.run")
    form = SampleForm(request.POST)
    run = project.runs.filter(state=RunState.FINISHED).order_by("-number").first()
    if not form.is_valid() or run is None:
        return _page(request, project_id, form)
    try:
        sampling.ask_for_sample(
            by=by, organisation_id=project.organisation_id, run=run, size=form.cleaned_data["size"]
        )
    except Refused as refused:
        form.add_error("size", sentence(refused))
        return _page(request, project_id, form)
    messages.success(request, "The pairs are being drawn. Clerks find them in their queue in a moment.")
    return redirect("linkage:evaluation", project.id)


@require_POST
@for_staff("linkage.retrain")
def retrain(request: HttpRequest, project_id: UUID) -> HttpResponseBase:
    """Queue a run that learns from the decisions."""
    by = by_of(request)
    project = review_queries.project(by, project_id, permission="linkage.retrain")
    try:
        run = sampling.retrain(by=by, organisation_id=project.organisation_id, project=project)
    except Refused as refused:
        messages.error(request, f"{sentence(refused)}.")
        return redirect("linkage:evaluation", project.id)
    messages.success(request, f"Run {run.number} will learn from the decisions of clerks.")
    return redirect("linkage:run", run.id)


def _page(request: HttpRequest, project_id: UUID, form: SampleForm) -> HttpResponseBase:
    by = by_of(request)
    project = queries.project(by, project_id)
    found = known.evaluation(by, project)
    context = {
        "project": project,
        "found": found,
        "form": form,
        "least_twice": known.LEAST_READ_TWICE,
        "least_links": known.LEAST_LINKS,
        "least_same": LEAST_SAME,
        "verdicts": dict(Verdict.choices),
        "may_draw": may(by, "linkage.run"),
        "may_retrain": may(by, "linkage.retrain"),
        "may_review": may(by, "pair.review"),
        "being_drawn": any(each.sample.state == SampleState.QUEUED for each in found.samples),
    }
    return render(request, "linkage/evaluation.html", context, status=422 if form.errors else 200)
