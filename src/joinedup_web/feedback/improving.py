"""What improvements go by: which comments may be quoted, and of which days their measures are taken."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from joinedup_web.feedback.measured import BY_MONTH, NAMES, TAG, Span, measure_name, next_month, whole_months
from joinedup_web.feedback.models import Comment, Flag, ResponseState, Service

WEEKS = 12
LEAST_WEEKS = 4
MONTHS = 3


def may_be_quoted(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    """Those whose sender allowed it, whose masks somebody confirmed, that are not held or hidden, by which nobody may
    be in danger as far as is known, and whose text is still there."""
    open_flag = Flag.objects.filter(comment__response=OuterRef("response"), closed_at=None)
    return comments.filter(
        ~Exists(open_flag),
        response__may_publish=True,
        response__masks_confirmed_at__isnull=False,
        response__state=ResponseState.OPEN,
    ).exclude(text="")


def may_be_quoted_now(comment: Comment) -> bool:
    """Whether one comment may."""
    return may_be_quoted(Comment.objects.filter(id=comment.id)).exists()


def baseline_span(measure: str, done_on: date) -> Span:
    """The days before something was done: twelve weeks, or the three whole months for what is counted by month."""
    if measure in BY_MONTH:
        first = done_on.replace(day=1)
        last = first - timedelta(days=1)
        for _ in range(MONTHS):
            first = (first - timedelta(days=1)).replace(day=1)
        return Span(first, last)
    return Span(done_on - timedelta(weeks=WEEKS), done_on - timedelta(days=1))


def whole_later_span(measure: str, done_on: date) -> Span:
    """The days after something was done: twelve weeks, or the three whole months after that month."""
    if measure in BY_MONTH:
        first = end = next_month(done_on.replace(day=1))
        for _ in range(MONTHS):
            end = next_month(end)
        return Span(first, end - timedelta(days=1))
    return Span(done_on, done_on + timedelta(weeks=WEEKS, days=-1))


def later_span(measure: str, done_on: date, *, on: date) -> Span | None:
    """The days since something was done, twelve weeks or three whole months at most, up to the day before `on`.

    None while fewer than four weeks, or no whole month, have gone by.
    """
    whole = whole_later_span(measure, done_on)
    if whole.first >= on:
        return None
    so_far = Span(whole.first, min(whole.last, on - timedelta(days=1)))
    if measure in BY_MONTH:
        months = whole_months(so_far)
        return Span(months[0], next_month(months[-1]) - timedelta(days=1)) if months else None
    return None if on - done_on < timedelta(weeks=LEAST_WEEKS) else so_far


def measures_of(service: Service) -> dict[str, str]:
    """What can be measured of a service, by code, with the words for it: a tag that is in use is one."""
    tags = {each.id: each.name for each in service.tags.filter(is_active=True)}
    return dict(NAMES) | {f"{TAG}{each}": measure_name(f"{TAG}{each}", tags) for each in tags}
