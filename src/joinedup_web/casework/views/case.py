"""One case: what was asked, where it stands, what happened, and what may be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from joinedup.casework import Move, moves
from joinedup_web.accounts.models import StaffUser
from joinedup_web.accounts.views.shown import on_form, on_page
from joinedup_web.casework.actions import work
from joinedup_web.casework.forms.cases import (
    CloseForm,
    EscalateForm,
    GiveForm,
    NoteForm,
    WhyForm,
    first_given,
    teams_by_id,
)
from joinedup_web.casework.models import Case, CaseState
from joinedup_web.casework.origins import links_of
from joinedup_web.casework.queries import cases as case_queries
from joinedup_web.casework.queries import teams as team_queries
from joinedup_web.casework.views.cases import state_tag
from joinedup_web.casework.words import CHANNELS, HAPPENED, ORIGINS, OUTCOMES, due_words, is_late
from joinedup_web.casework.working_days import calendar_of
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of, may


@require_safe
@for_staff("case.view")
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """A case."""
    by = by_of(request)
    return shown(request, case_queries.case(by, case_id), NoteForm())


def shown(request: HttpRequest, of: Case, note: NoteForm) -> HttpResponse:
    """The page of a case."""
    by, now, calendar = by_of(request), timezone.now(), calendar_of(of.organisation_id)
    together = case_queries.together(by, of)
    contact = getattr(of, "contact", None)
    context = {
        "case": of,
        "state": state_tag(of),
        "due": due_words(of, now=now, calendar=calendar),
        "is_late": is_late(of, now=now),
        "knows_holidays": calendar.knows(timezone.localtime(of.due_at).date()),
        "came": ORIGINS[of.origin],
        "came_from": links_of(by, of),
        "outcome": OUTCOMES.get(of.outcome, ""),
        "contact": CHANNELS[contact.channel] if contact is not None else "",
        "together": together,
        "entries": [(entry, HAPPENED[entry.kind]) for entry in case_queries.entries(by, of)],
        "replies": case_queries.replies(by, of),
        "form": note,
        "may": _offered(by, of, has_way_to_answer=bool(together.channels)),
    }
    return render(request, "casework/case.html", context, status=422 if note.errors else 200)


def _offered(by: Actor, of: Case, *, has_way_to_answer: bool) -> dict[str, bool]:
    """What the page offers; each deed looks again."""
    works, gives = may(by, "case.work"), may(by, "case.assign")
    open_moves = moves(of.state)
    is_closed = of.state == CaseState.CLOSED
    return {
        "take": works and not is_closed and (of.owner is None or not of.owner.is_active),
        "give": not is_closed and (gives or (works and of.owner_id == by.id)),
        "note": works,
        "wait": works and Move.WAIT in open_moves,
        "go_on": works and Move.RESUME in open_moves,
        "escalate": (works or gives) and not is_closed,
        "reply": works and Move.ANSWER in open_moves and of.duplicate_of_id is None and has_way_to_answer,
        "link": (works or gives) and not is_closed and of.duplicate_of_id is None,
        "part": (works or gives) and not is_closed and of.duplicate_of_id is not None,
        "close": works and Move.CLOSE in open_moves,
        "reopen": works and Move.REOPEN in open_moves,
    }


@require_POST
@for_staff("case.work")
def take(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Make a case one's own."""
    by = by_of(request)
    of = case_queries.case(by, case_id, permission="case.work")
    on_page(request, lambda: work.take_case(by=by, case=of), done=f"Case {of.number} is yours.")
    return redirect("casework:case", of.id)


@require_POST
@for_staff("case.work")
def note(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Write something down."""
    by = by_of(request)
    of = case_queries.case(by, case_id, permission="case.work")
    form = NoteForm(request.POST)
    if form.is_valid():
        done = on_form(form, lambda: work.note_case(by=by, case=of, text=form.cleaned_data["text"]))
        if done is not None:
            messages.success(request, "The note is kept.")
            return redirect("casework:case", of.id)
    return shown(request, of, form)


@require_POST
@for_staff("case.work")
def go_on(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Start the clock again."""
    by = by_of(request)
    of = case_queries.case(by, case_id, permission="case.work")
    on_page(request, lambda: work.go_on(by=by, case=of), done=f"The clock of case {of.number} runs again.")
    return redirect("casework:case", of.id)


@for_staff("case.view")
def give(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Give a case to a team or a person."""
    by = by_of(request)
    of = case_queries.case(by, case_id)
    teams = team_queries.active_teams(by)
    people = case_queries.caseworkers(by)
    form = GiveForm(
        request.POST if request.method == "POST" else None,
        teams=teams,
        people=people,
        initial=first_given(of),
    )

    def deed() -> object:
        told = form.cleaned_data
        return work.give_case(
            by=by,
            case=of,
            team=teams_by_id(teams).get(told["team"]),
            owner=_person(people, told["owner"]),
            why=told["why"],
        )

    return step(
        request,
        of,
        form,
        deed,
        title=f"Give case {of.number} to somebody",
        button="Give it",
        done=f"Case {of.number} was given on.",
    )


@for_staff("case.work")
def wait(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Stop the clock."""
    by = by_of(request)
    of = case_queries.case(by, case_id, permission="case.work")
    form = WhyForm(request.POST if request.method == "POST" else None)
    form.fields["why"].label = "What does the case wait for?"
    return step(
        request,
        of,
        form,
        lambda: work.let_wait(by=by, case=of, why=form.cleaned_data["why"]),
        title=f"Let case {of.number} wait",
        button="Stop the clock",
        done=f"The clock of case {of.number} stands still.",
        words="Use this where somebody else must act first, such as whoever asked. The due day moves by the working "
        "days that the case waits.",
    )


@for_staff("case.view")
def escalate(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Tell somebody that a case needs them."""
    by = by_of(request)
    of = case_queries.case(by, case_id)
    people = case_queries.to_escalate_to(by, of)
    form = EscalateForm(request.POST if request.method == "POST" else None, people=people)

    def deed() -> object:
        to = _person(people, form.cleaned_data["to"])
        return work.escalate_case(by=by, case=of, to=to, why=form.cleaned_data["why"])

    return step(
        request,
        of,
        form,
        deed,
        title=f"Escalate case {of.number}",
        button="Escalate",
        done=f"Case {of.number} was escalated; they are told by email.",
        words=""
        if people
        else "Nobody else may give cases out, and the team has no lead. A service manager can name one.",
        has_form=bool(people),
    )


@for_staff("case.work")
def close(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """End a case."""
    by = by_of(request)
    of = case_queries.case(by, case_id, permission="case.work")
    form = CloseForm(request.POST if request.method == "POST" else None)
    linked = len([each for each in case_queries.together(by, of).others if each.state != CaseState.CLOSED])
    return step(
        request,
        of,
        form,
        lambda: work.close_case(
            by=by, case=of, outcome=form.cleaned_data["outcome"], note=form.cleaned_data["note"]
        ),
        title=f"Close case {of.number}",
        button="Close it",
        done=f"Case {of.number} is closed.",
        words=(
            f"{linked} {'case' if linked == 1 else 'cases'} linked to it will be closed, too."
            if linked
            else ""
        ),
    )


@for_staff("case.work")
def reopen(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Open a case again."""
    by = by_of(request)
    of = case_queries.case(by, case_id, permission="case.work")
    form = WhyForm(request.POST if request.method == "POST" else None)
    return step(
        request,
        of,
        form,
        lambda: work.reopen_case(by=by, case=of, why=form.cleaned_data["why"]),
        title=f"Open case {of.number} again",
        button="Open it again",
        done=f"Case {of.number} is open again.",
        words="The due day stays, so that lateness is not hidden.",
    )


def step(
    request: HttpRequest,
    of: Case,
    form: forms.Form,
    deed: Callable[[], object],
    *,
    title: str,
    button: str,
    done: str,
    words: str = "",
    has_form: bool = True,
    template: str = "casework/step.html",
    more: Mapping[str, Any] | None = None,
) -> HttpResponseBase:
    """A page of one form about a case, and its deed."""
    if request.method == "POST" and form.is_valid() and on_form(form, deed) is not None:
        messages.success(request, done)
        return redirect("casework:case", of.id)
    context: dict[str, Any] = {
        "case": of,
        "form": form,
        "title": title,
        "button": button,
        "words": words,
        "has_form": has_form,
        **(more or {}),
    }
    return render(request, template, context, status=422 if form.errors else 200)


def _person(people: list[StaffUser], chosen: str) -> StaffUser | None:
    return next((person for person in people if str(person.id) == chosen), None)
