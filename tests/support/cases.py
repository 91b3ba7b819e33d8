"""Teams and cases for tests, without the pages that make them."""

from __future__ import annotations

from typing import Any

from joinedup_web.accounts.models import Organisation, StaffUser
from joinedup_web.casework.actions.opening import open_case
from joinedup_web.casework.actions.teams import make_team
from joinedup_web.casework.models import Case, Team
from support.web_people import acting, organisation, staff


def team(
    name: str = "Permits",
    *,
    where: Organisation | None = None,
    lead: StaffUser | None = None,
    members: tuple[StaffUser, ...] = (),
    **fields: Any,
) -> Team:
    """A team, made by a service manager of its organisation."""
    place = where or organisation()
    told = {"purpose": f"What concerns {name.lower()}", "reply_working_days": 10, **fields}
    manager = acting(staff("service_manager", where=place), place)
    return make_team(by=manager, name=name, lead=lead, members=members, **told)


def case(
    title: str = "The permit did not come",
    *,
    by: StaffUser | None = None,
    where: Organisation | None = None,
    **told: Any,
) -> Case:
    """A case of somebody who telephoned, opened by a moderator."""
    place = where or organisation()
    actor = acting(by or staff("moderator", where=place), place)
    words = {"text": "They asked for it in March and have heard nothing.", "origin": "telephone", **told}
    return open_case(by=actor, title=title, **words)
