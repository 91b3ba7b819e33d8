"""What may be read of how services do: their figures, their scorecards, what is stated of them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, QuerySet

from joinedup.feedback import ServiceScorecard, read_standard, scorecard
from joinedup_web.feedback.measured import figures_in, responses_in, scores_by_service
from joinedup_web.feedback.models import Service, ServiceFigures, ServiceStatement
from joinedup_web.feedback.months import Months
from joinedup_web.feedback.queries import act_improvements
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require


def service(by: Actor, service_id: UUID, *, permission: str = "measure.view") -> Service:
    """A service of the actor's organisation. Raises Http404 for another's."""
    return act_improvements.service(by, service_id, permission=permission)


def services(by: Actor) -> list[Service]:
    """The services of the actor's organisation that are in use, by name."""
    require(by, "measure.view")
    return list(
        Service.objects.filter(organisation_id=by.organisation_id, is_active=True).order_by("name", "id")
    )


def figures(by: Actor, of: Service) -> QuerySet[ServiceFigures]:
    """A service's figures by month, the last first."""
    require(by, "measure.view", organisation_id=of.organisation_id)
    return of.figures.select_related("noted_by").order_by("-month")


def statement(by: Actor, of: Service) -> ServiceStatement | None:
    """What is stated of a service; None where nothing is."""
    require(by, "measure.view", organisation_id=of.organisation_id)
    return ServiceStatement.objects.select_related("opened_by", "changed_by").filter(service=of).first()


def scorecards(by: Actor, months: Months) -> list[ServiceScorecard]:
    """The scorecards of all the organisation's services, by name. Four queries, however many services there are."""
    return scorecards_of(services(by), months)


def scorecard_of(by: Actor, of: Service, months: Months) -> ServiceScorecard:
    """One service's scorecard."""
    require(by, "measure.view", organisation_id=of.organisation_id)
    return scorecards_of([of], months)[0]


def scorecards_of(some: Sequence[Service], months: Months) -> list[ServiceScorecard]:
    """Scorecards of services that somebody may see."""
    ids, span = [each.id for each in some], months.span
    scores, kept = scores_by_service(ids, span), figures_in(ids, span)
    counted = responses_in(ids, span).order_by().values("service_id").annotate(n=Count("id"))
    heard = {row["service_id"]: row["n"] for row in counted}
    stated = {each.service_id: each for each in ServiceStatement.objects.filter(service__in=ids)}
    standard = read_standard()
    return [
        scorecard(
            service_id=str(each.id),
            service=each.name,
            first=span.first,
            last=span.last,
            scores=scores[each.id],
            responses=heard.get(each.id, 0),
            figures=kept[each.id],
            standard=standard,
            cost_at_most_pence=stated[each.id].cost_at_most_pence if each.id in stated else None,
            is_accessible=stated[each.id].is_accessible if each.id in stated else None,
        )
        for each in some
    ]
