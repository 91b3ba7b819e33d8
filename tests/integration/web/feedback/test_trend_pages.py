"""Weeks of comments with what changed suddenly, and segments with small numbers held back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from joinedup_web.feedback.models import Channel, Comment, Tag, TagAssignment
from joinedup_web.feedback.queries import trends as queries
from support.comments_read import commented
from support.feedback_forms import TWO_QUESTIONS, service, version
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
MONDAY = date(2026, 11, 23)
AGE = {
    "key": "age",
    "kind": "choice",
    "words": {"en": "How old are you?"},
    "options": [
        {"value": "young", "words": {"en": "Under 65"}},
        {"value": "old", "words": {"en": "65 or over"}},
    ],
}


def noon(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time(12)))


@pytest.fixture
def analyst(client):
    user = staff("analyst")
    sign_in(client, user)
    return acting(user)


@pytest.fixture
def weeks_of_comments():
    """Twelve weeks of forty comments, four of them negative; in the last week thirty are, and bear a tag."""
    of = version()
    tag = Tag.objects.create(service=service(), name="Paying")
    for back in range(12, 0, -1):
        made = commented(
            of, ["It is what it is"] * 40, at=noon(MONDAY - timedelta(weeks=back) + timedelta(days=2))
        )
        bad = made[: 30 if back == 1 else 4]
        Comment.objects.filter(id__in=[each.id for each in made]).update(sentiment="positive")
        Comment.objects.filter(id__in=[each.id for each in bad]).update(sentiment="negative")
        TagAssignment.objects.bulk_create(
            [TagAssignment(comment=each, tag=tag, made_by="x", probability=0.9) for each in bad]
        )
    return tag


def test_a_sudden_change_is_found_and_an_even_number_is_none(analyst, weeks_of_comments):
    found = queries.weeks(analyst, service(), today=MONDAY + timedelta(days=3))

    last = MONDAY - timedelta(weeks=1)
    assert [found.comments[monday] for monday in found.mondays] == [0] * 14 + [40] * 12
    assert found.negative[last] == (30, 40)
    assert {(each.series, each.period, each.rose) for each in found.sudden} == {
        ("negative", last, True),
        (str(weeks_of_comments.id), last, True),
    }


def test_weeks_begin_at_midnight_here_and_not_in_greenwich(analyst):
    summer = datetime(2026, 7, 5, 23, 30, tzinfo=timezone.get_default_timezone())  # a Sunday, 22:30 UTC
    commented(version(), ["late on Sunday"], at=summer)
    commented(version(name="Other"), ["early on Monday"], at=summer + timedelta(hours=1))

    found = queries.weeks(analyst, service(), today=date(2026, 7, 20))

    assert {monday: number for monday, number in found.comments.items() if number} == {
        date(2026, 6, 29): 1,
        date(2026, 7, 6): 1,
    }


def test_the_page_shows_it_with_pictures_and_their_numbers(client, analyst, weeks_of_comments, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *_: MONDAY)
    address = reverse("feedback:trends", args=[service().id])

    shown = client.get(address).content.decode()

    assert shown.count("<svg") >= 3
    assert "Share with the tag “Paying”" in shown
    table = b"".join(client.get(address, {"format": "csv"}).streaming_content).decode()
    assert "2026-11-16,40,40,30,30" in table


def test_segments_hold_small_numbers_back(analyst):
    of = version({"pages": [{"questions": [*TWO_QUESTIONS["pages"][0]["questions"], AGE]}]})
    for value, number, bad in (("young", 40, 30), ("old", 40, 6)):
        made = commented(of, ["x"] * number, answers={"age": value})
        Comment.objects.filter(id__in=[each.id for each in made]).update(sentiment="positive")
        Comment.objects.filter(id__in=[each.id for each in made[:bad]]).update(sentiment="negative")
    few = commented(of, ["x"] * 3, channel=Channel.PAPER)
    Comment.objects.filter(id__in=[each.id for each in few]).update(sentiment="negative")
    by_code = {each.code: each for each in queries.dimensions(analyst, service())}
    today = timezone.localdate()

    ages = queries.segments(
        analyst, service(), dimension=by_code["answer-age"], measure="negative", first=today, last=today
    )
    channels = queries.segments(
        analyst, service(), dimension=by_code["channel"], measure="negative", first=today, last=today
    )

    assert [(words, each.hits, each.total, each.stands) for words, each in ages] == [
        ("Under 65", 30, 40, "more"),
        ("65 or over", 6, 40, "less"),
    ]
    assert all(each.is_held_back for _, each in channels)


def test_the_segments_page_takes_any_address_that_people_type(client, analyst, weeks_of_comments):
    address = reverse("feedback:segments", args=[service().id])

    for query in ({}, {"by": "ending", "days": "365"}, {"by": "x", "measure": "y", "days": "z"}):
        assert client.get(address, query).status_code == 200
    told = client.get(address, {"measure": str(weeks_of_comments.id), "days": "365"}).content.decode()
    assert "bear the tag “Paying”" in told


def test_another_organisations_service_is_not_found(client, analyst):
    theirs = service("Their service", where=organisation("Southshire Council"))

    for view in ("trends", "segments", "understand", "analyses", "new_analysis"):
        assert client.get(reverse(f"feedback:{view}", args=[theirs.id])).status_code == 404
