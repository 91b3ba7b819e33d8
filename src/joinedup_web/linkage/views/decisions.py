"""What clerks decided: a list to look through, with one's own to take back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import get_token
from django.urls import reverse
from django.views.decorators.http import require_GET
from markupsafe import Markup

from joinedup_web.design.filters import Choice, DateRange
from joinedup_web.design.lists import Column, Export, ListPage
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage import review, review_queries
from joinedup_web.linkage.models import Decision, PairState, Verdict
from joinedup_web.linkage.pair_page import source_words
from joinedup_web.linkage.views.shown import by_of, may

STANDING = (("holds", "Holds"), ("settles", "Settled a disagreement"), ("undone", "Taken back"))


@require_GET
@for_staff("pair.review")
def decisions(request: HttpRequest) -> HttpResponseBase:
    """The decisions that this clerk may see: one's own, and for those who settle disagreements everybody's."""
    by = by_of(request)
    rows = review_queries.decisions(by)

    def on_export(export: Export) -> None:
        review.export_decisions(by=by, rows=export.rows, filtered=bool(export.filters))

    return _list(by, get_token(request)).answer(request, rows, on_export=on_export)


def _list(by: Actor, token: str) -> ListPage:
    everybody = may(by, "pair.second_opinion")
    projects = review_queries.projects_with_decisions(by)
    clerks = review_queries.clerks(by) if everybody else []
    return ListPage(
        title="Decisions" if everybody else "My decisions",
        noun=("decision", "decisions"),
        columns=(
            # Ordered by day alone: each order costs an index that every filter needs again.
            Column("decided_at", "When", sort=("decided_at",)),
            Column("project", "Project", value=lambda d: d.pair.project.name),
            Column("pair", "Records of", value=_records, link=_pair_address(by)),
            Column("verdict", "Decision", value=lambda d: d.get_verdict_display()),
            Column("reason", "Reason", value=lambda d: d.reason, in_csv=False),
            *((Column("clerk", "Clerk", value=lambda d: d.decided_by.name),) if everybody else ()),
            Column("state", "The decision", value=lambda d: dict(STANDING)[d.standing]),
            Column("pair_state", "The pair", value=lambda d: PairState(d.pair.state).label),
            Column("undo", "Take back", cell=_undo_cell(by, token), in_csv=False),
        ),
        filters=(
            *(
                (Choice("project", "Project", projects, field="pair__project_id"),)
                if len(projects) > 1
                else ()
            ),
            Choice("verdict", "Decision", Verdict.choices),
            *((Choice("clerk", "Clerk", clerks, field="decided_by_id"),) if len(clerks) > 1 else ()),
            Choice("state", "State of the decision", STANDING, field="standing"),
            DateRange("decided", "Decided", field="decided_at"),
        ),
        default_sort="-decided_at",
        empty="You have not decided on a pair yet."
        if not everybody
        else "No clerk has decided on a pair yet.",
        empty_link=("Review pairs", reverse("linkage:review")),
        csv_name="decisions",
        template="linkage/decisions.html",
    )


def _records(decision: Decision) -> str:
    return f"{source_words(decision.pair.left_source)} and {source_words(decision.pair.right_source)}"


def _pair_address(by: Actor) -> Any:
    def address(decision: Decision) -> str:
        if decision.settles or (
            decision.pair.state == PairState.DISAGREED and decision.decided_by_id != by.id
        ):
            return reverse("linkage:second_opinion", args=[decision.pair_id])
        return reverse("linkage:pair", args=[decision.pair_id])

    return address


def _undo_cell(by: Actor, token: str) -> Any:
    form = Markup(
        '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button type="submit" class="app-link-button">Take back<span class="govuk-visually-hidden"> the decision '
        "on {}</span></button></form>"
    )

    def cell(decision: Decision) -> Any:
        mine = decision.decided_by_id == by.id and decision.undone_at is None
        if not mine or (decision.pair.state == PairState.SETTLED and not decision.settles):
            return ""
        return form.format(reverse("linkage:undo_decision", args=[decision.id]), token, _records(decision))

    return cell
