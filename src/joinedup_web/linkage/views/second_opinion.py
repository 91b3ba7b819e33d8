"""Second opinions: the pairs on which clerks differ, and the word that settles one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from joinedup_web.design.filters import Choice
from joinedup_web.design.lists import Column, Export, ListPage
from joinedup_web.gate.decide import Refused
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage import review, review_queries
from joinedup_web.linkage.forms.review import SecondOpinionForm
from joinedup_web.linkage.models import PairState
from joinedup_web.linkage.pair_page import pair_context, source_words
from joinedup_web.linkage.views.review import last_decision, remember
from joinedup_web.linkage.views.shown import by_of, sentence


@require_GET
@for_staff("pair.second_opinion")
def second_opinions(request: HttpRequest) -> HttpResponseBase:
    """The pairs that wait for a second opinion."""
    by = by_of(request)
    rows = review_queries.disagreements(by)
    projects = sorted({(row.project_id, row.project.name) for row in rows}, key=lambda each: each[1])
    listed = ListPage(
        title="Second opinions",
        noun=("pair", "pairs"),
        columns=(
            Column(
                "pair",
                "Records of",
                value=lambda p: f"{source_words(p.left_source)} and {source_words(p.right_source)}",
                link=lambda p: reverse("linkage:second_opinion", args=[p.id]),
            ),
            Column("project", "Project", sort=("project__name",), value=lambda p: p.project.name),
            Column(
                "why",
                "Why",
                value=lambda p: (
                    "Contradicts other decisions" if p.contradicted else "Clerks differ or are not sure"
                ),
            ),
            Column("words", "Clerks who decided", sort=("words",), numeric=True),
            Column("since", "Last decision", sort=("since",)),
            Column(
                "may",
                "For you",
                value=lambda p: (
                    "You decided on it, so somebody else must settle it" if p.mine else "To settle"
                ),
            ),
        ),
        filters=(Choice("project", "Project", projects, field="project_id"),) if len(projects) > 1 else (),
        default_sort="since",
        empty="No pair waits for a second opinion. Clerks agree on all pairs that they have decided.",
        empty_link=("Review pairs", reverse("linkage:review")),
        csv_name="second-opinions",
        template="linkage/second_opinions.html",
    )

    def on_export(export: Export) -> None:
        review.export_disagreements(by=by, rows=export.rows, filtered=bool(export.filters))

    return listed.answer(request, rows, context={"undo": last_decision(request)}, on_export=on_export)


@for_staff("pair.second_opinion")
def second_opinion(request: HttpRequest, pair_id: UUID) -> HttpResponseBase:
    """Both records and what clerks said of them; POST keeps the word that settles it."""
    by = by_of(request)
    found = review_queries.pair(by, pair_id, permission="pair.second_opinion")
    where = found.project.organisation_id
    form = SecondOpinionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            decision = review.give_second_opinion(
                by=by, organisation_id=where, pair=found, **form.cleaned_data
            )
        except Refused as refused:
            if refused.decision.code != "contradicts":
                raise
            form.add_error("verdict", sentence(refused))
        else:
            remember(request, decision)
            messages.success(request, "The pair is settled. Later runs go by your decision.")
            return redirect("linkage:second_opinions")
    try:
        review.open_disagreement(by=by, organisation_id=where, pair=found)
    except Refused as refused:
        if refused.decision.code != "held":
            raise
        messages.info(request, "A colleague is looking at this pair. Take another one.")
        return redirect("linkage:second_opinions")
    context = pair_context(found, blind=False) | {
        "form": form,
        "words": review_queries.earlier_words(by, found),
        "open": found.state == PairState.DISAGREED,
        "circle": review_queries.circle(by, found),
    }
    return render(request, "linkage/second_opinion.html", context, status=422 if form.errors else 200)
