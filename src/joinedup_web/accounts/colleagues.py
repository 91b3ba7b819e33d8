"""Who holds a permission: for messages to those who must act."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from joinedup_web.accounts.memberships import current_memberships, holds
from joinedup_web.accounts.models import Membership, Role, StaffUser


def holders_of(permission: str, *, beside: StaffUser) -> list[StaffUser]:
    """People with a permission in the organisations that somebody works for, or else over all; never the person.

    Platform holders come in where there is nobody else, or where the person holds a platform role.
    """
    places = set(current_memberships(beside.id).values_list("organisation_id", flat=True))
    near = holders_in(permission, [place for place in places if place is not None], but=beside.id)
    if near and None not in places:
        return near
    return holders_in(permission, [None], but=beside.id)


def holders_in(permission: str, places: Iterable[UUID | None], *, but: UUID | None = None) -> list[StaffUser]:
    """People with a permission in any of these organisations (None: over all), by name."""
    wanted = set(places)
    there = Q(organisation__in=[place for place in wanted if place is not None])
    if None in wanted:
        there |= Q(organisation=None)
    # Roles first, which are few: most members of a large organisation have none that counts here.
    roles = [role for role in Role.objects.all() if permission in role.permissions]
    rows = Membership.objects.filter(holds(timezone.now()), there, role__in=roles, user__is_active=True)
    found = {row.user_id: row.user for row in rows.select_related("user") if row.user_id != but}
    return sorted(found.values(), key=lambda user: user.name)
