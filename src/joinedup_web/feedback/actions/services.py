"""Deeds on services: set up, changed, closed and opened again."""

from __future__ import annotations

import re
from typing import Any

from joinedup_web.accounts.colleagues import holders_in
from joinedup_web.accounts.models import StaffUser
from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback.models import Service

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_SLUG = 60
ACKNOWLEDGE = (5, 1440)
"""Minutes that a duty person may be given: five, to a day."""
KEEP_ORIGINAL = (1, 365)
"""Days that a sealed original may be kept."""
MAY_CHANGE = frozenset(
    {
        *("slug", "name", "name_cy", "help_text", "help_text_cy", "duty_person", "deputy"),
        *("acknowledge_minutes", "keep_original_days", "is_active"),
    }
)


@action("service.manage")
def create_service(
    deed: Deed,
    *,
    name: str,
    slug: str,
    name_cy: str = "",
    help_text: str = "",
    help_text_cy: str = "",
    duty_person: StaffUser | None = None,
    deputy: StaffUser | None = None,
    acknowledge_minutes: int = 60,
    keep_original_days: int = 30,
) -> Service:
    """Set up a service that asks for feedback. Until it has a duty person, none of its forms can be opened."""
    made = Service(
        organisation_id=deed.organisation_id,
        name=name.strip(),
        slug=slug,
        name_cy=name_cy.strip(),
        help_text=help_text.strip(),
        help_text_cy=help_text_cy.strip(),
        duty_person=duty_person,
        deputy=deputy,
        acknowledge_minutes=acknowledge_minutes,
        keep_original_days=keep_original_days,
        created_at=deed.at,
    )
    _check(deed, made, set(MAY_CHANGE))
    made.save(force_insert=True)
    deed.record("service.added", service=made.id)
    return made


@action("service.manage")
def change_service(deed: Deed, *, service: Service, **changes: Any) -> Service:
    """Change what is held about a service. changes: as create_service takes them; is_active=False closes it.

    A closed service takes no answers; its responses stay.
    """
    if unknown := set(changes) - MAY_CHANGE:
        raise TypeError(f"a service has no {', '.join(sorted(unknown))} that could be changed")
    row = Service.objects.select_for_update().get(id=service.id, organisation_id=deed.organisation_id)
    cleaned = {name: value.strip() if isinstance(value, str) else value for name, value in changes.items()}
    changed = {name for name, value in cleaned.items() if getattr(row, name) != value}
    if not changed:
        raise deed.refuse("nothing_changed", "nothing was changed")
    for name in changed:
        setattr(row, name, cleaned[name])
    _check(deed, row, changed)
    row.save()
    people = {"duty_person": row.duty_person_id, "deputy": row.deputy_id}
    deed.record(
        "service.changed",
        service=row.id,
        is_active=row.is_active,
        **{name: value for name, value in people.items() if value is not None},
    )
    return row


def _check(deed: Deed, row: Service, changed: set[str]) -> None:
    if not row.name:
        raise deed.refuse("no_name", "enter the name of the service")
    same_place = Service.objects.filter(organisation_id=row.organisation_id).exclude(id=row.id)
    if "name" in changed and same_place.filter(name__iexact=row.name).exists():
        raise deed.refuse("name_taken", "there is a service of that name already")
    if "slug" in changed:
        if not SLUG.fullmatch(row.slug) or len(row.slug) > LONGEST_SLUG:
            raise deed.refuse("no_address", "use small letters, digits and hyphens in the address")
        if Service.objects.filter(slug=row.slug).exclude(id=row.id).exists():
            raise deed.refuse("address_taken", "that address is taken; choose another one")
    if not ACKNOWLEDGE[0] <= row.acknowledge_minutes <= ACKNOWLEDGE[1]:
        raise deed.refuse(
            "minutes", f"give {ACKNOWLEDGE[0]} to {ACKNOWLEDGE[1]} minutes to acknowledge a flag"
        )
    if not KEEP_ORIGINAL[0] <= row.keep_original_days <= KEEP_ORIGINAL[1]:
        raise deed.refuse("days", f"keep what was masked for {KEEP_ORIGINAL[0]} to {KEEP_ORIGINAL[1]} days")
    if changed & {"duty_person", "deputy"}:
        _check_people(deed, row)


def _check_people(deed: Deed, row: Service) -> None:
    if row.duty_person_id is None:
        if row.deputy_id is not None:
            raise deed.refuse("no_duty_person", "name a duty person before a deputy")
        return
    if row.duty_person_id == row.deputy_id:
        raise deed.refuse("same_person", "the deputy must be somebody else than the duty person")
    able = {user.id for user in holders_in("flag.acknowledge", [row.organisation_id])}
    for person in (row.duty_person_id, row.deputy_id):
        if person is not None and person not in able:
            raise deed.refuse(
                "may_not_acknowledge", "choose colleagues who may acknowledge that somebody may be in danger"
            )
