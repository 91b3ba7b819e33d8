"""What people decided about suggestions, counted by hand here."""

from __future__ import annotations

import pytest

from joinedup_web.feedback import people_say
from joinedup_web.feedback.models import Comment, Fate, RouteSuggestion, Tag, TagAssignment
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


def test_nothing_decided_gives_no_figure():
    comment = received(version(), {"satisfaction": "4", "improve": "The form is long"}).comments.get()
    RouteSuggestion.objects.create(comment=comment, made_by="m")

    assert Comment.objects.count() == 1
    told = people_say.routes(organisation().id)
    assert (told.texts, told.figures) == (0, {})
