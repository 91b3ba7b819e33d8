"""The job that sends a reply: it tries again for a day, and tells the case when it gives up.

No reply goes twice by itself. A try is counted before it is made; where nobody knows what became of one (the machine
stopped, or no answer came), the next asks the message service first, and where that cannot be asked (a mail server)
none is made: the case says so, and a person decides.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django_tasks import task

from joinedup.casework import Entry, State
from joinedup.errors import JoinedupError
from joinedup.ports.notify import Language, Message, NotifyError
from joinedup.ports.notify_templates import own_templates
from joinedup_web.accounts.messages import can_be_asked, notifier
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
MOST_A_ROUND = 100
WITH = ("case__organisation", "case__team")
UNKNOWN = {
    "what": "nobody knows whether the reply went: the service stopped while it was sent",
    "mend": "look in the mail server’s log, or ask whoever asked, before you send it again",
}


def send_later(reply_id: str) -> None:
    """Queue a reply."""
    send_reply.enqueue(reply_id)


@dataclass(frozen=True)
class Arriving:
    """A message as whoever asked will get it. subject: empty for a text message."""

    channel: str
    language: str
    subject: str
    body: str


def as_it_arrives(case: Case, *, channel: str, text: str) -> Arriving:
    """A reply with what stands around it, in the language of the case, for whoever writes it to look at."""
    message = _message(case, channel=channel, text=text, to="", reference="preview")
    filled = own_templates().of(message).fill(message.personalisation, where=message.place)
    return Arriving(channel, message.language.value, filled.subject, filled.body)


@task()
def send_reply(reply_id: str) -> None:
    """Send a reply that waits."""
    reply = Reply.objects.select_related(*WITH).filter(id=UUID(reply_id)).first()
    if reply is not None and _claimed(reply):
        _send(reply)


def send_waiting() -> int:
    """A round of upkeep: replies that are to be tried again, and those whose job was lost; how many were tried."""
    now = timezone.now()
    lost = Q(next_at=None, asked_at__lt=now - LOST_AFTER) | Q(next_at__lte=now)
    waiting = Reply.objects.filter(lost, state="waiting")
    tried = 0
    for reply in waiting.select_related(*WITH).order_by("asked_at")[:MOST_A_ROUND]:
        if _claimed(reply):
            _send(reply)
            tried += 1
    return tried


def _claimed(reply: Reply) -> bool:
    """Whether this worker is the one that sends it now. The try is counted first, so none is lost to a crash.

    What became of the try before is forgotten in the row, so that a stop from here on is seen: tries without a problem.
    """
    now = timezone.now()
    due = Reply.objects.filter(
        Q(next_at=None) | Q(next_at__lte=now), id=reply.id, state="waiting", tries=reply.tries
    )
    claimed = due.update(tries=F("tries") + 1, next_at=now + LOST_AFTER, problem=None)
    reply.tries += 1
    return bool(claimed)


def _send(reply: Reply) -> None:
    case, place = reply.case, f"reply {reply.id}"
    earlier = reply.problem  # as it was before this try was claimed
    may_have_gone = reply.tries > 1 and (earlier is None or bool(earlier.get("may_have_gone")))
    if may_have_gone and not can_be_asked():
        _fail(reply, {**UNKNOWN, "where": place, "may_have_gone": True}, for_good=True)
        return
    try:
        to = open_for_reply(reply.id, reply.to_sealed)
        message = _message(case, channel=reply.channel, text=reply.text, to=to, reference=str(reply.id))
        notifier().send(replace(message, again=reply.tries > 1))
    except JoinedupError as problem:
        log.warning("%s was not sent: %s", place, type(problem).__name__)
        unsure = isinstance(problem, NotifyError) and problem.may_have_gone
        again = isinstance(problem, NotifyError) and (
            problem.may_try_again or (problem.may_have_gone and can_be_asked())
        )
        told = {"what": problem.what, "where": place, "mend": problem.mend, "may_have_gone": unsure}
        _fail(reply, told, for_good=not again or reply.tries > len(WAITS))
        return
    _note_sent(by=SYSTEM, organisation_id=case.organisation_id, reply=reply)


def _message(case: Case, *, channel: str, text: str, to: str, reference: str) -> Message:
    return Message(
        template="case_reply" if channel == "email" else "case_reply_sms",
        to=to,
        personalisation={
            "service": settings.JOINEDUP.service_name,
            "text": text,
            "team": case.team.name if case.team is not None else case.organisation.name,
            "organisation": case.organisation.name,
            "number": str(case.number),
        },
        reference=reference,
        language=Language.WELSH if case.language == "cy" else Language.ENGLISH,
    )


def _fail(reply: Reply, problem: dict[str, Any], *, for_good: bool) -> None:
    where = reply.case.organisation_id
    _note_failed(by=SYSTEM, organisation_id=where, reply=reply, problem=problem, for_good=for_good)


@action(None)
def _note_sent(deed: Deed, *, reply: Reply) -> None:
    Reply.objects.filter(id=reply.id).update(
        state="sent", sent_at=deed.at, to_sealed="", problem=None, next_at=None
    )
    CaseEntry.objects.create(case_id=reply.case_id, kind=Entry.REPLY_SENT.value, at=deed.at)
    deed.record("case.reply_sent", case=reply.case_id, reply=reply.id, tries=reply.tries)


@action(None)
def _note_failed(deed: Deed, *, reply: Reply, problem: dict[str, Any], for_good: bool) -> None:
    if for_good:
        Reply.objects.filter(id=reply.id).update(state="failed", problem=problem, next_at=None)
        CaseEntry.objects.create(case_id=reply.case_id, kind=Entry.REPLY_FAILED.value, at=deed.at)
        _open_again(deed, reply.case_id)
    else:
        Reply.objects.filter(id=reply.id).update(next_at=deed.at + WAITS[reply.tries - 1], problem=problem)
    deed.record("case.reply_failed", case=reply.case_id, reply=reply.id, tries=reply.tries, for_good=for_good)


def _open_again(deed: Deed, case_id: UUID) -> None:
    """Whoever asked has no answer yet, so somebody must see the case again, were it closed meanwhile."""
    case = Case.objects.select_for_update().get(id=case_id)
    was = case.state
    if was not in (State.ANSWERED.value, State.CLOSED.value):
        return
    case.state, case.answered_at, case.closed_at, case.outcome = State.OPEN.value, None, None, ""
    case.save(update_fields=["state", "answered_at", "closed_at", "outcome"])
    if was == State.CLOSED.value:
        CaseEntry.objects.create(case_id=case_id, kind=Entry.REOPENED.value, at=deed.at)
        deed.record("case.reopened", case=case_id)
