"""What one person sent is kept once, masked, with its event."""

from __future__ import annotations

from uuid import uuid4

import pytest

from joinedup.feedback import AnswersError
from joinedup_web.audit.models import Event
from joinedup_web.feedback.actions.receive import Arrival, SubmissionTaken
from joinedup_web.feedback.models import Comment, Contact, Response, ResponseState
from joinedup_web.feedback.originals import open_contact, open_original
from support.feedback_forms import TWO_QUESTIONS, received, version

pytestmark = [pytest.mark.web, pytest.mark.django_db]
ANSWERS = {"satisfaction": "2", "improve": "My number is QQ 12 34 56 C, write to jo.bloggs@example.com"}


def test_a_response_is_kept_masked_and_its_original_sealed() -> None:
    kept = received(version(), ANSWERS)

    row = Response.objects.get(id=kept.id)
    comment = Comment.objects.get(response=row)
    assert row.satisfaction == 2
    assert row.state == ResponseState.OPEN
    assert "jo.bloggs" not in comment.text
    assert "[email address]" in comment.text
    assert row.answers == {"satisfaction": 2, "improve": comment.text}
    assert "jo.bloggs" not in row.original_sealed
    original = open_original(row)
    assert original is not None
    assert original.texts == {"improve": ANSWERS["improve"]}


def test_its_event_says_counts_and_no_words() -> None:
    kept = received(version(), ANSWERS)

    event = Event.objects.get(kind="response.received")
    assert event.fields["response"] == str(kept.id)
    assert event.fields["comments"] == 1
    assert event.fields["masked"] >= 1
    assert "bloggs" not in str(event.fields)


def test_the_same_submission_is_kept_once() -> None:
    of, submission = version(), uuid4()

    first = received(of, ANSWERS, submission=submission)
    again = received(of, ANSWERS, submission=submission)

    assert again.id == first.id
    assert Response.objects.count() == 1
    assert Event.objects.filter(kind="response.received").count() == 1


def test_a_submission_of_another_form_is_refused() -> None:
    submission = uuid4()
    received(version(), ANSWERS, submission=submission)

    with pytest.raises(SubmissionTaken):
        received(version(name="Other"), ANSWERS, submission=submission)

    assert Response.objects.count() == 1


def test_answers_that_the_form_does_not_take_leave_nothing() -> None:
    with pytest.raises(AnswersError) as refused:
        received(version(), {"satisfaction": "9"})

    assert [each.question for each in refused.value.problems] == ["satisfaction"]
    assert not Response.objects.exists()
    assert not Event.objects.filter(kind="response.received").exists()


def test_how_to_answer_somebody_is_kept_apart_and_sealed() -> None:
    asked = {
        "pages": [
            {
                "questions": [
                    *TWO_QUESTIONS["pages"][0]["questions"],
                    {"key": "email", "kind": "email", "words": {"en": "Your email address"}},
                ]
            }
        ]
    }

    kept = received(version(asked), {"satisfaction": "4", "email": "ann@example.com"})

    assert "email" not in kept.answers
    contact = Contact.objects.get(response=kept)
    assert contact.channel == "email"
    assert "ann" not in contact.to_sealed
    assert open_contact(contact) == "ann@example.com"


def test_what_may_be_spam_is_held_and_not_dropped() -> None:
    of = version()
    slow = {"seconds": 60.0, "address": "203.0.113.9"}

    reasons = [
        received(of, ANSWERS, arrival=Arrival(**given)).held_reason
        for given in (
            slow,
            {**slow, "trap": "Acme"},
            {**slow, "decoy": "maybe"},
            {**slow, "seconds": 0.5},
            {**slow, "seconds": None},
        )
    ]

    assert reasons == ["", "honeypot", "decoy", "too_quick", "no_token"]
    assert Response.objects.filter(state=ResponseState.HELD).count() == 4


def test_the_same_text_again_and_again_is_held() -> None:
    of = version()
    answers = {"satisfaction": "1", "improve": "Everybody must sign this letter about the permits"}

    kept = [received(of, answers, arrival=Arrival(seconds=60.0)) for _ in range(5)]

    assert [each.held_reason for each in kept] == ["", "", "", "repeated_text", "repeated_text"]


def test_many_from_one_address_are_held_and_the_address_is_not_kept() -> None:
    of = version()

    kept = [
        received(of, {"satisfaction": "1"}, arrival=Arrival(seconds=60.0, address="203.0.113.9"))
        for _ in range(31)
    ]

    assert [each.held_reason for each in kept[-2:]] == ["", "too_many"]
    assert "203.0.113" not in "".join(map(str, Response.objects.values()))
