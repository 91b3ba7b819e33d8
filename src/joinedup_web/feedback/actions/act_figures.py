"""A service's figures are entered, what its scorecard cannot count is stated, and its figures become open data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from joinedup.feedback import MonthFigures
from joinedup_web.audit.deed import Deed, action
from joinedup_web.feedback.models import Service, ServiceFigures, ServiceStatement


@action("measure.note")
def note_figures(deed: Deed, *, service: Service, figures: Sequence[MonthFigures]) -> int:
    """Keep the figures of some months, in the place of what was kept of them; return how many months.

    A month of which nothing at all is known is taken out. Refused for a month that has not begun.
    """
    if not figures:
        raise deed.refuse("no_months", "there is no month in it")
    today = timezone.localdate(deed.at)
    if any(each.month > today for each in figures):
        raise deed.refuse("not_yet", "a month that has not begun has no figures")
    for each in figures:
        if each.is_empty:
            ServiceFigures.objects.filter(service=service, month=each.month).delete()
            continue
        ServiceFigures.objects.update_or_create(
            service=service,
            month=each.month,
            defaults={
                "started": each.started,
                "completed": each.completed,
                "digital": each.digital,
                "eligible": each.eligible,
                "cost_pence": each.cost_pence,
                "noted_by_id": deed.by.id,
                "noted_at": deed.at,
            },
        )
    deed.record("figures.noted", service=service.id, months=len(figures))
    return len(figures)


@action("measure.note")
def state_for_scorecard(
    deed: Deed,
    *,
    service: Service,
    is_accessible: bool | None,
    audited_on: date | None,
    cost_at_most_pence: int | None,
    cost_source: str,
) -> ServiceStatement:
    """State what cannot be counted: what the last accessibility audit found, and which cost applies and who says so."""
    if (is_accessible is None) != (audited_on is None):
        raise deed.refuse("no_day", "say what the audit found and on which day, or neither")
    if audited_on is not None and audited_on > timezone.localdate(deed.at):
        raise deed.refuse("not_yet", "the day of the audit must be today or in the past")
    if (cost_at_most_pence is None) != (not cost_source.strip()):
        raise deed.refuse("no_source", "give the cost that applies and where it is from, or neither")
    made = _statement(service)
    made.is_accessible, made.audited_on = is_accessible, audited_on
    made.cost_at_most_pence, made.cost_source = cost_at_most_pence, cost_source.strip()
    made.changed_by_id, made.changed_at = deed.by.id, deed.at
    made.save()
    deed.record("scorecard.stated", service=service.id)
    return made


@action("improvement.publish")
def open_figures(deed: Deed, *, service: Service, licence: str, licence_url: str) -> ServiceStatement:
    """Open a service's figures to everybody under a licence."""
    if not licence.strip() or not licence_url.startswith("https://"):
        raise deed.refuse("no_licence", "name the licence and the address of its text")
    made = _statement(service)
    if made.is_open_data:
        raise deed.refuse("open_already", "its figures are open data already")
    made.is_open_data, made.opened_at, made.opened_by_id = True, deed.at, deed.by.id
    made.licence, made.licence_url = licence.strip(), licence_url.strip()
    made.save()
    deed.record("figures.opened", service=service.id)
    return made


@action("improvement.publish")
def close_figures(deed: Deed, *, service: Service) -> ServiceStatement:
    """Open them no more. What people downloaded stays with them."""
    made = _statement(service)
    if not made.is_open_data:
        raise deed.refuse("not_open", "its figures are not open data")
    made.is_open_data = False
    made.save(update_fields=["is_open_data"])
    deed.record("figures.closed", service=service.id)
    return made


def _statement(service: Service) -> ServiceStatement:
    found = ServiceStatement.objects.select_for_update().filter(service=service).first()
    return found if found is not None else ServiceStatement(service=service)
