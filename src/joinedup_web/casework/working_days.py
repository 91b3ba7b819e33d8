"""An organisation's working days: its nation's bank holidays, and the days that it added or took away."""

from __future__ import annotations

from uuid import UUID

from joinedup.casework import Nation, WorkingCalendar, bank_holidays
from joinedup_web.casework.models import OwnDay
from joinedup_web.casework.models import WorkingCalendar as Kept


def nation_of(organisation_id: UUID) -> Nation:
    """By whose bank holidays an organisation counts: England and Wales unless it chose."""
    kept = Kept.objects.filter(organisation_id=organisation_id).values_list("nation", flat=True).first()
    return Nation(kept) if kept else Nation.ENGLAND_AND_WALES


def calendar_of(organisation_id: UUID) -> WorkingCalendar:
    """The calendar by which an organisation's cases are due. Two queries."""
    own = list(OwnDay.objects.filter(organisation_id=organisation_id))
    return bank_holidays(nation_of(organisation_id)).changed(
        off={day.day: day.name for day in own if day.is_off},
        worked=[day.day for day in own if not day.is_off],
    )
