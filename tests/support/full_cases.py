"""Cases and teams of a site with something of every kind in it: overdue, waiting, answered, closed, linked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from joinedup_web.accounts.models import Organisation, StaffUser
from joinedup_web.casework.actions import linking, teams, work
from joinedup_web.casework.actions.opening import open_case
from joinedup_web.casework.actions.replies import reply_to_case
from joinedup_web.casework.models import Reply
from joinedup_web.casework.reply_jobs import send_reply
from joinedup_web.feedback.actions.cases import open_case_from
from support.feedback_forms import received, service, version
from support.web_people import acting, organisation, sign_in, staff

Pages = dict[str, list[dict[str, Any]]]


def cases_pages(place: Organisation, people: Mapping[str, StaffUser]) -> Pages:
    """Fill an organisation with cases; return the pages to go by. people: by role."""
    manager, worker = (acting(people[code], place) for code in ("service_manager", "caseworker"))
    moderator, now = acting(people["moderator"], place), timezone.now()
    permits = teams.make_team(
        by=manager,
        name="Permits",
        purpose="Parking permits, blue badges and passes: applying, paying, waiting for one",
        reply_working_days=5,
        lead=people["service_manager"],
        members=[people["caseworker"], people["moderator"]],
    )
    quiet = teams.make_team(by=manager, name="Old desk", purpose="Nothing any more", reply_working_days=10)
    teams.close_team(by=manager, team=quiet)
    teams.set_day(by=manager, day=now.date() + timedelta(days=40), name="Training day", is_off=True)

    def opened(title: str, text: str, *, days_ago: int, **told: Any) -> Any:
        asked = {
            "origin": "telephone",
            "received_at": now - timedelta(days=days_ago),
            "team": permits,
            **told,
        }
        return open_case(by=moderator, title=title, text=text, **asked)

    late = opened(
        "The permit has not come",
        "Applied in spring, paid, and has heard nothing since. Rang twice.",
        days_ago=30,
        contact=("email", "somebody@example.test"),
    )
    same = opened("No permit after six weeks", "Paid in spring and still no permit.", days_ago=9)
    waiting = opened("A badge for a driver", "Wants to know which papers are needed.", days_ago=3)
    answered = opened(
        "Bathodyn glas", "Pryd daw’r bathodyn?", days_ago=4, language="cy", contact=("sms", "07700 900123")
    )
    closed = opened("Rude at the counter", "Somebody was rude.", days_ago=20, team=None, is_urgent=True)
    work.take_case(by=worker, case=late)
    work.note_case(by=worker, case=late, text="The depot looks for it.\nThey ring back on Monday.")
    work.escalate_case(by=worker, case=late, to=people["service_manager"], why="The depot does not answer")
    linking.link_case(by=moderator, case=same, to=late)
    work.let_wait(by=moderator, case=waiting, why="They send a photograph")
    (reply,) = reply_to_case(by=worker, case=answered, text="Mae ar ei ffordd.", key=uuid4())
    Reply.objects.filter(id=reply.id).update(
        state="failed",
        problem={"what": "Notify refused the message", "where": "", "mend": "check the recipient"},
    )
    work.close_case(by=worker, case=closed, outcome="passed_on", note="Passed to the manager of the counter")
    form = version(name="After applying for a permit", of=service(where=place))
    comments = [
        received(form, {"satisfaction": "1", "improve": words}).comments.get()
        for words in ("My permit has not come and nobody answers", "Six weeks without a permit, and I paid")
    ]
    from_comment = open_case_from(by=moderator, comment=comments[0], title="Permit not come", team=permits)
    every = (late, same, waiting, answered, closed, from_comment)
    pages: Pages = {"casework:case": [{"case_id": str(each.id)} for each in every]}
    for view in ("give", "wait", "escalate", "close", "link"):
        pages[f"casework:{view}"] = [{"case_id": str(late.id)}]
    return pages | {
        "casework:reply": [{"case_id": str(each.id)} for each in (late, answered, waiting)],
        "casework:reopen": [{"case_id": str(closed.id)}],
        "casework:team": [{"team_id": str(each.id)} for each in (permits, quiet)],
        "feedback:make_case": [{"comment_id": str(comments[1].id), "only": ["service_manager", "moderator"]}],
    }


def live_comment() -> dict[str, str]:
    """A comment whose sender wants an answer, two others who may handle cases, and a team; for browser walks."""
    place = organisation()
    people = {code: staff(code, where=place) for code in ("service_manager", "moderator", "caseworker")}
    people["second"] = staff("caseworker", where=place)
    teams.make_team(
        by=acting(people["service_manager"], place),
        name="Permits",
        purpose="Parking permits",
        reply_working_days=5,
        lead=people["service_manager"],
        members=[people["caseworker"], people["second"]],
    )
    form = version(name="After applying for a permit", of=service(where=place))
    said = {"satisfaction": "1", "improve": "My permit has not come and nobody answers"}
    response = received(form, said, contact=("email", "somebody@example.test"))
    made = {"response": str(response.id)}
    for code, user in people.items():
        client = Client()
        sign_in(client, user, where=place)
        made[code] = client.cookies["joinedup_staff"].value
    return made


def send_replies() -> list[str]:
    """Send what waits, as the worker does; the states of all replies."""
    for reply in Reply.objects.filter(state="waiting"):
        send_reply.func(str(reply.id))
    return list(Reply.objects.values_list("state", flat=True))
