"""Telling people of a flag: the duty person at once, their deputy when the clock runs out, then everybody who may act.

A message holds a link and no word of the comment. It is sent before it is noted, so a crash between the two tells
somebody twice rather than nobody; a step at which nobody could be reached goes on to the next at once.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django_tasks import task

from joinedup.errors import JoinedupError
from joinedup.ports.notify import Message
from joinedup_web.accounts.colleagues import holders_in
from joinedup_web.accounts.memberships import may_use
from joinedup_web.accounts.messages import link_to, notifier
from joinedup_web.accounts.models import StaffUser
from joinedup_web.audit.deed import Deed, action
from joinedup_web.design.words import clock
from joinedup_web.feedback.models import Flag, FlagKind
from joinedup_web.gate.actor import SYSTEM

log = logging.getLogger(__name__)
ROUNDS_BETWEEN_ALARMS = 60  # a round that reaches nobody comes every minute
STEPS = ("duty", "deputy", "everybody")
TEMPLATES = {
    FlagKind.THREAT_TO_LIFE: "flag_threat_to_life",
    FlagKind.SAFEGUARDING: "flag_safeguarding",
    FlagKind.UNREADABLE: "flag_unreadable",
}


def tell_later(flag_id: str) -> None:
    """Queue the message to the duty person."""
    tell_of_flag.enqueue(flag_id)


@task(priority=100)
def tell_of_flag(flag_id: str) -> None:
    """Tell whoever is next of a flag that nobody acknowledged."""
    flag = _unacknowledged().filter(id=UUID(flag_id), told_at=None).first()
    if flag is not None:
        _tell(flag, "duty", on=timezone.now())


def tell_of_flags() -> int:
    """A round of upkeep: tell whoever is due to be told of flags that nobody acknowledged; return of how many."""
    now = timezone.now()
    dangers = ~Q(kind=FlagKind.UNREADABLE)
    told = 0
    for flag in _unacknowledged().filter(dangers, told_at=None):
        told += _tell(flag, "duty", on=now)
    late = _unacknowledged().filter(due_at__lte=now)
    for flag in late.filter(kind=FlagKind.UNREADABLE, told_at=None):
        told += _tell(flag, "duty", on=now)
    for flag in late.exclude(told_at=None).filter(dangers, escalated_at=None):
        told += _tell(flag, "deputy", on=now)
    for flag in late.exclude(escalated_at=None).filter(dangers, everybody_told_at=None):
        if flag.escalated_at + timedelta(minutes=flag.service.acknowledge_minutes) <= now:
            told += _tell(flag, "everybody", on=now)
    return told


def _unacknowledged() -> Any:
    return Flag.objects.filter(acknowledged_at=None, closed_at=None).select_related(
        "service__duty_person", "service__deputy", "organisation"
    )


def _tell(flag: Flag, step: str, *, on: datetime) -> int:
    """Tell the people of a step, or of the next where nobody can be reached; whether anybody was told."""
    for now in STEPS[STEPS.index(step) :]:
        reached = [user for user in _people(flag, now, on=on) if _send(flag, user, now)]
        if reached:
            _note_told(by=SYSTEM, organisation_id=flag.organisation_id, flag=flag, step=now, people=reached)
            return 1
    Flag.objects.filter(id=flag.id).update(untold=F("untold") + 1)
    if flag.untold % ROUNDS_BETWEEN_ALARMS == 0:
        _note_untold(by=SYSTEM, organisation_id=flag.organisation_id, flag=flag)
    return 0


def _people(flag: Flag, step: str, *, on: datetime) -> list[StaffUser]:
    if step == "everybody":
        return holders_in("flag.acknowledge", [flag.organisation_id])
    user = flag.service.duty_person if step == "duty" else flag.service.deputy
    return [user] if user is not None and may_use(user, on=on) else []


def _send(flag: Flag, user: StaffUser, step: str) -> bool:
    message = Message(
        template=TEMPLATES[FlagKind(flag.kind)],
        to=user.email,
        personalisation={
            "service": settings.JOINEDUP.service_name,
            "name": user.name,
            "about": flag.service.name,
            "due": clock(flag.due_at),
            "link": link_to("feedback:flag", flag_id=flag.id),
        },
        reference=f"flag-{flag.id}-{step}-{int(flag.due_at.timestamp())}-{user.id}",
    )
    try:
        notifier().send(message)
    except JoinedupError as problem:
        log.warning("%s was not sent: %s", message.place, type(problem).__name__)
        return False
    return True


@action(None)
def _note_told(deed: Deed, *, flag: Flag, step: str, people: list[StaffUser]) -> None:
    changed: dict[str, Any] = {"told_id": people[0].id, "told_at": deed.at, "untold": 0}
    if step != "duty":
        changed["escalated_at"] = deed.at
    if step == "everybody":
        changed["everybody_told_at"] = deed.at
    Flag.objects.filter(id=flag.id).update(**changed)
    deed.record("flag.told", flag=flag.id, to=step, people=len(people))
    if step != "duty":
        deed.record("flag.passed_on", flag=flag.id, to=step)


@action(None)
def _note_untold(deed: Deed, *, flag: Flag) -> None:
    deed.record("flag.nobody_told", flag=flag.id)
