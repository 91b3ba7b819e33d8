"""Open data: what everybody may have of a service by month, with small numbers withheld."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.http import Http404
from django.utils import timezone

from joinedup.feedback import MonthFigures, Scores, months_between
from joinedup.feedback.open_data import OpenMonth, open_month
from joinedup_web.feedback.measured import Span, figures_in, responses_in
from joinedup_web.feedback.models import Service, ServiceStatement
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require

MOST_MONTHS = 120
EARLIEST = date(1990, 1, 1)


def public_statement(slug: str) -> ServiceStatement:
    """What is stated of a service whose figures are open. Raises Http404 for every other."""
    found = (
        ServiceStatement.objects.select_related("service__organisation")
        .filter(service__slug=slug, service__is_active=True, is_open_data=True)
        .first()
    )
    if found is None:
        raise Http404
    return found


def preview(by: Actor, of: Service) -> list[OpenMonth]:
    """The same months for whoever decides whether to open them."""
    require(by, "improvement.publish", organisation_id=of.organisation_id)
    return open_months(of)


def open_months(of: Service) -> list[OpenMonth]:
    """Each month that is over, from the first of which anything is known, the earliest first. Two queries.

    The month under way is left out: from day to day its numbers would tell of single people.
    """
    end = timezone.localdate().replace(day=1) - timedelta(days=1)
    span = Span(EARLIEST, end)
    scores: dict[date, list[int]] = {}
    rows = (
        responses_in([of.id], span)
        .filter(satisfaction__gte=1, satisfaction__lte=5)
        .order_by()
        .annotate(at=TruncMonth("received_at"))
        .values("at", "satisfaction")
        .annotate(n=Count("id"))
    )
    for row in rows:
        month = timezone.localtime(row["at"]).date()
        scores.setdefault(month, [0, 0, 0, 0, 0])[row["satisfaction"] - 1] += row["n"]
    figures = {each.month: each for each in figures_in([of.id], span)[of.id]}
    known = [*scores, *figures]
    if not known:
        return []
    months = months_between(min(known), end)[-MOST_MONTHS:]
    made = []
    for month in months:
        one, two, three, four, five = scores.get(month, [0, 0, 0, 0, 0])
        given = Scores((one, two, three, four, five))
        made.append(open_month(given, figures.get(month, MonthFigures(month))))
    return made
