"""Themes drafted by a language model: offered only where one is set up and switched on, and every question kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from joinedup.llm import ChatModel, Kind, Patience, Supplier
from joinedup.ports import HttpxClient
from joinedup_web.feedback import analysis_jobs
from joinedup_web.feedback.models import Analysis, JobState, ThemeAssignment
from joinedup_web.text import models_here
from joinedup_web.text.models import FeatureSwitch, ModelUse
from support import fake_language_model as fake
from support.comments_read import PARKING, PAYING, commented
from support.drafting_model import drafting_model
from support.feedback_forms import service, version
from support.web_people import organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
SUBJECTS = {"card": "Paying by card", "bay": "Parking bays"}


@pytest.fixture
def manager(client):
    user = staff("service_manager")
    sign_in(client, user)
    commented(version(), [*PAYING, *PARKING], at=timezone.now() - timedelta(days=1))
    return user


@contextmanager
def answered_by(monkeypatch, script: list) -> Iterator[None]:
    """A language model on this machine that answers as the script says, without waiting between tries."""
    with fake.fake_language_model(script) as served, HttpxClient(timeout_seconds=5.0) as http:
        patience = Patience(tries=2, repairs=0, chance=lambda: 0.5, pause=lambda seconds: None)
        model = ChatModel(Supplier(Kind.VLLM, served.url, "fake"), http, patience)
        monkeypatch.setattr(models_here, "language_model", lambda: model)
        yield


def switched_on() -> None:
    FeatureSwitch.objects.create(
        organisation=organisation(), feature="theme_drafts", is_on=True, reason="evaluated in March"
    )


def drafted() -> Analysis:
    today = timezone.localdate()
    analysis = Analysis.objects.create(
        service=service(),
        question="improve",
        first_day=today - timedelta(days=7),
        last_day=today,
        method="language_model",
    )
    analysis_jobs.draft_analysis.call(str(analysis.id))
    analysis.refresh_from_db()
    return analysis


def offered(client) -> bool:
    shown = client.get(reverse("feedback:new_analysis", args=[service().id])).content.decode()
    return "The language model that is set up here" in shown


def test_it_is_offered_only_where_it_is_set_up_and_switched_on(client, manager, monkeypatch):
    assert not offered(client)
    switched_on()
    assert not offered(client)
    with answered_by(monkeypatch, []):
        assert offered(client)
        FeatureSwitch.objects.update(is_on=False)
        assert not offered(client)


def test_its_themes_are_drafts_and_each_question_is_kept(client, manager, monkeypatch):
    switched_on()
    with answered_by(monkeypatch, [drafting_model(SUBJECTS)]):
        analysis = drafted()

    assert analysis.state == JobState.DONE, analysis.problem
    assert set(analysis.themes.values_list("title", "state")) == {
        ("Paying by card", "candidate"),
        ("Parking bays", "candidate"),
    }
    assert ThemeAssignment.objects.filter(theme__title="Parking bays").count() == len(PARKING)
    uses = ModelUse.objects.filter(feature="theme_drafts")
    assert uses.count() >= 3
    assert all(use.prompt and use.model for use in uses)
    shown = client.get(reverse("feedback:analysis", args=[analysis.id])).content.decode()
    assert "A sample of comments was given to the model twice" in shown


@pytest.mark.parametrize("reply", [fake.refusing(), fake.garbage()], ids=["refuses", "answers nonsense"])
def test_a_model_that_gives_nothing_makes_no_themes_and_says_so(client, manager, monkeypatch, reply):
    switched_on()
    with answered_by(monkeypatch, [reply] * 40):
        analysis = drafted()

    assert analysis.state == JobState.FAILED
    assert analysis.themes.count() == 0
    assert ModelUse.objects.exclude(outcome="done").exists()
    assert (
        "No themes were made" in client.get(reverse("feedback:analysis", args=[analysis.id])).content.decode()
    )


def test_switched_off_or_not_set_up_nothing_is_asked(manager):
    assert "switched off" in drafted().problem["what"]
    switched_on()
    assert "no language model" in drafted().problem["what"]
    assert not ModelUse.objects.exists()
