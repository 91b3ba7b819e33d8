"""The digest of a week: what is in it, and the round of upkeep that makes it and sends it.

It is sent before that is noted, with a reference of its own for each reader, so that a crash between the two sends it
again at worst, and a sender that knows its references does not even do that.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Exists, OuterRef
from django.utils import timezone

from joinedup.errors import JoinedupError
from joinedup.feedback import Scores, satisfaction
from joinedup.ports.notify import Message
from joinedup_web.accounts.colleagues import holders_in
from joinedup_web.accounts.memberships import may_use
from joinedup_web.accounts.messages import link_to, notifier
from joinedup_web.accounts.models import StaffUser
from joinedup_web.design.words import day
from joinedup_web.feedback.actions.act_digests import keep_digest, note_sent
from joinedup_web.feedback.measured import Span, told
from joinedup_web.feedback.models import (
    Comment,
    Digest,
    DigestChoice,
    Flag,
    ImprovementState,
    Reading,
    Response,
    ResponseState,
    Service,
)
from joinedup_web.feedback.periods import Period
from joinedup_web.feedback.queries.act_dashboard import counted
from joinedup_web.gate.actor import SYSTEM

log = logging.getLogger(__name__)
WEEKS_BEFORE = 8
MOST_NAMES = 5
QUIET_DAYS = 84
LAST_WEEKDAY = 5


def last_week(today: date) -> date:
    """The Monday of the last week that is over."""
    return today - timedelta(days=today.weekday() + 7)


def look_after_digests(*, on: datetime) -> int:
    """A round of upkeep: make last week's digests that are not there, and send those that were not sent.

    Services that nobody answered for twelve weeks have one only where somebody asked for it. One waits for the week's
    comments to be read, but not beyond Saturday, nor where they cannot be read. Returns how many were made.
    """
    week = last_week(timezone.localdate(on))
    made = 0
    for service in _due(week, on):
        if _is_being_read(service, week, on):
            continue
        try:
            keep_digest(
                by=SYSTEM,
                organisation_id=service.organisation_id,
                service=service,
                week=week,
                content=content_of(service, week),
            )
        except IntegrityError:  # another worker was first
            continue
        made += 1
    for digest in Digest.objects.filter(week=week, sent_at=None).select_related("service"):
        _send(digest)
    return made


def content_of(service: Service, week: date) -> dict[str, Any]:
    """The figures of a week, and of the week before it; what stood out from the eight weeks before."""
    span = Span(week - timedelta(weeks=WEEKS_BEFORE), week + timedelta(days=6))
    found = counted(service, Period(span, "week", {}, {}))
    now, before = found.steps[-1], found.steps[-2]
    own = Period(Span(week, span.last), "week", {}, {})
    alone = counted(service, own)
    start, end = own.span.bounds
    flags = Flag.objects.filter(service=service)
    return {
        "now": _figures(now.responses, now.scores, now.sentiments, own.span),
        "before": _figures(
            before.responses, before.scores, before.sentiments, Span(week - timedelta(7), week - timedelta(1))
        ),
        "themes": [[theme.title, number] for theme, number in alone.themes[:MOST_NAMES]],
        "tags": [[name, number] for name, number in alone.tags[:MOST_NAMES]],
        "changes": [
            [each.series, each.hits, each.total, round(each.expected, 2)]
            for each in found.changes
            if each.period == week
        ],
        "flags_raised": flags.filter(raised_at__gte=start, raised_at__lt=end).count(),
        "flags_open": flags.filter(closed_at=None).count(),
        "published": service.improvements.filter(
            state=ImprovementState.PUBLISHED, published_at__gte=start, published_at__lt=end
        ).count(),
    }


def readers_of(service: Service, *, on: datetime) -> list[StaffUser]:
    """Those who asked for a service's digest and may still see how it does."""
    asked = set(DigestChoice.objects.filter(service=service).values_list("account_id", flat=True))
    holders = holders_in("measure.view", [service.organisation_id]) if asked else []
    return [user for user in holders if user.id in asked and may_use(user, on=on)]


def _figures(responses: int, scores: Scores, sentiments: Mapping[str, int], span: Span) -> dict[str, Any]:
    known = Counter({word: number for word, number in sentiments.items() if word})
    return {
        "responses": responses,
        "satisfaction": told(satisfaction(scores), span),
        "comments": sum(sentiments.values()),
        "negative": known["negative"],
        "read": known.total(),
    }


def _due(week: date, on: datetime) -> list[Service]:
    lately = Response.objects.filter(
        service=OuterRef("pk"), state=ResponseState.OPEN, received_at__gte=on - timedelta(days=QUIET_DAYS)
    )
    asked = DigestChoice.objects.filter(service=OuterRef("pk"))
    there = Digest.objects.filter(service=OuterRef("pk"), week=week)
    waiting = Service.objects.filter(~Exists(there), is_active=True)
    return list((waiting.filter(Exists(lately)) | waiting.filter(Exists(asked))).order_by("id"))


def _is_being_read(service: Service, week: date, on: datetime) -> bool:
    """Whether models have yet to read comments of the week, which a digest would count as never read."""
    start, end = Span(week, week + timedelta(days=6)).bounds
    unread = Comment.objects.filter(
        service=service, received_at__gte=start, received_at__lt=end, read_at=None
    )
    cannot = Reading.objects.filter(organisation_id=service.organisation_id, problem__isnull=False)
    return (
        timezone.localdate(on).weekday() <= LAST_WEEKDAY
        and unread.exclude(response__state=ResponseState.HIDDEN).exists()
        and not cannot.exists()
    )


def _send(digest: Digest) -> None:
    sent = 0
    for user in readers_of(digest.service, on=timezone.now()):
        message = Message(
            template="feedback_digest",
            to=user.email,
            personalisation={
                "service": settings.JOINEDUP.service_name,
                "name": user.name,
                "about": digest.service.name,
                "week": day(digest.week),
                "responses": f"{digest.content['now']['responses']:,}",
                "changes": str(len(digest.content["changes"])),
                "link": link_to(
                    "feedback:digest_week", service_id=digest.service_id, week=digest.week.isoformat()
                ),
                "stop": link_to("feedback:digest"),
            },
            reference=f"digest-{digest.id}-{user.id}",
        )
        try:
            notifier().send(message)
            sent += 1
        except JoinedupError as problem:
            log.warning("%s was not sent: %s", message.place, type(problem).__name__)
    note_sent(by=SYSTEM, organisation_id=digest.service.organisation_id, digest=digest, sent=sent)
