"""What may be granted: nothing to oneself, nothing that is kept apart, platform roles by the platform alone."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from joinedup_web.accounts.memberships import held_by
from joinedup_web.accounts.models import Role
from joinedup_web.audit.deed import Deed
from joinedup_web.gate.permissions import separations


def check_roles(
    deed: Deed, *, user_id: UUID | None, roles: Iterable[Role], organisation_id: UUID | None
) -> None:
    """Raise Refused where one of the roles may not be given. user_id: None for somebody without an account yet.

    organisation_id: where they will hold; None for platform roles.
    """
    roles = list(roles)
    if user_id is not None and user_id == deed.by.id:
        raise deed.refuse("own_work", "nobody changes their own roles; ask a colleague")
    for role in roles:
        if role.withdrawn_at is not None:
            raise deed.refuse("role_withdrawn", f"the role {role.name} is no longer in use")
        if role.platform is not (organisation_id is None):
            raise deed.refuse("role_elsewhere", f"the role {role.name} is not one of this organisation")
        if role.organisation_id not in (None, organisation_id):
            raise deed.refuse("role_elsewhere", f"the role {role.name} is not one of this organisation")
        if role.platform and not _acts_for_platform(deed):
            raise deed.refuse("no_permission", f"only a platform role may give the role {role.name}")
    held = _held_there(user_id, organisation_id, deed) if user_id is not None else set()
    reason = apart(held | {code for role in roles for code in role.permissions})
    if reason:
        raise deed.refuse("duties_apart", f"these roles may not be held together: {reason}")


def apart(permissions: Iterable[str]) -> str | None:
    """Return why these permissions may never be held together; None where they may."""
    together = set(permissions)
    for rule in separations():
        if rule.ever and {rule.first, rule.second} <= together:
            return rule.why
    return None


def _held_there(user_id: UUID, organisation_id: UUID | None, deed: Deed) -> set[str]:
    """What somebody holds in the organisation and over all; everywhere, where the new role is over all."""
    return {
        code
        for role in held_by(user_id, on=deed.at)
        if organisation_id is None or role.organisation_id in (None, organisation_id)
        for code in role.permissions
    }


def _acts_for_platform(deed: Deed) -> bool:
    return deed.by.id is None or "staff.grant" in deed.by.platform
