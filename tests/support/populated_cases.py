"""Teams and cases in an organisation with everything in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from joinedup_web.casework.actions import linking, teams, work
from joinedup_web.casework.actions.opening import open_case
from joinedup_web.casework.models import Reply
from joinedup_web.feedback.actions.cases import add_to_case
from joinedup_web.feedback.models import Comment
from support.feedback_forms import received
from support.web_people import acting

if TYPE_CHECKING:
    from support.populated import Tenant


def fill_cases(own: Tenant) -> None:
    """Things: team, closed_team, case (open, nobody's), waiting_case, closed_case, linked_case, reply (failed),
    added_comment (in a case, but not its first)."""
    place = own.organisation
    manager, worker = (acting(own.people[code], place) for code in ("service_manager", "moderator"))
    told = {"purpose": own.mark("TEAM"), "reply_working_days": 10}
    team = teams.make_team(
        by=manager,
        name=own.mark("TEAM"),
        lead=own.people["service_manager"],
        members=[own.people["caseworker"]],
        **told,
    )
    closed_team = teams.make_team(by=manager, name=f"{own.mark('TEAM')} closed", **told)
    teams.close_team(by=manager, team=closed_team)
    asked = {"text": own.mark("ASKED"), "origin": "telephone"}
    made = [
        open_case(by=worker, title=f"{own.mark('TITLE')} {number}", team=team, **asked) for number in range(5)
    ]
    case, waiting, closed, linked, answered = made
    work.note_case(by=worker, case=case, text=own.mark("NOTE"))
    work.let_wait(by=worker, case=waiting, why=own.mark("WAITS"))
    work.close_case(by=worker, case=closed, outcome="resolved", note=own.mark("ENDED"))
    linking.link_case(by=worker, case=linked, to=case)
    reply = Reply.objects.create(
        case=answered,
        channel="email",
        to_sealed="sealed",
        text=own.mark("REPLY"),
        state="failed",
        problem={"what": own.mark("WHY"), "where": "", "mend": ""},
        tries=1,
    )
    comment = Comment.objects.get(id=own.things["comment"])
    further = received(comment.response.version, {"satisfaction": "1", "improve": "It was too slow for me"})
    added = further.comments.get()
    add_to_case(by=worker, comment=added, case=answered)
    teams.set_day(by=manager, day=made[0].due_at.date(), name=own.mark("DAY"), is_off=True)
    own.things |= {
        "team": team.id,
        "closed_team": closed_team.id,
        "case": case.id,
        "waiting_case": waiting.id,
        "closed_case": closed.id,
        "linked_case": linked.id,
        "answered_case": answered.id,
        "reply": reply.id,
        "added_comment": added.id,
    }
