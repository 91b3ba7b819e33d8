"""What feedback lets go of: originals and contacts after a service's own days, senders' marks after a week, and whole
texts when an organisation's retention says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from shutil import rmtree
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, UUIDField, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback.blocks import SENDERS_KEPT
from joinedup_web.feedback.files import service_folder, vectors_file
from joinedup_web.feedback.models import Analysis, Comment, Contact, Flag, PublishedQuote, Response, Service
from joinedup_web.feedback.queries.protect import DANGER
from joinedup_web.gate.actor import SYSTEM

MOST_AT_ONCE = 1000


def let_originals_go(*, on: datetime, is_held: Callable[[UUID], bool]) -> int:
    """A round of upkeep: remove what was masked, and how to answer, once a service has kept it long enough.

    is_held: whether a legal hold keeps an organisation's responses. What belongs to an open flag of danger stays
    until the flag is closed. Returns how many responses let go.
    """
    Response.objects.filter(received_at__lt=on - SENDERS_KEPT).exclude(sender_mark="").update(sender_mark="")
    removed = 0
    for service in Service.objects.all():
        if is_held(service.organisation_id):
            continue
        due = _due(service, on)
        while due.exists():
            removed += _let_go(by=SYSTEM, organisation_id=service.organisation_id, service=service, on=on)
    return removed


def _due(service: Service, on: datetime) -> QuerySet[Response]:
    before = on - timedelta(days=service.keep_original_days)
    contact = Contact.objects.filter(response=OuterRef("pk"))
    old = Response.objects.filter(~_in_danger(), service=service, received_at__lt=before)
    return old.exclude(original_sealed="") | old.filter(Exists(contact))


def _in_danger() -> Exists:
    """Whether a response bears an open flag of danger. One that no model could read is not kept for that alone."""
    return Exists(Flag.objects.filter(DANGER, comment__response=OuterRef("pk"), closed_at=None))


@action(None, alone=True)
def _let_go(deed: Deed, *, service: Service, on: datetime) -> int:
    ids = list(_due(service, on).order_by("received_at").values_list("id", flat=True)[:MOST_AT_ONCE])
    Contact.objects.filter(response__in=ids).delete()
    Response.objects.filter(id__in=ids).update(original_sealed="", original_gone_at=deed.at)
    deed.record("response.originals_removed", service=service.id, removed=len(ids))
    return len(ids)


def due_responses(organisation_id: UUID, before: datetime) -> QuerySet[Any]:
    """Responses whose texts have been kept long enough, for operations/stores.py; none with an open flag of danger."""
    return (
        Response.objects.filter(~_in_danger(), organisation_id=organisation_id, received_at__lt=before)
        .exclude(answers={}, original_sealed="")
        .annotate(project_id=Value(None, output_field=UUIDField()))
    )


def let_response_go(response: Response, after_commit: Callable[[Callable[[], object]], None]) -> None:
    """Empty a response: that it came, how satisfied somebody was and what it was tagged with stay for the counts.

    What was noted on its flags and quoted of it goes with it, and so do vectors of texts in which it stood. With the
    last response of a service everything goes that models learnt from them.
    """
    Contact.objects.filter(response_id=response.id).delete()
    PublishedQuote.objects.filter(comment__response_id=response.id).delete()
    Comment.objects.filter(response_id=response.id).update(
        text="", masks={}, read_at=Coalesce("read_at", "received_at")
    )
    Flag.objects.filter(comment__response_id=response.id).update(note="")
    Response.objects.filter(id=response.id).update(
        answers={}, original_sealed="", original_gone_at=response.original_gone_at or response.received_at
    )
    day = localdate(response.received_at)
    for analysis in Analysis.objects.filter(
        service_id=response.service_id, first_day__lte=day, last_day__gte=day
    ).select_related("service"):
        after_commit(partial(vectors_file(analysis).unlink, missing_ok=True))
    if not Response.objects.filter(service_id=response.service_id).exclude(answers={}).exists():
        after_commit(partial(rmtree, service_folder(response.service), ignore_errors=True))
