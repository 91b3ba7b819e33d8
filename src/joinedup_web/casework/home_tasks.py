"""What people come to do here, for the staff home."""

from __future__ import annotations

from joinedup_web.accounts.home import Task, register
from joinedup_web.casework.models import Case, CaseState, Team
from joinedup_web.casework.queries.cases import whose
from joinedup_web.gate.actor import Actor


def register_tasks() -> None:
    """Add one's own cases, and those that somebody must give out."""
    register(
        Task(
            "cases",
            "Work on cases",
            "Answer people who want an answer, the overdue ones first",
            "casework:cases",
            permission="case.work",
            count=_own,
            counted=("case of yours", "cases of yours"),
            order=22,
        )
    )
    register(
        Task(
            "cases_to_give",
            "Give cases out",
            "Give cases that nobody has to teams and people",
            "casework:to_give",
            permission="case.assign",
            count=_nobodys,
            counted=("case", "cases"),
            order=23,
        )
    )
    register(
        Task(
            "teams",
            "Look after teams",
            "Say who answers what, and within how many working days",
            "casework:teams",
            permission="service.manage",
            count=_without_lead,
            counted=("team without a lead", "teams without a lead"),
            order=46,
        )
    )


def _own(by: Actor) -> int:
    return Case.objects.filter(
        organisation_id=by.organisation_id, owner_id=by.id, state=CaseState.OPEN.value
    ).count()


def _nobodys(by: Actor) -> int:
    rows = Case.objects.filter(organisation_id=by.organisation_id, state=CaseState.OPEN.value)
    return whose(by, rows, "nobody").count()


def _without_lead(by: Actor) -> int:
    return Team.objects.filter(organisation_id=by.organisation_id, lead=None, is_active=True).count()
