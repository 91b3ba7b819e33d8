"""How the public's forms end when they do not take an answer, and the way in by an invitation."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import pytest

from joinedup_web.feedback.models import Channel, Invitation, Response
from joinedup_web.feedback.progress import LASTS_SECONDS, Progress
from support.feedback_forms import point, received, service, version
from support.public_feedback import HELP, invited
from support.public_pages import fill, heading_of, page_of

pytestmark = [pytest.mark.web, pytest.mark.django_db]
THERE = "/feedback/parking-permits/bdfhk2"
TWO_PAGES: dict[str, Any] = {
    "pages": [
        {
            "questions": [
                {
                    "key": "region",
                    "kind": "choice",
                    "required": True,
                    "words": {"en": "Where do you live?"},
                    "options": [
                        {"value": "north", "words": {"en": "North"}},
                        {"value": "south", "words": {"en": "South"}},
                    ],
                }
            ]
        },
        {"questions": [{"key": "age", "kind": "number", "words": {"en": "How old are you?"}, "lowest": 16}]},
    ],
    "quotas": [{"question": "region", "value": "north", "most": 1}],
}


def test_an_invitation_leads_to_the_form_and_is_used_once(client):
    of = version(one_answer_each=True)
    invited(of.form, "a-token")

    sent = fill(client, "/i/a-token", client.get("/i/a-token"), satisfaction="5")

    assert sent.status_code == 303
    assert (Response.objects.get().channel, Response.objects.get().point) == (Channel.EMAIL, None)
    assert Invitation.objects.get().used_on is not None
    again = client.get("/i/a-token")
    assert heading_of(again) == "This invitation was used already"
    assert client.get("/i/no-such-token").status_code == 404


def test_an_invitation_is_used_once_also_to_a_form_that_takes_everybody(client):
    invited(version().form, "a-token")
    begun = client.get("/i/a-token")
    fill(client, "/i/a-token", client.get("/i/a-token"), satisfaction="5")

    late = fill(client, "/i/a-token", begun, satisfaction="1")

    assert heading_of(late) == "This invitation was used already"
    assert heading_of(client.get("/i/a-token")) == "This invitation was used already"
    assert Response.objects.get().satisfaction == 5


def test_the_state_of_an_invitation_is_of_no_use_with_another_form(client):
    of, other = version(one_answer_each=True), version(name="Other", one_answer_each=True)
    invited(of.form, "a-token")
    invited(other.form, "another")

    answer = fill(client, "/i/another", client.get("/i/a-token"), satisfaction="5")

    assert answer.status_code in (400, 404)
    assert not Response.objects.exists()


def test_a_form_by_invitation_is_not_open_by_a_link(client):
    point(version(one_answer_each=True), code="bdfhk2")

    assert heading_of(client.get(THERE)) == "You need an invitation to answer"
    assert client.get("/f/bdfhk2/ask").json()["closed"]["heading"] == "You need an invitation to answer"


def test_whoever_a_quota_has_enough_of_is_told_at_once(client):
    of = version(TWO_PAGES)
    point(of, code="bdfhk2")
    received(of, {"region": "north"})

    full = fill(client, THERE, client.get(THERE), region="north")
    other = fill(client, THERE, client.get(THERE), region="south")

    assert heading_of(full) == "We have enough answers like yours"
    assert "Nothing of what you entered was kept." in page_of(full)
    assert heading_of(other) == "How old are you? (optional)"


def test_a_number_out_of_bounds_is_told(client):
    point(version(TWO_PAGES), code="bdfhk2")
    second = fill(client, THERE, client.get(THERE), region="south")

    assert "Enter a number that is 16 or more" in page_of(fill(client, THERE, second, age="12"))
    assert fill(client, THERE, second, age="30").status_code == 303


def test_a_form_that_was_open_for_more_than_a_day_is_begun_again(client):
    of = version()
    here = point(of, code="bdfhk2")
    old = Progress(form=of.form_id, point=here.id, version=of.pk, started=time.time() - LASTS_SECONDS - 1)

    answer = client.post(THERE, {"state": old.sealed(), "q-satisfaction": ""})

    assert answer.status_code == 400
    assert "open for more than a day" in page_of(answer)
    assert not Response.objects.exists()


def test_what_was_entered_when_a_form_was_open_for_too_long_is_there_again(client):
    of = version()
    here = point(of, code="bdfhk2")
    old = Progress(form=of.form_id, point=here.id, version=of.pk, started=time.time() - LASTS_SECONDS - 1)

    late = client.post(THERE, {"state": old.sealed(), "q-satisfaction": "4", "q-improve": "Shorter words"})

    assert "open for more than a day" in page_of(late)
    assert "Shorter words" in page_of(late)
    assert not Response.objects.exists()
    assert fill(client, THERE, late, satisfaction="4", improve="Shorter words").status_code == 303
    assert Response.objects.get().satisfaction == 4


def test_what_was_entered_late_on_a_later_page_waits_there_and_nothing_older_comes_back(client):
    of = version(TWO_PAGES)
    here = point(of, code="bdfhk2")
    old = Progress(form=of.form_id, point=here.id, version=of.pk, started=time.time() - LASTS_SECONDS - 1)
    old.page, old.answers = 1, {"region": "south"}

    late = client.post(THERE, {"state": old.sealed(), "q-age": "44"})
    assert heading_of(late) == "Where do you live?"
    assert "checked" not in page_of(late)
    second = fill(client, THERE, late, region="south")

    assert heading_of(second).startswith("How old are you?")
    assert 'value="44"' in page_of(second)


def test_a_state_from_before_is_good_for_the_questions_that_were_shown(client):
    """Questions that are published meanwhile are for whoever comes then."""
    of = version()
    point(of, code="bdfhk2")
    shown = client.get(THERE)
    of.form.versions.create(number=2, definition=TWO_PAGES)

    assert fill(client, THERE, shown, satisfaction="4").status_code == 303
    assert Response.objects.get().version_id == of.pk
    assert heading_of(client.get(THERE)) == "Where do you live?"


def test_a_state_with_a_submission_of_another_form_is_of_no_use(client):
    of, submission = version(), uuid4()
    here = point(of, code="bdfhk2")
    received(version(name="Other"), {"satisfaction": "4"}, submission=submission)
    forged = Progress(
        form=of.form_id, point=here.id, version=of.pk, started=time.time(), submission=submission
    )

    assert client.post(THERE, {"state": forged.sealed(), "q-satisfaction": "4"}).status_code == 400
    assert Response.objects.count() == 1


def test_a_closed_form_still_says_how_to_get_help(client):
    point(version(of=service(help_text=HELP), state="closed"), code="bdfhk2")

    text = page_of(client.get(THERE))

    assert HELP in text
    assert "/feedback/parking-permits" in text


def test_what_has_no_welsh_is_marked_as_english_on_a_welsh_page(client):
    point(version(TWO_PAGES, of=service(help_text=HELP)), code="bdfhk2")

    assert '<div lang="en">' in page_of(client.get(f"{THERE}?lang=cy"))
    assert '<div lang="en">' not in page_of(client.get(THERE))
    assert f'<p class="govuk-body" lang="en">{HELP}' in page_of(
        client.get("/feedback/parking-permits?lang=cy")
    )


def test_the_page_that_thanks_is_for_forms_that_were_ever_open(client):
    draft = version(state="draft")

    assert client.get(f"/feedback/parking-permits/thanks/{draft.form_id}").status_code == 404
    assert client.get(f"/feedback/another/thanks/{draft.form_id}").status_code == 404
    assert client.get(f"/feedback/parking-permits/thanks/{uuid4()}").status_code == 404


def test_a_service_that_is_closed_has_no_page(client):
    service(is_active=False)

    assert client.get("/feedback/parking-permits").status_code == 404
