"""The list of cases, and opening one that did not come as feedback."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from joinedup.casework import Origin
from joinedup.text.redact import mask_text
from joinedup_web.accounts.views.shown import on_form
from joinedup_web.casework.actions.exports import export_cases
from joinedup_web.casework.actions.opening import open_case
from joinedup_web.casework.forms.cases import NewCaseForm, teams_by_id
from joinedup_web.casework.models import Case, CaseState
from joinedup_web.casework.queries import cases as case_queries
from joinedup_web.casework.queries import teams as team_queries
from joinedup_web.casework.words import ORIGINS, STANDING, due_words
from joinedup_web.casework.working_days import calendar_of
from joinedup_web.design.filters import Choice, TextSearch
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may, tag
from joinedup_web.text.models_here import recognisers

WHOSE_WORDS = {
    "mine": "Yours",
    "team": "Your teams’",
    "nobody": "Nobody’s",
    "all": "All",
}
EMPTY = {
    "mine": "No case is yours. Take one of your team’s or of nobody’s.",
    "team": "Your teams have no cases.",
    "nobody": "Every case has somebody who works on it.",
    "all": "There are no cases yet. Open one from a comment, or for a call or a letter.",
}


def state_tag(case: Case) -> Any:
    """The tag of a case's state."""
    return tag(CaseState(case.state).label, STANDING[case.state])


@require_safe
@for_staff("case.view")
def cases(request: HttpRequest) -> HttpResponseBase:
    """Cases: one's own, one's teams', nobody's, or all; the overdue ones first, closed ones only where asked for."""
    by = by_of(request)
    which = request.GET.get("whose", "mine" if may(by, "case.work") else "all")
    if which not in WHOSE_WORDS:
        which = "all"
    rows = case_queries.whose(by, case_queries.cases(by), which)
    shows_closed = bool(request.GET.getlist("state"))
    if not shows_closed:
        rows = rows.exclude(state=CaseState.CLOSED.value)
    counts = case_queries.amounts(by)
    page = _list(by, which)
    context = {
        "whose": [(code, words, counts[code], code == which) for code, words in WHOSE_WORDS.items()],
        "may_open": may(by, "case.work") or may(by, "case.assign"),
        "may_manage": may(by, "service.manage"),
        "shows_closed": shows_closed,
    }
    return page.answer(
        request,
        rows,
        context=context,
        on_export=lambda export: export_cases(by=by, rows=export.rows, is_filtered=bool(export.filters)),
    )


@require_safe
@for_staff("case.assign")
def to_give(request: HttpRequest) -> HttpResponseBase:
    """The cases that nobody has."""
    return redirect(f"{reverse('casework:cases')}?whose=nobody")


def _list(by: Actor, which: str) -> ListPage:
    now, calendar = timezone.now(), calendar_of(by.organisation_id)
    teams = [(team.id, team.name) for team in team_queries.active_teams(by)]
    return ListPage(
        title="Cases",
        noun=("case", "cases"),
        columns=(
            Column(
                "number",
                "Number",
                sort=("number",),
                link=lambda case: reverse("casework:case", args=[case.id]),
            ),
            Column("title", "About", sort=("title",)),
            Column("state", "State", value=lambda case: CaseState(case.state).label, cell=state_tag),
            Column(
                "due",
                "Due",
                sort=("rank", "due_at"),
                value=lambda case: case.due_at,
                cell=lambda case: (
                    tag(due_words(case, now=now, calendar=calendar), "bad")
                    if case.is_late
                    else due_words(case, now=now, calendar=calendar)
                ),
            ),
            Column("urgent", "Urgent", value=lambda case: "Urgent" if case.is_urgent else ""),
            Column(
                "team", "Team", sort=("team__name",), value=lambda case: case.team.name if case.team else ""
            ),
            Column(
                "owner",
                "Who has it",
                sort=("owner__name",),
                value=lambda case: case.owner.name if case.owner else "",
            ),
            Column("origin", "Came as", value=lambda case: ORIGINS[case.origin], on_page=False),
            Column("opened", "Opened", sort=("opened_at",), value=lambda case: case.opened_at, on_page=False),
        ),
        filters=(
            TextSearch(fields=("title", "text", "number"), hint="Words, or a case’s number"),
            Choice("state", "State", CaseState.choices),
            Choice("late", "Overdue", [(True, "Overdue")], field="is_late"),
            Choice("urgent", "Urgent", [(True, "Urgent")], field="is_urgent"),
            *((Choice("team", "Team", teams, field="team_id"),) if teams else ()),
            Choice("origin", "Came as", list(ORIGINS.items())),
        ),
        default_sort="due",
        empty=EMPTY[which],
        csv_name="cases",
        template="casework/cases.html",
    )


@for_staff("case.view")
def new_case(request: HttpRequest) -> HttpResponseBase:
    """Open a case for a call, a letter or a visit. What is recognised as somebody's data is masked first."""
    by = by_of(request)
    teams = team_queries.active_teams(by)
    form = NewCaseForm(request.POST if request.method == "POST" else None, teams=teams)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        case = on_form(
            form,
            lambda: open_case(
                by=by,
                title=mask_text(told["title"], more=recognisers()).text,
                text=mask_text(told["text"], more=recognisers()).text,
                origin=Origin(told["origin"]).value,
                team=teams_by_id(teams).get(told["team"]),
                language=told["language"],
                is_urgent=told["is_urgent"],
                contact=form.contact,
                received_at=timezone.make_aware(datetime.combine(told["came"], time(12)))
                if told["came"]
                else None,
            ),
        )
        if case is not None:
            messages.success(request, f"Case {case.number} is open.")
            return redirect("casework:case", case.id)
    return render(request, "casework/new.html", {"form": form}, status=422 if form.errors else 200)
