"""Weekly digests: which there are, one of them, and asking for them by email."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from joinedup.feedback import Measured, change
from joinedup_web.accounts.views.shown import on_page
from joinedup_web.feedback.act_words import VERDICTS
from joinedup_web.feedback.actions import act_digests as actions
from joinedup_web.feedback.measured import measured_from
from joinedup_web.feedback.queries import act_digests as queries
from joinedup_web.feedback.queries import act_measures
from joinedup_web.gate.rules import for_staff
from joinedup_web.linkage.views.shown import by_of


@require_safe
@for_staff("measure.view")
def digests(request: HttpRequest) -> HttpResponseBase:
    """The last digest of each service, and whether one gets it by email."""
    by = by_of(request)
    rows = [
        (each, _satisfaction(each.newest.content["now"]) if each.newest is not None else None)
        for each in queries.of_services(by)
    ]
    return render(request, "feedback/act/digests.html", {"rows": rows})


@require_safe
@for_staff("measure.view")
def digest(request: HttpRequest, service_id: UUID, week: str) -> HttpResponseBase:
    """The digest of a week."""
    by = by_of(request)
    try:
        monday = date.fromisoformat(week)
    except ValueError:
        raise Http404 from None
    found = queries.digest(by, service_id, monday)
    now, before = found.content["now"], found.content["before"]
    after, earlier = _satisfaction(now), _satisfaction(before)
    context = {
        "service": found.service,
        "week": found.week,
        "last": found.week + timedelta(days=6),
        "content": found.content,
        "now": now,
        "before": before,
        "satisfaction": after,
        "satisfaction_before": earlier,
        "verdict": VERDICTS[change(earlier, after).verdict],
        "weeks": [each for each in queries.weeks(by, found.service) if each != found.week][:12],
        "changes": [_change_words(*each) for each in found.content["changes"]],
    }
    return render(request, "feedback/act/digest.html", context)


@require_POST
@for_staff("measure.view")
def choose(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Get a service's digest by email."""
    by = by_of(request)
    service = act_measures.service(by, service_id)
    on_page(
        request,
        lambda: actions.choose_digest(by=by, organisation_id=service.organisation_id, service=service),
        done=f"You get the digest of {service.name} by email every Monday.",
    )
    return redirect("feedback:digest")


@require_POST
@for_staff("measure.view")
def leave(request: HttpRequest, service_id: UUID) -> HttpResponseBase:
    """Get it no more."""
    by = by_of(request)
    service = act_measures.service(by, service_id)
    on_page(
        request,
        lambda: actions.leave_digest(by=by, organisation_id=service.organisation_id, service=service),
        done=f"You do not get the digest of {service.name} by email any more.",
    )
    return redirect("feedback:digest")


def _satisfaction(figures: Mapping[str, Any]) -> Measured:
    found = measured_from(figures["satisfaction"])
    assert found is not None
    return found


def _change_words(series: str, hits: int, total: int, expected: float) -> tuple[str, str]:
    rose = "rose" if hits > expected else "fell"
    usual = f"where about {expected:,.0f} were to be expected"
    return (
        series,
        f"It {rose}: {hits:,} of {total:,}, {usual}" if total else f"They {rose}: {hits:,}, {usual}",
    )
