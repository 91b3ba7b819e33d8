"""Which digests may be read, and who gets which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import Http404

from joinedup_web.feedback.models import Digest, DigestChoice, Service
from joinedup_web.feedback.queries import act_measures
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require


@dataclass(frozen=True)
class OfService:
    """A service with its last digest, and whether whoever asks gets it by email."""

    service: Service
    newest: Digest | None
    is_chosen: bool


def of_services(by: Actor) -> list[OfService]:
    """Each service in use of the actor's organisation, by name."""
    services = act_measures.services(by)
    newest: dict[UUID, Digest] = {}
    for digest in Digest.objects.filter(service__in=services).order_by("week"):
        newest[digest.service_id] = digest
    chosen = set(DigestChoice.objects.filter(account_id=by.id).values_list("service_id", flat=True))
    return [OfService(each, newest.get(each.id), each.id in chosen) for each in services]


def digest(by: Actor, service_id: UUID, week: date) -> Digest:
    """The digest of a week. Raises Http404 for another organisation's, and where there is none."""
    require(by, "measure.view")
    found = (
        Digest.objects.select_related("service")
        .filter(service_id=service_id, service__organisation_id=by.organisation_id, week=week)
        .first()
    )
    if found is None:
        raise Http404
    return found


def weeks(by: Actor, of: Service) -> list[date]:
    """The weeks of which there is a digest, the newest first; a year's at most."""
    require(by, "measure.view", organisation_id=of.organisation_id)
    return list(of.digests.order_by("-week").values_list("week", flat=True)[:52])
