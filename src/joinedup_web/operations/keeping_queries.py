"""What is kept for how long, what is held, and erasures: reads through the gate, of one's own organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require
from joinedup_web.linkage.models import Project
from joinedup_web.operations.keeping import days_kept, holds_on
from joinedup_web.operations.models import Erasure, ErasureState, LegalHold
from joinedup_web.operations.stores import STORES, Store


@dataclass(frozen=True)
class StoreState:
    """One store for one organisation. due: things that were kept long enough. held: by a hold on all or a part."""

    store: Store
    days: int
    due: int
    held: bool


def store_states(by: Actor) -> list[StoreState]:
    """Every store with the organisation's period."""
    require(by, "retention.view")
    assert by.organisation_id is not None
    states = []
    for store in STORES.values():
        days = days_kept(by.organisation_id, store)
        whole, projects = holds_on(by.organisation_id, store.code)
        due = store.due(by.organisation_id, timezone.now() - timedelta(days=days)).count()
        states.append(StoreState(store, days, due, whole or bool(projects)))
    return states


def holds(by: Actor) -> QuerySet[LegalHold]:
    """Every hold of the organisation, newest first."""
    require(by, "retention.view")
    return LegalHold.objects.filter(organisation_id=by.organisation_id).select_related(
        "project", "placed_by", "lifted_by"
    )


def hold_of(by: Actor, hold_id: UUID) -> LegalHold | None:
    """One hold of the organisation."""
    return holds(by).filter(id=hold_id).first()


def erasures(by: Actor) -> QuerySet[Erasure]:
    """Every erasure of the organisation's projects, newest first."""
    require(by, "retention.view")
    return Erasure.objects.filter(project__organisation_id=by.organisation_id).select_related(
        "project", "asked_by", "decided_by"
    )


def erasure_of(by: Actor, erasure_id: UUID) -> Erasure | None:
    """One erasure of the organisation."""
    return erasures(by).filter(id=erasure_id).first()


def projects(by: Actor) -> QuerySet[Project]:
    """The organisation's projects, to choose from."""
    require(by, "retention.view")
    return Project.objects.filter(organisation_id=by.organisation_id)


def erasures_to_approve(by: Actor) -> int:
    """How many erasures wait for this person: those that somebody else asked for."""
    waiting = Erasure.objects.filter(project__organisation_id=by.organisation_id, state=ErasureState.ASKED)
    return waiting.exclude(asked_by_id=by.id).count()
