"""A service's scorecard: the four measures over some months and the standard, as a value that others may gather."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from joinedup.feedback.figures import MonthFigures, months_between
from joinedup.feedback.measures import (
    Measure,
    Measured,
    Scores,
    completion,
    cost_per_transaction,
    satisfaction,
    take_up,
)
from joinedup.feedback.standard import Judged, Standard, judge


@dataclass(frozen=True)
class ServiceScorecard:
    """One service over whole months, first and last day in. service_id: as whoever made it knows the service.

    responses: how many people were heard, with a score or without.
    """

    service_id: str
    service: str
    first: date
    last: date
    measured: Mapping[Measure, Measured]
    scores: Scores
    responses: int
    judged: Judged

    def as_dict(self) -> dict[str, object]:
        """The same for machines: shares as numbers up to 1, cost in pence, unknown as null."""
        return {
            "service_id": self.service_id,
            "service": self.service,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "responses": self.responses,
            "measures": {
                measure.value: {
                    "value": None if one.value is None else round(float(one.value), 6),
                    "low": None if one.low is None else round(one.low, 6),
                    "high": None if one.high is None else round(one.high, 6),
                    "counted": one.counted,
                    "months_missing": [f"{month:%Y-%m}" for month in one.missing],
                }
                for measure, one in self.measured.items()
            },
            "standard": {
                "name": self.judged.standard.name,
                "stated_on": self.judged.standard.stated_on.isoformat(),
                "is_verified": self.judged.standard.is_verified,
                "overall": self.judged.overall.value,
                "criteria": {criterion.code: found.value for criterion, found in self.judged.criteria},
            },
        }


def scorecard(
    *,
    service_id: str,
    service: str,
    first: date,
    last: date,
    scores: Scores,
    responses: int,
    figures: Sequence[MonthFigures],
    standard: Standard,
    cost_at_most_pence: int | None = None,
    is_accessible: bool | None = None,
) -> ServiceScorecard:
    """Return the scorecard of the months from one day's to another's.

    figures: months outside are passed over; months without any are missing from the three measures that need them.
    scores, responses: of the same months.
    """
    by_month = {month.month: month for month in figures}
    months = [by_month.get(month, MonthFigures(month)) for month in months_between(first, last)]
    measured = {
        Measure.SATISFACTION: satisfaction(scores),
        Measure.COMPLETION: completion(months),
        Measure.TAKE_UP: take_up(months),
        Measure.COST: cost_per_transaction(months),
    }
    return ServiceScorecard(
        service_id=service_id,
        service=service,
        first=first,
        last=last,
        measured=measured,
        scores=scores,
        responses=responses,
        judged=judge(standard, measured, cost_at_most_pence=cost_at_most_pence, is_accessible=is_accessible),
    )
