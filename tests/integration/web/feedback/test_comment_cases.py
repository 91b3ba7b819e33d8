"""A comment becomes a case, or belongs to one: words masked, the way to answer sealed, the clock running."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.casework.actions import work
from joinedup_web.casework.contacts import address_of
from joinedup_web.casework.models import Case, CaseContact
from joinedup_web.feedback.actions.cases import add_to_case, open_case_from, take_out_of_case
from joinedup_web.feedback.actions.masks import mask_missed
from joinedup_web.feedback.models import Comment, CommentCase, Response, ResponseState
from joinedup_web.gate.decide import Refused
from support.cases import case, team
from support.feedback_forms import received, service, version
from support.pages import body, heading, problems, words
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
ADDRESS = "ann.lee@example.test"
LATE = "My parking permit is six weeks late and nobody answers the telephone."


def said(text: str = LATE, *, of=None, **told) -> Comment:
    form = of or version(name=f"Form {uuid4().hex[:6]}")
    return received(form, {"satisfaction": "1", "improve": text}, **told).comments.get()


def there(comment: Comment, view: str = "make_case") -> str:
    return reverse(f"feedback:{view}", args=[comment.id])


@pytest.fixture
def moderator():
    client = Client()
    sign_in(client, staff("moderator"))
    return client


def test_a_comment_becomes_a_case_from_its_response(moderator):
    permits = team(reply_working_days=5)
    comment = said(f"{LATE} Write to {ADDRESS}.", contact=("email", ADDRESS))
    response = moderator.get(reverse("feedback:response", args=[comment.response_id]))
    assert there(comment) in body(response).decode()

    page = moderator.get(there(comment))
    assert heading(page).endswith("Make a case of a comment")
    assert "They left a way to be answered" in words(page)
    done = moderator.post(
        there(comment),
        {"what": "new", "title": "Permit six weeks late", "team": str(permits.id)},
        follow=True,
    )

    made = Case.objects.get()
    assert heading(done) == f"Case {made.number}: Permit six weeks late"
    assert (made.team, made.origin, made.text) == (permits, "feedback", comment.text)
    assert "Comment about Parking permits" in words(done)
    assert address_of(CaseContact.objects.get()) == ADDRESS
    assert ADDRESS not in body(page).decode() + body(done).decode() + made.text
    assert Event.objects.get(kind="case.comment_added").fields == {
        "case": str(made.id),
        "comment": str(comment.id),
    }
    again = moderator.get(reverse("feedback:response", args=[comment.response_id]))
    assert f"Case {made.number} answers this comment" in words(again)
    assert "Make a case of this comment" not in words(again)


def test_the_clock_runs_from_when_the_comment_came():
    before = said(received_at=timezone.now() - timedelta(days=40))

    made = open_case_from(by=acting(staff("moderator")), comment=before, title="Late")

    assert made.due_at < timezone.now()


@pytest.mark.parametrize(
    ("text", "form_language", "wanted"),
    [
        (LATE, "en", "en"),
        ("Mae fy nhrwydded barcio chwe wythnos yn hwyr ac nid oes neb yn ateb y ffôn.", "en", "cy"),
        (LATE, "cy", "cy"),
    ],
    ids=["English", "Welsh words", "Welsh form"],
)
def test_who_wrote_in_welsh_or_on_a_welsh_form_is_answered_in_welsh(text, form_language, wanted):
    comment = said(text, language=form_language)

    assert open_case_from(by=acting(staff("moderator")), comment=comment, title="Late").language == wanted


def test_a_telephone_number_on_a_form_is_answered_by_text_message():
    comment = said(contact=("phone", "07700 900123"))

    made = open_case_from(by=acting(staff("moderator")), comment=comment, title="Late")

    assert made.contact.channel == "sms"
    assert address_of(made.contact) == "+447700900123"


def test_cases_with_similar_words_are_offered_before_a_second_is_opened(moderator):
    open_case_from(by=acting(staff("moderator")), comment=said(), title="Permit six weeks late")
    case("Broken bin", text="The bin in Mill Lane was not emptied")
    comment = said("Still no parking permit, six weeks now and the telephone is never answered")

    page = words(moderator.get(there(comment)))

    assert "Case 1: Permit six weeks late" in page
    assert "Both say: " in page
    assert "Broken bin" not in page


def test_a_comment_without_a_way_to_answer_belongs_to_the_case_that_is_chosen(moderator):
    first = open_case_from(by=acting(staff("moderator")), comment=said(), title="Permit late")
    comment = said("My parking permit is late too")

    done = moderator.post(there(comment), {"what": str(first.id)}, follow=True)

    assert Case.objects.count() == 1
    assert first.comment_links.count() == 2
    assert "A further comment belongs to this case" in words(done)


def test_who_left_a_way_to_be_answered_gets_a_number_of_their_own_answered_together(moderator):
    first = open_case_from(by=acting(staff("moderator")), comment=said(), title="Permit late")
    comment = said("My parking permit is late too", contact=("email", ADDRESS))

    moderator.post(there(comment), {"what": "number", "number": first.number})

    own = Case.objects.exclude(id=first.id).get()
    assert own.duplicate_of == first
    assert address_of(own.contact) == ADDRESS
    assert comment.case_link.case == own


def test_a_comment_is_taken_out_of_a_case_that_it_was_added_to(moderator):
    by = acting(staff("moderator"))
    first = said()
    made = open_case_from(by=by, comment=first, title="Permit late")
    added = said("My parking permit is late too")
    add_to_case(by=by, comment=added, case=made)
    page = moderator.get(reverse("feedback:response", args=[added.response_id]))
    assert "Take it out of the case" in words(page)

    page = moderator.post(there(added, "take_out_of_case"), follow=True)

    assert "no longer in the case" in words(page)
    assert not CommentCase.objects.filter(comment=added).exists()
    assert Event.objects.filter(kind="case.comment_removed").count() == 1
    with pytest.raises(Refused, match="this case was opened from the comment"):
        take_out_of_case(by=by, comment=first)
    with pytest.raises(Refused, match="this comment is in no case"):
        take_out_of_case(by=by, comment=added)


def test_a_comment_is_in_one_case_and_who_comes_second_is_told(moderator):
    comment = said()
    made = open_case_from(by=acting(staff("moderator")), comment=comment, title="Permit late")

    with pytest.raises(Refused, match="a colleague made a case of this comment in the meantime"):
        open_case_from(by=acting(staff("moderator")), comment=comment, title="Permit late")
    assert Case.objects.count() == 1, "the second case was undone with its deed"
    page = moderator.get(there(comment), follow=True)
    assert f"This comment is in case {made.number} already" in words(page)


def test_what_is_masked_later_is_masked_in_the_case():
    by = acting(staff("moderator"))
    comment = said("Zebulon at the counter was rude about my permit")
    made = open_case_from(by=by, comment=comment, title="Zebulon was rude")

    mask_missed(by=by, comment=comment, words="Zebulon", identifier="name")

    made.refresh_from_db()
    assert "Zebulon" not in made.text + made.title


@pytest.mark.parametrize("state", [ResponseState.HELD, ResponseState.HIDDEN])
def test_what_is_held_back_or_hidden_becomes_no_case(moderator, state):
    comment = said()
    Response.objects.filter(id=comment.response_id).update(state=state)

    assert moderator.get(there(comment)).status_code == 404
    with pytest.raises(Refused, match="held back or hidden"):
        open_case_from(by=acting(staff("moderator")), comment=comment, title="x")


def test_what_the_form_needs_is_said(moderator):
    comment = said()

    assert problems(moderator.post(there(comment), {})) == ["Select a new case, or one that there is already"]
    assert problems(moderator.post(there(comment), {"what": "new"})) == ["Enter what it is about"]
    assert problems(moderator.post(there(comment), {"what": "number"})) == [
        "Enter the number of a case, like 12"
    ]
    wrong = moderator.post(there(comment), {"what": "number", "number": "99"})
    assert problems(wrong) == ["There is no case of that number"]
    assert not Case.objects.exists()


def test_a_closed_case_takes_no_comment(moderator):
    by, comment = acting(staff("moderator")), said()
    done = case()
    work.close_case(by=by, case=done, outcome="resolved")

    answer = moderator.post(there(comment), {"what": "number", "number": done.number})

    assert problems(answer) == ["That case is closed; open it again first, or open a new one"]


def test_a_title_is_offered_from_the_first_words(moderator):
    comment = said("word " * 40)

    assert 'value="' + "word " * 15 + 'word…"' in body(moderator.get(there(comment))).decode()


def test_another_organisations_comment_and_case_are_not_there(moderator):
    south = organisation("Southshire Council")
    abroad = said(of=version(of=service("Bins", where=south), name="South"))
    own, foreign = said(), case(where=south)
    case(where=south)

    assert moderator.get(there(abroad)).status_code == 404
    assert moderator.post(there(abroad, "take_out_of_case")).status_code == 404
    answer = moderator.post(there(own), {"what": "number", "number": "2"})
    assert problems(answer) == ["There is no case of that number"]
    with pytest.raises(Refused, match="no case of that number"):
        add_to_case(by=acting(staff("moderator")), comment=own, case=foreign)
    with pytest.raises(Refused):
        open_case_from(by=acting(staff("moderator")), organisation_id=south.id, comment=abroad, title="x")


@pytest.mark.parametrize("role", ["analyst", "caseworker", "leader"])
def test_who_may_not_both_read_comments_and_handle_cases_makes_none(role):
    comment, client = said(), Client()
    sign_in(client, staff(role))

    assert client.get(there(comment)).status_code == 403
    with pytest.raises(Refused, match="no role of yours allows"):
        open_case_from(by=acting(staff(role)), comment=comment, title="x")
    assert not Case.objects.exists()
