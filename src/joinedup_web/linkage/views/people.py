"""Looking people up: the purpose first, then a list without anybody's name, searches, and one person's record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from joinedup.errors import UsageError
from joinedup.linkage import PersonLookup
from joinedup_web.design.filters import Choice
from joinedup_web.design.lists import Column, Export, ListPage
from joinedup_web.design.rows import Rows
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage import record_queries, records
from joinedup_web.linkage.forms.records import IdentifierForm, NameForm, PurposeForm, PurposesForm
from joinedup_web.linkage.models import Run, StatedPurpose
from joinedup_web.linkage.pair_page import source_words
from joinedup_web.linkage.purposes import HOLDS_FOR, PURPOSES, USUAL, allowed_purposes
from joinedup_web.linkage.record_page import person_context
from joinedup_web.linkage.review_queries import threshold_of
from joinedup_web.linkage.views.shown import by_of, may

STATED, FOUND = "record_purpose", "record_search"
MOST_FOUND = 500


@dataclass(frozen=True)
class SourceChoice(Choice):
    """People with a record of any of the chosen sources; the column holds the sources' names in one text."""

    sets: tuple[str, ...] = ()

    def narrow(self, rows: Rows, state: Mapping[str, Any]) -> Rows:
        if not state["value"]:
            return rows
        wanted = set(state["value"])
        chosen = [at for at, names in enumerate(self.sets) if wanted & set(names.split(", "))]
        return rows.among("source_set", chosen)


@for_staff("record.view")
def purpose(request: HttpRequest, project_id: UUID | None = None) -> HttpResponseBase:
    """Ask for which purpose somebody wants to look at records; first of which project, where there are several."""
    by = by_of(request)
    projects = list(record_queries.projects(by))
    if project_id is None:
        if len(projects) == 1:
            return redirect("linkage:purpose", projects[0].id)
        return render(request, "linkage/people_projects.html", {"projects": projects})
    project = record_queries.project(by, project_id)
    allowed = allowed_purposes(project)
    form = PurposeForm(request.POST if request.method == "POST" else None, purposes=allowed)
    if request.method == "POST" and form.is_valid():
        statement = records.state_purpose(
            by=by,
            organisation_id=project.organisation_id,
            project=project,
            purpose=form.cleaned_data["purpose"],
            reference=form.cleaned_data["reference"],
        )
        request.session[STATED] = str(statement.id)
        request.session.pop(FOUND, None)
        return redirect("linkage:people")
    context = {
        "form": form,
        "project": project,
        "hints": {code: each.what for code, each in allowed.items()},
        "minutes": int(HOLDS_FOR.total_seconds() // 60),
        "several": len(projects) > 1,
    }
    return render(request, "linkage/people_purpose.html", context, status=422 if form.errors else 200)


@require_GET
@for_staff("record.view")
def people(request: HttpRequest) -> HttpResponseBase:
    """The people of the newest finished run, without anybody's name; needs a purpose that holds."""
    statement = stated(request)
    if statement is None:
        return ask_for_purpose(request)
    run = record_queries.newest_run(by_of(request), statement.project)
    lookup = record_queries.lookup(by_of(request), run)
    if lookup is None:
        problem = record_queries.list_problem(by_of(request), run)
        context = {"statement": statement, "purpose": PURPOSES[statement.purpose], "problem": problem}
        return render(request, "linkage/people_waiting.html", context)
    return _listed(request, statement, run, lookup, IdentifierForm(), NameForm())


def _listed(
    request: HttpRequest,
    statement: StatedPurpose,
    run: Run,
    lookup: PersonLookup,
    identifier: IdentifierForm,
    name: NameForm,
) -> HttpResponseBase:
    by = by_of(request)
    found = request.session.get(FOUND)
    if found is not None and found["run"] != str(run.id):
        found = None
    table = lookup.people
    if found is not None:
        table = table.take(pa.array(found["numbers"], pa.int32()))

    def on_export(export: Export) -> None:
        records.export_people(
            by=by,
            organisation_id=statement.project.organisation_id,
            statement=statement,
            rows=export.rows,
            filtered=bool(export.filters) or found is not None,
        )

    context = {
        "statement": statement,
        "purpose": PURPOSES[statement.purpose],
        "found": found,
        "identifier_form": identifier,
        "name_form": name,
        "run": run,
        "people": lookup.people.num_rows,
        "searched": bool(identifier.errors or name.errors),
        "has_errors": bool(identifier.errors or name.errors),
    }
    return _list(lookup, searched=found is not None).answer(
        request, table, context=context, on_export=on_export
    )


def _list(lookup: PersonLookup, *, searched: bool) -> ListPage:
    return ListPage(
        title="People",
        noun=("person", "people"),
        columns=(
            Column(
                "person_id",
                "Person",
                sort=("number",),
                link=lambda row: reverse("linkage:record", args=[row["person_id"]]),
            ),
            Column("records", "Records", sort=("records",), numeric=True),
            Column("sources", "Sources", cell=lambda row: _names(row["sources"])),
            Column(
                "certainty",
                "Least certain link",
                sort=("certainty",),
                cell=lambda row: _certainty(row["certainty"]),
                numeric=True,
            ),
            Column("doubtful", "Doubtful", cell=lambda row: "Doubtful" if row["doubtful"] else ""),
        ),
        filters=(
            Choice(
                "size",
                "Number of records",
                ((1, "1"), (2, "2"), (3, "3"), (4, "4"), (5, "5 or more")),
            ),
            SourceChoice(
                "source",
                "Has a record in",
                tuple((name, source_words(name)) for name in lookup.sources),
                sets=lookup.source_sets,
            ),
            Choice("doubtful", "Certainty", ((True, "Doubtful: a link below 99%"), (False, "Not doubtful"))),
        ),
        empty="Nobody was found. Check the spelling, or search in another way."
        if searched
        else "The run found nobody.",
        empty_link=None,
        count_limit=1_000_000,
        csv_name="people",
        template="linkage/people.html",
    )


def _names(text: str) -> str:
    return ", ".join(source_words(name) for name in text.split(", "))


def _certainty(share: float | None) -> str:
    if share is None:
        return "No link"
    return "over 99.9%" if share > 0.999 else f"{share * 100:.1f}%"


@require_POST
@for_staff("record.view")
def search(request: HttpRequest) -> HttpResponseBase:
    """Find people by an exact identifier, or by name and date of birth. What was typed goes nowhere but here."""
    statement = stated(request)
    if statement is None:
        return ask_for_purpose(request)
    by = by_of(request)
    run = record_queries.newest_run(by, statement.project)
    lookup = record_queries.lookup(by, run)
    if lookup is None:
        return redirect("linkage:people")
    by_name = request.POST.get("by") == "name"
    identifier = IdentifierForm(None if by_name else request.POST)
    name = NameForm(request.POST if by_name else None)
    form = name if by_name else identifier
    if not form.is_valid():
        answer = _listed(request, statement, run, lookup, identifier, name)
        answer.status_code = 422
        return answer
    try:
        numbers = (
            lookup.find_name(
                surname=form.cleaned_data["surname"],
                first_name=form.cleaned_data["first_name"],
                born=form.cleaned_data["born"],
            )
            if by_name
            else lookup.find_identifier(form.cleaned_data["identifier"])
        )
    except UsageError:
        numbers = ()
    records.record_search(
        by=by,
        organisation_id=statement.project.organisation_id,
        statement=statement,
        by_what="name" if by_name else "identifier",
        found=len(numbers),
    )
    request.session[FOUND] = {
        "run": str(run.id),
        "numbers": list(numbers[:MOST_FOUND]),
        "by": "name and date of birth" if by_name else "identifier",
        "count": len(numbers),
    }
    return redirect("linkage:people")


@require_POST
@for_staff("record.view")
def clear_search(request: HttpRequest) -> HttpResponseBase:
    """Show everybody again."""
    request.session.pop(FOUND, None)
    return redirect("linkage:people")


@require_POST
@for_staff("record.view")
def end_purpose(request: HttpRequest) -> HttpResponseBase:
    """End the looking before its time."""
    statement = stated(request)
    request.session.pop(FOUND, None)
    request.session.pop(STATED, None)
    if statement is not None:
        records.end_purpose(
            by=by_of(request), organisation_id=statement.project.organisation_id, statement=statement
        )
        messages.success(request, "You have finished looking at records.")
    return redirect("accounts:home")


@require_GET
@for_staff("record.view")
def record(request: HttpRequest, person_id: str) -> HttpResponseBase:
    """One person: the joined record, its sources, and why they were linked. Audited before it is shown."""
    statement = stated(request)
    if statement is None:
        return ask_for_purpose(request)
    by = by_of(request)
    run = record_queries.newest_run(by, statement.project)
    lookup = record_queries.lookup(by, run)
    number = lookup.number_of(person_id) if lookup is not None else None
    if lookup is None or number is None:
        raise Http404
    person = lookup.person(number)
    records.view_record(
        by=by, organisation_id=statement.project.organisation_id, statement=statement, run=run, person=person
    )
    decided = record_queries.decided_links(by, statement.project, person)
    context = person_context(person, decided, threshold=threshold_of(run.id)) | {
        "statement": statement,
        "purpose": PURPOSES[statement.purpose],
        "doubtful": bool(lookup.people.column("doubtful")[number].as_py()),
        "certainty": _certainty(person.certainty),
        "run": run,
    }
    answer = render(request, "linkage/record.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@for_staff("record.purposes")
def purposes(request: HttpRequest, project_id: UUID) -> HttpResponseBase:
    """Settle for which purposes a project's joined records may be read."""
    by = by_of(request)
    project = record_queries.project(by, project_id, permission="record.purposes")
    first = {"purposes": project.record_purposes or list(USUAL)}
    form = PurposesForm(request.POST) if request.method == "POST" else PurposesForm(initial=first)
    if request.method == "POST" and form.is_valid():
        records.set_purposes(
            by=by, organisation_id=project.organisation_id, project=project, **form.cleaned_data
        )
        messages.success(request, "The purposes are kept. They hold from now on.")
        return redirect("linkage:project_purposes", project.id)
    context = {
        "form": form,
        "project": project,
        "hints": {code: each.what for code, each in PURPOSES.items()},
        "may_see_project": may(by, "linkage.view"),
    }
    return render(request, "linkage/record_purposes.html", context, status=422 if form.errors else 200)


def stated(request: HttpRequest) -> StatedPurpose | None:
    """The purpose that was stated in this session, while it holds."""
    kept = request.session.get(STATED)
    return record_queries.statement(by_of(request), UUID(kept)) if kept else None


def ask_for_purpose(request: HttpRequest) -> HttpResponseBase:
    """Lead to the page that asks for a purpose, since none holds any more."""
    if request.session.pop(STATED, None):
        messages.info(request, "Your purpose held for a quarter of an hour. Say it again to go on.")
    request.session.pop(FOUND, None)
    return redirect("linkage:state_purpose")
