"""What a service's data say of a measure between two days, as joinedup.feedback's values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from joinedup.feedback import (
    Measure,
    Measured,
    MonthFigures,
    Scores,
    completion,
    cost_per_transaction,
    measured,
    months_between,
    satisfaction,
    share,
    take_up,
)
from joinedup_web.feedback.models import (
    Comment,
    Fate,
    FormVersion,
    Response,
    ResponseState,
    Service,
    ServiceFigures,
    Tag,
    TagAssignment,
)

BY_MONTH = {"completion": completion, "take_up": take_up, "cost": cost_per_transaction}
NAMES: Mapping[str, str] = {
    "satisfaction": "User satisfaction",
    "completion": "Completion rate",
    "take_up": "Digital take-up",
    "cost": "Cost per transaction",
    "negative": "Share of comments that are negative",
}
TAG = "tag:"


@dataclass(frozen=True)
class Span:
    """Days, both in, London time."""

    first: date
    last: date

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """From the first moment to the one after the last."""
        after = self.last + timedelta(days=1)
        return midnight(self.first), midnight(after)

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


def responses_in(service_ids: list[UUID], span: Span) -> QuerySet[Response]:
    """The responses that count: neither held back as spam nor hidden."""
    start, end = span.bounds
    return Response.objects.filter(
        service_id__in=service_ids, state=ResponseState.OPEN, received_at__gte=start, received_at__lt=end
    )


def comments_in(service: Service, span: Span) -> QuerySet[Comment]:
    """The comments of responses that count. Their questions are named, since that is how the index finds the days."""
    start, end = span.bounds
    return Comment.objects.filter(
        service=service,
        question__in=question_keys(service),
        response__state=ResponseState.OPEN,
        received_at__gte=start,
        received_at__lt=end,
    )


def question_keys(service: Service) -> list[str]:
    """The keys of all questions that any version of a form of the service asks or asked."""
    found: dict[str, None] = {}
    for definition in FormVersion.objects.filter(form__service=service).values_list("definition", flat=True):
        for page in definition.get("pages", ()):
            for question in page.get("questions", ()):
                found[str(question["key"])] = None
    return list(found)


def scores_by_service(service_ids: list[UUID], span: Span) -> dict[UUID, Scores]:
    """How many people gave each score, by service. One query."""
    counted = (
        responses_in(service_ids, span)
        .filter(satisfaction__gte=1, satisfaction__lte=5)
        .values("service_id", "satisfaction")
        .annotate(n=Count("id"))
        .order_by()
    )
    found = {one: [0, 0, 0, 0, 0] for one in service_ids}
    for row in counted:
        found[row["service_id"]][row["satisfaction"] - 1] += row["n"]
    return {one: Scores((n[0], n[1], n[2], n[3], n[4])) for one, n in found.items()}


def figures_in(service_ids: list[UUID], span: Span) -> dict[UUID, list[MonthFigures]]:
    """The figures of whole months, by service, the earliest first. One query."""
    rows = ServiceFigures.objects.filter(
        service_id__in=service_ids, month__gte=span.first.replace(day=1), month__lte=span.last
    ).order_by("month")
    found: dict[UUID, list[MonthFigures]] = {one: [] for one in service_ids}
    for row in rows:
        found[row.service_id].append(figures_of(row))
    return found


def figures_of(row: ServiceFigures) -> MonthFigures:
    """A row as the library's value."""
    return MonthFigures(
        month=row.month,
        started=row.started,
        completed=row.completed,
        digital=row.digital,
        eligible=row.eligible,
        cost_pence=row.cost_pence,
    )


def measured_between(service: Service, code: str, span: Span) -> Measured:
    """A measure of some days by its code. Figures are of whole months: those that lie within the days count.

    negative: of the comments whose sentiment is known. tag:ID: of all comments, those that bear the tag and of whose
    tag nobody said that it is wrong. Raises KeyError for another code.
    """
    if code == "satisfaction":
        return satisfaction(scores_by_service([service.id], span)[service.id])
    if code == "negative":
        known = comments_in(service, span).exclude(sentiment="")
        counted = known.aggregate(all=Count("id"), hits=Count("id", filter=Q(sentiment="negative")))
        return share(counted["hits"], counted["all"])
    if code.startswith(TAG):
        comments = comments_in(service, span)
        bearing = TagAssignment.objects.filter(tag_id=UUID(code[len(TAG) :]), comment__in=comments)
        return share(bearing.exclude(fate=Fate.REJECTED).count(), comments.count())
    whole = whole_months(span)
    known_months = {each.month: each for each in figures_in([service.id], span)[service.id]}
    return BY_MONTH[code]([known_months.get(month, MonthFigures(month)) for month in whole])


def whole_months(span: Span) -> tuple[date, ...]:
    """The months that lie wholly within some days."""
    return tuple(
        month
        for month in months_between(span.first, span.last)
        if month >= span.first and next_month(month) - timedelta(days=1) <= span.last
    )


def next_month(month: date) -> date:
    """The first day of the month after a month's first day."""
    return (month + timedelta(days=32)).replace(day=1)


def measure_name(code: str, tags: Mapping[UUID, str] | None = None) -> str:
    """A measure's name for people; a tag's is asked for where it is not given."""
    if not code.startswith(TAG):
        return NAMES.get(code, "")
    tag_id = UUID(code[len(TAG) :])
    name = (tags or {}).get(tag_id) or Tag.objects.filter(id=tag_id).values_list("name", flat=True).first()
    return f"Share of comments about “{name or 'a tag that is gone'}”"


def kind_of_measure(code: str) -> str:
    """Its word for the audit record."""
    return "tag" if code.startswith(TAG) else code or "none"


def told(found: Measured, span: Span) -> dict[str, Any]:
    """What is kept of a measured value, so that it can be shown and compared again."""
    return {
        "measure": found.measure.value,
        "above": found.above,
        "below": found.below,
        "counted": found.counted,
        "first": span.first.isoformat(),
        "last": span.last.isoformat(),
        "missing": [month.isoformat() for month in found.missing],
    }


def measured_from(kept: Mapping[str, Any] | None) -> Measured | None:
    """The measured value again; None where nothing was kept."""
    if not kept:
        return None
    measure = Measure(kept["measure"])
    above, below, counted = kept["above"], kept["below"], kept["counted"]
    return measured(
        measure,
        above,
        below,
        counted=counted,
        missing=tuple(date.fromisoformat(each) for each in kept["missing"]),
    )


def span_from(kept: Mapping[str, Any]) -> Span:
    """The days that a kept value is of."""
    return Span(date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]))


def target_of(measure: Measure, target: float | None) -> Fraction | None:
    """A kept target as an exact value: a share of 1, or pence."""
    return None if target is None else Fraction(str(target))


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
