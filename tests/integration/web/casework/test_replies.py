"""Replies: written, looked at, sent once and only once, tried again, and told of where they fail."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from joinedup.errors import JoinedupError
from joinedup.ports.notify import NotifyError
from joinedup_web.audit.models import Event
from joinedup_web.casework import reply_jobs
from joinedup_web.casework.actions import linking, work
from joinedup_web.casework.actions.replies import reply_to_case, send_again
from joinedup_web.casework.contacts import address_of
from joinedup_web.casework.models import Case, CaseContact, Reply
from joinedup_web.gate.decide import Refused
from support.cases import case, team
from support.pages import body, problems, words
from support.web_people import acting, organisation, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
ADDRESS = "ann.lee@example.test"
BUSY = NotifyError(what="busy", where="", mend="later", may_try_again=True)
SILENT = NotifyError(what="no answer came", where="", mend="ask it", may_have_gone=True)
REFUSED = NotifyError(what="refused", where="", mend="check the recipient")


def asked(**told) -> Case:
    return case(contact=("email", ADDRESS), team=team(f"Team {uuid4().hex[:6]}"), **told)


def replied(of: Case, text: str = "Your permit is on its way.") -> Reply:
    (reply,) = reply_to_case(by=acting(staff("caseworker")), case=of, text=text, key=uuid4())
    return reply


def send(reply: Reply) -> Reply:
    reply_jobs.send_reply.func(str(reply.id))
    reply.refresh_from_db()
    return reply


def test_a_reply_is_looked_at_before_it_goes_and_the_address_is_never_shown(client_of, post):
    of, client = asked(), client_of("caseworker")
    there = reverse("casework:reply", args=[of.id])
    form = client.get(there)
    assert "It goes to 1 person by email" in words(form)
    told = {"text": "It was sent today.", "key": str(uuid4()), "step": "look"}

    looked = client.post(there, told)
    assert f"Check your reply to case {of.number}" in words(looked)
    assert f"Our answer to what you told us ({of.number})" in words(looked)
    assert f"Our reference is {of.number}" in words(looked)
    assert not Reply.objects.exists()
    done = client.post(there, {**told, "step": "send"}, follow=True)

    assert "Waiting to be sent" in words(done)
    send(Reply.objects.get())
    (message,) = post.sent
    assert (message.to, message.language) == (ADDRESS, "en")
    assert "It was sent today." in message.body
    page = client.get(reverse("casework:case", args=[of.id]))
    assert "Reply sent" in words(page)
    assert ADDRESS not in "".join(body(each).decode() for each in (form, looked, done, page))
    assert ADDRESS not in json.dumps(list(Event.objects.values_list("fields", flat=True)))


def test_a_reply_can_be_changed_before_it_goes(client_of):
    of, client = asked(), client_of("caseworker")
    there = reverse("casework:reply", args=[of.id])

    page = client.post(there, {"text": "Not yet right", "key": str(uuid4()), "step": "change"})

    assert "Not yet right" in body(page).decode()
    assert "Look at it" in words(page)


def test_who_wrote_in_welsh_is_answered_in_welsh(client_of, post):
    of = asked(language="cy")
    page = words(client_of("caseworker").get(reverse("casework:reply", args=[of.id])))
    assert "They wrote in Welsh. Write the reply in Welsh" in page

    send(replied(of, "Mae’r drwydded ar ei ffordd."))

    (message,) = post.sent
    assert message.language == "cy"
    assert "Ein cyfeirnod yw" in message.body


def test_a_text_message_is_short(client_of, post):
    of = case(contact=("sms", "07700 900123"))
    client = client_of("caseworker")
    there = reverse("casework:reply", args=[of.id])

    long = client.post(there, {"text": "x" * 481, "key": str(uuid4()), "step": "look"})
    assert problems(long) == ["The reply must be 480 characters or less"]
    with pytest.raises(Refused, match="write at most 480 characters"):
        replied(of, "x" * 481)
    send(replied(of, "On its way."))

    assert [(message.to, message.channel) for message in post.sent] == [("+447700900123", "sms")]


def test_the_same_form_sent_twice_sends_one(client_of, post):
    of, client = asked(), client_of("caseworker")
    there, told = (
        reverse("casework:reply", args=[of.id]),
        {"text": "Once.", "key": str(uuid4()), "step": "send"},
    )

    client.post(there, told)
    second = client.post(there, told)

    assert problems(second) == ["This reply went out already"]
    assert Reply.objects.count() == 1


def test_a_job_that_runs_twice_sends_one(post):
    reply = replied(asked())

    send(reply)
    send(reply)
    reply_jobs.send_waiting()

    assert post.handed_over == 1
    assert Event.objects.filter(kind="case.reply_sent").count() == 1


def test_once_it_is_sent_the_address_is_gone_from_the_reply(post):
    assert send(replied(asked())).to_sealed == ""


def test_a_busy_service_is_tried_again_and_waits_longer_each_time(post, later):
    reply = replied(asked())
    post.fails = [BUSY, BUSY]

    assert send(reply).state == "waiting"
    assert reply_jobs.send_waiting() == 0, "not before its time"
    later(minutes=2)
    assert reply_jobs.send_waiting() == 1
    later(minutes=2)
    assert reply_jobs.send_waiting() == 0, "the second wait is longer"
    later(minutes=4)
    assert reply_jobs.send_waiting() == 1

    reply.refresh_from_db()
    assert (reply.state, reply.tries, reply.problem) == ("sent", 3, None)
    assert [event.fields["for_good"] for event in Event.objects.filter(kind="case.reply_failed")] == [
        False,
        False,
    ]


def test_after_a_day_it_gives_up_and_the_case_is_open_again(post, later):
    of = asked()
    reply = replied(of)
    post.fails = [BUSY] * 6
    send(reply)
    for _ in range(6):
        later(days=1)
        reply_jobs.send_waiting()

    reply.refresh_from_db()
    of.refresh_from_db()
    assert (reply.state, reply.tries, of.state) == ("failed", 6, "open")
    assert of.entries.filter(kind="reply_failed").count() == 1


def test_what_is_refused_for_good_is_told_on_the_case_and_can_be_sent_again(client_of, post):
    of = asked()
    reply = replied(of)
    post.fails = [REFUSED]
    send(reply)

    page = words(client_of("caseworker").get(reverse("casework:case", args=[of.id])))
    assert "Not sent" in page
    assert "Refused. To mend it: check the recipient." in page
    client_of("caseworker").post(reverse("casework:send_again", args=[reply.id]))
    send(reply)

    of.refresh_from_db()
    assert (reply.state, of.state, post.handed_over) == ("sent", "answered", 1)


def test_a_case_that_was_closed_meanwhile_is_opened_again(post):
    """Else nobody would see that whoever asked got no answer."""
    of = asked()
    reply = replied(of)
    work.close_case(by=acting(staff("caseworker")), case=of, outcome="answered")
    post.fails = [REFUSED]

    send(reply)

    of.refresh_from_db()
    assert (of.state, of.outcome, of.closed_at) == ("open", "", None)
    assert Event.objects.filter(kind="case.reopened").count() == 1


def test_where_no_answer_came_the_service_is_asked_before_it_is_tried_again(post, later):
    """It had taken the message: nothing goes twice."""
    reply = replied(asked())
    post.fails, post.takes_anyway = [SILENT], True
    send(reply)
    later(minutes=2)

    reply_jobs.send_waiting()

    reply.refresh_from_db()
    assert (reply.state, post.handed_over, post.asked_again) == ("sent", 1, [False, True])


def test_a_mail_server_cannot_be_asked_so_a_person_decides(client_of, post, later, monkeypatch):
    monkeypatch.setattr(reply_jobs, "can_be_asked", lambda: False)
    of = asked()
    reply = replied(of)
    post.fails, post.takes_anyway = [SILENT], True
    send(reply)
    later(days=1)
    reply_jobs.send_waiting()

    reply.refresh_from_db()
    assert (reply.state, post.handed_over, len(post.asked_again)) == ("failed", 1, 1)
    page = words(client_of("caseworker").get(reverse("casework:case", args=[of.id])))
    assert "No answer came" in page
    assert "Send it again" in page


def test_a_machine_that_stops_while_it_sends(post, later, monkeypatch):
    """The try was counted and nothing more is known: a mail server is not handed it again, Notify is asked first."""
    for can_be_asked, wanted in ((False, "failed"), (True, "sent")):
        monkeypatch.setattr(reply_jobs, "can_be_asked", lambda answer=can_be_asked: answer)
        reply = replied(asked())
        assert reply_jobs._claimed(reply)  # and here it stops
        later(minutes=6)
        before = len(post.asked_again)
        reply_jobs.send_waiting()
        reply.refresh_from_db()

        assert reply.state == wanted
        assert post.asked_again[before:] == ([True] if can_be_asked else [])
    stopped = Reply.objects.get(state="failed")
    assert stopped.problem["what"].startswith("nobody knows whether the reply went")


def test_a_reply_whose_job_was_lost_goes_out_by_the_round(post, later):
    reply = replied(asked())
    assert reply_jobs.send_waiting() == 0, "its job may yet come"
    later(minutes=6)

    assert reply_jobs.send_waiting() == 1
    reply.refresh_from_db()
    assert reply.state == "sent"


def test_two_workers_send_one(post, later):
    reply = replied(asked())
    one, other = Reply.objects.get(id=reply.id), Reply.objects.get(id=reply.id)

    assert (reply_jobs._claimed(one), reply_jobs._claimed(other)) == (True, False)


def test_one_reply_answers_everybody_whose_cases_are_answered_together(post, client_of):
    one, by = asked(), acting(staff("moderator"))
    follower = case(contact=("email", "other@example.test"), language="cy")
    same_person, silent = case(contact=("email", ADDRESS)), case()
    for each in (follower, same_person, silent):
        linking.link_case(by=by, case=each, to=one)
    page = words(client_of("caseworker").get(reverse("casework:reply", args=[one.id])))
    assert "1 of them wrote in Welsh" in page

    replies = reply_to_case(by=by, case=one, text="It is mended.", key=uuid4())
    for reply in replies:
        send(reply)

    assert sorted((message.to, message.language) for message in post.sent) == [
        (ADDRESS, "en"),
        ("other@example.test", "cy"),
    ]
    assert set(Case.objects.values_list("state", flat=True)) == {"answered"}


def test_who_cannot_be_answered_is_not(client_of):
    of = case()

    page = client_of("caseworker").get(reverse("casework:reply", args=[of.id]))
    assert "Nobody who asked left a way to answer them" in words(page)
    with pytest.raises(Refused, match="nobody who asked left a way"):
        replied(of)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda of, by: work.close_case(by=by, case=of, outcome="resolved"), "this case is closed"),
        (
            lambda of, by: linking.link_case(by=by, case=of, to=case()),
            "answered together with another; reply there",
        ),
    ],
    ids=["closed", "linked"],
)
def test_what_is_closed_or_follows_another_is_not_replied_to(spoil, why):
    of = asked()
    spoil(of, acting(staff("moderator")))

    with pytest.raises(Refused, match=why):
        replied(of)
    assert not Reply.objects.exists()


def test_who_would_reply_to_a_case_that_follows_another_is_led_there_before_a_word_is_written(client_of):
    of, leading = asked(), case()
    client, there = client_of("caseworker"), reverse("casework:reply", args=[of.id])
    told = {"text": "On its way.", "key": str(uuid4()), "step": "look"}
    linking.link_case(by=acting(staff("moderator")), case=of, to=leading)

    led = client.get(there, follow=True)
    looked = client.post(there, told)

    assert led.redirect_chain == [(reverse("casework:reply", args=[leading.id]), 302)]
    assert f"Case {of.number} is answered together with this one; reply here" in words(led)
    assert problems(looked) == ["This case is answered together with another; reply there"]
    assert "On its way." in body(looked).decode()
    assert "Check your reply" not in words(looked)


def test_an_empty_reply_is_not_sent(client_of):
    of = asked()

    answer = client_of("caseworker").post(
        reverse("casework:reply", args=[of.id]), {"text": " ", "key": str(uuid4()), "step": "send"}
    )

    assert problems(answer) == ["Write the reply"]


def test_another_organisations_reply_cannot_be_sent_again(client_of):
    abroad = case(where=organisation("Southshire Council"))
    reply = Reply.objects.create(case=abroad, channel="email", text="x", state="failed", to_sealed="x")

    assert client_of("moderator").post(reverse("casework:send_again", args=[reply.id])).status_code == 404


def test_what_was_sent_is_not_sent_again(post):
    reply = send(replied(asked()))

    with pytest.raises(Refused, match="cannot be sent again"):
        send_again(by=acting(staff("caseworker")), reply=reply)


def test_an_address_is_sealed_for_its_own_case():
    """What one case keeps opens nothing on another."""
    one, other = asked(), case(contact=("email", "other@example.test"))
    first, second = CaseContact.objects.get(case=one), CaseContact.objects.get(case=other)
    assert ADDRESS not in first.to_sealed
    assert address_of(first) == ADDRESS
    second.to_sealed = first.to_sealed

    with pytest.raises(JoinedupError) as refused:
        address_of(second)
    assert ADDRESS not in str(refused.value)


def test_the_time_until_it_is_tried_again_is_told(client_of, post):
    of = asked()
    reply = replied(of)
    post.fails = [BUSY]
    send(reply)

    assert reply.next_at > timezone.now() + timedelta(seconds=30)
    page = words(client_of("caseworker").get(reverse("casework:case", args=[of.id])))
    assert "Tried 1 time; the next try is" in page
