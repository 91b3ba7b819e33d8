"""Colleagues: the list, one person with their roles, and the roles that may be given."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from joinedup_web.accounts.memberships import holds
from joinedup_web.accounts.models import (
    Colleague,
    Invitation,
    Membership,
    Organisation,
    Role,
    StaffSession,
    StaffUser,
)
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require


def staff(
    by: Actor, *, roles: Iterable[str] = (), organisation_id: UUID | None = None
) -> QuerySet[Colleague] | QuerySet[StaffUser]:
    """Everybody who works or worked for the organisation, one row each; `account_of` and `roles_here` read them.

    On the platform: every account (those of one organisation if given). roles: the ids of roles of which they hold
    one. Ordered by name.
    """
    require(by, "staff.view")
    seen = _seen(by, "staff.view")
    if organisation_id is not None and "staff.view" in by.platform:
        seen = Q(organisation_id=organisation_id)
    wanted = [role for role in roles if role.isdecimal()]
    # By the few who hold a role, not by everybody's roles: an IN that is made once.
    holding = Membership.objects.filter(holds(timezone.now()) & seen, role_id__in=wanted).values("user_id")
    held = Membership.objects.filter(holds(timezone.now()) & seen).select_related("role", "organisation")
    if not seen:
        people = StaffUser.objects.filter(id__in=holding) if wanted else StaffUser.objects.all()
        return people.prefetch_related(Prefetch("memberships", queryset=held, to_attr="roles_here"))
    colleagues = Colleague.objects.filter(seen).order_by("name", "email")
    if wanted:
        colleagues = colleagues.filter(user_id__in=holding)
    return colleagues.prefetch_related(
        "user", Prefetch("user__memberships", queryset=held, to_attr="roles_here")
    )


def account_of(row: Colleague | StaffUser) -> StaffUser:
    """The account of a row of `staff`."""
    return row.user if isinstance(row, Colleague) else row


def roles_here(row: Colleague | StaffUser) -> list[Membership]:
    """What the person of a row of `staff` holds now where the asker may look."""
    held: list[Membership] = account_of(row).roles_here  # type: ignore[union-attr]  # of prefetch_related
    return held


def person(by: Actor, user_id: UUID) -> StaffUser:
    """One person with an account. Raises Http404 for somebody of another organisation."""
    require(by, "staff.view")
    seen = _seen(by, "staff.view")
    found = StaffUser.objects.filter(id=user_id)
    user = (found.filter(_has(seen)) if seen else found).first()
    if user is None:
        raise Http404
    return user


def roles_of(by: Actor, user: StaffUser) -> list[Membership]:
    """Every role that somebody holds or held where the asker may look, the present ones first."""
    require(by, "staff.view")
    rows = Membership.objects.filter(_seen(by, "staff.view"), user=user).select_related(
        "role", "organisation", "granted_by", "emergency"
    )
    now = timezone.now()
    return sorted(rows, key=lambda row: (not is_current(row, now), -row.granted_at.timestamp()))


def is_current(membership: Membership, now) -> bool:  # type: ignore[no-untyped-def]  # a moment
    """Whether a membership holds."""
    return membership.ended_at is None and (membership.expires_at is None or membership.expires_at > now)


def membership(by: Actor, membership_id: UUID) -> Membership:
    """One role of somebody. Raises Http404 for one of another organisation."""
    require(by, "staff.view")
    found = (
        Membership.objects.filter(_seen(by, "staff.view"), id=membership_id)
        .select_related("role", "user", "organisation")
        .first()
    )
    if found is None:
        raise Http404
    return found


def sessions_of(user: StaffUser) -> list[StaffSession]:
    """The open sessions of somebody, the latest used first."""
    return list(StaffSession.objects.filter(user=user, ended_at=None))


def open_session_count(by: Actor, user: StaffUser) -> int:
    """How many sessions somebody has open."""
    require(by, "staff.sign_out")
    return StaffSession.objects.filter(user=user, ended_at=None).count()


def givable_roles(by: Actor, organisation: Organisation | None) -> list[Role]:
    """The roles that may be given in an organisation (None: over all), by name."""
    require(by, "staff.view", organisation_id=organisation.id if organisation else None)
    rows = Role.objects.filter(withdrawn_at=None)
    if organisation is None:
        return list(rows.filter(platform=True)) if "staff.grant" in by.platform else []
    return list(rows.filter(Q(organisation=None) | Q(organisation=organisation), platform=False))


def known_roles(by: Actor) -> list[Role]:
    """The roles by which the list may be filtered."""
    rows = Role.objects.all()
    if "staff.view" in by.platform:
        return list(rows.filter(organisation=None))
    return list(rows.filter(Q(organisation=None) | Q(organisation_id=by.organisation_id), platform=False))


def own_roles(by: Actor) -> list[Role]:
    """The organisation's own roles, those withdrawn last."""
    require(by, "staff.view")
    rows = Role.objects.filter(organisation_id=by.organisation_id).exclude(organisation=None)
    return sorted(rows, key=lambda role: (role.withdrawn_at is not None, role.name))


def own_role(by: Actor, role_id: int) -> Role:
    """One of the organisation's own roles. Raises Http404."""
    require(by, "staff.view")
    found = (
        Role.objects.filter(id=role_id, organisation_id=by.organisation_id).exclude(organisation=None).first()
    )
    if found is None:
        raise Http404
    return found


def invitations(by: Actor) -> QuerySet[Invitation]:
    """Invitations of the organisation (on the platform: all), the latest first."""
    require(by, "staff.invite")
    rows = Invitation.objects.filter(_seen(by, "staff.invite"))
    return rows.select_related("organisation", "invited_by").prefetch_related("roles")


def invitation(by: Actor, invitation_id: UUID) -> Invitation:
    """One invitation. Raises Http404 for one of another organisation."""
    found = invitations(by).filter(id=invitation_id).first()
    if found is None:
        raise Http404
    return found


def _seen(by: Actor, permission: str) -> Q:
    """What of an organisation the asker may see: everything by a platform role, else their own organisation's."""
    return Q() if permission in by.platform else Q(organisation_id=by.organisation_id)


def _has(what: Q) -> Exists:
    return Exists(Membership.objects.filter(what, user=OuterRef("pk")))


def colleagues_of(organisation: Organisation) -> QuerySet[StaffUser]:
    """People who hold a role in an organisation now, by name. The caller has asked for the organisation."""
    return StaffUser.objects.filter(
        _has(holds(timezone.now()) & Q(organisation=organisation)), is_active=True
    )
