"""Messages about cases to staff. They hold the case's number and a link, and nothing of what was asked."""

from __future__ import annotations

from joinedup_web.accounts.messages import link_to, send_after
from joinedup_web.accounts.models import StaffUser
from joinedup_web.audit.deed import Deed
from joinedup_web.casework.models import Case


def tell_of_escalation(deed: Deed, case: Case, to: StaffUser) -> None:
    """Tell somebody that a case was escalated to them, once that is durable."""
    send_after(
        deed,
        "case_escalated",
        to=to.email,
        name=to.name,
        number=str(case.number),
        team=case.team.name if case.team is not None else "no team yet",
        link=link_to("casework:case", case_id=case.id),
    )
