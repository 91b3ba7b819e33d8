"""Teams: made, changed, closed and opened again; and the working days by which their time is counted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from joinedup.casework import Nation
from joinedup_web.accounts.colleagues import holders_in
from joinedup_web.accounts.models import StaffUser
from joinedup_web.audit.deed import Deed, action
from joinedup_web.casework.models import CaseState, OwnDay, Team, WorkingCalendar

LONGEST_WAIT = 60


@action("service.manage")
def make_team(
    deed: Deed,
    *,
    name: str,
    purpose: str,
    reply_working_days: int,
    lead: StaffUser | None = None,
    members: Iterable[StaffUser] = (),
) -> Team:
    """Make a team that takes cases. Its name must be new in the organisation."""
    if deed.organisation_id is None:
        raise deed.refuse("no_organisation", "choose the organisation you are working for")
    people = list(members)
    _check(deed, None, name, reply_working_days, lead, people)
    team = Team.objects.create(
        organisation_id=deed.organisation_id,
        name=name.strip(),
        purpose=purpose.strip(),
        reply_working_days=reply_working_days,
        lead=lead,
        created_at=deed.at,
    )
    team.members.set(people)
    deed.record("team.made", team=team.id)
    return team


@action("service.manage")
def change_team(
    deed: Deed,
    *,
    team: Team,
    name: str,
    purpose: str,
    reply_working_days: int,
    lead: StaffUser | None,
    members: Iterable[StaffUser],
) -> Team:
    """Change what a team is. Cases that it has already keep their due day."""
    people = list(members)
    _check(deed, team, name, reply_working_days, lead, people)
    locked = Team.objects.select_for_update().get(id=team.id)
    locked.name, locked.purpose = name.strip(), purpose.strip()
    locked.reply_working_days, locked.lead = reply_working_days, lead
    locked.save()
    locked.members.set(people)
    deed.record("team.changed", team=locked.id, members=len(people))
    return locked


@action("service.manage")
def close_team(deed: Deed, *, team: Team) -> None:
    """Let a team take no more cases. Refused while it has some: give them to another first."""
    locked = Team.objects.select_for_update().get(id=team.id)
    if not locked.is_active:
        raise deed.refuse("closed_already", "this team is closed already")
    if locked.cases.exclude(state=CaseState.CLOSED.value).exists():
        raise deed.refuse("has_cases", "this team has cases; give them to another team first")
    Team.objects.filter(id=locked.id).update(is_active=False)
    deed.record("team.closed", team=locked.id)


@action("service.manage")
def open_team(deed: Deed, *, team: Team) -> None:
    """Let a closed team take cases again."""
    if not Team.objects.filter(id=team.id, is_active=False).update(is_active=True):
        raise deed.refuse("open_already", "this team is open already")
    deed.record("team.opened", team=team.id)


@action("service.manage")
def choose_nation(deed: Deed, *, nation: str) -> None:
    """Say by which nation's bank holidays working days are counted. Due days that were set stay."""
    WorkingCalendar.objects.update_or_create(
        organisation_id=deed.organisation_id, defaults={"nation": Nation(nation).value}
    )
    deed.record("calendar.changed", nation=Nation(nation).value)


@action("service.manage")
def set_day(deed: Deed, *, day: date, name: str, is_off: bool) -> OwnDay:
    """Keep that nobody works on a day, or that people work on a bank holiday. Due days that were set stay."""
    kept, _ = OwnDay.objects.update_or_create(
        organisation_id=deed.organisation_id, day=day, defaults={"name": name.strip(), "is_off": is_off}
    )
    deed.record("calendar.day_changed", change="off" if is_off else "worked")
    return kept


@action("service.manage")
def unset_day(deed: Deed, *, day: date) -> None:
    """Let a day be again as the nation's calendar has it."""
    gone, _ = OwnDay.objects.filter(organisation_id=deed.organisation_id, day=day).delete()
    if not gone:
        raise deed.refuse("no_day", "that day is as usual already")
    deed.record("calendar.day_changed", change="as_usual")


def _check(
    deed: Deed, team: Team | None, name: str, days: int, lead: StaffUser | None, members: list[StaffUser]
) -> None:
    where = deed.organisation_id
    others = Team.objects.filter(organisation_id=where, name__iexact=name.strip())
    if (others.exclude(id=team.id) if team is not None else others).exists():
        raise deed.refuse("name_taken", "there is a team of that name already")
    if not 1 <= days <= LONGEST_WAIT:
        raise deed.refuse("out_of_range", f"give from 1 to {LONGEST_WAIT} working days")
    kept = set() if team is None else {each.id for each in team.members.all()}
    workers = {each.id for each in holders_in("case.work", [where])}
    if any(each.id not in workers | kept for each in members):
        raise deed.refuse("no_member", "choose members among those who may work on cases")
    is_new = lead is not None and (team is None or team.lead_id != lead.id)
    if is_new and lead not in holders_in("case.view", [where]):
        raise deed.refuse("no_lead", "choose a lead among those who may see cases")
