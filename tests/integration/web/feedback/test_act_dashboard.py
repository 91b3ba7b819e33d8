"""A service's dashboard: what is counted of which days, drawn with its table and CSV, for those who may."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.feedback.models import Comment, Response, ResponseState
from joinedup_web.feedback.periods import period_asked
from joinedup_web.feedback.queries.act_dashboard import DISSATISFIED, dashboard
from joinedup_web.gate.decide import Refused
from support.feedback_forms import received, service, version
from support.improvements import signed_off_theme
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
TODAY = date(2026, 4, 20)  # a Monday
WEEKS = "days_from=2026-01-26&days_to=2026-04-19"  # twelve whole weeks


def at(day: date, hour: int = 12) -> dict[str, object]:
    moment = timezone.make_aware(datetime(day.year, day.month, day.day, hour))
    return {"received_at": moment, "submission": uuid4()}


def period(query: str = WEEKS):
    return period_asked(QueryDict(query), TODAY)


@pytest.fixture
def told():
    """Ten people a week; in the last week nine of ten are dissatisfied, before that one. One of ten comments."""
    of = version()
    service = of.form.service
    own = {"organisation_id": service.organisation_id, "service": service}
    for week in range(12):
        moment = at(date(2026, 1, 26) + timedelta(weeks=week))["received_at"]
        for number in range(10):
            low = number < (9 if week == 11 else 1)
            response = Response(
                **own,
                version=of,
                submission=uuid4(),
                received_at=moment,
                satisfaction=1 if low else 5,
                channel="qr" if number < 3 else "web",
                ending="error" if low else "completed",
            )
            response.save()
            if number == 0:
                text = f"It took too long in week {week}"
                Comment.objects.create(
                    **own,
                    response=response,
                    question="improve",
                    text=text,
                    received_at=moment,
                    sentiment="negative",
                )
    return of


def test_each_picture_is_there_with_its_table_and_csv(client: Client, told) -> None:
    signed_off_theme(told.form.service, *Comment.objects.all(), title="It takes too long")
    tag = told.form.service.tags.create(name="Waiting")
    for comment in Comment.objects.all()[:7]:
        comment.tag_assignments.create(tag=tag, made_by="person", fate="added")
    sign_in(client, staff("leader"))
    there = reverse("feedback:dashboard", args=[told.form.service_id])

    page = client.get(f"{there}?{WEEKS}").content.decode()

    for words in ("User satisfaction by week", "Responses by week", "How responses came in", "It takes too long",
                  "Where in their journey people answered", "How comments sound, by week", "Waiting"):  # fmt: skip
        assert words in page, words
    assert page.count("<svg") == 7
    assert "<script" not in page.split("<main")[1].split("</main")[0]
    csv = reverse("feedback:dashboard_csv", args=[told.form.service_id, "channels"])
    lines = b"".join(client.get(f"{csv}?{WEEKS}").streaming_content).decode().splitlines()
    assert sorted(lines) == ["Channel,Responses", "Link or page,84", "QR code,36"]
    assert Event.objects.filter(kind="table.exported").count() == 1
    assert (
        client.get(reverse("feedback:dashboard_csv", args=[told.form.service_id, "no-such"])).status_code
        == 404
    )


def test_a_sudden_change_is_told_and_usual_weeks_are_not(told) -> None:
    leader = acting(staff("leader"))

    found = dashboard(leader, told.form.service, period()).changes

    assert [(each.series, each.period, each.rose) for each in found] == [
        (DISSATISFIED, date(2026, 4, 13), True)
    ]


def test_satisfaction_of_the_days_is_the_mean_of_all_scores(told) -> None:
    """11 weeks of 9 fives of 10, one of 1: 100 fives of 120, which is 83.3%."""
    leader = acting(staff("leader"))

    found = dashboard(leader, told.form.service, period())

    assert found.scores.counts == (20, 0, 0, 0, 100)
    assert [step.responses for step in found.steps] == [10] * 12
    assert float(found.steps[0].satisfaction.value) == pytest.approx(0.9)


def test_held_and_hidden_responses_and_other_services_do_not_count(told) -> None:
    leader, day = acting(staff("leader")), date(2026, 2, 3)
    received(version(of=service("Bus passes")), {"satisfaction": "1"}, **at(day))
    for state in (ResponseState.HELD, ResponseState.HIDDEN):
        kept = received(told, {"satisfaction": "1", "improve": "Spam"}, **at(day))
        Response.objects.filter(id=kept.id).update(state=state)

    found = dashboard(leader, told.form.service, period())

    assert found.responses == 120
    assert found.comments == 12


def test_days_begin_and_end_at_midnight_in_london(told) -> None:
    """On 29 March clocks go forward; what came at half past midnight of the 30th belongs to that Monday's week."""
    received(told, {"satisfaction": "5"}, received_at=datetime.fromisoformat("2026-03-29T23:30:00+00:00"))
    leader = acting(staff("leader"))

    found = {step.start: step.responses for step in dashboard(leader, told.form.service, period()).steps}

    assert found[date(2026, 3, 30)] == 11
    assert found[date(2026, 3, 23)] == 10


def test_a_dashboard_takes_few_queries(told, django_assert_max_num_queries) -> None:
    leader = acting(staff("leader"))

    with django_assert_max_num_queries(9):
        dashboard(leader, told.form.service, period())


def test_figures_that_took_long_are_kept_for_a_minute_for_those_who_may_see_them(
    told, settings, monkeypatch, django_assert_max_num_queries
) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    monkeypatch.setattr("joinedup_web.feedback.queries.act_dashboard.LONG_SECONDS", 0)
    leader, south = acting(staff("leader")), organisation("Southshire Council")
    before = dashboard(leader, told.form.service, period())
    received(told, {"satisfaction": "1"}, **at(date(2026, 2, 3)))

    with django_assert_max_num_queries(1):
        again = dashboard(leader, told.form.service, period())

    assert again == before
    other_days = period("days_from=1/2/2026&days_to=19/4/2026")
    assert dashboard(leader, told.form.service, other_days).counted_at > before.counted_at
    with pytest.raises(Refused):
        dashboard(acting(staff("leader", where=south), south), told.form.service, period())
    cache.clear()
    assert dashboard(leader, told.form.service, period()).responses == before.responses + 1


def test_figures_that_are_counted_quickly_are_counted_each_time(told, settings, monkeypatch) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    monkeypatch.setattr("joinedup_web.feedback.queries.act_dashboard.LONG_SECONDS", 3600)
    leader = acting(staff("leader"))
    before = dashboard(leader, told.form.service, period())
    received(told, {"satisfaction": "1"}, **at(date(2026, 2, 3)))

    assert dashboard(leader, told.form.service, period()).responses == before.responses + 1


def test_it_says_when_nobody_answered_and_what_is_wrong_in_the_days(client: Client) -> None:
    sign_in(client, staff("leader"))
    there = reverse("feedback:dashboard", args=[service().id])

    assert "Nobody answered in these days." in client.get(there).content.decode()
    wrong = client.get(f"{there}?days_from=31/2/2026&days_to=1/3/2026").content.decode()
    assert "Enter a real date, like 27/3/2026" in wrong
    assert "There is a problem" in wrong
    assert client.get(reverse("feedback:dashboard_csv", args=[service().id, "themes"])).status_code == 404


def test_another_organisation_s_dashboard_is_not_there(client: Client, told) -> None:
    south = organisation("Southshire Council")
    sign_in(client, staff("leader", where=south), south)

    for name, more in (("dashboard", []), ("dashboard_csv", ["channels"])):
        assert client.get(reverse(f"feedback:{name}", args=[told.form.service_id, *more])).status_code == 404


@pytest.mark.parametrize(
    ("query", "unit", "first", "steps"),
    [
        ("", "week", date(2026, 2, 2), 12),
        ("days_from=2026-04-01&days_to=2026-04-20", "day", date(2026, 4, 1), 20),
        ("days_from=2025-01-15&days_to=2026-04-20", "month", date(2025, 1, 15), 16),
        ("days_from=2026-05-01&days_to=2026-04-01", "week", date(2026, 2, 2), 12),
        ("days_from=1990-01-01&days_to=2026-04-01", "week", date(2026, 2, 2), 12),
    ],
    ids=["usual", "days", "months", "turned", "too-long"],
)
def test_days_are_cut_into_steps_that_fit_them(query, unit, first, steps) -> None:
    found = period(query)

    assert (found.unit, found.span.first, len(found.starts)) == (unit, first, steps)
