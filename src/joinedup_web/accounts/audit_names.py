"""The names behind ids and tokens of the audit record, for its pages."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import get_language

from joinedup_web.accounts.models import Organisation, StaffUser
from joinedup_web.audit import names


def register_names() -> None:
    """Tell the audit pages where to ask."""
    names.register(organisations=_organisations, staff=_staff)


def _organisations() -> list[tuple[UUID, str]]:
    """By their names in the page's language: a citizen may read them in Welsh."""
    named = Organisation.objects.values_list("id", "name", "name_cy")
    is_welsh = get_language() == "cy"
    return [(key, (welsh if is_welsh else "") or name) for key, name, welsh in named]


def _staff(organisation_id: UUID | None) -> list[tuple[UUID, str]]:
    """Everybody who holds or held a role in the organisation; of no organisation, everybody."""
    people = StaffUser.objects.all()
    if organisation_id is not None:
        people = people.filter(memberships__organisation_id=organisation_id).distinct()
    return list(people.order_by().values_list("id", "name"))
