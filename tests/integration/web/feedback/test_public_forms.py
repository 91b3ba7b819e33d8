"""The public's forms: page by page with buttons alone, in English and Welsh, and without a cookie."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from joinedup.feedback import Kind, offered
from joinedup.feedback.templates import templates
from joinedup_web.feedback.models import Flag, FlagKind, FormState, Response, ResponseState
from support.feedback_forms import point, service, version
from support.public_pages import fill, heading_of, page_of, state_of

pytestmark = [pytest.mark.web, pytest.mark.django_db]

BRANCHED: dict[str, Any] = {
    "check": True,
    "next_steps": {"en": "We read every message.", "cy": "Rydym yn darllen pob neges."},
    "pages": [
        {
            "questions": [
                {
                    "key": "used",
                    "kind": "yes_no",
                    "required": True,
                    "words": {
                        "en": "Have you used the service?",
                        "cy": "Ydych chi wedi defnyddio’r gwasanaeth?",
                    },
                }
            ]
        },
        {
            "questions": [
                {
                    "key": "how",
                    "kind": "text",
                    "required": True,
                    "words": {"en": "How did it go?", "cy": "Sut aeth hi?"},
                    "show_if": {"question": "used", "values": ["yes"]},
                }
            ]
        },
        {
            "questions": [
                {
                    "key": "why",
                    "kind": "choices",
                    "words": {"en": "What kept you from it?", "cy": "Beth wnaeth eich atal?"},
                    "options": [
                        {"value": "time", "words": {"en": "Time", "cy": "Amser"}},
                        {"value": "trust", "words": {"en": "Trust", "cy": "Ymddiriedaeth"}},
                    ],
                    "show_if": {"question": "used", "values": ["no"]},
                }
            ]
        },
    ],
}


def test_a_short_link_leads_to_the_form_in_the_language_asked_for(client):
    point(version(), code="bdfhk2")

    assert client.get("/f/bdfhk2").headers["Location"] == "/feedback/parking-permits/bdfhk2"
    assert client.get("/f/BDFHK2?lang=cy").headers["Location"] == "/feedback/parking-permits/bdfhk2?lang=cy"
    assert client.get("/f/nothere").status_code == 404
    assert client.get("/feedback/another/bdfhk2").status_code == 404


def test_what_is_sent_is_kept_as_it_came_by_the_point(client):
    place = point(version(), code="bdfhk2", channel="qr", ending="error")
    there = "/feedback/parking-permits/bdfhk2"

    sent = fill(client, there, client.get(there), satisfaction="4", improve="Fewer questions")

    assert sent.status_code == 303
    (kept,) = Response.objects.all()
    assert (kept.point_id, kept.channel, kept.ending, kept.language) == (place.id, "qr", "error", "en")
    assert kept.answers == {"satisfaction": 4, "improve": "Fewer questions"}
    thanks = client.get(sent.headers["Location"])
    assert heading_of(thanks) == "Thank you"
    assert "116 123" in page_of(thanks)


def test_no_step_sets_a_cookie_or_reads_one(client):
    point(version(BRANCHED, kind="survey"), code="bdfhk2")
    there = "/feedback/parking-permits/bdfhk2"
    client.cookies["joinedup_language"] = "cy"
    client.cookies["joinedup_public"] = "somebodys-session"

    answers = [client.get("/f/bdfhk2?lang=cy"), client.get("/feedback/parking-permits?lang=cy")]
    answers.append(first := client.get(f"{there}?lang=en"))
    answers.append(second := fill(client, there, first, used="yes"))
    answers.append(check := fill(client, there, second, how="Well"))
    answers.append(sent := fill(client, there, check, do="send"))
    answers.append(client.get(sent.headers["Location"]))

    assert [answer.status_code for answer in answers] == [302, 200, 200, 200, 200, 303, 200]
    assert not any(answer.cookies for answer in answers)
    assert not any("Set-Cookie" in answer.headers for answer in answers)
    assert heading_of(first) == "Have you used the service?"  # the cookie's language is not asked


def test_welsh_answers_have_the_verb_of_the_question(client):
    """ "Ydych chi …?" is answered "Ydw"; a question that begins otherwise is offered all three."""
    asks = {"key": "used", "kind": "yes_no", "words": {"en": "Is it open?", "cy": "Oes amser?"}}
    point(version(BRANCHED, kind="survey"), code="bdfhk2")
    point(version({"pages": [{"questions": [asks]}]}, name="Other"), code="bdfhk3")

    do_you = page_of(client.get("/feedback/parking-permits/bdfhk2?lang=cy"))
    other = page_of(client.get("/feedback/parking-permits/bdfhk3?lang=cy"))

    assert "Nac ydw" in do_you
    assert "Oes / Ie" not in do_you
    assert "Nac oes / Na" not in do_you
    assert "Ydw / Oes / Ie" in other
    shipped = [each for made in templates().values() for each in made.definition.questions]
    for question in (each for each in shipped if each.kind is Kind.YES_NO):
        assert [option.words.cy for option in offered(question)] == ["Ydw", "Nac ydw"], question.key


def test_a_form_may_be_sent_without_a_token_against_forgery():
    point(version(), code="bdfhk2")
    strict = Client(enforce_csrf_checks=True)
    there = "/feedback/parking-permits/bdfhk2"

    assert fill(strict, there, strict.get(there), satisfaction="4").status_code == 303


def test_the_way_through_depends_on_the_answers(client):
    point(version(BRANCHED, kind="survey"), code="bdfhk2")
    there = "/feedback/parking-permits/bdfhk2"
    first = client.get(there)

    no = fill(client, there, first, used="no")
    assert heading_of(no) == "What kept you from it? (optional)"
    back = fill(client, there, no, why=["time"], do="back")
    assert heading_of(back) == "Have you used the service?"
    assert re.search(r'value="no"\s+checked', page_of(back))
    yes = fill(client, there, back, used="yes")
    assert heading_of(yes) == "How did it go?"
    check = fill(client, there, yes, how="Well")
    assert heading_of(check) == "Check your answers"
    assert "What kept you" not in page_of(check)
    sent = fill(client, there, check, do="send")

    assert sent.status_code == 303
    assert Response.objects.get().answers == {"used": "yes", "how": "Well"}


def test_an_answer_is_changed_from_the_check(client):
    point(version(BRANCHED, kind="survey"), code="bdfhk2")
    there = "/feedback/parking-permits/bdfhk2"
    check = fill(client, there, fill(client, there, client.get(there), used="yes"), how="Well")

    again = fill(client, there, check, do="change-1")
    assert heading_of(again) == "How did it go?"
    assert "Well" in page_of(again)
    check = fill(client, there, again, how="Badly")
    assert heading_of(check) == "Check your answers"
    changed = fill(client, there, fill(client, there, check, do="change-0"), used="no")
    assert heading_of(changed) == "Check your answers"  # what is new there is optional
    fill(client, there, changed, do="send")

    assert Response.objects.get().answers == {"used": "no"}


def test_what_is_missing_is_said_and_what_was_typed_stays(client):
    point(version(), code="bdfhk2")
    there = "/feedback/parking-permits/bdfhk2"

    wrong = fill(client, there, client.get(there), improve="Shorter letters")

    text = page_of(wrong)
    assert "There is a problem" in text
    assert 'href="#q-satisfaction"' in text
    assert 'id="q-satisfaction"' in text
    assert "Shorter letters" in text
    assert "<title>\n    Error: " in text or "<title>Error: " in text.replace("\n", "")
    assert not Response.objects.exists()


def test_the_other_language_keeps_what_was_typed(client):
    point(version(BRANCHED, kind="survey"), code="bdfhk2")
    there = "/feedback/parking-permits/bdfhk2"
    second = fill(client, there, client.get(there), used="yes")

    welsh = fill(client, f"{there}?lang=cy", second, how="Yn dda", do="language")

    assert heading_of(welsh) == "Sut aeth hi?"
    assert "Yn dda" in page_of(welsh)
    assert f'action="{there}?lang=cy"' in page_of(welsh)
    check = fill(client, f"{there}?lang=cy", welsh, how="Yn dda")
    assert heading_of(check) == "Gwiriwch eich atebion"
    sent = fill(client, f"{there}?lang=cy", check, do="send")
    assert sent.headers["Location"].endswith("?lang=cy")
    assert "Rydym yn darllen pob neges." in page_of(client.get(sent.headers["Location"]))
    assert Response.objects.get().language == "cy"


def test_what_was_sent_twice_is_kept_once(client):
    point(version(), code="bdfhk2")
    there = "/feedback/parking-permits/bdfhk2"
    shown = client.get(there)

    first = fill(client, there, shown, satisfaction="4")
    again = fill(client, there, shown, satisfaction="4")

    assert (first.status_code, again.status_code) == (303, 303)
    assert Response.objects.count() == 1


@pytest.mark.parametrize("state", ["", "ju1.none.AAAA", "x" * 50], ids=["none", "forged", "nonsense"])
def test_a_state_that_is_not_ours_gets_a_page_that_says_so(client, state):
    point(version(), code="bdfhk2")

    answer = client.post("/feedback/parking-permits/bdfhk2", {"state": state, "q-satisfaction": "4"})

    assert answer.status_code == 400
    assert heading_of(answer) == "Your answers were not sent"
    assert "Begin again" in page_of(answer)
    assert not Response.objects.exists()


def test_the_state_of_another_form_does_not_open(client):
    point(version(), code="bdfhk2")
    point(version(name="Other"), code="bdfhk3")
    other = client.get("/feedback/parking-permits/bdfhk3")

    answer = fill(client, "/feedback/parking-permits/bdfhk2", other, satisfaction="4")

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "too_quick"),
        ({"website": "http://x.example"}, "honeypot"),
        ({"preferred_time": "maybe"}, "decoy"),
    ],
    ids=["quick", "trap", "decoy"],
)
def test_what_programs_do_is_held_back_and_thanked_all_the_same(client, fields, why):
    point(version(), code="bdfhk2")
    there = "/feedback/parking-permits/bdfhk2"
    state = state_of(client.get(there))

    answer = client.post(there, {"state": state, "do": "continue", "q-satisfaction": "1", **fields})

    assert answer.status_code == 303
    kept = Response.objects.get()
    assert (kept.state, kept.held_reason) == (ResponseState.HELD, why)


@pytest.mark.parametrize(
    ("state", "heading"),
    [(FormState.CLOSED, "This form is closed"), (FormState.DRAFT, "This form is not open yet")],
    ids=["closed", "draft"],
)
def test_a_form_that_asks_nobody_says_so(client, state, heading):
    point(version(state=state), code="bdfhk2")

    assert heading_of(client.get("/feedback/parking-permits/bdfhk2")) == heading


def test_a_form_that_closes_meanwhile_keeps_nothing(client):
    of = version()
    point(of, code="bdfhk2")
    there = "/feedback/parking-permits/bdfhk2"
    shown = client.get(there)
    of.form.state = FormState.CLOSED
    of.form.save()

    assert heading_of(fill(client, there, shown, satisfaction="4")) == "This form is closed"
    assert not Response.objects.exists()


def test_a_service_has_a_page_with_its_open_forms_and_its_help(client):
    of = version(of=service(help_text="Ring 01632 960 001."), kind="help", name="Help")
    point(of, code="bdfhk2", ending="anywhere")
    point(version(name="At the end"), code="bdfhk3")  # at an end of a journey: no link for everybody

    text = page_of(client.get("/feedback/parking-permits"))

    assert "Tell us about Parking permits" in text
    assert "/feedback/parking-permits/bdfhk2" in text
    assert "bdfhk3" not in text
    assert "Ring 01632 960 001." in text
    assert client.get("/feedback/none").status_code == 404


def test_whoever_writes_of_danger_is_thanked_as_everybody_and_a_person_is_told(client):
    of = version()
    point(of, code="bdfhk2")
    there = "/feedback/parking-permits/bdfhk2"
    usual = client.get(fill(client, there, client.get(there), satisfaction="4").headers["Location"])

    sent = fill(
        client, there, client.get(there), satisfaction="1", improve="I am going to kill myself tonight"
    )

    assert Flag.objects.get().kind == FlagKind.THREAT_TO_LIFE
    assert "116 123" in page_of(usual)
    # The policy's nonce apart, it is the same page.
    without = [
        re.sub(r'nonce="[^"]*"', "", page_of(each)) for each in (usual, client.get(sent.headers["Location"]))
    ]
    assert without[0] == without[1]
