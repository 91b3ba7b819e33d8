"""The staff session: who is signed in, for which organisation, and what their roles allow there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from joinedup_web.accounts.models import Membership, Organisation, StaffUser
from joinedup_web.gate.actor import ANONYMOUS, Actor, ActorKind

USER, ORGANISATION, AUTHENTICATED = "staff_user", "staff_organisation", "staff_authenticated_at"


def staff_actor(request: HttpRequest) -> Actor:
    """Return who is signed in to the staff side; ANONYMOUS for nobody, or an account disabled or expired since."""
    kept = request.session.get(USER)
    if kept is None:
        return ANONYMOUS
    chosen = request.session.get(ORGANISATION)
    actor = actor_of(UUID(kept), organisation_id=UUID(chosen) if chosen else None)
    if actor is None:
        request.session.flush()
        return ANONYMOUS
    since = request.session.get(AUTHENTICATED)
    return Actor(
        kind=actor.kind,
        id=actor.id,
        organisation_id=actor.organisation_id,
        permissions=actor.permissions,
        platform=actor.platform,
        authenticated_at=datetime.fromisoformat(since) if since else None,
        name=actor.name,
    )


def actor_of(user_id: UUID, *, organisation_id: UUID | None) -> Actor | None:
    """Return a member of staff as an actor in an organisation; None where the account may not be used.

    Two queries, whatever the number of roles.
    """
    now = timezone.now()
    user = StaffUser.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now), id=user_id, is_active=True
    ).first()
    if user is None:
        return None
    held = list(current_memberships(user_id).values_list("organisation_id", "role__permissions"))
    own = {code for where, codes in held if where is not None and where == organisation_id for code in codes}
    platform = {code for where, codes in held if where is None for code in codes}
    belongs = any(where == organisation_id for where, _ in held)
    return Actor(
        kind=ActorKind.STAFF,
        id=user.id,
        organisation_id=organisation_id if belongs else None,
        permissions=frozenset(own),
        platform=frozenset(platform),
        name=user.name,
    )


def current_memberships(user_id: UUID):  # type: ignore[no-untyped-def]  # a queryset of Membership
    """The memberships of a person that hold now."""
    now = timezone.now()
    return Membership.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now), user_id=user_id, ended_at=None
    )


def organisations_of(user_id: UUID) -> list[Organisation]:
    """The organisations that a person may work for, by name."""
    return list(Organisation.objects.filter(memberships__in=current_memberships(user_id)).distinct())


def open_session(request: HttpRequest, user: StaffUser, *, at: datetime) -> None:
    """Sign a person in: a new session key (fixation), and their organisation where there is only one."""
    request.session.flush()
    request.session[USER] = str(user.id)
    request.session[AUTHENTICATED] = at.isoformat()
    choices = organisations_of(user.id)
    if len(choices) == 1:
        request.session[ORGANISATION] = str(choices[0].id)
