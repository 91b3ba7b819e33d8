"""Deeds on organisations: added, changed, their identifiers, and who holds which post."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from joinedup_web.accounts.identifiers import SCHEMES
from joinedup_web.accounts.memberships import current_memberships
from joinedup_web.accounts.models import Officer, OfficerPost, Organisation, StaffUser
from joinedup_web.audit.deed import Deed, action

_OFFICES = {
    OfficerPost.DPO: "dpo",
    OfficerPost.SIRO: "siro",
    OfficerPost.IAO: "information_asset_owner",
}
_PARTS = ("name", "kind", "identifiers")


@action("organisation.create")
def add_organisation(
    deed: Deed,
    *,
    name: str,
    kind: str,
    name_cy: str = "",
    identifiers: Mapping[str, str | None] | None = None,
) -> Organisation:
    """Add an organisation. identifiers: by the field of their scheme, as `identifiers.Scheme.read` returned them."""
    _check_name(deed, name, None)
    _check_identifiers(deed, identifiers or {}, None)
    made = Organisation.objects.create(
        name=name, name_cy=name_cy, kind=kind, created_at=deed.at, **dict(identifiers or {})
    )
    deed.record("organisation.created", subject_organisation=made.id, organisation_id=made.id)
    return made


@action("organisation.change")
def change_organisation(
    deed: Deed,
    *,
    organisation: Organisation,
    name: str,
    kind: str,
    name_cy: str = "",
    identifiers: Mapping[str, str | None],
) -> Organisation:
    """Change what is held about an organisation; one event for each part that really changed."""
    _check_name(deed, name, organisation)
    _check_identifiers(deed, identifiers, organisation)
    row = Organisation.objects.select_for_update().get(id=organisation.id)
    changed = {
        "name": (row.name, row.name_cy) != (name, name_cy),
        "kind": row.kind != kind,
        "identifiers": any(getattr(row, field) != value for field, value in identifiers.items()),
    }
    if not any(changed.values()):
        raise deed.refuse("nothing_changed", "nothing was changed")
    row.name, row.name_cy, row.kind = name, name_cy, kind
    for field, value in identifiers.items():
        setattr(row, field, value)
    row.save()
    for part in _PARTS:
        if changed[part]:
            deed.record("organisation.changed", subject_organisation=row.id, part=part)
    return row


@action("organisation.change")
def name_officer(
    deed: Deed,
    *,
    organisation: Organisation,
    post: OfficerPost,
    holder: StaffUser,
    since: date,
    asset: str = "",
) -> Officer:
    """Name who holds a post. A DPO or SIRO before them ends the day that the new one begins."""
    if not current_memberships(holder.id).filter(organisation=organisation).exists():
        raise deed.refuse("not_a_colleague", "an officer must have a role in the organisation")
    post = OfficerPost(post)
    now_open = Officer.objects.select_for_update().filter(organisation=organisation, post=post, until=None)
    if post is not OfficerPost.IAO:  # an organisation has one of each, but many information asset owners
        for before in now_open:
            if before.holder_id == holder.id:
                raise deed.refuse("held_already", "they hold that post already")
            if since < before.since:
                raise deed.refuse("date_before", "the present holder began later than that day")
            _end(deed, before, since)
    elif now_open.filter(holder=holder, asset=asset).exists():
        raise deed.refuse("held_already", "they own that information asset already")
    made = Officer.objects.create(
        organisation=organisation, post=post, holder=holder, asset=asset, since=since
    )
    deed.record("officer.named", office=_OFFICES[post], account=holder.id)
    return made


@action("organisation.change")
def end_officer(deed: Deed, *, officer: Officer, until: date) -> None:
    """Say when somebody's time in a post ends."""
    if officer.until is not None:
        raise deed.refuse("ended_already", "their time in that post has ended already")
    if until < officer.since:
        raise deed.refuse("date_before", "that day is before they began")
    _end(deed, officer, until)


def _end(deed: Deed, officer: Officer, until: date) -> None:
    Officer.objects.filter(id=officer.id).update(until=until)
    deed.record("officer.ended", office=_OFFICES[OfficerPost(officer.post)], account=officer.holder_id)


def _check_name(deed: Deed, name: str, own: Organisation | None) -> None:
    if Organisation.objects.filter(name__iexact=name).exclude(id=own and own.id).exists():
        raise deed.refuse("name_taken", "there is an organisation of that name already")


def _check_identifiers(deed: Deed, identifiers: Mapping[str, str | None], own: Organisation | None) -> None:
    for scheme in SCHEMES:
        value = identifiers.get(scheme.field)
        taken = (
            value and Organisation.objects.filter(**{scheme.field: value}).exclude(id=own and own.id).exists()
        )
        if taken:
            raise deed.refuse(f"{scheme.field}_taken", f"another organisation has that {scheme.name}")
