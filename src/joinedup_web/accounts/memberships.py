"""Which roles a person holds now, and who they are to the gate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from joinedup_web.accounts.models import Membership, Organisation, StaffUser
from joinedup_web.gate.actor import Actor, ActorKind


@dataclass(frozen=True)
class Held:
    """One role that somebody holds now. emergency_until: where it is emergency access, when that ends."""

    organisation_id: UUID | None
    organisation_name: str
    permissions: tuple[str, ...]
    emergency_until: datetime | None


def actor_of(user_id: UUID, *, organisation_id: UUID | None) -> Actor | None:
    """Return a member of staff as an actor in an organisation; None where the account may not be used.

    Two queries, whatever the number of roles.
    """
    now = timezone.now()
    user = StaffUser.objects.filter(id=user_id).first()
    if user is None or not may_use(user, on=now):
        return None
    return as_actor(user, held_by(user_id, on=now), organisation_id)


def as_actor(user: StaffUser, held: Iterable[Held], organisation_id: UUID | None) -> Actor:
    """The actor that these roles make in an organisation; in none where no role is of it."""
    roles = list(held)
    here = [role for role in roles if role.organisation_id and role.organisation_id == organisation_id]
    return Actor(
        kind=ActorKind.STAFF,
        id=user.id,
        organisation_id=organisation_id if here else None,
        organisation_name=here[0].organisation_name if here else "",
        permissions=frozenset(code for role in here for code in role.permissions),
        platform=frozenset(
            code for role in roles if role.organisation_id is None for code in role.permissions
        ),
        name=user.name,
        works_elsewhere=any(role.organisation_id not in (None, organisation_id) for role in roles),
    )


def may_use(user: StaffUser, *, on: datetime) -> bool:
    """Whether an account is open."""
    return user.is_active and (user.expires_at is None or user.expires_at > on)


def held_by(user_id: UUID, *, on: datetime) -> list[Held]:
    """The roles that a person holds now. One query."""
    rows = current_memberships(user_id, on=on).values_list(
        "organisation_id", "organisation__name", "role__permissions", "emergency__until"
    )
    return [Held(where, name or "", tuple(codes), until) for where, name, codes, until in rows]


def current_memberships(user_id: UUID, *, on: datetime | None = None) -> QuerySet[Membership]:
    """The memberships of a person that hold now."""
    return Membership.objects.filter(holds(on or timezone.now()), user_id=user_id)


def holds(on: datetime) -> Q:
    """Which memberships hold at a moment."""
    return Q(ended_at=None) & (Q(expires_at=None) | Q(expires_at__gt=on))


def organisations_of(user_id: UUID) -> list[Organisation]:
    """The organisations that a person may work for, by name."""
    return list(Organisation.objects.filter(memberships__in=current_memberships(user_id)).distinct())
