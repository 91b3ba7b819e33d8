"""Pages of the audit record: events, one event with its proof, checkpoints, export."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Max
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from joinedup.audit import EVENT_KINDS, AuditError, read_checkpoint
from joinedup_web.audit import actions, carry, evidence, names, queries, sequencer
from joinedup_web.audit.models import Checkpoint, Event
from joinedup_web.design.filters import Choice, DateRange
from joinedup_web.design.lists import Column, Export, ListPage
from joinedup_web.design.rows import Rows
from joinedup_web.design.words import clock
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide
from joinedup_web.gate.rules import for_staff

ACTORS = (
    ("staff", "Staff"),
    ("citizen", "Citizens"),
    ("client", "Machine clients"),
    ("system", "The service itself"),
    ("anonymous", "Nobody signed in"),
)
# What events are about, and the first words of the kinds that belong to it.
SUBJECTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "sign_in": ("Signing in and sessions", ("sign_in", "session", "mfa", "password", "recovery")),
    "accounts": (
        "Accounts, roles and organisations",
        ("invitation", "account", "role", "organisation", "officer"),
    ),
    "access": ("Refusals, reviews and emergencies", ("access", "break_glass")),
    "clients": ("Machine clients", ("client",)),
    "sources": ("Projects and sources", ("project", "source")),
    "linkage": ("Linkage runs and results", ("link_job", "run", "results", "sample", "model", "index")),
    "pairs": ("Pairs reviewed", ("pair",)),
    "people": ("People looked up", ("record", "people")),
    "tables": ("Tables exported", ("table",)),
    "citizens": ("Citizens signing in", ("citizen",)),
    "feedback": (
        "Services, forms and responses",
        ("service", "form", "point", "response", "import", "invitations"),
    ),
    "flags": ("People who may be in danger", ("flag",)),
    "cases": ("Cases and teams", ("case", "team", "calendar")),
    "themes": ("Tags and themes of comments", ("reading", "codebook", "comment", "analysis", "theme")),
    "improvements": (
        "What was done, figures and digests",
        ("improvement", "figures", "scorecard", "digest", "benchmark"),
    ),
    "models": ("Models that read text", ("feature", "evaluation", "register")),
    "keeping": ("Keeping, erasing and backups", ("retention", "legal_hold", "erasure", "backup")),
    "evidence": ("Keys and this record", ("key", "checkpoint", "audit")),
}


@dataclass(frozen=True)
class About(Choice):
    """What events are about. There are too many kinds to offer each."""

    def narrow(self, rows: Rows, state: Mapping[str, Any]) -> Rows:
        """Those of the kinds that belong to what was chosen."""
        words = {word for subject in state["value"] for word in SUBJECTS[subject][1]}
        kinds = [name for name in EVENT_KINDS if name.partition(".")[0] in words]
        return rows.among("kind", kinds) if kinds else rows


ABOUT = [(subject, words) for subject, (words, _) in SUBJECTS.items()]


def what_of(kind: str) -> str:
    """A kind of event as a sentence; the kind itself where this release does not know it."""
    known = EVENT_KINDS.get(kind)
    return known.what if known is not None else kind


def _events_page(by: Actor, everybody: bool) -> ListPage:
    people = names.staff_by_token(None if everybody else by.organisation_id)
    places = names.organisations() if everybody else {}

    def actor(event: Event) -> str:
        return people.get(event.actor) or event.actor or dict(ACTORS).get(event.actor_kind, event.actor_kind)

    where = Column(
        "organisation",
        "Organisation",
        value=lambda event: places.get(event.organisation, event.organisation and str(event.organisation)),
    )
    return ListPage(
        title="Audit record",
        noun=("event", "events"),
        columns=(
            Column("at", "When", sort=("number",), cell=lambda event: clock(event.at), link=_address),
            Column("kind", "What", cell=lambda event: what_of(event.kind)),
            Column("actor", "Who", value=actor),
            *((where,) if everybody else ()),
            Column("event_id", "Event", on_page=False),
            Column("actor_kind", "Kind of actor", on_page=False),
            Column("fields", "Fields", value=lambda event: _fields(event), on_page=False),
        ),
        filters=(
            About("about", "About", ABOUT),
            Choice("actor_kind", "Who", ACTORS),
            DateRange("at", "Date"),
            *(
                (Choice("organisation", "Organisation", sorted(places.items(), key=lambda p: p[1])),)
                if places
                else ()
            ),
        ),
        default_sort="-at",
        empty="Nothing has been recorded yet. Every deed in the service will be listed here.",
        csv_name="audit-events",
        template="audit/events.html",
    )


@require_GET
@for_staff("audit.view")
def events(request: HttpRequest) -> HttpResponseBase:
    """The events that one may read, filtered, with alarms above them."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    found = queries.events_of(by)
    narrowed = {name: request.GET[name][:64] for name in ("actor", "kind") if request.GET.get(name)}
    found = found.filter(**narrowed)
    if request.GET.get("format") == "csv":  # the download's own event comes after what it holds
        found = found.filter(number__lte=Event.objects.aggregate(last=Max("number"))["last"] or 0)

    def note(export: Export) -> None:
        actions.export_table(
            by=by, table="audit_events", rows=export.rows, filtered=bool(export.filters or narrowed)
        )

    everybody = queries.sees_all(by)
    context: dict[str, Any] = {"may_export": decide(by, "audit.export").allowed, "narrowed": bool(narrowed)}
    if request.GET.get("format") != "csv":
        alarms = queries.alarms_of(by)
        context |= {
            "problem": sequencer.problem(),
            "alarms": [(what_of(a.kind), a.at, _address(a)) for a in alarms],
        }
    return _events_page(by, everybody).answer(request, found, context=context, on_export=note)


@require_GET
@for_staff("audit.view")
def event(request: HttpRequest, event_id: str) -> HttpResponseBase:
    """One event, its place in the record, and its proof."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    found = _found(by, event_id)
    sequence = _sequence(found)
    sealed = sequence and Checkpoint.objects.filter(size__gte=sequence).order_by("size").first()
    people = names.staff_by_token(found.organisation)
    return render(
        request,
        "audit/event.html",
        {
            "event": found,
            "what": what_of(found.kind),
            "who": people.get(found.actor) or dict(ACTORS).get(found.actor_kind, found.actor_kind),
            "fields": [
                (name.replace("_", " ").capitalize(), _shown(v)) for name, v in sorted(found.fields.items())
            ],
            "organisation": names.organisations().get(found.organisation) if found.organisation else None,
            "sequence": sequence,
            "sealed": sealed and {"size": sealed.size, "at": read_checkpoint(sealed.note).at},
        },
    )


@require_GET
@for_staff("audit.view")
def proof(request: HttpRequest, event_id: str) -> HttpResponseBase:
    """The inclusion proof of an event, as JSON."""
    found = _found(request.actor, event_id)  # type: ignore[attr-defined]
    sequence = _sequence(found)
    if sequence is None:
        raise Http404
    try:
        return _download(evidence.prove_inclusion(sequence), f"audit-event-{sequence}-proof.json")
    except AuditError as error:
        messages.info(request, f"{error.what.capitalize()}: {error.mend}.")
        return HttpResponseRedirect(_address(found))


CHECKPOINTS = ListPage(
    title="Checkpoints",
    noun=("checkpoint", "checkpoints"),
    columns=(
        Column("size", "Events", sort=("size",), numeric=True),
        Column("at", "Signed", value=lambda row: read_checkpoint(row.note).at),
        Column("root", "Root hash", value=lambda row: read_checkpoint(row.note).root.hex(), classes="app-id"),
        Column("note", "Signed note", on_page=False),
        Column(
            "consistency",
            "Proof",
            value=lambda row: "Proof against the newest",
            link=lambda row: reverse("audit:consistency", args=[row.size]),
            in_csv=False,
        ),
    ),
    default_sort="-size",
    page_size=25,
    empty="No checkpoint has been signed yet. The first follows minutes after the first event.",
    csv_name="audit-checkpoints",
    template="audit/checkpoints.html",
)


@require_GET
@for_staff("audit.view")
def checkpoints(request: HttpRequest) -> HttpResponseBase:
    """The checkpoints, and the verifications that somebody asked for."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    context = {
        "problem": sequencer.problem(),
        "runs": queries.verifications_of(by),
        "waiting": sequencer.waiting(),
    }
    found = queries.checkpoints_of(by)
    return CHECKPOINTS.answer(
        request,
        found,
        context=context,
        on_export=lambda e: actions.export_table(
            by=by, table="audit_checkpoints", rows=e.rows, filtered=False
        ),
    )


@require_GET
@for_staff("audit.view")
def consistency(request: HttpRequest, size: int) -> HttpResponseBase:
    """The proof that a checkpoint's record is the beginning of the newest one's, or of ?with=SIZE, as JSON."""
    sizes = queries.checkpoints_of(request.actor).values_list("size", flat=True)  # type: ignore[attr-defined]
    asked = request.GET.get("with", "")
    other = int(asked) if asked.isdecimal() and len(asked) < 16 else sizes.first()
    try:
        first, second = sorted((size, other or 0))
        return _download(
            evidence.prove_consistency(first, second), f"audit-consistency-{first}-{second}.json"
        )
    except AuditError:
        raise Http404 from None


@require_POST
@for_staff("audit.view")
def verify(request: HttpRequest) -> HttpResponseBase:
    """Have the record verified."""
    actions.ask_verification(by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, "Verification has started. Load this page again to see what it found.")
    return HttpResponseRedirect(reverse("audit:checkpoints"))


@require_http_methods(["GET", "POST"])
@for_staff("audit.export", fresh_minutes=15)
def export(request: HttpRequest) -> HttpResponseBase:
    """Carry the record away: all of it for those who may read all, else the organisation's events with proofs."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    everybody = queries.sees_all(by)
    if request.method == "GET":
        return render(request, "audit/export.html", {"everybody": everybody})
    handle, name = tempfile.mkstemp(dir=settings.SITE_DIR, suffix=".zip")
    os.close(handle)
    path = carry.Path(name)
    try:
        done = carry.whole_record(path) if everybody else carry.own_events(path, _own(by))
        if not done.events:
            raise AuditError(what="there is nothing to export yet", mend="wait until something is recorded")
        actions.export_record(by=by, done=done)
        answer = FileResponse(path.open("rb"), as_attachment=True, filename="joinedup-audit.zip")
    except AuditError as error:
        messages.error(request, f"{error.what.capitalize()}: {error.mend}.")
        return HttpResponseRedirect(reverse("audit:export"))
    finally:
        path.unlink()  # an open file outlives its name
    return answer


def _own(by: Actor) -> UUID:
    assert by.organisation_id is not None  # the gate has seen to it
    return by.organisation_id


def _found(by: Actor, event_id: str) -> Event:
    found = queries.event_of(by, event_id)
    if found is None:
        raise Http404
    return found


def _sequence(found: Event) -> int | None:
    place = getattr(found, "sequenced", None)
    return None if place is None else place.sequence


def _address(found: Event) -> str:
    return reverse("audit:event", args=[found.event_id])


def _fields(found: Event) -> str:
    return "; ".join(f"{name}={_shown(value)}" for name, value in sorted(found.fields.items()))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _download(document: dict[str, Any], name: str) -> JsonResponse:
    answer = JsonResponse(document, json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
