"""What may be read of the audit record: an organisation's own events, or with a platform role everybody's."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from joinedup.audit import EVENT_KINDS
from joinedup_web.audit.models import Checkpoint, Event, VerificationRun
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import decide, require

ALARMS_SHOWN = timedelta(days=7)


def sees_all(by: Actor) -> bool:
    """Whether an actor reads the record of every organisation."""
    return decide(by, "audit.view_all").allowed


def events_of(by: Actor) -> QuerySet[Event]:
    """The events that an actor may read, the newest first."""
    require(by, "audit.view")
    events = Event.objects.all() if sees_all(by) else Event.objects.filter(organisation=by.organisation_id)
    return events.order_by("-number")


def event_of(by: Actor, event_id: str) -> Event | None:
    """One event by its id; None where there is none or it is another organisation's."""
    return events_of(by).select_related("sequenced").filter(event_id=event_id).first()


def alarms_of(by: Actor) -> list[Event]:
    """Alarms of the last seven days, the newest first, ten at most. Those about the record itself concern everybody."""
    require(by, "audit.view")
    kinds = [kind.name for kind in EVENT_KINDS.values() if kind.alarm]
    # By kind alone, so that the index by kind serves: alarms are few, whatever else there is.
    since = timezone.now() - ALARMS_SHOWN
    found = [event for event in Event.objects.filter(kind__in=kinds).order_by() if event.at > since]
    if not sees_all(by):
        found = [
            event
            for event in found
            if event.organisation == by.organisation_id or event.kind == "audit.gap_found"
        ]
    return sorted(found, key=lambda event: -event.number)[:10]


def checkpoints_of(by: Actor) -> QuerySet[Checkpoint]:
    """All checkpoints: they hold hashes alone, and are everybody's to keep."""
    require(by, "audit.view")
    return Checkpoint.objects.order_by("-size")


def verifications_of(by: Actor) -> list[VerificationRun]:
    """The last five verifications that somebody asked for, the newest first."""
    require(by, "audit.view")
    return list(VerificationRun.objects.order_by("-asked_at")[:5])
