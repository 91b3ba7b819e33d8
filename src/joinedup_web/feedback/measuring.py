"""A round of upkeep: what was published is measured again once its whole time has gone by."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from joinedup_web.feedback.actions.act_improvements import measure_again
from joinedup_web.feedback.improving import whole_later_span
from joinedup_web.feedback.models import Improvement, ImprovementState
from joinedup_web.gate.actor import SYSTEM


def measure_what_is_due(*, on: datetime) -> int:
    """Measure again each published improvement whose twelve weeks, or three months, are over; once each.

    Returns how many. People may measure earlier, and again when figures came late.
    """
    today, done = timezone.localdate(on), 0
    waiting = Improvement.objects.filter(state=ImprovementState.PUBLISHED, done_on__isnull=False)
    for each in waiting.exclude(measure="").select_related("service"):
        assert each.done_on is not None
        span = whole_later_span(each.measure, each.done_on)
        if span.last >= today or (each.later_told or {}).get("last", "") >= span.last.isoformat():
            continue
        measure_again(by=SYSTEM, organisation_id=each.service.organisation_id, improvement=each)
        done += 1
    return done
