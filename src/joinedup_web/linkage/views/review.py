"""Reviewing pairs: how far each project is, the next pair, its page, and what a clerk does about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from joinedup_web.gate.decide import Refused
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage import review, review_queries
from joinedup_web.linkage.forms.review import ReviewForm
from joinedup_web.linkage.models import Decision, PairState, Verdict
from joinedup_web.linkage.pair_page import pair_context
from joinedup_web.linkage.views.shown import by_of, may, sentence

SKIPPED, LAST, SHORTCUTS = "review_skipped", "review_last", "review_shortcuts_off"
MOST_SKIPPED = 200
UNDOABLE = (PairState.DECIDED, PairState.DISAGREED, PairState.OPEN)
PASSING = {"held", "settled", "disagreed", "decided_already"}  # somebody was quicker: take the next one


@require_GET
@for_staff("pair.review")
def overview(request: HttpRequest) -> HttpResponse:
    """How far each project is, and where to begin."""
    by = by_of(request)
    rows = review_queries.progress(by)
    second = sum(row.disagreed for row in rows)
    context = {
        "rows": rows,
        "second": second,
        "may_settle": may(by, "pair.second_opinion"),
        "may_see_quality": may(by, "linkage.view"),
        "undo": last_decision(request),
    }
    return render(request, "linkage/review.html", context)


@require_GET
@for_staff("pair.review")
def next_pair(request: HttpRequest, project_id: UUID) -> HttpResponseBase:
    """Lead to the next pair for this clerk, or back where there is none."""
    by = by_of(request)
    project = review_queries.project(by, project_id, permission="pair.review")
    skipped = request.session.get(SKIPPED, [])
    found = review.next_pair(by=by, project=project, skip=[UUID(each) for each in skipped])
    if found is not None:
        return redirect("linkage:pair", found.id)
    left = review.count_waiting(by=by, project=project)
    if left and skipped:
        request.session[SKIPPED] = []
        messages.info(
            request,
            ngettext(
                "You have been through all pairs. %(left)s pair that you skipped is still there.",
                "You have been through all pairs. %(left)s pairs that you skipped, or that colleagues look at, "
                "are still there.",
                left,
            )
            % {"left": left},
        )
    else:
        messages.success(request, f"There is no pair left for you to review in {project.name}.")
    return redirect("linkage:review")


@for_staff("pair.review")
def pair(request: HttpRequest, pair_id: UUID) -> HttpResponseBase:
    """Two records side by side, and the question; POST keeps the answer."""
    by = by_of(request)
    found = review_queries.pair(by, pair_id, permission="pair.review")
    form = ReviewForm(request.POST if request.method == "POST" else None)
    try:
        if request.method == "POST" and form.is_valid():
            decision = review.decide_pair(
                by=by,
                organisation_id=found.project.organisation_id,
                pair=found,
                verdict=form.cleaned_data["verdict"],
                reason=form.cleaned_data["reason"],
            )
            remember(request, decision)
            return redirect("linkage:next_pair", found.project_id)
        mine = review_queries.own_decision(by, found)
        review.open_pair(
            by=by,
            organisation_id=found.project.organisation_id,
            pair=found,
            hold=mine is None and found.state in (PairState.OPEN, PairState.DECIDED),
        )
    except Refused as refused:
        if refused.decision.code not in PASSING:
            raise
        messages.info(request, f"{sentence(refused)}.")
        return redirect("linkage:next_pair", found.project_id)
    context: dict[str, Any] = pair_context(found, blind=review_queries.is_blind(found) and mine is None)
    context |= {
        "form": form,
        "mine": mine,
        "closed": found.state in (PairState.SETTLED, PairState.DISAGREED),
        "progress": review_queries.progress_of(by, found.project),
        "undo": last_decision(request) if mine is None else None,
        "shortcuts": not request.session.get(SHORTCUTS, False),
        "verdicts": Verdict.choices,
    }
    return render(request, "linkage/pair.html", context, status=422 if form.errors else 200)


@require_POST
@for_staff("pair.review")
def skip(request: HttpRequest, pair_id: UUID) -> HttpResponseBase:
    """Leave a pair for now, and lead to the next one."""
    by = by_of(request)
    found = review_queries.pair(by, pair_id, permission="pair.review")
    review.skip_pair(by=by, organisation_id=found.project.organisation_id, pair=found)
    skipped = [each for each in request.session.get(SKIPPED, []) if each != str(found.id)]
    request.session[SKIPPED] = [*skipped, str(found.id)][-MOST_SKIPPED:]
    return redirect("linkage:next_pair", found.project_id)


@require_POST
@for_staff("pair.review")
def undo(request: HttpRequest, decision_id: UUID) -> HttpResponseBase:
    """Take one's own decision back, and show its pair again."""
    by = by_of(request)
    found = review_queries.decision(by, decision_id)
    review.undo_decision(by=by, organisation_id=found.pair.project.organisation_id, decision=found)
    if request.session.get(LAST) == str(found.id):
        del request.session[LAST]
    messages.success(request, "Your decision was taken back. Decide again, or skip the pair.")
    return redirect("linkage:second_opinion" if found.settles else "linkage:pair", found.pair_id)


@require_POST
@for_staff("pair.review")
def shortcuts(request: HttpRequest) -> HttpResponseBase:
    """Switch the keyboard shortcuts on or off, for this session."""
    request.session[SHORTCUTS] = request.POST.get("shortcuts") == "off"
    pair_id = request.POST.get("pair", "")
    try:
        return redirect("linkage:pair", UUID(pair_id))
    except ValueError:
        return redirect("linkage:review")


def last_decision(request: HttpRequest) -> Decision | None:
    """The decision that the next page offers to undo."""
    kept = request.session.get(LAST)
    if kept is None:
        return None
    found = Decision.objects.filter(
        id=UUID(kept), decided_by_id=by_of(request).id, undone_at=None, pair__state__in=UNDOABLE
    )
    return found.select_related("pair").defer("pair__values", "pair__levels").first()


def remember(request: HttpRequest, decision: Decision) -> None:
    """Offer to undo a decision on the next page."""
    request.session[LAST] = str(decision.id)
