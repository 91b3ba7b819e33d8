"""Teams, and the working days by which their time is counted."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from joinedup.casework import Nation, bank_holidays
from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.casework.actions import exports
from joinedup_web.casework.actions import teams as actions
from joinedup_web.casework.forms.teams import NATIONS, DayForm, NationForm, TeamForm
from joinedup_web.casework.models import Team
from joinedup_web.casework.queries import teams as queries
from joinedup_web.casework.working_days import calendar_of, nation_of
from joinedup_web.design.lists import Column, ListPage
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, tag

TEAMS = ListPage(
    title="Teams",
    noun=("team", "teams"),
    columns=(
        Column("name", "Team", sort=("name",), link=lambda team: reverse("casework:team", args=[team.id])),
        Column("lead", "Lead", value=lambda team: team.lead.name if team.lead else ""),
        Column("people", "Members", sort=("people",), numeric=True),
        Column("waiting", "Cases not closed", sort=("waiting",), numeric=True),
        Column(
            "reply_working_days", "Answers within (working days)", sort=("reply_working_days",), numeric=True
        ),
        Column(
            "is_active",
            "Takes cases",
            value=lambda team: "Yes" if team.is_active else "No",
            cell=lambda team: tag("Open", "good") if team.is_active else tag("Closed", "neutral"),
        ),
    ),
    default_sort="name",
    empty="There are no teams yet. Cases and comments go to teams, so make one first.",
    empty_link=("Make a team", "/staff/teams/new"),
    csv_name="teams",
    template="casework/teams.html",
)


@require_safe
@for_staff("service.manage")
def teams(request: HttpRequest) -> HttpResponseBase:
    """The teams that take cases."""
    by = by_of(request)
    return TEAMS.answer(
        request,
        queries.teams(by),
        on_export=lambda export: exports.export_teams(by=by, rows=export.rows),
    )


@for_staff("service.manage")
def new_team(request: HttpRequest) -> HttpResponseBase:
    """Make a team."""
    by = by_of(request)
    form = TeamForm(
        request.POST if request.method == "POST" else None,
        leads=queries.possible_leads(by),
        people=queries.possible_members(by),
    )
    if request.method == "POST" and form.is_valid():
        made = on_form(form, lambda: actions.make_team(by=by, **form.told()))
        if made is not None:
            messages.success(request, f"{made.name} takes cases from now on.")
            return redirect("casework:teams")
    context = {"form": form, "title": "Make a team", "button": "Make the team", "team": None}
    return render(request, "casework/team.html", context, status=422 if form.errors else 200)


@for_staff("service.manage")
def team(request: HttpRequest, team_id: UUID) -> HttpResponseBase:
    """A team, to be changed."""
    by = by_of(request)
    of = queries.team(by, team_id)
    form = TeamForm(
        request.POST if request.method == "POST" else None,
        leads=queries.possible_leads(by, of),
        people=queries.possible_members(by, of),
        initial=_as_it_is(of),
    )
    if request.method == "POST" and form.is_valid():
        changed = on_form(form, lambda: actions.change_team(by=by, team=of, **form.told()))
        if changed is not None:
            messages.success(request, f"{changed.name} was changed.")
            return redirect("casework:team", of.id)
    context = {"form": form, "title": of.name, "button": "Save", "team": of}
    return render(request, "casework/team.html", context, status=422 if form.errors else 200)


def _as_it_is(of: Team) -> dict[str, Any]:
    return {
        "name": of.name,
        "purpose": of.purpose,
        "reply_working_days": of.reply_working_days,
        "lead": str(of.lead_id) if of.lead_id else "",
        "members": [str(each.id) for each in of.members.all()],
    }


@require_POST
@for_staff("service.manage")
def close_team(request: HttpRequest, team_id: UUID) -> HttpResponseBase:
    """Let a team take no more cases."""
    by = by_of(request)
    of = queries.team(by, team_id)
    on_page(request, lambda: actions.close_team(by=by, team=of), done=f"{of.name} takes no more cases.")
    return redirect("casework:team", of.id)


@require_POST
@for_staff("service.manage")
def open_team(request: HttpRequest, team_id: UUID) -> HttpResponseBase:
    """Let a closed team take cases again."""
    by = by_of(request)
    of = queries.team(by, team_id)
    on_page(request, lambda: actions.open_team(by=by, team=of), done=f"{of.name} takes cases again.")
    return redirect("casework:team", of.id)


@for_staff("service.manage")
def working_days(request: HttpRequest) -> HttpResponseBase:
    """Whose bank holidays count, which those are, and on which days this organisation differs."""
    by = by_of(request)
    form = NationForm(request.POST if request.method == "POST" else None, initial={"nation": _nation(by)})
    if request.method == "POST" and form.is_valid():
        nation = form.cleaned_data["nation"]
        if on_page(
            request,
            lambda: actions.choose_nation(by=by, nation=nation),
            done=f"Working days are counted by the bank holidays of {dict(NATIONS)[nation]}.",
        ):
            return redirect("casework:working_days")
    return _working_days(request, form, DayForm())


@require_POST
@for_staff("service.manage")
def set_day(request: HttpRequest) -> HttpResponseBase:
    """Add a day that differs."""
    by = by_of(request)
    form = DayForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        done = on_form(
            form,
            lambda: actions.set_day(by=by, day=told["day"], name=told["name"], is_off=told["kind"] == "off"),
        )
        if done is not None:
            messages.success(request, "The calendar was changed. Days by which cases are due already stay.")
            return redirect("casework:working_days")
    return _working_days(request, NationForm(initial={"nation": _nation(by)}), form)


@require_POST
@for_staff("service.manage")
def unset_day(request: HttpRequest) -> HttpResponseBase:
    """Let a day be as usual."""
    by = by_of(request)
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        raise Http404 from None
    on_page(request, lambda: actions.unset_day(by=by, day=day), done="The day is as usual again.")
    return redirect("casework:working_days")


def _working_days(request: HttpRequest, nation: NationForm, day: DayForm) -> HttpResponseBase:
    by = by_of(request)
    today = timezone.localdate()
    shipped = bank_holidays(_nation(by))
    calendar = calendar_of(by.organisation_id)
    coming = [
        (each, shipped.holidays[each], calendar.is_working(each))
        for each in sorted(shipped.holidays)
        if each >= today
    ]
    context = {
        "form": day if day.errors else nation,
        "nation": nation,
        "day": day,
        "nation_words": dict(NATIONS)[_nation(by)],
        "coming": coming,
        "until": shipped.until,
        "own": queries.own_days(by),
    }
    failed = bool(nation.errors or day.errors)
    return render(request, "casework/working_days.html", context, status=422 if failed else 200)


def _nation(by: Any) -> Nation:
    return nation_of(by.organisation_id)
