"""What time brings about in cases: replies tried again, overdue cases escalated, what was kept long enough let go."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, UUIDField, Value

from joinedup.casework import Rung, Standing, State, WorkingCalendar, next_rung
from joinedup_web.accounts.colleagues import holders_in
from joinedup_web.accounts.memberships import may_use
from joinedup_web.accounts.models import Organisation, StaffUser
from joinedup_web.audit.deed import Deed, action
from joinedup_web.casework.actions.work import escalate
from joinedup_web.casework.contacts import MOST_DAYS_AFTER_CLOSING
from joinedup_web.casework.models import Case, CaseContact, CaseEntry, CaseState, Reply
from joinedup_web.casework.reply_jobs import send_waiting
from joinedup_web.casework.working_days import calendar_of
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.gate.decide import Refused

log = logging.getLogger(__name__)
MOST_AT_ONCE = 1000
TEXT_GONE = "The text has been removed"


def look_after_cases(*, on: datetime) -> tuple[int, int]:
    """A round of upkeep: how many replies were tried, and how many cases escalated. One that fails stops no other."""
    done = [0, 0]
    for place, round_of in enumerate((send_waiting, lambda: escalate_overdue(on=on))):
        try:
            done[place] = round_of()
        except Exception as problem:  # the next round tries again; the kind alone is told
            log.error("a round of cases failed: %s", type(problem).__name__)
    return done[0], done[1]


def escalate_overdue(*, on: datetime) -> int:
    """Tell those to whom overdue cases go next; how many cases were escalated."""
    waits_for_more = Q(escalated_at=None) | Q(escalated_at__lte=F("due_at")) | Q(escalated_to=F("team__lead"))
    overdue = Case.objects.filter(waits_for_more, state=CaseState.OPEN.value, due_at__lt=on)
    escalated = 0
    for organisation_id in list(overdue.order_by().values_list("organisation_id", flat=True).distinct()):
        calendar = calendar_of(organisation_id)
        managers = holders_in("case.assign", [organisation_id])
        for case in overdue.filter(organisation_id=organisation_id).select_related("team__lead"):
            if not _people(case, calendar, managers, on=on):
                continue
            told = {"case": case, "calendar": calendar, "managers": managers, "on": on}
            try:
                _escalate(by=SYSTEM, organisation_id=organisation_id, **told)
            except Refused:
                continue  # another worker was first
            escalated += 1
    return escalated


def _people(
    case: Case, calendar: WorkingCalendar, managers: Iterable[StaffUser], *, on: datetime
) -> list[StaffUser]:
    """To whom a case goes now: nobody where it need not, or where there is nobody."""
    lead = case.team.lead if case.team is not None else None
    has_lead = lead is not None and may_use(lead, on=on)
    standing = Standing(
        state=State(case.state),
        due_at=case.due_at,
        is_urgent=case.is_urgent,
        escalated_at=case.escalated_at,
        has_lead=has_lead,
        lead_was_told=lead is not None and case.escalated_to_id == lead.id,
    )
    rung = next_rung(standing, now=on, calendar=calendar)
    if rung is Rung.LEAD:
        return [lead] if lead is not None else []
    if rung is Rung.MANAGERS:
        return [each for each in managers if lead is None or each.id != lead.id]
    return []


@action(None)
def _escalate(
    deed: Deed, *, case: Case, calendar: WorkingCalendar, managers: list[StaffUser], on: datetime
) -> None:
    """Looks again, since another worker may have been first."""
    locked = Case.objects.select_for_update().get(id=case.id)
    people = _people(locked, calendar, managers, on=on)
    if not people:
        raise deed.refuse("told_already", "another worker was first")
    first, *others = people
    why = "Its time is over" + (f"; {len(others)} more who give cases out are told, too" if others else "")
    escalate(deed, locked, first, by="time", why=why, also=others)


def let_contacts_go(*, on: datetime, is_held: Callable[[UUID], bool]) -> int:
    """A round of upkeep: remove how to answer some time after a case was closed, and addresses of replies that were
    never sent; how many cases let go. is_held: whether a legal hold keeps an organisation's cases."""
    before = on - timedelta(days=MOST_DAYS_AFTER_CLOSING)
    removed = 0
    for organisation in Organisation.objects.all():
        due = _with_address(organisation.id, before)
        while not is_held(organisation.id) and due.exists():
            removed += _let_contacts_go(by=SYSTEM, organisation_id=organisation.id, before=before)
    return removed


def _with_address(organisation_id: UUID, before: datetime) -> QuerySet[Case]:
    contact = CaseContact.objects.filter(case=OuterRef("pk"))
    unsent = Reply.objects.filter(case=OuterRef("pk")).exclude(to_sealed="")
    closed = Case.objects.filter(organisation_id=organisation_id, state=CaseState.CLOSED.value)
    return closed.filter(Exists(contact) | Exists(unsent), closed_at__lt=before)


@action(None, alone=True)
def _let_contacts_go(deed: Deed, *, before: datetime) -> int:
    assert deed.organisation_id is not None
    ids = list(_with_address(deed.organisation_id, before).values_list("id", flat=True)[:MOST_AT_ONCE])
    CaseContact.objects.filter(case__in=ids).delete()
    Reply.objects.filter(case__in=ids).update(to_sealed="")
    deed.record("case.contact_removed", removed=len(ids))
    return len(ids)


def due_cases(organisation_id: UUID, before: datetime) -> QuerySet[Any]:
    """Closed cases whose texts have been kept long enough, for operations/stores.py."""
    notes = CaseEntry.objects.filter(case=OuterRef("pk")).exclude(text="")
    closed = Case.objects.filter(organisation_id=organisation_id, state=CaseState.CLOSED.value)
    return closed.filter(~Q(title=TEXT_GONE) | Exists(notes), closed_at__lt=before).annotate(
        project_id=Value(None, output_field=UUIDField())
    )


def let_case_go(case: Case, after_commit: Callable[[Callable[[], object]], None]) -> None:
    """Empty a closed case: its number, its clock and how it ended stay; what was asked, noted and answered goes."""
    CaseContact.objects.filter(case_id=case.id).delete()
    CaseEntry.objects.filter(case_id=case.id).update(text="")
    Reply.objects.filter(case_id=case.id).update(text="", to_sealed="")
    Case.objects.filter(id=case.id).update(title=TEXT_GONE, text="")
