"""Cases as they may be read: through the gate, and of one's own organisation alone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import BooleanField, Count, IntegerField, Q, QuerySet, Value, When
from django.db.models import Case as Choose
from django.http import Http404
from django.utils import timezone

from joinedup_web.accounts.colleagues import holders_in
from joinedup_web.accounts.models import StaffUser
from joinedup_web.casework.models import Case, CaseEntry, CaseState, Reply, Team
from joinedup_web.gate.actor import Actor
from joinedup_web.gate.decide import require

WHOSE = ("mine", "team", "nobody", "all")
RANK = {CaseState.OPEN: 0, CaseState.WAITING: 1, CaseState.ANSWERED: 2, CaseState.CLOSED: 3}


def cases(by: Actor, *, permission: str = "case.view") -> QuerySet[Case]:
    """The cases of the actor's organisation, with `rank` (open ones first) and `is_late`."""
    require(by, permission)
    now = timezone.now()
    return (
        Case.objects.filter(organisation_id=by.organisation_id)
        .select_related("team", "owner")
        .annotate(
            rank=Choose(
                *(When(state=state.value, then=Value(rank)) for state, rank in RANK.items()),
                default=Value(9),
                output_field=IntegerField(),
            ),
            is_late=Choose(
                When(state=CaseState.OPEN.value, due_at__lt=now, then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            ),
        )
        .order_by("rank", "due_at", "id")
    )


def whose(by: Actor, rows: QuerySet[Case], which: str) -> QuerySet[Case]:
    """Those that are the actor's own, of the teams that they are in, nobody's (or whose account is closed), or all."""
    return rows.filter(_of(by, which))


def _of(by: Actor, which: str) -> Q:
    if which == "mine":
        return Q(owner_id=by.id)
    if which == "team":
        own = Team.objects.filter(Q(members=by.id) | Q(lead=by.id), organisation_id=by.organisation_id)
        return Q(team_id__in=own.values("id"))
    if which == "nobody":
        return Q(owner=None) | Q(owner__is_active=False)
    return Q(organisation_id=by.organisation_id)


def amounts(by: Actor) -> dict[str, int]:
    """How many cases that are not closed each of WHOSE has."""
    require(by, "case.view")
    rows = Case.objects.filter(organisation_id=by.organisation_id).exclude(state=CaseState.CLOSED.value)
    return rows.aggregate(**{which: Count("id", filter=_of(by, which)) for which in WHOSE})  # one pass


def case(by: Actor, case_id: UUID, *, permission: str = "case.view") -> Case:
    """One case. Raises Http404 for another organisation's."""
    found = (
        cases(by, permission=permission)
        .select_related("organisation", "team__lead", "owner", "opened_by", "escalated_to", "duplicate_of")
        .filter(id=case_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def reply(by: Actor, reply_id: UUID) -> Reply:
    """One reply. Raises Http404 for another organisation's."""
    require(by, "case.work")
    found = (
        Reply.objects.select_related("case").filter(id=reply_id, case__organisation_id=by.organisation_id)
    ).first()
    if found is None:
        raise Http404
    return found


def entries(by: Actor, of: Case) -> list[CaseEntry]:
    """What happened to a case, the newest first."""
    require(by, "case.view", organisation_id=of.organisation_id)
    return list(of.entries.select_related("by").order_by("-at", "-id"))


def replies(by: Actor, of: Case) -> list[Reply]:
    """The replies to whoever asked, the newest first."""
    require(by, "case.view", organisation_id=of.organisation_id)
    return list(of.replies.select_related("by").order_by("-asked_at"))


@dataclass(frozen=True)
class Together:
    """Cases that one reply answers. people: how many of them left a way to be answered, by channel."""

    others: list[Case]
    channels: dict[str, int]
    welsh: int


def together(by: Actor, of: Case) -> Together:
    """What is answered together with a case, itself among the people counted."""
    require(by, "case.view", organisation_id=of.organisation_id)
    others = list(cases(by).filter(duplicate_of=of).select_related("contact"))
    channels: dict[str, int] = {}
    welsh = 0
    for each in [of, *(other for other in others if other.state != CaseState.CLOSED)]:
        contact = getattr(each, "contact", None)
        if contact is not None:
            channels[contact.channel] = channels.get(contact.channel, 0) + 1
            welsh += each.language == "cy"
    return Together(others, channels, welsh)


def caseworkers(by: Actor) -> list[StaffUser]:
    """To whom a case can be given: open accounts of people who may work on cases here."""
    require(by, "case.view")
    return holders_in("case.work", [by.organisation_id])


def to_escalate_to(by: Actor, of: Case) -> list[StaffUser]:
    """To whom a case can be escalated: its team's lead, then those who give cases out; never oneself."""
    require(by, "case.view", organisation_id=of.organisation_id)
    people = holders_in("case.assign", [of.organisation_id])
    lead = of.team.lead if of.team is not None else None
    if lead is not None and lead.is_active and lead not in people:
        people.insert(0, lead)
    return [person for person in people if person.id != by.id]
