"""Masks: checked, added to, taken off where they are wrong, and what is under them seen for a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.casework.models import Case
from joinedup_web.feedback.actions import masks
from joinedup_web.feedback.models import (
    Comment,
    CommentCase,
    Flag,
    Improvement,
    MaskCorrection,
    PublishedQuote,
    Response,
    ResponseState,
)
from joinedup_web.feedback.originals import open_original
from support.feedback_forms import service
from support.feedback_things import PERSONAL, comment_of, said, watched_service
from support.web_people import sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
MISSED = "The officer at desk nine, Zorblax, was kind. Tell zorblax that, but not Zorblaxian."


@pytest.fixture
def moderator(client):
    user = staff("moderator", email="mo@example.test")
    sign_in(client, user)
    return user


def send(client, name, thing, **told):
    return client.post(reverse(f"feedback:{name}", args=[thing.id]), told, follow=True)


def page(client, name, thing):
    return client.get(reverse(f"feedback:{name}", args=[thing.id])).content.decode()


def test_the_queue_holds_open_responses_with_words_the_most_doubted_first(client, moderator):
    usual, doubted, checked, hidden = (
        said(f"The {word} was broken again") for word in ["door", "map", "lift", "bell"]
    )
    empty = said("")
    Comment.objects.filter(response=doubted).update(doubt=0.9)
    Comment.objects.filter(response=usual).update(doubt=0.1)
    Response.objects.filter(id=checked.id).update(masks_confirmed_at=timezone.now())
    Response.objects.filter(id=hidden.id).update(state=ResponseState.HIDDEN)

    text = page(client, "masks", service())

    assert "2 responses wait" in text
    assert text.index(str(doubted.id)) < text.index(str(usual.id))
    assert not any(str(each.id) in text for each in (checked, hidden, empty))


def test_ticked_ones_are_confirmed_and_the_others_stay(client, moderator):
    one, two, three = (said(f"The {word} was broken again") for word in ["door", "map", "lift"])
    Response.objects.filter(id=two.id).update(masks_confirmed_at=timezone.now())

    answer = send(client, "masks", service(), checked=[str(one.id), str(two.id)])

    one.refresh_from_db()
    three.refresh_from_db()
    assert one.masks_confirmed_by_id == moderator.id
    assert three.masks_confirmed_at is None
    assert "marked as checked" in answer.content.decode()
    assert Event.objects.filter(kind="response.masks_confirmed").count() == 1


def test_more_than_can_be_looked_at_are_not_confirmed_at_once(client, moderator, monkeypatch):
    monkeypatch.setattr(masks, "MOST_AT_ONCE", 1)
    made = [said(f"The {word} was broken again") for word in ("door", "map")]

    answer = send(client, "masks", service(), checked=[str(each.id) for each in made])

    assert "At most 1 at a time" in answer.content.decode()
    assert not Response.objects.exclude(masks_confirmed_at=None).exists()


def test_what_people_write_is_text_and_never_markup(client, moderator):
    response = said("<script>alert(1)</script> & <b>the form was long</b>")

    for text in (page(client, "response", response), page(client, "masks", service())):
        assert "&lt;b&gt;the form was long&lt;/b&gt;" in text
        assert "<script>alert" not in text


def test_nothing_ticked_confirms_nothing(client, moderator):
    said("The door was broken")

    answer = send(client, "masks", service())

    assert "Tick the responses whose masks are right" in answer.content.decode()
    assert not Response.objects.exclude(masks_confirmed_at=None).exists()


def test_the_queue_is_paged_and_says_when_it_is_empty(client, moderator):
    assert "Every open response has been checked" in page(client, "masks", service())
    for number in range(12):
        said(f"The door of room {number} was broken again")

    assert "page 1 of 2" in page(client, "masks", service())
    second = client.get(reverse("feedback:masks", args=[service().id]), {"page": "2"}).content.decode()
    assert second.count("The masks are right") == 2


def test_one_is_confirmed_on_its_own_page_once(client, moderator):
    response = said("The door was broken again")

    send(client, "confirm_masks", response)
    again = send(client, "confirm_masks", response).content.decode()

    assert "A colleague has confirmed these masks in the meantime" in again
    response.refresh_from_db()
    assert response.masks_confirmed_at is not None


def test_what_was_missed_is_masked_wherever_it_stands(client, moderator):
    response = said(MISSED)
    comment = comment_of(response)
    send(client, "confirm_masks", response)
    case = Case.objects.create(
        organisation=response.organisation,
        number=1,
        origin="feedback",
        title="About Zorblax",
        text=comment.text,
        due_at=timezone.now(),
    )
    CommentCase.objects.create(comment=comment, case=case)
    improvement = Improvement.objects.create(service=response.service, said="x", did="y")
    PublishedQuote.objects.create(improvement=improvement, comment=comment, text="Zorblax, was kind")

    answer = send(client, "mask_missed", comment, words=" zorblax ", identifier="name")

    for row in (comment, response, case):
        row.refresh_from_db()
    assert comment.text == "The officer at desk nine, [name], was kind. Tell [name] that, but not Zorblaxian."
    assert response.answers["improve"] == comment.text
    assert response.masks_confirmed_at is None, "somebody looks again before it leaves"
    assert (case.title, case.text) == ("About [name]", comment.text)
    assert PublishedQuote.objects.get().text == "[name], was kind"
    assert comment.masks["name"] == 2
    assert "Masked 2 times" in answer.content.decode()
    assert "masked what was missed (name)" in answer.content.decode()


def test_what_people_masked_stays_masked_when_it_is_masked_anew(client, moderator):
    response = said(MISSED)
    send(client, "mask_missed", comment_of(response), words="Zorblax", identifier="name")

    send(client, "mask_anew", response)

    assert "Zorblax," not in comment_of(response).text
    assert Event.objects.get(kind="response.masked_anew").fields["changed"] is False


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"words": "Grimwald", "identifier": "name"}, "These words are not in the text"),
        ({"words": "k", "identifier": "name"}, "Enter at least 2 characters"),
        ({"words": "", "identifier": "name"}, "Enter the words to mask"),
        ({"words": "Zorblax", "identifier": ""}, "Select what the words are"),
    ],
)
def test_words_that_cannot_be_masked_change_nothing(client, moderator, told, why):
    comment = comment_of(said(MISSED))

    answer = client.post(reverse("feedback:mask_missed", args=[comment.id]), told)

    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert comment_of(comment.response).text == comment.text
    assert not MaskCorrection.objects.exists()


def test_a_wrong_mask_is_taken_off_from_the_sealed_original(client, moderator):
    comment = comment_of(said("My letter of 12 May went to jo.bloggs@example.com, twice"))
    assert "[email address]" in comment.text

    offered = page(client, "wrong_mask", comment)
    answer = send(client, "wrong_mask", comment, number="0")

    comment.refresh_from_db()
    assert "[email address] , twice" in offered or "[email address]" in offered
    assert "jo.bloggs@example.com" in comment.text
    assert comment.response.answers is not None
    assert "The mask is taken off: email address" in answer.content.decode()
    original = open_original(Response.objects.get())
    assert original is not None
    assert original.shown == [("email", "jo.bloggs@example.com")]
    assert Event.objects.get(kind="response.mask_corrected").fields["correction"] == "wrong"


def test_a_wrong_mask_cannot_be_taken_off_once_the_original_is_gone(client, moderator):
    comment = comment_of(said(PERSONAL))
    Response.objects.update(original_sealed="")

    answer = client.post(reverse("feedback:wrong_mask", args=[comment.id]), {"number": "0"})

    assert answer.status_code == 422
    assert "it cannot be shown again" in answer.content.decode()
    assert "jo.bloggs" not in comment_of(Response.objects.get()).text


def test_who_may_not_see_what_is_masked_may_not_take_masks_off(client):
    sign_in(client, staff("service_manager"))
    comment = comment_of(said(PERSONAL))

    answer = client.post(reverse("feedback:wrong_mask", args=[comment.id]), {"number": "0"})

    assert answer.status_code == 403
    comment.refresh_from_db()
    assert "jo.bloggs" not in comment.text


def test_what_is_masked_is_seen_for_a_reason_that_is_recorded(client, moderator):
    response = said(PERSONAL, contact=("email", "answer.me@example.test"))
    assert "jo.bloggs" not in page(client, "unmask", response)

    answer = send(client, "unmask", response, reason="reply")

    text = answer.content.decode()
    assert "jo.bloggs@example.com" in text
    assert "answer.me@example.test" in text
    assert answer["Cache-Control"] == "no-store"
    event = Event.objects.get(kind="response.unmasked")
    assert event.fields == {"response": str(response.id), "reason": "reply"}
    assert "Somebody saw what is masked: to answer the person" in page(client, "response", response)


def test_without_a_reason_nothing_is_shown(client, moderator):
    response = said(PERSONAL)

    answer = client.post(reverse("feedback:unmask", args=[response.id]), {"reason": "curiosity"})

    assert answer.status_code == 422
    assert "jo.bloggs" not in answer.content.decode()
    assert not Event.objects.filter(kind="response.unmasked").exists()


def test_one_must_have_proved_lately_who_one_is(client):
    response = said(PERSONAL)
    sign_in(client, staff("moderator"), at=timezone.now() - timedelta(minutes=31))

    answer = client.post(reverse("feedback:unmask", args=[response.id]), {"reason": "reply"})

    assert answer.status_code == 302
    assert reverse("accounts:confirm") in answer["Location"]
    assert not Event.objects.filter(kind="response.unmasked").exists()


def test_what_was_removed_is_not_offered(client, moderator):
    response = said(PERSONAL)
    Response.objects.update(original_sealed="", original_gone_at=timezone.now())

    assert "What was masked has been removed" in page(client, "unmask", response)
    text = page(client, "response", response)
    assert "nobody can see it any more" in text
    assert "See what is masked" not in text


def test_a_flag_is_raised_by_hand_and_once_of_a_kind(client, moderator):
    comment = comment_of(said("They said nobody would notice if I was gone", of=watched_service()))
    Flag.objects.all().delete()

    answer = send(client, "raise_flag", comment, kind="safeguarding")
    again = client.post(reverse("feedback:raise_flag", args=[comment.id]), {"kind": "safeguarding"})

    flag = Flag.objects.get()
    assert flag.raised_by_id == moderator.id
    assert answer.redirect_chain[-1][0] == reverse("feedback:flag", args=[flag.id])
    assert "A colleague raised it" in answer.content.decode()
    assert again.status_code == 422
    assert "this comment bears that flag already" in again.content.decode().lower()


def test_whoever_may_not_acknowledge_comes_back_to_the_response(client):
    sign_in(client, staff("analyst"))
    comment = comment_of(said("They said nobody would notice if I was gone"))
    Flag.objects.all().delete()

    answer = send(client, "raise_flag", comment, kind="threat_to_life")

    assert "The duty person is told now" in answer.content.decode()
    assert Flag.objects.get().kind == "threat_to_life"
