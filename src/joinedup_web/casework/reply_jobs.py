"""The job that sends a reply: it tries again for a day, and tells the case when it gives up."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django_tasks import task

from joinedup.casework import Entry, State
from joinedup.errors import JoinedupError
from joinedup.ports.notify import Language, Message, NotifyError
from joinedup_web.accounts.messages import notifier
from joinedup_web.audit.deed import Deed, action
from joinedup_web.casework.contacts import open_for_reply
from joinedup_web.casework.models import Case, CaseEntry, Reply
from joinedup_web.gate.actor import SYSTEM

log = logging.getLogger(__name__)
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=4),
    timedelta(hours=20),
)
LOST_AFTER = timedelta(minutes=5)


def send_later(reply_id: str) -> None:
    """Queue a reply."""
    send_reply.enqueue(reply_id)


@task()
def send_reply(reply_id: str) -> None:
    """Send a reply that waits."""
    reply = Reply.objects.select_related("case__organisation", "case__team").filter(id=UUID(reply_id)).first()
    if reply is not None and _claimed(reply):
        _send(reply)


def send_waiting() -> int:
    """A round of upkeep: replies that are to be tried again, and those whose job was lost; how many were tried."""
    now = timezone.now()
    lost = Q(next_at=None, asked_at__lt=now - LOST_AFTER) | Q(next_at__lte=now)
    waiting = Reply.objects.filter(lost, state="waiting")
    tried = 0
    for reply in waiting.select_related("case__organisation", "case__team")[:100]:
        if _claimed(reply):
            _send(reply)
            tried += 1
    return tried


def _claimed(reply: Reply) -> bool:
    """Whether this worker is the one that sends it now. The try is counted first, so none is lost to a crash."""
    now = timezone.now()
    due = Reply.objects.filter(
        Q(next_at=None) | Q(next_at__lte=now), id=reply.id, state="waiting", tries=reply.tries
    )
    claimed = due.update(tries=F("tries") + 1, next_at=now + LOST_AFTER)
    reply.tries += 1
    return bool(claimed)


def _send(reply: Reply) -> None:
    case = reply.case
    place = f"reply {reply.id}"
    try:
        message = Message(
            template="case_reply" if reply.channel == "email" else "case_reply_sms",
            to=open_for_reply(reply.id, reply.to_sealed),
            personalisation={
                "service": settings.JOINEDUP.service_name,
                "text": reply.text,
                "team": case.team.name if case.team is not None else case.organisation.name,
                "organisation": case.organisation.name,
                "number": str(case.number),
            },
            reference=str(reply.id),
            language=Language.WELSH if case.language == "cy" else Language.ENGLISH,
            again=reply.tries > 1,
        )
        notifier().send(message)
    except JoinedupError as problem:
        log.warning("%s was not sent: %s", place, type(problem).__name__)
        again = isinstance(problem, NotifyError) and (problem.may_try_again or problem.may_have_gone)
        for_good = not again or reply.tries > len(WAITS)
        told = {"what": problem.what, "where": place, "mend": problem.mend}
        _note_failed(
            by=SYSTEM, organisation_id=case.organisation_id, reply=reply, problem=told, for_good=for_good
        )
        return
    _note_sent(by=SYSTEM, organisation_id=case.organisation_id, reply=reply)


@action(None)
def _note_sent(deed: Deed, *, reply: Reply) -> None:
    Reply.objects.filter(id=reply.id).update(
        state="sent", sent_at=deed.at, to_sealed="", problem=None, next_at=None
    )
    CaseEntry.objects.create(case_id=reply.case_id, kind=Entry.REPLY_SENT.value, at=deed.at)
    deed.record("case.reply_sent", case=reply.case_id, reply=reply.id, tries=reply.tries)


@action(None)
def _note_failed(deed: Deed, *, reply: Reply, problem: dict[str, str], for_good: bool) -> None:
    if for_good:
        Reply.objects.filter(id=reply.id).update(state="failed", problem=problem, next_at=None)
        CaseEntry.objects.create(case_id=reply.case_id, kind=Entry.REPLY_FAILED.value, at=deed.at)
        Case.objects.filter(id=reply.case_id, state=State.ANSWERED.value).update(
            state=State.OPEN.value, answered_at=None
        )
    else:
        Reply.objects.filter(id=reply.id).update(next_at=deed.at + WAITS[reply.tries - 1], problem=problem)
    deed.record("case.reply_failed", case=reply.case_id, reply=reply.id, tries=reply.tries, for_good=for_good)
