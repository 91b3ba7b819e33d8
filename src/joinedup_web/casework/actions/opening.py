"""Opening a case: it gets the next number of its organisation, a team, and the time by which it must be answered."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from joinedup.casework import Entry, Origin, due
from joinedup_web.audit.deed import Deed, action
from joinedup_web.casework.actions.work import may_handle, takes_cases
from joinedup_web.casework.contacts import keep_contact
from joinedup_web.casework.models import Case, CaseEntry, CaseNumber, Team
from joinedup_web.casework.working_days import calendar_of

WITHOUT_TEAM_DAYS = 10


@action("case.view")
def open_case(
    deed: Deed,
    *,
    title: str,
    text: str,
    origin: str,
    team: Team | None = None,
    language: str = "en",
    is_urgent: bool = False,
    contact: tuple[str, str] | None = None,
    received_at: datetime | None = None,
) -> Case:
    """Open a case and return it. Who may work on cases may, and who may give them to people.

    text: with personal data masked. contact: channel ("email" or "sms") and address of whoever wants an answer; it is
    sealed at once. received_at: when they asked, from which the clock runs; now where it is None. Raises UsageError
    for an address that is none.
    """
    if not may_handle(deed.by):
        raise deed.refuse("no_permission", "no role of yours allows: work on cases, or give them to people")
    if deed.organisation_id is None:
        raise deed.refuse("no_organisation", "choose the organisation you are working for")
    if team is not None and not takes_cases(team, deed.organisation_id):
        raise deed.refuse("no_team", "choose a team that takes cases")
    asked = received_at or deed.at
    days = team.reply_working_days if team is not None else WITHOUT_TEAM_DAYS
    case = Case.objects.create(
        organisation_id=deed.organisation_id,
        number=next_number(deed),
        origin=Origin(origin).value,
        title=title.strip()[:150],
        text=text,
        language=language,
        is_urgent=is_urgent,
        team=team,
        opened_by_id=deed.by.id,
        opened_at=deed.at,
        due_at=due(asked, working_days=1 if is_urgent else days, calendar=calendar_of(deed.organisation_id)),
    )
    if contact is not None:
        keep_contact(deed, case, channel=contact[0], to=contact[1])
    CaseEntry.objects.create(case=case, kind=Entry.OPENED.value, by_id=deed.by.id, at=deed.at)
    deed.record(
        "case.opened",
        case=case.id,
        origin=case.origin,
        team=team.id if team is not None else None,
        urgent=is_urgent,
        answer_wanted=contact is not None,
    )
    return case


def next_number(deed: Deed) -> int:
    """Part of a deed: the next number of its organisation's cases. The row stays locked until the deed ends, so none is
    given twice."""
    CaseNumber.objects.get_or_create(organisation_id=deed.organisation_id)
    row = CaseNumber.objects.select_for_update().get(organisation_id=deed.organisation_id)
    CaseNumber.objects.filter(id=row.id).update(last=F("last") + 1)
    return row.last + 1
