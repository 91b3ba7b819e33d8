"""What the demonstration shows of public feedback: set up, received, checked and acted on by the website's deeds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from joinedup.settings import Mode
from joinedup_web.accounts.models import Organisation
from joinedup_web.casework.models import Case, Team
from joinedup_web.demonstration import feedback, prepare
from joinedup_web.demonstration.people import BODIES, WORKERS
from joinedup_web.feedback.models import (
    Analysis,
    CollectionPoint,
    Comment,
    Ending,
    Flag,
    Form,
    Improvement,
    Response,
    Service,
    ServiceFigures,
)
from joinedup_web.gate.actor import SYSTEM
from support.page_globals import page_globals
from support.pages import heading, words

pytestmark = [pytest.mark.web, pytest.mark.django_db]
TABLES = (
    Service,
    Form,
    CollectionPoint,
    Response,
    Comment,
    Flag,
    Improvement,
    Analysis,
    Case,
    Team,
    ServiceFigures,
)


@pytest.fixture(scope="module")
def council(django_db_setup, django_db_blocker):
    """Fernshire, made once for all of these tests, and undone as a whole."""
    with django_db_blocker.unblock(), transaction.atomic():
        prepare._make_people(by=SYSTEM)
        place = Organisation.objects.get(name=BODIES[0].name)
        feedback.prepare_feedback(place)
        yield place
        transaction.set_rollback(True)


@pytest.fixture
def demonstration(settings):
    with page_globals(is_demonstration=True):
        settings.JOINEDUP = replace(settings.JOINEDUP, mode=Mode.DEMONSTRATION)
        yield


def test_people_answered_over_ten_weeks_at_every_ending(council):
    responses = Response.objects.filter(organisation=council)
    endings = Counter(responses.values_list("ending", flat=True))
    times = sorted(responses.values_list("received_at", flat=True))

    assert responses.count() == 241
    assert set(endings) == set(Ending.values)
    assert timedelta(weeks=8) < times[-1] - times[0] < timedelta(weeks=10)
    assert times[-1] < timezone.now()
    assert set(responses.values_list("service__name", flat=True)) == {"Parking permits", "Bus passes"}
    assert set(responses.values_list("channel", flat=True)) == {"web", "qr", "script"}


def test_forms_are_open_and_speak_both_languages(council):
    for service in Service.objects.filter(organisation=council):
        assert service.name_cy
        assert service.duty_person.name == "Mo Derator"
        assert {form.state for form in service.forms.all()} == {"open"}


def test_comments_differ_and_some_are_not_in_english(council):
    comments = list(Comment.objects.filter(organisation=council))

    assert len({comment.text for comment in comments}) > 150
    assert {"en", "cy", "pl", "ro"} <= {comment.language for comment in comments}


def test_what_could_tell_who_wrote_is_masked(council):
    masked = Comment.objects.filter(organisation=council).exclude(masks={})
    kinds = {kind for comment in masked for kind in comment.masks}

    assert {"phone", "email", "nino", "nhs_number", "name", "address", "date_of_birth", "vehicle"} <= kinds
    assert not Comment.objects.filter(text__contains="07700").exists()
    assert not Comment.objects.filter(text__contains="JG103759A").exists()


def test_one_comment_raises_a_flag_and_spam_is_held(council):
    dangers = Flag.objects.filter(organisation=council).exclude(kind="unreadable")
    held = Response.objects.filter(organisation=council, state="held")

    assert [flag.kind for flag in dangers] == ["safeguarding"]
    assert dangers[0].acknowledged_at is None
    assert dangers[0].due_at > timezone.now()
    assert sorted(held.values_list("held_reason", flat=True)) == ["honeypot", "links", "too_quick"]


def test_what_was_done_is_published_by_somebody_else_and_measured(council):
    improvement = Improvement.objects.get(service__organisation=council)

    assert improvement.state == "published"
    assert [writer.name for writer in improvement.writers.all()] == ["Sara Vice"]
    assert improvement.published_by.name == "Pat Lisher"
    assert improvement.quotes.count() == 2
    assert improvement.later > improvement.baseline


def test_a_case_waits_for_its_answer_and_themes_were_asked_for(council):
    case = Case.objects.get(organisation=council)
    analysis = Analysis.objects.get(service__organisation=council)

    assert case.owner.name == "Casey Worker"
    assert case.due_at > timezone.now()
    assert Team.objects.filter(organisation=council).count() == 2
    assert analysis.question == "improve"
    assert ServiceFigures.objects.filter(service__organisation=council).count() == 12


def test_a_second_start_makes_nothing_twice(council):
    before = [table.objects.count() for table in TABLES]
    assert not feedback.is_lacking(council)

    feedback.prepare_feedback(council)

    assert [table.objects.count() for table in TABLES] == before


def test_what_was_lost_half_way_is_made(council):
    with transaction.atomic():
        Improvement.objects.all().delete()
        Response.objects.filter(id=Response.objects.filter(comments=None)[0].id).delete()
        assert feedback.is_lacking(council)

        feedback.prepare_feedback(council)

        assert Response.objects.filter(organisation=council).count() == 241
        assert Improvement.objects.get().state == "published"
        transaction.set_rollback(True)


def test_whoever_is_lacking_from_an_earlier_release_is_added(council, monkeypatch):
    with transaction.atomic():
        new = replace(WORKERS[7], email="new@fernshire.example", name="Newt Here")
        monkeypatch.setattr(prepare, "WORKERS", (*WORKERS, new))

        prepare._make_people(by=SYSTEM)

        people = Organisation.objects.get(id=council.id).memberships
        assert people.filter(user__email="new@fernshire.example").count() == 1
        assert people.filter(user__email=WORKERS[7].email).count() == 1
        transaction.set_rollback(True)


def test_the_page_of_accounts_leads_to_what_the_public_is_asked(client, demonstration, council):
    page = client.get("/demonstration/")

    told = words(page)
    assert heading(page) == "Try the demonstration"
    for service in ("Parking permits", "Bus passes"):
        assert f"Answer its form about {service}" in told
        assert f"You said, we did about {service}" in told


@pytest.mark.parametrize("language", ["en", "cy"])
def test_the_public_pages_have_something_in_them(client, demonstration, council, language):
    done = words(client.get(f"/feedback/parking-permits/you-said-we-did?lang={language}"))
    service = client.get(f"/feedback/parking-permits?lang={language}")

    said = {"en": "refused photographs of your documents", "cy": "gwrthod lluniau o’ch dogfennau"}
    assert said[language] in done
    assert service.status_code == 200
