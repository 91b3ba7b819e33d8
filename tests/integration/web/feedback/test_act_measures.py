"""A service's figures by month, its scorecard by the published formulas, and both for machines."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from joinedup.feedback import MonthFigures
from joinedup_web.audit.models import Event
from joinedup_web.feedback.actions import act_figures as actions
from joinedup_web.feedback.models import ServiceFigures, ServiceStatement
from joinedup_web.feedback.months import months_asked, usual_months
from joinedup_web.gate.decide import Refused
from support.feedback_forms import received, service, version
from support.machines import machine
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)
Q1 = "first=2026-01&last=2026-03"


@pytest.fixture
def manager():
    return acting(staff("service_manager"))


def page(client: Client, name: str, *args, query: str = "") -> str:
    return client.get(f"{reverse(f'feedback:{name}', args=args)}?{query}").content.decode()


def told_in(month: int, *scores: int) -> None:
    """People gave these scores on the third of a month of 2026."""
    of = version(name=f"Form of month {month}")
    for score in scores:
        at = timezone.make_aware(datetime(2026, month, 3, 12))
        received(of, {"satisfaction": str(score)}, received_at=at, submission=uuid4())


def test_a_month_is_entered_changed_and_taken_out(client: Client) -> None:
    of = service()
    sign_in(client, staff("service_manager"))
    there = reverse("feedback:figures_enter", args=[of.id])

    client.post(there, {"month": "March 2026", "started": "1,200", "completed": "1,100", "cost": "£3,400.50"})

    kept = ServiceFigures.objects.get()
    assert (kept.month, kept.started, kept.completed, kept.digital, kept.cost_pence) == (
        MARCH,
        1200,
        1100,
        None,
        340050,
    )
    shown = page(client, "figures", of.id)
    assert "March 2026" in shown
    assert "£3,400.50" in shown
    assert "Not known" in shown
    assert 'value="1200"' in page(client, "figures_enter", of.id, query="month=2026-03")
    client.post(there, {"month": "2026-03", "started": "1300"})
    assert ServiceFigures.objects.get().completed is None
    client.post(there, {"month": "2026-03"})
    assert not ServiceFigures.objects.exists()
    assert Event.objects.filter(kind="figures.noted").count() == 3


def test_what_contradicts_itself_is_refused_with_its_reason(client: Client) -> None:
    of = service()
    sign_in(client, staff("service_manager"))
    there = reverse("feedback:figures_enter", args=[of.id])

    more = client.post(there, {"month": "2026-03", "started": "10", "completed": "11"})
    wrong = client.post(there, {"month": "spring", "started": "ten"})

    assert more.status_code == wrong.status_code == 422
    assert "More transactions were completed than started" in more.content.decode()
    assert "Enter the month like March 2026 or 2026-03" in wrong.content.decode()
    assert "It must be a whole number" in wrong.content.decode()
    assert not ServiceFigures.objects.exists()


def test_a_month_that_has_not_begun_has_no_figures(manager) -> None:
    later = date(timezone.localdate().year + 1, 1, 1)

    with pytest.raises(Refused) as told:
        actions.note_figures(by=manager, service=service(), figures=[MonthFigures(later, started=1)])

    assert told.value.decision.code == "not_yet"
    assert not ServiceFigures.objects.exists()


def test_a_file_is_taken_whole_or_not_at_all(client: Client) -> None:
    of = service()
    sign_in(client, staff("service_manager"))
    there = reverse("feedback:figures_upload", args=[of.id])

    def send(text: str):
        return client.post(there, {"file": SimpleUploadedFile("figures.csv", text.encode())})

    bad = send("month,started,completed\n2026-01,100,90\n2026-02,100,101\n2026-01,1,1\n")
    assert bad.status_code == 422
    assert "2 rows cannot be taken" in bad.content.decode()
    assert "January 2026 is in the file twice" in bad.content.decode()
    assert not ServiceFigures.objects.exists()
    assert "The columns cannot be told apart" in send("a,b\n1,2\n").content.decode()
    assert "Select a CSV file" in client.post(there).content.decode()

    good = send("month,started,completed,digital,eligible,cost\n2026-01,100,90,80,,12.50\n2026-02,,50,,,\n")
    assert good.status_code == 302
    assert list(ServiceFigures.objects.order_by("month").values_list("completed", "started")) == [
        (90, 100),
        (50, None),
    ]


def test_what_is_downloaded_can_be_uploaded_again(client: Client, manager) -> None:
    of = service()
    figures = [MonthFigures(JANUARY, 100, 90, 80, None, 1250), MonthFigures(MARCH, None, 7, 0, 9, None)]
    actions.note_figures(by=manager, service=of, figures=figures)
    sign_in(client, staff("service_manager"))
    answer = client.get(f"{reverse('feedback:figures', args=[of.id])}?format=csv")
    text = b"".join(answer.streaming_content)
    assert Event.objects.filter(kind="table.exported").count() == 1
    before = list(
        ServiceFigures.objects.order_by("month").values_list("month", "started", "digital", "cost_pence")
    )
    ServiceFigures.objects.all().delete()

    client.post(reverse("feedback:figures_upload", args=[of.id]), {"file": SimpleUploadedFile("f.csv", text)})

    assert (
        list(
            ServiceFigures.objects.order_by("month").values_list("month", "started", "digital", "cost_pence")
        )
        == before
    )


def test_the_scorecard_counts_by_the_published_formulas(client: Client, manager) -> None:
    """Satisfaction of 5, 5, 4, 1: (4+4+3+0)/16 = 68.75%. Completion (90+150)/(100+200) = 80%. February is missing."""
    of = service()
    told_in(1, 5, 5)
    told_in(3, 4, 1)
    told_in(4, 1)
    actions.note_figures(
        by=manager,
        service=of,
        figures=[
            MonthFigures(JANUARY, 100, 90, 45, None, 9000),
            MonthFigures(MARCH, 200, 150, None, None, 15000),
        ],
    )
    sign_in(client, staff("leader"))

    shown = page(client, "scorecard", of.id, query=Q1)

    for words in ("68.8%", "80.0%", "50.0%", "£1.00", "4 responses", "2 known, 1 missing"):
        assert words in shown, words


def test_what_is_not_known_is_never_judged_as_not_met(client: Client, manager) -> None:
    of = service()
    sign_in(client, staff("leader"))

    shown = page(client, "scorecard", of.id, query=Q1)
    assert "Not met" not in shown
    assert shown.count("Not known") >= 6

    actions.note_figures(by=manager, service=of, figures=[MonthFigures(JANUARY, 100, 80)])
    assert "Not met" in page(client, "scorecard", of.id, query=Q1), "80% is not above 80%"


def test_what_cannot_be_counted_is_stated(client: Client) -> None:
    of = service()
    sign_in(client, staff("service_manager"))
    there = reverse("feedback:scorecard_state", args=[of.id])

    half = client.post(there, {"accessible": "yes", "cost": "3.50"})
    assert half.status_code == 422
    assert "Enter the day of the audit" in half.content.decode()
    assert "Give both the threshold and where it is from, or neither" in half.content.decode()
    day = {"audited_on-day": "1", "audited_on-month": "2", "audited_on-year": "2026"}
    client.post(there, {"accessible": "no", **day, "cost": "3.50", "cost_source": "Board paper, May 2026"})

    kept = ServiceStatement.objects.get()
    assert (kept.is_accessible, kept.audited_on, kept.cost_at_most_pence) == (False, date(2026, 2, 1), 350)
    assert "Not met" in page(client, "scorecard", of.id, query=Q1)
    assert "At most £3.50" in page(client, "scorecard", of.id, query=Q1)
    assert Event.objects.filter(kind="scorecard.stated").count() == 1


def test_services_stand_side_by_side_and_nobody_else_s(client: Client, manager) -> None:
    told_in(1, 5)
    service("Bus passes")
    south = organisation("Southshire Council")
    service("Parking in the south", where=south)
    sign_in(client, staff("leader"))

    shown = page(client, "scorecards", query=Q1)
    assert "Parking permits" in shown
    assert "Bus passes" in shown
    assert "Parking in the south" not in shown
    answer = client.get(f"{reverse('feedback:scorecards')}?{Q1}&format=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert len(rows) == 8
    found = next(
        row for row in rows if row["Service"] == "Parking permits" and row["Measure"] == "User satisfaction"
    )
    assert (found["Value"], found["Counted"]) == ("1.0", "1")


def test_scorecards_of_many_services_take_no_more_queries(client, django_assert_max_num_queries) -> None:
    from joinedup_web.feedback.queries.act_measures import scorecards

    leader, months = acting(staff("leader")), usual_months(date(2026, 4, 5))
    for number in range(30):
        service(f"Service {number}")

    with django_assert_max_num_queries(6):
        assert len(scorecards(leader, months)) == 30


def test_the_api_gives_the_same_to_those_with_the_scope(client: Client, manager) -> None:
    of = service()
    told_in(1, 5, 5, 1)
    actions.note_figures(by=manager, service=of, figures=[MonthFigures(JANUARY, 100, 90)])
    reader = machine(organisation(), "measures.read")

    one = reader.get(f"/api/v1/services/{of.id}/scorecard?{Q1}").json()
    every = reader.get(f"/api/v1/services/scorecards?{Q1}").json()

    assert every == {"scorecards": [one]}
    assert one["measures"]["completion"]["value"] == 0.9
    assert one["measures"]["completion"]["months_missing"] == ["2026-02", "2026-03"]
    assert one["measures"]["cost"]["value"] is None
    assert one["standard"]["overall"] in ("not_met", "not_known")
    assert one["responses"] == 3
    assert machine(organisation(), "linkage.read").get("/api/v1/services/scorecards").status_code == 403
    assert reader.get("/api/v1/services/scorecards?first=x&last=y").status_code == 400
    stranger = machine(organisation("Southshire Council"), "measures.read")
    assert stranger.get(f"/api/v1/services/{of.id}/scorecard").status_code == 404
    assert stranger.get("/api/v1/services/scorecards").json() == {"scorecards": []}


def test_another_organisation_s_figures_are_not_there(client: Client) -> None:
    of, south = service(), organisation("Southshire Council")
    sign_in(client, staff("service_manager", "leader", where=south), south)

    for name in ("figures", "figures_enter", "figures_upload", "scorecard", "scorecard_state"):
        assert client.get(reverse(f"feedback:{name}", args=[of.id])).status_code == 404
    assert (
        client.post(reverse("feedback:figures_enter", args=[of.id]), {"month": "2026-03"}).status_code == 404
    )


@pytest.mark.parametrize(
    ("asked", "first", "last", "problem"),
    [
        ({}, date(2025, 4, 1), date(2026, 3, 1), False),
        ({"first": "2026-02", "last": "2026-03"}, date(2026, 2, 1), date(2026, 3, 1), False),
        ({"first": "2026-03", "last": "2026-02"}, date(2025, 4, 1), date(2026, 3, 1), True),
        ({"first": "then", "last": "now"}, date(2025, 4, 1), date(2026, 3, 1), True),
        ({"first": "2026-04", "last": "2026-05"}, date(2025, 4, 1), date(2026, 3, 1), True),
        ({"first": "2000-01", "last": "2026-01"}, date(2025, 4, 1), date(2026, 3, 1), True),
    ],
    ids=["none", "two", "turned", "no-months", "to-come", "too-many"],
)
def test_months_are_read_from_the_address(asked, first, last, problem) -> None:
    found = months_asked(asked, date(2026, 4, 17))

    assert (found.first, found.last, bool(found.problem)) == (first, last, problem)
