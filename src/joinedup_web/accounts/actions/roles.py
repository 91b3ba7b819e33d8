"""Deeds on an organisation's own roles: made of permissions that exist, changed, withdrawn."""

from __future__ import annotations

from collections.abc import Iterable

from joinedup_web.accounts.granting import apart
from joinedup_web.accounts.memberships import holds
from joinedup_web.accounts.models import Membership, Organisation, Role
from joinedup_web.audit.deed import Deed, action
from joinedup_web.gate.permissions import permissions

MOST_PERMISSIONS = 20  # as many as one audit event lists


@action("staff.grant")
def define_role(
    deed: Deed, *, organisation: Organisation, name: str, what: str, codes: Iterable[str]
) -> Role:
    """Make a role of the organisation's own. Its code is a number: names are people's words, and stay out of events."""
    wanted = _checked(deed, codes)
    _check_name(deed, organisation, name, None)
    number = Role.objects.filter(organisation=organisation).count() + 1
    role = Role.objects.create(
        code=f"own_{number}", name=name, what=what, permissions=wanted, organisation=organisation
    )
    deed.record("role.defined", role=role.code, permissions=wanted)
    return role


@action("staff.grant")
def change_role(deed: Deed, *, role: Role, name: str, what: str, codes: Iterable[str]) -> Role:
    """Change an own role, for everybody who holds it from the next page on."""
    assert role.organisation is not None
    wanted = _checked(deed, codes)
    _check_name(deed, role.organisation, name, role)
    if role.withdrawn_at is not None:
        raise deed.refuse("role_withdrawn", "that role was withdrawn")
    holders = Membership.objects.filter(holds(deed.at), role=role)
    if holders.filter(user_id=deed.by.id).exists():
        raise deed.refuse("own_work", "you hold that role yourself; ask a colleague to change it")
    for user_id in holders.values_list("user_id", flat=True):
        others = Membership.objects.filter(holds(deed.at), user_id=user_id).exclude(role=role)
        together = {code for codes in others.values_list("role__permissions", flat=True) for code in codes}
        reason = apart(together | set(wanted))
        if reason:
            raise deed.refuse("duties_apart", f"somebody who holds it has other roles too: {reason}")
    role.name, role.what, role.permissions = name, what, wanted
    role.save()
    deed.record("role.changed", role=role.code, permissions=wanted)
    return role


@action("staff.grant")
def withdraw_role(deed: Deed, *, role: Role) -> None:
    """Take an own role out of use; nobody may hold it any more."""
    if role.withdrawn_at is not None:
        raise deed.refuse("role_withdrawn", "that role was withdrawn already")
    if Membership.objects.filter(holds(deed.at), role=role).exists():
        raise deed.refuse("role_held", "people still hold it; end that first")
    role.withdrawn_at = deed.at
    role.save()
    deed.record("role.withdrawn", role=role.code)


def _checked(deed: Deed, codes: Iterable[str]) -> list[str]:
    wanted = sorted(set(codes))
    known = permissions()
    if not wanted:
        raise deed.refuse("no_permissions", "choose at least one thing that the role allows")
    if len(wanted) > MOST_PERMISSIONS:
        raise deed.refuse("too_many", f"a role allows {MOST_PERMISSIONS} things at most; make two roles")
    if any(code not in known or known[code].platform for code in wanted):
        raise deed.refuse("platform_permission", "an organisation's role cannot allow what concerns all")
    reason = apart(wanted)
    if reason:
        raise deed.refuse("duties_apart", f"one role may not allow both: {reason}")
    return wanted


def _check_name(deed: Deed, organisation: Organisation, name: str, own: Role | None) -> None:
    same = Role.objects.filter(name__iexact=name, organisation__in=[organisation]).exclude(id=own and own.id)
    shipped = Role.objects.filter(name__iexact=name, organisation=None)
    if same.exists() or shipped.exists():
        raise deed.refuse("name_taken", "there is a role of that name already")
