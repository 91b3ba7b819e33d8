"""What people decided about suggestions, counted by hand here."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from joinedup_web.feedback import people_say
from joinedup_web.feedback.models import (
    Analysis,
    Comment,
    Fate,
    RouteSuggestion,
    Tag,
    TagAssignment,
    Theme,
    ThemeState,
)
from support.feedback_forms import received, service, version
from support.web_people import organisation

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def test_tags_are_counted_by_what_became_of_them():
    made = [Tag.objects.create(service=service(), name=name) for name in "abcdef"]
    comment = received(version(), {"satisfaction": "4", "improve": "The form is long"}).comments.get()
    fates = [Fate.ACCEPTED, Fate.ACCEPTED, Fate.ACCEPTED, Fate.REJECTED, Fate.ADDED, Fate.SUGGESTED]
    for tag, fate in zip(made, fates, strict=True):
        TagAssignment.objects.create(comment=comment, tag=tag, made_by="m", fate=fate)

    told = people_say.tags(organisation().id)

    assert told.texts == 5  # what nobody looked at does not count
    assert told.figures == {"accepted": 3 / 4, "found": 3 / 4}
    assert people_say.tags(organisation("Southshire Council").id).texts == 0


def test_parts_of_a_split_theme_were_added_by_nobody():
    day = timezone.localdate()
    analysis = Analysis.objects.create(
        service=service(),
        question="improve",
        first_day=day,
        last_day=day,
        method="clusters",
        signed_off_at=timezone.now(),
    )
    whole = Theme.objects.create(analysis=analysis, number=1, title="Paying", state=ThemeState.SPLIT)
    for number in (2, 3):
        Theme.objects.create(
            analysis=analysis, number=number, title="Part", state=ThemeState.ADDED, split_from=whole
        )
    Theme.objects.create(analysis=analysis, number=4, title="Queues", state=ThemeState.ADDED)

    told = dict(people_say.drafted_themes("clusters", organisation().id).told)

    assert (told["split"], told["added by a person"]) == (1, 1)


@pytest.mark.parametrize("feature", ["mask", "language"])
def test_rules_read_every_comment_of_the_last_90_days_and_pages_and_record_say_so(client_of, feature):
    of = version()
    for days in (0, 89, 91):
        received(
            of,
            {"satisfaction": "4", "improve": "The form is long"},
            received_at=timezone.now() - timedelta(days=days),
        )
    received(of, {"satisfaction": "4"})  # no text
    client = client_of("analyst")

    page = client.get(reverse("text:feature", args=[feature])).content.decode()
    entry = json.loads(client.get(reverse("text:entry", args=[feature]) + "?format=json").content)

    assert "2 times, on 2 texts" in page
    assert "2 uses on 2 texts" in json.dumps(entry)
    assert "2 texts in 90 days" in json.dumps(entry)


def test_nothing_decided_gives_no_figure():
    comment = received(version(), {"satisfaction": "4", "improve": "The form is long"}).comments.get()
    RouteSuggestion.objects.create(comment=comment, made_by="m")

    assert Comment.objects.count() == 1
    told = people_say.routes(organisation().id)
    assert (told.texts, told.figures) == (0, {})
