"""Who is told of a flag and when: the duty person at once, the deputy when the clock runs out, then everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from joinedup.errors import SourceError
from joinedup.ports.clock import SystemClock
from joinedup.ports.notify_outbox import OutboxNotifier
from joinedup.ports.notify_templates import own_templates
from joinedup_web.audit.models import Event
from joinedup_web.audit.sequencer import sequence_all
from joinedup_web.feedback import flag_messages
from joinedup_web.feedback.actions.flags import acknowledge_flag, reopen_flag
from joinedup_web.feedback.models import Flag, FlagKind
from joinedup_web.operations import metrics, upkeep
from support.feedback_forms import service
from support.feedback_things import HARMED, IN_DANGER, PERSONAL, flagged, said, watched_service
from support.web_people import acting, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


class Post:
    """Messages that were sent. lost: addresses to which nothing can be sent."""

    def __init__(self) -> None:
        self.outbox = OutboxNotifier(own_templates(), clock=SystemClock())
        self.lost: set[str] = set()

    def send(self, message):
        if message.to in self.lost or "*" in self.lost:
            raise SourceError(what="no answer", where="mail", mend="try again later")
        return self.outbox.send(message)

    @property
    def told(self) -> list[str]:
        return [message.to for message in self.outbox.messages()]


@pytest.fixture
def post(monkeypatch):
    made = Post()
    monkeypatch.setattr(flag_messages, "notifier", lambda: made)
    return made


@pytest.fixture
def later(monkeypatch):
    """Moves the clock on by minutes, again and again."""
    real, moved = timezone.now, [timedelta()]
    monkeypatch.setattr("django.utils.timezone.now", lambda: real() + moved[0])

    def move(minutes):
        moved[0] += timedelta(minutes=minutes)

    return move


def test_the_duty_person_is_told_at_once_with_a_link_and_no_word_of_the_comment(post):
    flag = flagged(f"{IN_DANGER} {PERSONAL}", of=watched_service())

    flag_messages.tell_of_flag.func(str(flag.id))

    (message,) = post.outbox.messages()
    assert message.to == "duty.parking@example.test"
    assert reverse("feedback:flag", args=[flag.id]) in message.body
    assert "kill" not in message.body + message.subject
    assert "Natarajan" not in message.body
    flag.refresh_from_db()
    assert flag.told.email == "duty.parking@example.test"
    assert Event.objects.get(kind="flag.told").fields == {"flag": str(flag.id), "to": "duty", "people": 1}


def test_raising_a_flag_asks_for_the_message_before_other_jobs(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        flag = flagged(of=watched_service())

    job = DBTaskResult.objects.filter(task_path__endswith="tell_of_flag").get()
    assert job.args_kwargs["args"] == [str(flag.id)]
    assert job.priority == 100


def test_duty_person_then_deputy_then_everybody(post, later):
    flagged(of=watched_service())
    other = staff("caseworker", email="other@example.test")

    flag_messages.tell_of_flags()
    flag_messages.tell_of_flags()
    assert post.told == ["duty.parking@example.test"]
    later(59)
    flag_messages.tell_of_flags()
    assert len(post.told) == 1
    later(2)
    flag_messages.tell_of_flags()
    flag_messages.tell_of_flags()
    assert post.told[1:] == ["deputy.parking@example.test"]
    later(61)
    flag_messages.tell_of_flags()
    flag_messages.tell_of_flags()
    assert sorted(post.told[2:]) == ["deputy.parking@example.test", "duty.parking@example.test", other.email]
    steps = [event.fields["to"] for event in Event.objects.filter(kind="flag.told").order_by("number")]
    assert steps == ["duty", "deputy", "everybody"]
    passed = Event.objects.filter(kind="flag.passed_on").order_by("number")
    assert [event.fields["to"] for event in passed] == ["deputy", "everybody"]


def test_nobody_else_is_told_once_somebody_has_it_in_hand(post, later):
    flag = flagged(of=watched_service())
    flag_messages.tell_of_flags()
    acknowledge_flag(by=acting(staff("caseworker")), flag=flag)

    later(300)
    flag_messages.tell_of_flags()

    assert len(post.told) == 1


def test_a_flag_that_is_opened_again_is_told_again(post, later):
    flag = flagged(of=watched_service())
    flag_messages.tell_of_flags()
    Flag.objects.filter(id=flag.id).update(closed_at=timezone.now(), acknowledged_at=timezone.now())
    later(5)

    reopen_flag(by=acting(staff("moderator")), flag=flag)
    flag_messages.tell_of_flags()

    assert post.told == ["duty.parking@example.test"] * 2


def test_without_a_duty_person_everybody_who_may_act_is_told_at_once(post):
    flagged(of=service())
    mine = staff("moderator", email="mine@example.test")
    staff("leader", email="leader@example.test")

    flag_messages.tell_of_flags()

    assert post.told == [mine.email]


def test_where_the_duty_person_cannot_be_reached_the_deputy_is_told_in_the_same_round(post):
    flag = flagged(of=watched_service())
    post.lost = {"duty.parking@example.test"}

    flag_messages.tell_of_flags()

    assert post.told == ["deputy.parking@example.test"]
    flag.refresh_from_db()
    assert flag.told.email == "deputy.parking@example.test"


def test_a_duty_person_whose_account_was_closed_is_passed_over(post):
    place = watched_service()
    place.duty_person.is_active = False
    place.duty_person.save()
    flagged(of=place)

    flag_messages.tell_of_flags()

    assert post.told == ["deputy.parking@example.test"]


def test_where_nobody_can_be_reached_it_is_tried_again_and_the_operator_sees_it(post, client):
    flag = flagged(of=watched_service())
    post.lost = {"*"}
    for _ in range(3):
        assert flag_messages.tell_of_flags() == 0

    flag.refresh_from_db()
    assert flag.untold == 3
    assert Event.objects.filter(kind="flag.nobody_told").count() == 1
    sign_in(client, staff("platform_administrator"))
    assert "Nobody could be told of 1" in client.get(reverse("operations:service")).content.decode()
    sequence_all()  # however slow the machine, no event waits for its place
    assert client.get(reverse("operations:ready")).status_code == 200
    post.lost = set()
    assert flag_messages.tell_of_flags() == 1
    assert "Nobody could be told" not in client.get(reverse("operations:service")).content.decode()


def test_the_operator_sees_how_many_are_late_and_metrics_count_them(later):
    flagged(of=watched_service())
    later(120)
    assert b"joinedup_flags_late 1.0" in metrics.exposition()
    assert b"joinedup_flags_untold 0.0" in metrics.exposition()


def test_what_no_model_can_read_is_told_after_a_day(post, later):
    said("Mi ne povas pagi la imposton kaj neniu respondas al miaj leteroj pri tio", of=watched_service())
    assert Flag.objects.get().kind == FlagKind.UNREADABLE

    flag_messages.tell_of_flags()
    later(23 * 60)
    flag_messages.tell_of_flags()
    assert post.told == []
    later(61)
    flag_messages.tell_of_flags()

    assert post.told == ["duty.parking@example.test"]
    assert "waits for somebody to read it" in post.outbox.messages()[0].subject


def test_of_what_no_model_can_read_one_person_is_told_and_nobody_after_them(post, later):
    said("Mi ne povas pagi la imposton kaj neniu respondas al miaj leteroj pri tio", of=watched_service())
    post.lost = {"duty.parking@example.test"}

    for minutes in (25 * 60, 61, 61):
        later(minutes)
        flag_messages.tell_of_flags()

    assert post.told == ["deputy.parking@example.test"]


def test_one_message_tells_by_when_and_the_clock_is_the_services_own(post):
    place = watched_service()
    place.acknowledge_minutes = 15
    place.save()

    flag = flagged(HARMED, of=place)

    assert flag.due_at - flag.raised_at == timedelta(minutes=15)


def test_the_round_goes_on_when_telling_fails(monkeypatch, caplog):
    def fails() -> int:
        raise RuntimeError("words that no log may hold")

    monkeypatch.setattr(upkeep, "tell_of_flags", fails)

    upkeep.look_after_flags()

    assert "RuntimeError" in caplog.text
    assert "no log may hold" not in caplog.text
