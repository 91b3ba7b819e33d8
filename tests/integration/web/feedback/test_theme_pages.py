"""From comments to themes that are signed off, by pages alone; refusals, and another organisation's things."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.feedback import analysis_jobs
from joinedup_web.feedback.models import Analysis, JobState, Tag, ThemeState
from joinedup_web.feedback.reader import engine
from joinedup_web.text.models import ModelUse
from support.comments_read import PARKING, PAYING, STAFF, WELSH, EngineHere, commented
from support.feedback_forms import service, version
from support.web_people import sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _models_here(monkeypatch):
    monkeypatch.setattr(engine, "open_engine", EngineHere)


@pytest.fixture
def manager(client):
    """A service manager, signed in."""
    user = staff("service_manager")
    sign_in(client, user)
    return user


@pytest.fixture
def comments():
    yesterday = timezone.now() - timedelta(days=1)
    of = version()
    made = commented(of, [*PAYING, *PARKING, *STAFF], at=yesterday)
    commented(of, WELSH, language="cy", is_readable=False, at=yesterday)
    return made


def asked(client, **changed: str) -> Analysis:
    """Themes asked for on the page, and drafted as the worker does it."""
    first, last = timezone.localdate() - timedelta(days=30), timezone.localdate()
    form = {
        "question": "improve",
        "method": "clusters",
        **{
            f"{name}-{part}": str(getattr(day, word))
            for name, day in (("first_day", first), ("last_day", last))
            for part, word in (("day", "day"), ("month", "month"), ("year", "year"))
        },
        **changed,
    }
    answer = client.post(reverse("feedback:new_analysis", args=[service().id]), form)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    analysis = Analysis.objects.latest("asked_at")
    analysis_jobs.draft_analysis.call(str(analysis.id))
    analysis.refresh_from_db()
    return analysis


def page(client, view: str, thing: object, expect: int = 200) -> str:
    answer = client.get(reverse(f"feedback:{view}", args=[thing]))
    assert answer.status_code == expect, (view, answer.status_code)
    return str(answer.content.decode())


def deed(client, view: str, thing: object, **form: object) -> int:
    return int(client.post(reverse(f"feedback:{view}", args=[thing]), form).status_code)


def test_comments_become_themes_that_somebody_signs_off(client, manager, comments):
    analysis = asked(client)

    assert analysis.state == JobState.DONE, analysis.problem
    assert analysis.counts["used"] == 18
    assert analysis.counts["languages"] == {"cy": 2}
    shown = page(client, "analysis", analysis.id)
    assert "2 in Welsh" in shown
    themes = list(analysis.themes.all())
    assert len(themes) >= 2
    for theme in themes:
        assert deed(client, "keep_theme", theme.id) == 302
    assert deed(client, "sign_off", analysis.id, as_tags="yes") == 302

    analysis.refresh_from_db()
    assert analysis.signed_off_by == manager
    assert set(analysis.themes.values_list("state", flat=True)) == {ThemeState.KEPT}
    assert Tag.objects.count() == len(themes)
    assert Event.objects.get(kind="analysis.signed_off").fields["themes"] == len(themes)
    assert {use.feature for use in ModelUse.objects.all()} == {"themes", "sentiment"}
