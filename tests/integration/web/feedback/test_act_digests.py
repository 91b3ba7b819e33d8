"""The digest of a week is made once, says what the week's rows say, and goes to those who asked for it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from joinedup.errors import SourceError
from joinedup_web.accounts.messages import notifier
from joinedup_web.audit.models import Event
from joinedup_web.feedback import digests
from joinedup_web.feedback.actions.act_digests import choose_digest, keep_digest, leave_digest
from joinedup_web.feedback.digests import last_week, look_after_digests
from joinedup_web.feedback.models import (
    Comment,
    Digest,
    DigestChoice,
    Reading,
    Response,
    ResponseState,
)
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.gate.decide import Refused
from support.feedback_forms import received, service, version
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
MONDAY = timezone.make_aware(datetime(2026, 4, 20, 6))
WEEK = date(2026, 4, 13)


@pytest.fixture
def sent(monkeypatch):
    """What was handed to the sender."""
    messages = []

    class Sender:
        def send(self, message):
            messages.append(message)

    monkeypatch.setattr(digests, "notifier", Sender)
    return messages


def told(*scores: int, day: date = WEEK, of=None):
    of = of or version()
    for score in scores:
        at = timezone.make_aware(datetime(day.year, day.month, day.day, 12))
        received(of, {"satisfaction": str(score)}, received_at=at, submission=uuid4())
    return of


def kept(of) -> None:
    """The week's digest of a service."""
    content = digests.content_of(of, WEEK)
    keep_digest(by=SYSTEM, organisation_id=of.organisation_id, service=of, week=WEEK, content=content)


@pytest.mark.parametrize(
    ("today", "week"),
    [(date(2026, 4, 20), WEEK), (date(2026, 4, 26), WEEK), (date(2026, 4, 19), date(2026, 4, 6))],
    ids=["monday", "sunday-after", "sunday-in-it"],
)
def test_the_last_week_is_the_one_that_is_over(today, week) -> None:
    assert last_week(today) == week


def test_it_is_made_once_however_often_the_round_comes(sent) -> None:
    told(5, 5, 1)

    made = [look_after_digests(on=MONDAY + timedelta(hours=hour)) for hour in range(3)]

    assert made == [1, 0, 0]
    digest = Digest.objects.get()
    assert digest.week == WEEK
    assert digest.sent_at is not None
    assert Event.objects.filter(kind="digest.made").count() == 1
    assert Event.objects.filter(kind="digest.sent").count() == 1


def said(of, *, state: str = ResponseState.OPEN):
    """A comment of the week that no model has read yet."""
    at = timezone.make_aware(datetime(2026, 4, 14, 12))
    found = received(of, {"satisfaction": "1", "improve": "The form is long"}, received_at=at)
    Response.objects.filter(id=found.id).update(state=state)
    return found.comments.get()


def test_it_waits_until_the_week_s_comments_are_read(sent) -> None:
    comment = said(version())
    assert look_after_digests(on=MONDAY) == 0
    Comment.objects.filter(id=comment.id).update(read_at=MONDAY, sentiment="negative", sentiment_by="m")

    assert look_after_digests(on=MONDAY + timedelta(hours=1)) == 1

    now = Digest.objects.get().content["now"]
    assert (now["negative"], now["read"]) == (1, 1)


def test_it_waits_for_nothing_that_will_not_come(sent) -> None:
    """A message nobody will read, a machine that cannot read, and the week's end."""
    said(hidden := version(name="Hidden"), state=ResponseState.HIDDEN)
    choose_digest(by=acting(staff("leader")), service=hidden.form.service)
    assert look_after_digests(on=MONDAY) == 1
    Digest.objects.all().delete()
    said(hidden)
    assert look_after_digests(on=MONDAY + timedelta(days=5)) == 0
    assert look_after_digests(on=MONDAY + timedelta(days=6)) == 1
    Digest.objects.all().delete()
    Reading.objects.create(organisation=hidden.form.service.organisation, problem={"what": "no model"})
    assert look_after_digests(on=MONDAY) == 1


def test_two_workers_at_a_time_make_one(sent, monkeypatch) -> None:
    of = told(5).form.service
    keep_digest(
        by=SYSTEM,
        organisation_id=of.organisation_id,
        service=of,
        week=WEEK,
        content=digests.content_of(of, WEEK),
    )
    monkeypatch.setattr(digests, "_due", lambda week, on: [of])

    assert look_after_digests(on=MONDAY) == 0
    assert Digest.objects.count() == 1


def test_it_says_what_the_week_s_rows_say() -> None:
    """Five, five and one: (1 + 1 + 0) / 3. The week before: a three, which is a half. Outside of both: left out."""
    of = told(5, 5, 1)
    told(3, day=date(2026, 4, 12), of=of)
    told(1, 1, day=date(2026, 4, 20), of=of)

    content = digests.content_of(of.form.service, WEEK)

    assert content["now"]["responses"] == 3
    assert content["now"]["satisfaction"]["above"] / content["now"]["satisfaction"]["below"] == pytest.approx(
        2 / 3
    )
    assert content["before"]["responses"] == 1
    assert content["before"]["satisfaction"]["counted"] == 1


def test_a_service_that_nobody_answers_has_one_only_if_somebody_asked(sent) -> None:
    quiet, asked = service("Quiet"), service("Asked for")
    leader = acting(staff("leader"))
    choose_digest(by=leader, service=asked)

    look_after_digests(on=MONDAY)

    assert [each.service for each in Digest.objects.all()] == [asked]
    assert quiet.digests.count() == 0


def test_it_goes_to_those_who_asked_and_still_may(sent) -> None:
    of = told(5).form.service
    reader, gone, left, disabled = staff("leader"), staff("leader"), staff("leader"), staff("leader")
    staff("leader")
    for user in (reader, gone, left, disabled):
        choose_digest(by=acting(user), service=of)
    gone.memberships.all().delete()
    leave_digest(by=acting(left), service=of)
    disabled.is_active = False
    disabled.save()

    look_after_digests(on=MONDAY)

    assert [message.to for message in sent] == [reader.email]
    message = sent[0]
    assert message.template == "feedback_digest"
    assert message.personalisation["responses"] == "1"
    assert str(of.id) in message.personalisation["link"]
    assert Event.objects.get(kind="digest.sent").fields["people"] == 1


def test_a_sender_that_fails_stops_neither_the_others_nor_the_round(monkeypatch) -> None:
    of = told(5).form.service
    for _ in range(2):
        choose_digest(by=acting(staff("leader")), service=of)
    tried = []

    class Failing:
        def send(self, message):
            tried.append(message)
            raise SourceError(what="no answer", where="the sender")

    monkeypatch.setattr(digests, "notifier", Failing)

    look_after_digests(on=MONDAY)

    assert len(tried) == 2
    assert Event.objects.get(kind="digest.sent").fields["people"] == 0


def test_the_message_s_words_are_there_in_both_languages(sent) -> None:
    of = told(5).form.service
    choose_digest(by=acting(staff("leader")), service=of)

    look_after_digests(on=MONDAY)

    notifier().send(sent[0])  # raises where a gap of the template is not filled


def test_it_is_asked_for_and_left_on_its_page(client: Client) -> None:
    of = told(5).form.service
    digests.keep_digest(
        by=SYSTEM,
        organisation_id=of.organisation_id,
        service=of,
        week=WEEK,
        content=digests.content_of(of, WEEK),
    )
    sign_in(client, staff("leader"))

    client.post(reverse("feedback:digest_choose", args=[of.id]))
    page = client.get(reverse("feedback:digest")).content.decode()
    assert "Stop sending Parking permits" in page
    assert "Week from 13 April 2026" in page
    assert DigestChoice.objects.count() == 1
    one = client.get(reverse("feedback:digest_week", args=[of.id, "2026-04-13"])).content.decode()
    assert "13 April 2026 to 19 April 2026" in one
    assert "100.0% (not known)" in one
    assert "0 raised that week; 0 flags of any week still open when this was made" in one
    assert "There was none" in one  # no comment, of which none could be read
    client.post(reverse("feedback:digest_leave", args=[of.id]))
    assert not DigestChoice.objects.exists()
    again = client.post(reverse("feedback:digest_leave", args=[of.id]), follow=True)
    assert "You do not get this digest" in again.content.decode()
    for week in ("2026-04-06", "spring"):
        assert client.get(reverse("feedback:digest_week", args=[of.id, week])).status_code == 404


def test_another_organisation_s_digest_is_not_there(client: Client) -> None:
    of = told(5).form.service
    digests.keep_digest(
        by=SYSTEM,
        organisation_id=of.organisation_id,
        service=of,
        week=WEEK,
        content=digests.content_of(of, WEEK),
    )
    south = organisation("Southshire Council")
    stranger = staff("leader", where=south)
    sign_in(client, stranger, south)

    assert client.get(reverse("feedback:digest_week", args=[of.id, "2026-04-13"])).status_code == 404
    assert client.post(reverse("feedback:digest_choose", args=[of.id])).status_code == 404
    assert "Parking permits" not in client.get(reverse("feedback:digest")).content.decode()
    with pytest.raises(Refused):
        choose_digest(by=acting(stranger, south), organisation_id=of.organisation_id, service=of)
    assert not DigestChoice.objects.exists()
