"""What people write from week to week, and who writes it: counts for trends and for segments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import CharField, Count, Q, QuerySet
from django.db.models.functions import Cast, Substr
from django.utils import timezone

from joinedup.text import Change, SegmentShare, compare_segments, sudden_changes, sudden_numbers
from joinedup_web.feedback.models import (
    Channel,
    Comment,
    Ending,
    Fate,
    ResponseState,
    Service,
    Tag,
    TagAssignment,
)
from joinedup_web.feedback.queries.understand import closed_questions, shown_comments
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require

WEEKS = 26
NEGATIVE = "negative"
HOUR = len("2026-03-01 09")


@dataclass(frozen=True)
class Weeks:
    """Whole weeks, each by its Monday. comments: how many came. negative: (negative, with a known feeling).

    tags: of each tag (bearing it, all comments), those that a person rejected left out. sudden: what stands out:
    series `comments`, `negative`, or a tag's id.
    """

    mondays: tuple[date, ...]
    comments: Mapping[date, int]
    negative: Mapping[date, tuple[int, int]]
    tags: Mapping[UUID, Mapping[date, tuple[int, int]]]
    names: Mapping[UUID, str]
    sudden: tuple[Change[date], ...]


def weeks(by: Actor, of: Service, *, today: date) -> Weeks:
    """The last 26 whole weeks of a service's comments."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    this_monday = today - timedelta(days=today.weekday())
    mondays = tuple(this_monday - timedelta(weeks=back) for back in range(WEEKS, 0, -1))
    span = Q(received_at__gte=_midnight(mondays[0]), received_at__lt=_midnight(this_monday))
    every: dict[date, int] = dict.fromkeys(mondays, 0)
    known: dict[date, list[int]] = {monday: [0, 0] for monday in mondays}
    rows = (
        shown_comments(of)
        .filter(span)
        .order_by()
        .annotate(hour=_hour("received_at"))
        .values_list("hour", "sentiment")
        .annotate(number=Count("id"))
    )
    for hour, sentiment, number in rows:
        monday = _monday(hour)
        every[monday] += number
        if sentiment:
            known[monday][0] += number if sentiment == NEGATIVE else 0
            known[monday][1] += number
    names, tags = _tags(of, mondays, this_monday, every)
    negative = {monday: (hits, total) for monday, (hits, total) in known.items()}
    shares = {NEGATIVE: negative, **{str(tag): counts for tag, counts in tags.items()}}
    sudden = (*sudden_numbers({"comments": _begun(every)}), *sudden_changes(shares))
    return Weeks(mondays, every, negative, tags, names, sudden)


def _tags(
    of: Service, mondays: tuple[date, ...], after: date, every: Mapping[date, int]
) -> tuple[dict[UUID, str], dict[UUID, dict[date, tuple[int, int]]]]:
    names = dict(Tag.objects.filter(service=of, is_active=True).values_list("id", "name"))
    hits: dict[UUID, dict[date, int]] = defaultdict(lambda: dict.fromkeys(mondays, 0))
    rows = (
        TagAssignment.objects.filter(
            tag_id__in=list(names),
            comment__response__state=ResponseState.OPEN,
            comment__received_at__gte=_midnight(mondays[0]),
            comment__received_at__lt=_midnight(after),
        )
        .exclude(fate=Fate.REJECTED)
        .order_by()
        .annotate(hour=_hour("comment__received_at"))
        .values_list("tag_id", "hour")
        .annotate(number=Count("id"))
    )
    for tag, hour, number in rows:
        hits[tag][_monday(hour)] += number
    return names, {
        tag: {monday: (hits[tag][monday], every[monday]) for monday in mondays}
        for tag in names
        if tag in hits
    }


@dataclass(frozen=True)
class Dimension:
    """What people are told apart by. field: a column of the response; key: a question of its answers."""

    code: str
    words: str
    answers: Mapping[str, str]
    lookup: str


def dimensions(by: Actor, of: Service) -> list[Dimension]:
    """What a service's comments can be told apart by."""
    require(by, "feedback.view", organisation_id=of.organisation_id)
    found = [
        Dimension("channel", "How they were sent", dict(Channel.choices), "response__channel"),
        Dimension("ending", "Where people were asked", dict(Ending.choices), "response__ending"),
    ]
    for key, (words, answers) in closed_questions(of).items():
        found.append(Dimension(f"answer-{key}", words, answers, f"response__answers__{key}"))
    return found


def segments(
    by: Actor, of: Service, *, dimension: Dimension, measure: str, first: date, last: date
) -> list[tuple[str, SegmentShare]]:
    """Each segment in words with its share of comments that are negative, or that bear a tag, by its id.

    Negative: of the comments whose feeling is known. Small numbers are held back.
    """
    require(by, "feedback.view", organisation_id=of.organisation_id)
    comments = shown_comments(of).filter(
        received_at__gte=_midnight(first), received_at__lt=_midnight(last + timedelta(days=1))
    )
    if measure == NEGATIVE:
        comments = comments.exclude(sentiment="")
        hits = comments.filter(sentiment=NEGATIVE)
    else:
        bearing = TagAssignment.objects.filter(tag_id=UUID(measure), tag__service=of)
        hits = comments.filter(id__in=bearing.exclude(fate=Fate.REJECTED).values("comment_id"))
    totals, counted = _by(comments, dimension), _by(hits, dimension)
    counts = {value: (counted.get(value, 0), totals[value]) for value in dimension.answers if value in totals}
    return [(dimension.answers[each.segment], each) for each in compare_segments(counts)]


def _by(comments: QuerySet[Comment], dimension: Dimension) -> dict[str, int]:
    rows = comments.order_by().values_list(dimension.lookup).annotate(number=Count("id"))
    return {value: number for value, number in rows if isinstance(value, str)}


def _hour(field: str) -> Substr:
    """The hour (UTC) that a moment lies in, as text: the database groups by it without asking Python."""
    return Substr(Cast(field, CharField()), 1, HOUR)


def _monday(hour: str) -> date:
    """The Monday of an hour's week, in local time."""
    moment = datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=UTC)
    local = timezone.localtime(moment).date()
    return local - timedelta(days=local.weekday())


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _begun(every: Mapping[date, int]) -> dict[date, int]:
    """From the first week with a comment on: weeks before a service asked say nothing of what is usual."""
    found: dict[date, int] = {}
    for monday, number in every.items():
        if number or found:
            found[monday] = number
    return found
