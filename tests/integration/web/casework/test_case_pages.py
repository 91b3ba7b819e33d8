"""Cases in the pages: found, opened, taken, given on, paused, closed and opened again; and who is refused what."""

from __future__ import annotations

import csv
import io
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.casework.actions import linking, work
from joinedup_web.casework.models import Case, CaseContact, CaseState
from joinedup_web.gate.decide import Refused
from support.cases import case, team
from support.pages import body, heading, problems, words
from support.web_deeds import all_of
from support.web_people import acting, organisation, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def there(of: Case, view: str = "case") -> str:
    return reverse(f"casework:{view}", args=[of.id])


def listed(client, **asked) -> list[str]:
    """The titles of the list, in its order, by its download."""
    answer = client.get(reverse("casework:cases"), {"format": "csv", **asked})
    rows = list(csv.DictReader(io.StringIO(body(answer).decode("utf-8-sig"))))
    return [row["About"] for row in rows]


def test_a_call_becomes_a_case_with_a_number_a_clock_and_masked_words(client_of):
    permits = team(reply_working_days=5)
    caseworker = client_of("caseworker")

    answer = caseworker.post(
        reverse("casework:new_case"),
        {
            "origin": "telephone",
            "title": "Permit for 07700 900123",
            "text": "Call me on 07700 900123 about the permit.",
            "language": "en",
            "team": str(permits.id),
            "to": "07700 900123",
        },
        follow=True,
    )

    made = Case.objects.get()
    assert heading(answer) == f"Case {made.number}: Permit for [phone number]"
    assert "Due in 5 working days" in words(answer)
    assert "900123" not in made.title + made.text + body(answer).decode()
    assert "900123" not in CaseContact.objects.get().to_sealed
    assert "they left a mobile number" in words(answer)
    event = Event.objects.get(kind="case.opened")
    assert event.fields["answer_wanted"] is True
    assert "900123" not in str(event.fields)


def test_numbers_go_up_by_one_within_each_organisation():
    south = organisation("Southshire Council")

    assert [case().number, case().number, case(where=south).number, case().number] == [1, 2, 1, 3]


@pytest.mark.parametrize(
    ("to", "wrong"),
    [("ann@nowhere", "email address"), ("12", "mobile number")],
    ids=["no address", "no number"],
)
def test_a_case_is_not_opened_with_a_way_to_answer_that_is_none(client_of, to, wrong):
    told = {"origin": "visit", "title": "A", "text": "B", "language": "en", "to": to}

    answer = client_of("caseworker").post(reverse("casework:new_case"), told)

    assert answer.status_code == 422
    assert problems(answer) == [f"Enter a real {wrong}, or leave it empty"]
    assert not Case.objects.exists()


def test_somebody_may_want_no_answer(client_of):
    told = {"origin": "visit", "title": "A", "text": "B", "language": "cy", "is_urgent": "on"}

    client_of("caseworker").post(reverse("casework:new_case"), told)

    made = Case.objects.get()
    assert (made.language, made.is_urgent, hasattr(made, "contact")) == ("cy", True, False)


def test_the_list_shows_ones_own_ones_teams_nobodys_and_all_overdue_first(client_of, later):
    me = staff("caseworker")
    mine, other = team("Permits", members=(me,)), team("Bins")
    case("Late", team=mine, received_at=timezone.now() - timedelta(days=60))
    own = case("Own", team=other)
    case("Of my team", team=mine)
    case("Of others", team=other, is_urgent=True)
    work.take_case(by=acting(me), case=own)
    client = client_of(user=me)

    assert listed(client) == ["Own"], "a caseworker begins with their own"
    assert listed(client, whose="team") == ["Late", "Of my team"]
    assert listed(client, whose="nobody") == ["Late", "Of others", "Of my team"]
    assert listed(client, whose="all")[0] == "Late"
    assert listed(client, whose="all", late="True") == ["Late"]
    assert listed(client, whose="all", urgent="True") == ["Of others"]
    assert listed(client, whose="all", q="of my") == ["Of my team"]
    assert listed(client, whose="all", q=str(own.number)) == ["Own"]
    page = words(client.get(reverse("casework:cases")))
    assert "Yours (1)" in page
    assert "Nobody’s (3)" in page


def test_closed_cases_are_left_out_unless_they_are_asked_for(client_of):
    done = case("Done")
    case("To do")
    work.close_case(by=acting(staff("moderator")), case=done, outcome="resolved")
    client = client_of("caseworker")

    assert listed(client, whose="all") == ["To do"]
    assert listed(client, whose="all", state="closed") == ["Done"]


def test_an_empty_list_says_what_to_do(client_of):
    client = client_of("caseworker")

    assert "No case is yours" in words(client.get(reverse("casework:cases")))
    assert "There are no cases yet" in words(client.get(reverse("casework:cases"), {"whose": "all"}))


def test_the_list_is_paged(client_of):
    moderator = staff("moderator")
    for number in range(51):
        case(f"Case of {number}", by=moderator)

    page = client_of("caseworker").get(reverse("casework:cases"), {"whose": "all", "page": 2})

    assert "Showing 51 to 51 of 51 cases" in words(page)


def test_the_download_is_recorded(client_of):
    case()
    listed(client_of("caseworker"), whose="all")

    assert Event.objects.get(kind="table.exported").fields == {"table": "cases", "rows": 1, "filtered": False}


def test_who_takes_a_case_first_has_it_and_the_other_is_told(client_of):
    asked = case()
    first, second = client_of("caseworker"), client_of("caseworker")
    pages = [client.get(there(asked)) for client in (first, second)]
    assert all("Take the case" in words(page) for page in pages)

    mine = first.post(there(asked, "take"), follow=True)
    late = second.post(there(asked, "take"), follow=True)

    assert f"Case {asked.number} is yours" in words(mine)
    assert "A colleague has this case" in words(late)
    assert Event.objects.filter(kind="case.taken").count() == 1
    assert Event.objects.get(kind="access.refused").fields["reason"] == "taken"


def test_a_case_of_somebody_whose_account_is_closed_is_nobodys(client_of):
    gone, asked = staff("caseworker"), case()
    work.take_case(by=acting(gone), case=asked)
    gone.is_active = False
    gone.save()
    client = client_of("caseworker")

    assert listed(client, whose="nobody") == [asked.title]
    assert "whose account is closed" in words(client.get(there(asked)))
    assert f"Case {asked.number} is yours" in words(client.post(there(asked, "take"), follow=True))


@pytest.mark.django_db(transaction=True)
def test_two_who_take_a_case_in_the_same_moment():
    asked = case()
    both = [acting(staff("caseworker")) for _ in range(2)]
    begin, told = threading.Barrier(2), []

    def take(by):
        begin.wait(10)
        try:
            work.take_case(by=by, case=asked)
        except Refused as refused:
            told.append(refused.decision.code)
        finally:
            connection.close()

    all_of(*(lambda by=by: take(by) for by in both))

    asked.refresh_from_db()
    assert told == ["taken"]
    assert asked.owner_id in {by.id for by in both}


def test_a_case_is_given_to_a_team_and_a_person(client_of):
    asked, worker = case(), staff("caseworker")
    permits = team()

    page = client_of("service_manager").post(
        there(asked, "give"), {"team": str(permits.id), "owner": str(worker.id), "why": "Theirs"}, follow=True
    )

    asked.refresh_from_db()
    assert (asked.team, asked.owner) == (permits, worker)
    assert "Theirs" in words(page)


def test_who_has_a_case_may_hand_it_on_and_nobody_else_who_works(client_of):
    worker, asked = staff("caseworker"), case()
    other = client_of("caseworker")
    work.take_case(by=acting(worker), case=asked)

    assert "Give it to a team" not in words(other.get(there(asked)))
    refused = other.post(there(asked, "give"), {"team": "", "owner": ""})
    assert problems(refused) == ["Only whoever has the case, or gives cases out, may give it away"]
    given = client_of(user=worker).post(there(asked, "give"), {"team": "", "owner": ""})
    assert given.status_code == 302
    asked.refresh_from_db()
    assert asked.owner is None


def test_a_case_is_given_to_nobody_who_may_not_work_on_it():
    asked, leader = case(), staff("leader")

    with pytest.raises(Refused, match="choose somebody who may work on cases"):
        work.give_case(by=acting(staff("moderator")), case=asked, team=None, owner=leader)


def test_the_clock_stands_still_while_a_case_waits(client_of, later):
    asked = case()
    before = asked.due_at
    client = client_of("caseworker")

    page = client.post(there(asked, "wait"), {"why": "They look for a letter"}, follow=True)
    assert "The clock has stood still since" in words(page)
    assert "They look for a letter" in words(page)
    later(days=14)
    page = client_of("caseworker").post(there(asked, "go_on"), follow=True)

    asked.refresh_from_db()
    assert asked.due_at - before >= timedelta(days=14)
    assert "runs again" in words(page)
    assert Event.objects.get(kind="case.resumed").fields["days"] in (9, 10), (
        "fourteen days, bank holidays aside"
    )


def test_overdue_is_told_in_words(client_of, later):
    asked = case(is_urgent=True)
    later(days=21)

    page = words(client_of("caseworker").get(there(asked)))

    assert "Overdue by" in page
    assert "working days. It was due on" in page


def test_a_closed_case_says_how_it_ended_and_opens_again_with_its_due_day(client_of):
    asked, client = case(), client_of("caseworker")

    page = client.post(
        there(asked, "close"), {"outcome": "resolved", "note": "The permit was sent"}, follow=True
    )
    assert "Put right" in words(page)
    assert "The permit was sent" in words(page)
    assert "Close it" not in words(page)
    again = client.post(there(asked, "close"), {"outcome": "resolved"})
    assert problems(again) == ["This case is closed; open it again first"]
    client.post(there(asked, "reopen"), {"why": "It did not arrive"})

    reopened = Case.objects.get(id=asked.id)
    assert (reopened.state, reopened.due_at, reopened.outcome) == (CaseState.OPEN, asked.due_at, "")
    assert Event.objects.filter(kind__in=("case.closed", "case.reopened")).count() == 2


def test_closing_and_opening_again_ask_for_a_word(client_of):
    asked, client = case(), client_of("caseworker")

    assert problems(client.post(there(asked, "close"))) == ["Select how it ended"]
    work.close_case(by=acting(staff("moderator")), case=asked, outcome="withdrawn")
    assert problems(client.post(there(asked, "reopen"))) == ["Say why"]


def test_a_note_is_kept_and_shown_and_is_in_no_event(client_of):
    asked, client = case(), client_of("caseworker")

    page = client.post(there(asked, "note"), {"text": "Rang the depot"}, follow=True)

    assert "Rang the depot" in words(page)
    assert "depot" not in str(list(Event.objects.values_list("fields", flat=True)))
    assert problems(client.post(there(asked, "note"), {"text": " "})) == ["Enter a note"]


def test_a_case_is_escalated_to_the_lead_who_is_told_by_email(
    client_of, post, django_capture_on_commit_callbacks
):
    lead = staff("service_manager", email="lead@example.test")
    asked, client = case(team=team(lead=lead)), client_of("caseworker")

    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(
            there(asked, "escalate"), {"to": str(lead.id), "why": "No answer from the depot"}, follow=True
        )

    (message,) = post.sent
    assert message.to == "lead@example.test"
    assert there(asked) in message.body
    assert "depot" not in message.body
    assert f"To {lead.name}. No answer from the depot" in words(page)


def test_nobody_is_escalated_to_who_could_not_help():
    with pytest.raises(Refused, match="the team’s lead, or somebody who gives cases out"):
        work.escalate_case(by=acting(staff("caseworker")), case=case(), to=staff("leader"), why="x")


def test_cases_are_answered_together_and_by_themselves_again(client_of):
    one, other = case("The permit has not come"), case("My permit did not come")
    client = client_of("caseworker")

    page = words(client.get(there(other, "link")))
    assert f"Case {one.number}: The permit has not come" in page
    assert "Both say: " in page
    page = client.post(there(other, "link"), {"number": one.number}, follow=True)
    assert f"together with case {one.number}" in words(page)
    assert f"Case {other.number}: My permit did not come" in words(client.get(there(one)))
    page = client.post(there(other, "part"), follow=True)
    assert "answered by itself again" in words(page)


def test_closing_a_case_closes_those_that_follow_it():
    one, other = case(), case()
    by = acting(staff("moderator"))
    linking.link_case(by=by, case=other, to=one)

    work.close_case(by=by, case=one, outcome="answered")

    other.refresh_from_db()
    assert (other.state, other.outcome) == ("closed", "duplicate")


def test_what_cannot_be_linked_says_why(client_of):
    one, other, third = case(), case(), case()
    by, client = acting(staff("moderator")), client_of("caseworker")
    linking.link_case(by=by, case=other, to=one)

    def told(of, number):
        return problems(client.post(there(of, "link"), {"number": number}))

    assert told(third, 999) == ["There is no other case of that number"]
    assert told(third, third.number) == ["There is no other case of that number"]
    assert told(third, other.number) == [
        "That case is itself answered together with another; choose that one"
    ]
    assert told(other, third.number) == ["This case is answered together with another already"]
    work.close_case(by=by, case=third, outcome="resolved")
    assert told(one, third.number) == ["One of the two cases is closed; open it again first"]


def test_what_follows_a_case_follows_it_on():
    one, other, third = case(), case(), case()
    by = acting(staff("moderator"))
    linking.link_case(by=by, case=third, to=other)

    linking.link_case(by=by, case=other, to=one)

    assert set(one.duplicates.all()) == {other, third}


@pytest.mark.parametrize(
    "view",
    ["case", "give", "wait", "escalate", "close", "reopen", "link", "reply", "take", "note", "go_on", "part"],
)
def test_another_organisations_case_is_not_there(client_of, view):
    abroad = case(where=organisation("Southshire Council"))
    client = client_of("moderator")
    ways = (
        ("post",)
        if view in ("take", "note", "go_on", "part")
        else ("get",)
        if view == "case"
        else ("get", "post")
    )

    assert [getattr(client, way)(there(abroad, view)).status_code for way in ways] == [404] * len(ways)


def test_another_organisations_case_cannot_be_linked_to(client_of):
    own, abroad = case(), case("Abroad", where=organisation("Southshire Council"))
    second = case(where=organisation("Southshire Council"))

    answer = client_of("caseworker").post(there(own, "link"), {"number": second.number})

    assert problems(answer) == ["There is no other case of that number"]
    with pytest.raises(Refused, match="no case of that number"):
        linking.link_case(by=acting(staff("moderator")), case=own, to=abroad)


def test_who_only_reads_feedback_may_not_see_cases(client_of):
    answer = client_of("analyst").get(there(case()))

    assert answer.status_code == 403


def test_who_sees_cases_alone_may_not_work_on_them():
    asked, manager = case(), acting(staff("service_manager"))

    for deed, more in (
        (work.take_case, {}),
        (work.note_case, {"text": "x"}),
        (work.let_wait, {"why": "x"}),
        (work.close_case, {"outcome": "resolved"}),
    ):
        with pytest.raises(Refused, match="no role of yours allows"):
            deed(by=manager, case=asked, **more)
    asked.refresh_from_db()
    assert asked.state == CaseState.OPEN
