"""The button for other websites: a small script, and the one address that it may talk to from any origin."""

from __future__ import annotations

import json
from typing import Any

import pytest

from joinedup_web.feedback.models import FormState, Response, ResponseState
from joinedup_web.feedback.views.public_button import script_octets
from support.feedback_forms import point, service, version
from support.public_feedback import public_form

pytestmark = [pytest.mark.web, pytest.mark.django_db]
LARGEST = 15_000
ASK = "/f/bdfhk2/ask"


def sent(client: Any, body: Any, address: str = ASK) -> Any:
    """What another website's page sends."""
    return client.post(
        address,
        json.dumps(body),
        content_type="application/json",
        headers={"origin": "https://council.example"},
    )


def test_the_script_is_small_and_keeps_nothing(client):
    answer = client.get("/feedback.js")
    text = answer.content.decode()

    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert len(answer.content) < LARGEST
    assert answer.content == script_octets()
    for word in ("document.cookie", "localStorage", "sessionStorage", "indexedDB", "innerHTML", "eval("):
        assert word not in text
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Access-Control-Allow-Origin" not in answer
    assert not answer.cookies


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "How could we improve this service?"), ("cy", "Sut gallem ni wella’r gwasanaeth hwn?")],
    ids=["en", "cy"],
)
def test_any_origin_may_read_a_short_form(client, language, words):
    point(version(), code="bdfhk2", channel="script")

    answer = client.get(ASK, {"lang": language}, headers={"origin": "https://council.example"})
    told = answer.json()

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    assert told["inline"] is True
    assert words in [each["words"] for each in told["questions"]]


def test_a_long_form_is_a_page(client):
    public_form(service(), "help", code="bdfhk2")

    told = client.get(f"{ASK}?lang=cy").json()

    assert told["inline"] is False
    assert told["href"] == "http://testserver/feedback/parking-permits/bdfhk2?lang=cy"
    assert "questions" not in told


def test_a_browser_is_told_before_it_sends(client):
    answer = client.options(ASK, headers={"origin": "https://council.example"})

    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Allow-Methods"] == "GET, POST"
    assert answer["Access-Control-Allow-Headers"] == "Content-Type"


def test_what_is_sent_is_kept_by_the_script_once(client):
    point(version(), code="bdfhk2", channel="script")
    state = client.get(ASK).json()["state"]
    body = {
        "state": state,
        "answers": {"satisfaction": "5", "improve": ""},
        "website": "",
        "preferred_time": "",
    }

    first, again = sent(client, body), sent(client, body)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first["Access-Control-Allow-Origin"] == "*"
    assert "116 123" in [line["number"] for line in first.json()["thanks"]["help"]]
    kept = Response.objects.get()
    assert (kept.channel, kept.satisfaction) == ("script", 5)


def test_what_is_missing_is_told_by_question(client):
    point(version(), code="bdfhk2")
    state = client.get(ASK).json()["state"]

    answer = sent(client, {"state": state, "answers": {}})

    assert answer.status_code == 422
    assert [each["question"] for each in answer.json()["problems"]] == ["satisfaction"]
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    "body",
    [{}, {"state": "x", "answers": {}}, [], "text", {"state": 1}, None],
    ids=["empty", "forged", "list", "text", "number", "null"],
)
def test_nonsense_is_told_so(client, body):
    point(version(), code="bdfhk2")

    answer = sent(client, body)

    assert answer.status_code == 400
    assert answer.json()["closed"]["heading"] == "Your answers were not sent"
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_deep_and_long_nonsense_too(client):
    point(version(), code="bdfhk2")

    for octets in (b"[" * 100_000, b"x" * 300_000):
        assert client.post(ASK, octets, content_type="application/json").status_code == 400


def test_a_state_of_another_point_is_of_no_use(client):
    point(version(), code="bdfhk2")
    point(version(name="Other"), code="bdfhk3")
    state = client.get("/f/bdfhk3/ask").json()["state"]

    assert sent(client, {"state": state, "answers": {"satisfaction": "5"}}).status_code == 400
    assert not Response.objects.exists()


def test_a_closed_form_says_so(client):
    of = version()
    point(of, code="bdfhk2")
    state = client.get(ASK).json()["state"]
    of.form.state = FormState.CLOSED
    of.form.save()

    assert client.get(ASK).json()["closed"]["heading"] == "This form is closed"
    answer = sent(client, {"state": state, "answers": {"satisfaction": "5"}})
    assert (answer.status_code, answer.json()["closed"]["heading"]) == (409, "This form is closed")


def test_the_trap_holds_back(client):
    point(version(), code="bdfhk2")
    state = client.get(ASK).json()["state"]

    sent(client, {"state": state, "answers": {"satisfaction": "5"}, "website": "http://spam.example"})

    assert (Response.objects.get().state, Response.objects.get().held_reason) == (
        ResponseState.HELD,
        "honeypot",
    )


@pytest.mark.parametrize(
    "address", ["/feedback/parking-permits", "/feedback/parking-permits/bdfhk2", "/f/bdfhk2"]
)
def test_no_other_address_is_open_to_other_origins(client, address):
    point(version(), code="bdfhk2")

    answer = client.get(address, headers={"origin": "https://council.example"})

    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert answer.get("X-Frame-Options") == "DENY"
