"""Asking an index whom somebody may be, and one person with their history. For a stated purpose, and audited."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from joinedup.errors import JoinedupError
from joinedup_web.design.fields import DatePartsField
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.purposes import PURPOSES
from joinedup_web.linkage.views.people import ask_for_purpose, stated
from joinedup_web.linkage.views.shown import by_of
from joinedup_web.linkage.words import KINDS
from joinedup_web.person_index import actions, person_page, queries
from joinedup_web.person_index.forms import MatchForm
from joinedup_web.person_index.matches import shown_matches
from joinedup_web.person_index.models import PersonIndex

MOST_MATCHES = 10
LEAST_PROBABILITY = 0.05


class DayForm(forms.Form):
    """A day on which the index is asked about."""

    on = DatePartsField(label="Day", what="The day", help_text="For example, 1 3 2026", required=False)


@for_staff("record.view")
def match(request: HttpRequest) -> HttpResponseBase:
    """Ask whether somebody is known. What is typed goes nowhere but into the answer."""
    statement = stated(request)
    if statement is None:
        return ask_for_purpose(request)
    by = by_of(request)
    project = statement.project
    index = queries.of_project(by, project, permission="record.view")
    if index is None or index.version is None:
        context = {"project": project, "statement": statement, "purpose": PURPOSES[statement.purpose]}
        return render(request, "person_index/no_index.html", context)
    opened = queries.opened(by, index, permission="record.view")
    asked = request.method == "POST"
    form = MatchForm(
        request.POST if asked else None, kinds=queries.kinds(by, index, permission="record.view")
    )
    matches, unused = None, []
    known = {name: KINDS[kind] for name, kind in queries.kinds(by, index, permission="record.view").items()}
    if asked and form.is_valid():
        try:
            told = opened.ask(form.details(), top=MOST_MATCHES, least_probability=LEAST_PROBABILITY)
        except JoinedupError:  # nothing of what was typed can be looked for
            form.add_error(None, _too_little(by, index))
        else:
            matches = shown_matches(told.matches)
            unused = [(known.get(name, name), why) for name, why in told.unused.items()]
            actions.keep_match(
                by=by,
                organisation_id=project.organisation_id,
                index=index,
                found=len(matches),
                purpose=statement.purpose,
                statement=statement,
            )
    context = {
        "statement": statement,
        "purpose": PURPOSES[statement.purpose],
        "project": project,
        "form": form,
        "matches": matches,
        "unused": unused,
    }
    answer = render(request, "person_index/match.html", context, status=422 if form.errors else 200)
    answer["Cache-Control"] = "no-store"
    return answer


def _too_little(by: Actor, index: PersonIndex) -> str:
    """What to enter besides, in the words of the form."""
    known = queries.kinds(by, index, permission="record.view")
    ways = [
        " and ".join(
            sorted(KINDS[known[name]] if name in known else name.replace("_", " ") for name in fields)
        )
        for fields in queries.ways_to_look_up(by, index)
    ]
    return f"Enter more about the person. To look somebody up, one of these is needed: {'; '.join(ways)}"


@require_safe
@for_staff("record.view")
def person(request: HttpRequest, person: str) -> HttpResponseBase:
    """One person of the index, today or on an earlier day, with what happened. Audited before it is shown."""
    statement = stated(request)
    if statement is None:
        return ask_for_purpose(request)
    by = by_of(request)
    project = statement.project
    index = queries.ready(by, project, permission="record.view")
    folder = queries.folder_of(by, index, permission="record.view")
    form = DayForm(request.GET if any(key.startswith("on-") for key in request.GET) else None)
    on = form.cleaned_data["on"] if form.is_bound and form.is_valid() else None
    at = None
    if on is not None:
        at = timezone.make_aware(datetime.combine(on, time.max)).astimezone(UTC)
    told = person_page.person_context(folder, person, at)
    if told is None:
        raise Http404
    if told["heads"]:
        actions.view_person(
            by=by,
            organisation_id=project.organisation_id,
            index=index,
            statement=statement,
            first=told["first"],
        )
    context: dict[str, Any] = {
        **told,
        "statement": statement,
        "purpose": PURPOSES[statement.purpose],
        "project": project,
        "form": form,
        "on": on,
    }
    answer = render(request, "person_index/person.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
