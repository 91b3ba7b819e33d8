"""Teams and working days in the pages, and who is refused."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.casework.actions import teams as actions
from joinedup_web.casework.models import OwnDay, Team
from joinedup_web.casework.working_days import calendar_of, nation_of
from joinedup_web.gate.decide import Refused
from support.cases import case, team
from support.pages import heading, problems, words
from support.web_people import acting, organisation, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def told(**more):
    return {"name": "Permits", "purpose": "Parking permits", "reply_working_days": "5", "lead": "", **more}


def test_an_empty_list_leads_to_the_first_team(client_of):
    page = client_of("service_manager").get(reverse("casework:teams"))

    assert "There are no teams yet" in words(page)
    assert "Make a team" in words(page)


def test_a_team_is_made_with_a_lead_and_members(client_of):
    lead, worker = staff("service_manager"), staff("caseworker")

    page = client_of("service_manager").post(
        reverse("casework:new_team"), told(lead=str(lead.id), members=[str(worker.id)]), follow=True
    )

    made = Team.objects.get()
    assert (made.lead, list(made.members.all()), made.reply_working_days) == (lead, [worker], 5)
    assert heading(page) == "Teams"
    assert "Permits takes cases from now on" in words(page)
    assert Event.objects.get(kind="team.made").fields == {"team": str(made.id)}


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"name": ""}, "Enter the team’s name"),
        ({"name": "PERMITS"}, "There is a team of that name already"),
        ({"purpose": ""}, "Enter what the team deals with"),
        ({"reply_working_days": "0"}, "Enter a number of working days from 1 to 60"),
        ({"reply_working_days": "soon"}, "Enter a number of working days from 1 to 60"),
    ],
    ids=["no name", "name taken", "no purpose", "no days", "no number"],
)
def test_what_is_wrong_with_a_team_is_said_and_none_is_made(client_of, more, wrong):
    team()

    answer = client_of("service_manager").post(reverse("casework:new_team"), told(**more))

    assert answer.status_code == 422
    assert problems(answer) == [wrong]
    assert Team.objects.count() == 1


def test_a_team_is_changed_and_its_cases_keep_their_due_day(client_of):
    permits = team()
    before = case(team=permits)

    client_of("service_manager").post(
        reverse("casework:team", args=[permits.id]), told(name="Permits and passes", reply_working_days="2")
    )

    permits.refresh_from_db()
    assert (permits.name, permits.reply_working_days) == ("Permits and passes", 2)
    due = before.due_at
    before.refresh_from_db()
    assert before.due_at == due
    assert case(team=permits).due_at < due


def test_a_team_with_cases_is_not_closed(client_of):
    permits, client = team(), client_of("service_manager")
    case(team=permits)
    there = reverse("casework:close_team", args=[permits.id])

    assert "give them to another team first" in words(client.post(there, follow=True))
    permits.cases.update(team=None)
    page = client.post(there, follow=True)

    assert "takes no more cases" in words(page)
    with pytest.raises(Refused, match="choose a team that takes cases"):
        case(team=permits)
    client.post(reverse("casework:open_team", args=[permits.id]))
    assert case(team=permits).team == permits


def test_nobody_joins_a_team_who_may_not_work_on_cases():
    manager = acting(staff("service_manager"))

    with pytest.raises(Refused, match="choose members among those who may work on cases"):
        team(members=(staff("leader"),))
    with pytest.raises(Refused, match="choose a lead among those who may see cases"):
        team(lead=staff("analyst"))
    abroad = staff("caseworker", where=organisation("Southshire Council"))
    with pytest.raises(Refused, match="choose members"):
        actions.make_team(by=manager, name="X", purpose="x", reply_working_days=1, members=[abroad])
    assert not Team.objects.exists()


@pytest.mark.parametrize("view", ["team", "close_team", "open_team"])
def test_another_organisations_team_is_not_there(client_of, view):
    abroad = team(where=organisation("Southshire Council"))

    assert client_of("service_manager").post(reverse(f"casework:{view}", args=[abroad.id])).status_code == 404


def test_caseworkers_change_no_teams(client_of):
    permits = team()

    assert client_of("caseworker").get(reverse("casework:teams")).status_code == 403
    assert client_of("caseworker").post(reverse("casework:close_team", args=[permits.id])).status_code == 403
    with pytest.raises(Refused):
        actions.close_team(by=acting(staff("caseworker")), team=permits)


def test_the_nation_decides_which_holidays_count(client_of):
    client, place = client_of("service_manager"), organisation()
    assert nation_of(place.id) == "england-and-wales"

    page = client.post(reverse("casework:working_days"), {"nation": "scotland"}, follow=True)

    assert nation_of(place.id) == "scotland"
    assert "Bank holidays of Scotland to come" in words(page)
    assert "was not compared with GOV.UK" in words(page)
    assert Event.objects.get(kind="calendar.changed").fields == {"nation": "scotland"}


def test_a_day_is_added_and_let_be_as_usual_again(client_of):
    client, place, day = client_of("service_manager"), organisation(), date(2026, 12, 24)
    sent = {"day-day": "24", "day-month": "12", "day-year": "2026", "name": "Offices closed", "kind": "off"}
    assert calendar_of(place.id).is_working(day)

    page = client.post(reverse("casework:set_day"), sent, follow=True)
    assert "24 December 2026 Offices closed Nobody works" in words(page)
    assert not calendar_of(place.id).is_working(day)
    client.post(reverse("casework:unset_day"), {"day": "2026-12-24"})

    assert calendar_of(place.id).is_working(day)
    assert [
        event.fields["change"]
        for event in Event.objects.filter(kind="calendar.day_changed").order_by("number")
    ] == [
        "off",
        "as_usual",
    ]
    again = client.post(reverse("casework:unset_day"), {"day": "2026-12-24"}, follow=True)
    assert "as usual already" in words(again)


def test_people_may_work_on_a_bank_holiday_and_cases_are_due_sooner():
    """Easter Monday, 6 April 2026; five working days from Maundy Thursday."""
    manager, came = acting(staff("service_manager")), timezone.now().replace(2026, 4, 2, 12)
    permits = team(reply_working_days=5)
    usual = case(team=permits, received_at=came).due_at

    actions.set_day(by=manager, day=date(2026, 4, 6), name="Easter Monday", is_off=False)

    assert usual.date() == date(2026, 4, 13)
    assert case(team=permits, received_at=came).due_at.date() == date(2026, 4, 10)


def test_a_day_that_is_none_is_not_kept(client_of):
    client = client_of("service_manager")
    sent = {"day-day": "30", "day-month": "2", "day-year": "2026", "name": "", "kind": "off"}

    answer = client.post(reverse("casework:set_day"), sent)

    assert problems(answer) == ["The day must be a real date", "Enter what the day is called"]
    assert client.post(reverse("casework:unset_day"), {"day": "soon"}).status_code == 404
    assert not OwnDay.objects.exists()


def test_one_organisations_days_are_not_anothers(client_of):
    south = organisation("Southshire Council")
    actions.set_day(
        by=acting(staff("service_manager", where=south), south),
        day=date(2026, 12, 24),
        name="Closed",
        is_off=True,
    )

    assert calendar_of(organisation().id).is_working(date(2026, 12, 24))
    assert "Closed" not in words(client_of("service_manager").get(reverse("casework:working_days")))
