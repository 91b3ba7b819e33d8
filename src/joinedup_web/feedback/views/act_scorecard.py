"""How a service does: its scorecard, what is stated for it, and all services side by side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from joinedup.feedback import Judgement, Measure, Measured, ServiceScorecard, in_percent
from joinedup_web.accounts.views.shown import on_form
from joinedup_web.design.csv_file import csv_answer
from joinedup_web.feedback.actions import act_figures as actions
from joinedup_web.feedback.actions.exports import export_table
from joinedup_web.feedback.forms.act_figures import StatementForm, stated
from joinedup_web.feedback.measured import NAMES
from joinedup_web.feedback.months import months_asked
from joinedup_web.feedback.queries import act_measures as queries
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may, tag

FOUR = (Measure.SATISFACTION, Measure.COMPLETION, Measure.TAKE_UP, Measure.COST)
CRITERIA = {**NAMES, "accessibility": "Accessibility"}
FORMULAS = {
    Measure.SATISFACTION: "Mean of the answers from 1 to 5, as a percentage: (score − 1) ÷ 4",
    Measure.COMPLETION: "Transactions completed ÷ started",
    Measure.TAKE_UP: "Completed online ÷ completed in all channels",
    Measure.COST: "Cost in all channels ÷ completed in all channels",
}
JUDGED = {
    Judgement.MET: ("Met", "good"),
    Judgement.NOT_MET: ("Not met", "bad"),
    Judgement.NOT_KNOWN: ("Not known", "neutral"),
}


def judgement_tag(found: Judgement) -> Any:
    """The tag of a judgement."""
    return tag(*JUDGED[found])


def interval_words(found: Measured) -> str:
    """What chance alone would allow, or nothing."""
    if found.low is None or found.high is None:
        return ""
    return f"{found.low * 100:.1f}% to {found.high * 100:.1f}%"


@require_safe
@for_staff("measure.view")
def scorecard(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """The scorecard of a service over some months."""
    by = by_of(request)
    service = queries.service(by, service_id)
    months = months_asked(request.GET, timezone.localdate())
    card = queries.scorecard_of(by, service, months)
    if request.GET.get("format") == "csv":
        export_table(by=by, table="scorecard", rows=len(FOUR))
        return csv_answer(f"scorecard-{months.first:%Y-%m}-{months.last:%Y-%m}", _HEADINGS, _rows([card]))
    statement = queries.statement(by, service)
    context = {
        "service": service,
        "months": months,
        "has_errors": bool(months.problem),
        "card": card,
        "rows": [_row(card, each) for each in FOUR],
        "criteria": [
            (CRITERIA[each.code], _wanted(card, each, statement), judgement_tag(found))
            for each, found in card.judged.criteria
        ],
        "overall": judgement_tag(card.judged.overall),
        "standard": card.judged.standard,
        "statement": statement,
        "may_note": may(by, "measure.note"),
        "may_open": may(by, "improvement.publish"),
    }
    return render(request, "feedback/act/scorecard.html", context)


@require_safe
@for_staff("measure.view")
def scorecards(request: HttpRequest) -> HttpResponseBase:
    """The scorecards of all services, side by side."""
    by = by_of(request)
    months = months_asked(request.GET, timezone.localdate())
    cards = queries.scorecards(by, months)
    if request.GET.get("format") == "csv":
        export_table(by=by, table="scorecards", rows=len(cards))
        return csv_answer(f"scorecards-{months.first:%Y-%m}-{months.last:%Y-%m}", _HEADINGS, _rows(cards))
    context = {
        "months": months,
        "has_errors": bool(months.problem),
        "rows": [(card, judgement_tag(card.judged.overall)) for card in cards],
        "measures": [(each, NAMES[each.value]) for each in FOUR],
    }
    return render(request, "feedback/act/scorecards.html", context)


@for_staff("measure.note")
def state(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """State what the scorecard cannot count."""
    by = by_of(request)
    service = queries.service(by, service_id, permission="measure.note")
    before = queries.statement(by, service)
    form = StatementForm(request.POST if request.method == "POST" else None, initial=stated(before))
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        done = on_form(
            form,
            lambda: actions.state_for_scorecard(
                by=by,
                organisation_id=service.organisation_id,
                service=service,
                is_accessible=told["is_accessible"],
                audited_on=told["audited_on"],
                cost_at_most_pence=told["cost_at_most_pence"],
                cost_source=told["cost_source"],
            ),
        )
        if done is not None:
            messages.success(request, "The scorecard goes by what you stated.")
            return redirect("feedback:scorecard", service.id)
    context = {"form": form, "service": service}
    return render(request, "feedback/act/state.html", context, status=422 if form.errors else 200)


def _row(card: ServiceScorecard, measure: Measure) -> dict[str, Any]:
    found = card.measured[measure]
    return {
        "name": NAMES[measure.value],
        "formula": FORMULAS[measure],
        "value": found.shown,
        "interval": interval_words(found),
        "counted": found.counted if found.value is not None else None,
        "missing": len(found.missing),
        "known": len(found.known),
        "by_month": measure is not Measure.SATISFACTION,
    }


def _wanted(card: ServiceScorecard, criterion: Any, statement: Any) -> str:
    """What a criterion asks for, in words."""
    if criterion.code == "accessibility":
        return "Meets WCAG 2.1"
    if criterion.code == Measure.COST:
        at_most = statement.cost_at_most_pence if statement is not None else None
        return "No threshold is stated" if at_most is None else f"At most £{at_most / 100:,.2f}"
    return f"Above {in_percent(criterion.above, 0)}%" if criterion.above is not None else "No threshold"


_HEADINGS = (
    "Service", "First day", "Last day", "Responses", "Measure", "Value", "Unit", "95% from", "95% to",
    "Counted", "Months known", "Months missing", "Standard",
)  # fmt: skip


def _rows(cards: list[ServiceScorecard]) -> list[tuple[Any, ...]]:
    rows = []
    for card in cards:
        for measure in FOUR:
            found = card.measured[measure]
            is_cost = measure is Measure.COST
            value = None if found.value is None else round(float(found.value), 6)
            rows.append(
                (
                    card.service,
                    card.first,
                    card.last,
                    card.responses,
                    NAMES[measure.value],
                    value,
                    "pence" if is_cost else "share of 1",
                    None if found.low is None else round(found.low, 6),
                    None if found.high is None else round(found.high, 6),
                    found.counted,
                    None if measure is Measure.SATISFACTION else len(found.known),
                    None if measure is Measure.SATISFACTION else len(found.missing),
                    JUDGED[card.judged.of(measure.value)][0],
                )
            )
    return rows
