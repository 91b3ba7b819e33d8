"""Unusual reading: somebody who opens the records of many people within a day is not stopped, and auditors are told.

Stopping could harm whoever waits for help; being seen is what keeps curiosity away.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from joinedup_web.audit.deed import Deed
from joinedup_web.audit.models import Event
from joinedup_web.audit.queries import ALARMS_SHOWN, events_of
from joinedup_web.audit.subjects import token_of
from joinedup_web.gate.actor import Actor

WINDOW = timedelta(hours=24)
VIEWED, UNUSUAL = "record.viewed", "record.read_unusually"


def tell_if_unusual(deed: Deed, *, subject: str) -> None:
    """Part of a deed that shows a person's record: raise the alarm, once a day, where it is one too many.

    subject: the token of the person who is shown now. Opening the same person again counts once.
    """
    assert deed.by.id is not None
    own = Event.objects.filter(
        actor=token_of(deed.by.kind.value, deed.by.id), at__gt=deed.at - WINDOW
    ).order_by()
    if own.filter(kind=UNUSUAL).exists():
        return
    people = {fields["subject"] for fields in own.filter(kind=VIEWED).values_list("fields", flat=True)}
    people.add(subject)
    if len(people) > settings.JOINEDUP.records_a_day:
        deed.record(UNUSUAL, people=len(people), hours=int(WINDOW.total_seconds()) // 3600)


def unusual_reading(by: Actor) -> int:
    """How often it occurred in the last seven days, as far as an auditor sees."""
    return events_of(by).filter(kind=UNUSUAL, at__gt=timezone.now() - ALARMS_SHOWN).count()
