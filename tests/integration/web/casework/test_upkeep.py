"""What time brings about: overdue cases go to the lead and on to managers; addresses and texts go in their time."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from joinedup_web.accounts.models import StaffUser
from joinedup_web.audit.models import Event
from joinedup_web.casework.actions import work
from joinedup_web.casework.actions.replies import reply_to_case
from joinedup_web.casework.models import Case, CaseContact, CaseEntry, Reply
from joinedup_web.casework.upkeep import escalate_overdue, let_contacts_go, look_after_cases
from joinedup_web.operations import keeping
from support.cases import case, team
from support.web_people import acting, organisation, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
OPENED = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Europe/London"))  # a Monday; due on Monday 16 March at 5pm


def at(day: int, hour: int = 9) -> datetime:
    return OPENED.replace(day=day, hour=hour)


@pytest.fixture
def told(post, django_capture_on_commit_callbacks, monkeypatch):
    """Rounds at moments; who was told by each."""

    def at_each(*moments):
        before, found = 0, []
        for moment in moments:
            with monkeypatch.context() as clock, django_capture_on_commit_callbacks(execute=True):
                clock.setattr("django.utils.timezone.now", lambda now=moment: now)
                escalate_overdue(on=moment)
            found.append(sorted(message.to for message in post.sent[before:]))
            before = len(post.sent)
        return found

    return at_each


def test_the_lead_is_told_when_its_time_is_over_and_the_managers_two_working_days_later(told):
    lead = staff("caseworker", email="lead@example.test")
    for name in ("one", "two"):
        staff("moderator", email=f"{name}@example.test")
    case(team=team(lead=lead), received_at=OPENED, by=staff("service_manager", email="three@example.test"))
    managers = sorted(StaffUser.objects.exclude(id=lead.id).values_list("email", flat=True))

    rounds = told(at(16, 16), at(16, 18), at(16, 19), at(17), at(18), at(20), at(30))

    assert rounds == [[], ["lead@example.test"], [], [], managers, [], []]
    assert [event.fields["by"] for event in Event.objects.filter(kind="case.escalated")] == ["time", "time"]
    assert CaseEntry.objects.filter(kind="escalated").count() == 2


def test_a_case_without_a_team_goes_to_the_managers_at_once(told):
    staff("moderator", email="one@example.test")
    case(received_at=OPENED, by=staff("caseworker"))

    assert told(at(17)) == [["one@example.test"]]


def test_a_lead_whose_account_is_closed_is_passed_over(told):
    lead = staff("moderator", email="gone@example.test")
    case(team=team(lead=lead), received_at=OPENED, by=staff("caseworker"))
    staff("moderator", email="one@example.test")
    lead.is_active = False
    lead.save()

    assert "one@example.test" in told(at(17))[0]


def test_where_nobody_can_be_told_nothing_is_written_and_it_is_tried_again(told):
    case(received_at=OPENED, by=staff("caseworker"))

    assert told(at(17)) == [[]]
    assert not Event.objects.filter(kind__in=("case.escalated", "access.refused")).exists()
    staff("moderator", email="one@example.test")
    assert told(at(17)) == [["one@example.test"]]


def test_what_waits_is_answered_or_belongs_to_another_organisation_stays_quiet(told):
    moderator = staff("moderator", email="one@example.test")
    waiting, closed = (case(received_at=OPENED, by=moderator) for _ in range(2))
    work.let_wait(by=acting(moderator), case=waiting, why="x")
    work.close_case(by=acting(moderator), case=closed, outcome="resolved")
    south = organisation("Southshire Council")
    case(received_at=OPENED, where=south, by=staff("moderator", where=south, email="south@example.test"))

    assert told(at(17)) == [["south@example.test"]]


def test_one_part_of_a_round_that_fails_stops_no_other(monkeypatch):
    case(received_at=OPENED, by=staff("moderator"))

    def broken():
        raise RuntimeError("a fault")

    monkeypatch.setattr("joinedup_web.casework.upkeep.send_waiting", broken)

    assert look_after_cases(on=timezone.now()) == (0, 1)


def closed_case(days_ago: int) -> Case:
    by = staff("moderator")
    made = case("Ann Lee’s permit", by=by, contact=("email", "ann@example.test"))
    reply_to_case(by=acting(by), case=made, text="Dear Ann", key=uuid4())
    work.close_case(by=acting(by), case=made, outcome="answered", note="Ann rang")
    Case.objects.filter(id=made.id).update(closed_at=timezone.now() - timedelta(days=days_ago))
    return made


def test_how_to_answer_goes_thirty_days_after_a_case_was_closed():
    old, new = closed_case(31), closed_case(29)

    assert let_contacts_go(on=timezone.now(), is_held=lambda place: False) == 1

    assert list(CaseContact.objects.values_list("case_id", flat=True)) == [new.id]
    assert Reply.objects.get(case=old).to_sealed == ""
    assert Event.objects.get(kind="case.contact_removed").fields == {"removed": 1}
    assert let_contacts_go(on=timezone.now(), is_held=lambda place: False) == 0


def test_a_legal_hold_keeps_them():
    closed_case(31)

    assert let_contacts_go(on=timezone.now(), is_held=lambda place: True) == 0
    assert CaseContact.objects.exists()


def test_texts_of_closed_cases_go_with_retention_and_counts_stay():
    old, new, open_case = closed_case(731), closed_case(729), case("Open")

    gone = keeping.apply_retention(on=timezone.now())

    assert gone["cases"] == 1
    old.refresh_from_db()
    told = [old.title, old.text, *old.entries.values_list("text", flat=True), old.replies.get().text]
    assert "Ann" not in " ".join(told)
    assert (old.number, old.outcome) == (1, "answered")
    assert Case.objects.get(id=new.id).title == "Ann Lee’s permit"
    assert Case.objects.get(id=open_case.id).text
    assert keeping.apply_retention(on=timezone.now())["cases"] == 0
