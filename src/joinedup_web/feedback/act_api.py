"""The API's endpoints about how services do: scorecards, for whoever gathers them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from joinedup_web.feedback.months import months_asked
from joinedup_web.feedback.queries import act_measures as queries
from joinedup_web.gate.rules import for_clients
from joinedup_web.linkage.views.shown import by_of

router = Router(tags=["How services do"])


class MeasureOut(Schema):
    """A measure as it was found."""

    value: float | None = Field(
        description="A share from 0 to 1, or pence for cost; null where it is not known"
    )
    low: float | None = Field(description="Lower end of the 95% interval; null for cost")
    high: float | None = Field(description="Upper end of the 95% interval; null for cost")
    counted: int = Field(description="How many answers or transactions stand behind it")
    months_missing: list[str] = Field(description="Months that do not count since something is not known")


class StandardOut(Schema):
    """Whether the service meets the standard: met, not_met, or not_known."""

    name: str
    stated_on: date = Field(description="The day as of which the standard is known")
    is_verified: bool = Field(description="Whether somebody compared it with the standard's own text")
    overall: str = Field(
        description="Met where all criteria are, not_met where one is not, otherwise not_known"
    )
    criteria: dict[str, str] = Field(description="Each criterion by its code, and its judgement")


class ScorecardOut(Schema):
    """A service over whole months."""

    service_id: UUID
    service: str = Field(description="Its name")
    first: date = Field(description="The first day, in")
    last: date = Field(description="The last day, in")
    responses: int = Field(description="How many people were heard, with a score or without")
    measures: dict[str, MeasureOut] = Field(description="By code: satisfaction, completion, take_up, cost")
    standard: StandardOut


class ScorecardsOut(Schema):
    """The scorecards of the organisation's services, by name."""

    scorecards: list[ScorecardOut]


class MonthsIn(Schema):
    """Which months; the last twelve that are over where neither is given."""

    first: str = Field("", max_length=20, description="The first month, like 2026-01")
    last: str = Field("", max_length=20, description="The last month, in")


@router.get("/services/scorecards", response=ScorecardsOut, summary="The scorecards of all services")
@for_clients("measures.read")
def scorecards(request: HttpRequest, asked: Query[MonthsIn]) -> Any:
    """Return the scorecard of each service in use of the organisation."""
    cards = queries.scorecards(by_of(request), _months(asked))
    return {"scorecards": [card.as_dict() for card in cards]}


@router.get("/services/{service_id}/scorecard", response=ScorecardOut, summary="The scorecard of a service")
@for_clients("measures.read")
def scorecard(request: HttpRequest, service_id: UUID, asked: Query[MonthsIn]) -> Any:
    """Return how one of the organisation's services did over whole months."""
    by = by_of(request)
    return queries.scorecard_of(by, queries.service(by, service_id), _months(asked)).as_dict()


def _months(asked: MonthsIn) -> Any:
    months = months_asked({"first": asked.first, "last": asked.last}, timezone.localdate())
    if months.problem:
        raise HttpError(400, f"first, last: {months.problem}")
    return months
