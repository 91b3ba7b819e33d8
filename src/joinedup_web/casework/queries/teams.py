"""Teams as they may be read, of one's own organisation alone, and the working days by which they answer."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from joinedup_web.accounts.colleagues import holders_in
from joinedup_web.accounts.models import StaffUser
from joinedup_web.casework.models import CaseState, OwnDay, Team
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require


def teams(by: Actor, *, permission: str = "service.manage") -> QuerySet[Team]:
    """The teams of the actor's organisation, with `people` and `waiting` (cases that are not closed)."""
    require(by, permission)
    return (
        Team.objects.filter(organisation_id=by.organisation_id)
        .select_related("lead")
        .annotate(
            people=Count("members", distinct=True),
            waiting=Count("cases", filter=~Q(cases__state=CaseState.CLOSED.value), distinct=True),
        )
        .order_by("name")
    )


def active_teams(by: Actor) -> list[Team]:
    """The teams to which a case can be given."""
    require(by, "case.view")
    return list(Team.objects.filter(organisation_id=by.organisation_id, is_active=True))


def team(by: Actor, team_id: UUID) -> Team:
    """One team. Raises Http404 for another organisation's."""
    found = teams(by).filter(id=team_id).first()
    if found is None:
        raise Http404
    return found


def possible_members(by: Actor, of: Team | None = None) -> list[StaffUser]:
    """Who may be in a team: those who may work on cases here, and those who are in it already."""
    require(by, "service.manage")
    people = {each.id: each for each in holders_in("case.work", [by.organisation_id])}
    if of is not None:
        people |= {each.id: each for each in of.members.all()}
    return sorted(people.values(), key=lambda each: each.name)


def possible_leads(by: Actor, of: Team | None = None) -> list[StaffUser]:
    """Who may lead a team: those who may see cases here, and who leads it already."""
    require(by, "service.manage")
    people = {each.id: each for each in holders_in("case.view", [by.organisation_id])}
    if of is not None and of.lead is not None:
        people[of.lead.id] = of.lead
    return sorted(people.values(), key=lambda each: each.name)


def own_days(by: Actor) -> list[OwnDay]:
    """The days by which the organisation's calendar differs from its nation's."""
    require(by, "service.manage")
    return list(OwnDay.objects.filter(organisation_id=by.organisation_id))
