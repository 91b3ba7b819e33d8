"""Responses from other systems: kept once, masked, refused in words, and of one's own organisation's points alone."""

from __future__ import annotations

from uuid import uuid4

import pytest

from joinedup_web.audit.models import Event
from joinedup_web.feedback.models import Comment, Form, FormState, Response
from support.feedback_forms import point, version
from support.machines import machine
from support.web_people import organisation

pytestmark = [pytest.mark.web, pytest.mark.django_db]
ADDRESS = "/api/v1/feedback/points/bdfhk2"


@pytest.fixture
def asked():
    return point(version())


@pytest.fixture
def system(asked):
    return machine(organisation(), "feedback.send")


def send(system, **told):
    document = {
        "submission": str(uuid4()),
        "answers": {"satisfaction": "4", "improve": "Ring me on 07700 900123"},
        **told,
    }
    return system.post(f"{ADDRESS}/responses", document, content_type="application/json")


def test_a_system_reads_what_is_asked_and_sends_an_answer(system):
    asked = system.get(ADDRESS).json()
    assert [question["key"] for question in asked["questions"]] == ["satisfaction", "improve"]
    assert asked["questions"][0]["options"][0]["value"] == "5"

    answer = send(system)

    assert answer.status_code == 201, answer.content
    response = Response.objects.get(id=answer.json()["response"])
    assert (response.channel, response.satisfaction) == ("api", 4)
    assert "900123" not in Comment.objects.get().text
    assert Event.objects.get(kind="response.received").fields["channel"] == "api"


def test_the_same_submission_sent_again_is_kept_once(system):
    submission = str(uuid4())
    first, again = send(system, submission=submission), send(system, submission=submission)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["response"] == again.json()["response"]
    assert again.json()["was_there"]
    assert Response.objects.count() == 1


def test_answers_that_cannot_be_taken_are_named_by_question_and_never_said_back(system):
    answer = send(system, answers={"satisfaction": "SEVEN", "improve": "x"})

    assert answer.status_code == 422
    assert [problem["question"] for problem in answer.json()["problems"]] == ["satisfaction"]
    assert "SEVEN" not in answer.content.decode()
    assert not Response.objects.exists()


def test_a_closed_form_takes_none(system):
    Form.objects.update(state=FormState.CLOSED)

    answer = send(system)

    assert answer.status_code == 409
    assert "closed" in answer.json()["what"]


@pytest.mark.parametrize("at", ["2999-01-01T00:00:00Z", "2026-03-01T14:05:00"])
def test_a_moment_to_come_or_without_a_zone_is_refused(system, at):
    assert send(system, received_at=at).status_code == 422


def test_a_token_for_something_else_is_refused_and_anothers_point_is_not_found(asked):
    assert send(machine(organisation(), "measures.read")).status_code == 403
    assert send(machine(organisation("Southshire Council"), "feedback.send")).status_code == 404
    assert not Response.objects.exists()
