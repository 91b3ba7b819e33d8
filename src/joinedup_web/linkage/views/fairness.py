"""Who does the linkage fail? A run's errors by group."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from joinedup.linkage import fairness_cards, fairness_document, fairness_mends, fairness_parts
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage import queries
from joinedup_web.linkage.errors_by_group import LEAST_LABELS, errors_by_group
from joinedup_web.linkage.models import RunState
from joinedup_web.linkage.views.shown import by_of


@for_staff("linkage.view")
@require_safe
def fairness(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """A finished run's errors by group, from the truth or a sample; where there is neither, that it is not known."""
    by = by_of(request)
    run = queries.run(by, run_id)
    if run.state != RunState.FINISHED:
        raise Http404
    found = errors_by_group(by, run)
    context = {
        "run": run,
        "project": run.project,
        "labels": found.labels,
        "decided": found.decided,
        "least_labels": LEAST_LABELS,
    }
    if found.truth is not None:
        told = fairness_document(found.truth)
        context |= {
            "cards": fairness_cards(found.truth),
            "parts": fairness_parts(found.truth),
            "findings": told["findings"],
            "notes": told["notes"],
            "mends": list(fairness_mends()),
        }
    return render(request, "linkage/fairness.html", context)
