"""The dashboard of a service: pictures drawn here, each with its table and its CSV."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from joinedup.text.trend import Change
from joinedup_web.design.pictures import chart_csv
from joinedup_web.feedback.act_pictures import PICTURES
from joinedup_web.feedback.actions.exports import export_table
from joinedup_web.feedback.periods import Period, period_asked
from joinedup_web.feedback.queries import act_dashboard as queries
from joinedup_web.feedback.queries import act_measures
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of


@require_safe
@for_staff("measure.view")
def dashboard(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """How a service does over some days."""
    by = by_of(request)
    service = act_measures.service(by, service_id)
    period = period_asked(request.GET, timezone.localdate())
    found = queries.dashboard(by, service, period)
    made = [(name, draw(found)) for name, draw in PICTURES.items()]
    context = {
        "service": service,
        "period": period,
        "has_errors": bool(period.errors),
        "found": found,
        "satisfaction": queries.satisfaction(found.scores),
        "pictures": [(name, picture) for name, picture in made if picture is not None],
        "changes": [change_words(each, period) for each in found.changes],
    }
    return render(request, "feedback/act/dashboard.html", context)


@require_safe
@for_staff("measure.view")
def picture_csv(request: HttpRequest, service_id: UUID, picture: str) -> HttpResponseBase:
    """The numbers of one picture."""
    by = by_of(request)
    service = act_measures.service(by, service_id)
    if picture not in PICTURES:
        raise Http404
    period = period_asked(request.GET, timezone.localdate())
    made = PICTURES[picture](queries.dashboard(by, service, period))
    if made is None:
        raise Http404
    export_table(by=by, table=f"dashboard_{picture}", rows=len(made.rows))
    return chart_csv(made, f"{picture}-{period.span.first}-{period.span.last}")


def change_words(change: Change[date], period: Period) -> tuple[str, str, str]:
    """What changed, when, and by how much."""
    rose = "rose" if change.rose else "fell"
    usual = f"where about {change.expected:,.0f} were to be expected"
    if change.total:
        words = f"It {rose}: {change.hits:,} of {change.total:,}, {usual}"
    else:
        words = f"They {rose}: {change.hits:,}, {usual}"
    return change.series, period.words(change.period), words
