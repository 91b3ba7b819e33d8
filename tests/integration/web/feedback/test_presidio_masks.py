"""Where the settings ask for Presidio, what it finds is masked and kept as what the rules find is."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from django.urls import reverse

from joinedup.errors import MissingExtraError
from joinedup.text import Found, Identifier
from joinedup_web.audit.models import Event
from joinedup_web.casework.models import Case
from joinedup_web.feedback.models import Response
from joinedup_web.feedback.originals import open_original
from joinedup_web.operations import checks, health, serving
from joinedup_web.text import models_here
from joinedup_web.text.knowing import model_now
from support.feedback_forms import received, version
from support.feedback_things import comment_of, said
from support.web_people import organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
NAME = "Chidera Nwankwo"
TEXT = f"At the desk {NAME} helped me, my number is QQ 12 34 56 C, the form was long"


class Knows:
    """A recogniser that knows one name."""

    def __init__(self, name=NAME):
        self.name = name

    def find(self, text):
        at = text.find(self.name)
        return [Found(at, at + len(self.name), Identifier.NAME, "told")] if at >= 0 else []


@pytest.fixture
def switched_on(monkeypatch):
    """Presidio as the settings would have it; what is returned switches it off again."""
    monkeypatch.setattr(models_here, "_presidio", lambda: Knows())
    return lambda: monkeypatch.setattr(models_here, "_presidio", lambda: None)


@pytest.fixture
def moderator(client):
    user = staff("moderator", email="mo@example.test")
    sign_in(client, user)
    return user


@pytest.fixture
def unloadable(monkeypatch, settings):
    """The settings ask for Presidio on a machine that lacks it."""
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    settings.JOINEDUP = replace(settings.JOINEDUP, presidio="en_core_web_lg")
    models_here._presidio.cache_clear()
    yield
    models_here._presidio.cache_clear()


def test_without_it_nothing_is_masked_or_sealed_but_by_the_rules():
    response = said(TEXT)

    assert comment_of(response).text == TEXT.replace("QQ 12 34 56 C", "[national insurance number]")
    original = open_original(Response.objects.get())
    assert original is not None
    assert original.found == {}


def test_a_name_that_it_finds_is_masked_counted_and_sealed(switched_on):
    response = said(TEXT)

    comment = comment_of(response)
    assert comment.text == (
        "At the desk [name] helped me, my number is [national insurance number], the form was long"
    )
    assert comment.masks == {"name": 1, "nino": 1}
    row = Response.objects.get()
    assert row.answers["improve"] == comment.text
    assert "Nwankwo" not in f"{row.answers} {row.original_sealed}"
    original = open_original(row)
    assert original is not None
    assert original.texts == {"improve": TEXT}
    assert [(TEXT[one.start : one.end], one.kind) for one in original.found["improve"]] == [(NAME, "name")]
    assert Event.objects.get(kind="response.received").fields["masked"] == 2


def test_what_it_masked_is_seen_again_by_who_may_and_says_why(client, moderator, switched_on):
    response = said(TEXT)

    answer = client.post(reverse("feedback:unmask", args=[response.id]), {"reason": "reply"}, follow=True)

    assert NAME in answer.content.decode()
    assert Event.objects.filter(kind="response.unmasked").count() == 1


def test_its_masks_hold_when_it_is_switched_off_and_a_text_is_masked_anew(client, moderator, switched_on):
    response = said(TEXT)
    kept = comment_of(response).text
    switched_on()

    client.post(reverse("feedback:mask_anew", args=[response.id]))
    assert comment_of(response).text == kept

    client.post(reverse("feedback:wrong_mask", args=[comment_of(response).id]), {"number": "1"})
    assert comment_of(response).text == TEXT.replace(NAME, "[name]")


def test_a_wrong_mask_of_its_own_is_taken_off_and_stays_off(client, moderator, switched_on):
    response = said(TEXT)
    client.post(reverse("feedback:wrong_mask", args=[comment_of(response).id]), {"number": "0"})
    shown = TEXT.replace("QQ 12 34 56 C", "[national insurance number]")
    assert comment_of(response).text == shown

    client.post(reverse("feedback:mask_anew", args=[response.id]))

    assert comment_of(response).text == shown


def test_what_came_before_it_was_switched_on_is_masked_by_it_when_asked(client, moderator, monkeypatch):
    response = said(TEXT)
    assert NAME in comment_of(response).text

    monkeypatch.setattr(models_here, "_presidio", lambda: Knows())
    client.post(reverse("feedback:mask_anew", args=[response.id]))

    assert NAME not in comment_of(response).text
    assert comment_of(response).masks == {"name": 1, "nino": 1}
    original = open_original(Response.objects.get())
    assert original is not None
    assert list(original.found) == ["improve"]


def test_a_case_opened_for_a_call_is_masked_by_it(client, switched_on):
    sign_in(client, staff("caseworker"))
    told = {
        "title": f"{NAME} rang about a permit",
        "text": TEXT,
        "origin": "telephone",
        "language": "en",
    }

    client.post(reverse("casework:new_case"), told)

    case = Case.objects.get()
    assert NAME not in f"{case.title} {case.text}"


def test_asked_for_and_not_there_nothing_is_taken_in_and_it_is_said_everywhere(client, unloadable):
    with pytest.raises(MissingExtraError, match="Presidio is not installed"):
        received(version(), {"satisfaction": "2", "improve": TEXT})
    assert not Response.objects.exists()

    (finding,) = [each for each in health.readiness() if each.name == "presidio"]
    assert (finding.good, finding.what) == (False, "Presidio is not installed")
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["presidio"] == "Presidio is not installed"


def test_the_check_and_the_start_say_so(unloadable):
    with pytest.raises(Exception, match="presidio: Presidio is not installed"):
        checks.run(deploy=True)
    with pytest.raises(MissingExtraError, match="Presidio is not installed"):
        serving.serve(host="127.0.0.1", port=0, processes=1, with_worker=False, say=lambda words: None)
    with pytest.raises(MissingExtraError, match="Presidio is not installed"):
        serving.work(say=lambda words: None)


def test_where_nobody_asks_for_it_readiness_does_not_speak_of_it():
    assert "presidio" not in {each.name for each in health.readiness()}


def test_the_record_of_models_names_what_masks_here(monkeypatch):
    where = organisation().id
    assert model_now(where, "mask")[0] == "rules that come with Joinedup"

    monkeypatch.setattr(models_here, "presidio_name", lambda: "Presidio with core_web_lg 3.8.0")

    assert model_now(where, "mask")[0] == "rules that come with Joinedup, and Presidio with core_web_lg 3.8.0"
    assert model_now(where, "language")[0] == "rules that come with Joinedup"
