"""What may be read of flags and responses: through the gate, and of one's own organisation alone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Case, CharField, Count, IntegerField, Q, QuerySet, Value, When
from django.http import Http404

from joinedup_web.feedback.models import Flag, FlagKind, Service
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require

WAITING = Q(acknowledged_at=None, closed_at=None)
DANGER = Q(kind__in=(FlagKind.THREAT_TO_LIFE, FlagKind.SAFEGUARDING))


def flags(by: Actor) -> QuerySet[Flag]:
    """The flags of the actor's organisation: dangers that nobody acknowledged, comments that nobody read,
    then those in hand, then the closed; of each the most pressing first.

    Each with `standing`: waiting, acknowledged or closed.
    """
    require(by, "flag.acknowledge")
    closed, waiting = Q(closed_at__isnull=False), WAITING
    return (
        Flag.objects.filter(organisation_id=by.organisation_id)
        .annotate(
            standing=Case(
                When(closed, then=Value("closed")),
                When(waiting, then=Value("waiting")),
                default=Value("acknowledged"),
                output_field=CharField(),
            ),
            rank=Case(
                When(closed, then=Value(3)),
                When(waiting & DANGER, then=Value(0)),
                When(waiting, then=Value(1)),
                default=Value(2),
                output_field=IntegerField(),
            ),
        )
        .select_related("service", "told", "acknowledged_by")
        .order_by("rank", "due_at", "pk")
    )


def flag(by: Actor, flag_id: UUID) -> Flag:
    """A flag of the actor's organisation, with its comment. Raises Http404 for another's."""
    require(by, "flag.acknowledge")
    found = (
        Flag.objects.filter(id=flag_id, organisation_id=by.organisation_id)
        .select_related(
            *(
                "service__duty_person",
                "service__deputy",
                "comment__response__version",
                "comment__response__contact",
            ),
            *("raised_by", "told", "acknowledged_by", "closed_by"),
        )
        .first()
    )
    if found is None:
        raise Http404
    return found


def flags_waiting(by: Actor) -> int:
    """How many flags of the organisation nobody has acknowledged."""
    return Flag.objects.filter(WAITING, organisation_id=by.organisation_id).count()


def dangers_waiting(by: Actor) -> list[Flag]:
    """Flags by which somebody may be in danger and that nobody has acknowledged, the most pressing first."""
    require(by, "flag.acknowledge")
    return list(
        Flag.objects.filter(WAITING, DANGER, organisation_id=by.organisation_id).order_by("due_at")[:100]
    )


def flags_everywhere(*, now: datetime) -> dict[str, int]:
    """Over all organisations, for whoever keeps the service running: counts alone.

    late: not acknowledged in time. untold: of those that nobody acknowledged, how many nobody could be told of.
    """
    counted = Flag.objects.filter(WAITING, DANGER).aggregate(
        late=Count("id", filter=Q(due_at__lt=now)), untold=Count("id", filter=Q(untold__gt=0))
    )
    return {name: int(number) for name, number in counted.items()}


def services(by: Actor) -> list[tuple[UUID, str]]:
    """The services of the actor's organisation, for a filter."""
    return list(Service.objects.filter(organisation_id=by.organisation_id).values_list("id", "name"))
