"""Second opinions: who may settle a disagreement, what they see, and why others may not."""

from __future__ import annotations

import pytest

from joinedup_web.audit.models import Event
from joinedup_web.linkage import review
from joinedup_web.linkage.models import Decision, PairState, ReviewPair
from support.web_people import acting, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture
def disagreed(joined):
    """A pair on which two clerks differ: the pair and the second clerk's account, a senior."""
    project, _, _ = joined
    pair = ReviewPair.objects.filter(project=project).first()
    senior = staff("senior_clerk")
    review.decide_pair(by=acting(staff("clerk")), pair=pair, verdict="same", reason="one house")
    review.decide_pair(by=acting(senior), pair=pair, verdict="different", reason="two birthdays")
    pair.refresh_from_db()
    assert pair.state == PairState.DISAGREED
    return pair, senior


def test_a_senior_sees_both_words_and_reasons_and_settles_the_pair(disagreed, client_of):
    pair, _ = disagreed
    client = client_of("senior_clerk")
    listed = client.get("/staff/review/second-opinions").content.decode()
    assert "To settle" in listed
    assert f"/staff/review/second-opinions/{pair.id}" in listed

    page = client.get(f"/staff/review/second-opinions/{pair.id}").content.decode()
    assert "one house" in page
    assert "two birthdays" in page
    assert "Person 1" not in page  # who the clerks were leads nobody

    answer = client.post(
        f"/staff/review/second-opinions/{pair.id}",
        {"verdict": "same", "reason": "one slip in the day"},
        follow=True,
    )
    assert "The pair is settled." in answer.content.decode()
    pair.refresh_from_db()
    assert pair.state == PairState.SETTLED
    assert Decision.objects.get(settles=True).reason == "one slip in the day"
    event = Event.objects.get(kind="pair.second_opinion_given")
    assert event.fields == {"pair": str(pair.id), "decision": "same", "agrees": True}


def test_whoever_decided_may_neither_see_the_others_word_nor_settle(disagreed, client_of):
    pair, senior = disagreed
    client = client_of(user=senior)
    assert (
        "You decided on it, so somebody else must settle it"
        in client.get("/staff/review/second-opinions").content.decode()
    )

    shown = client.get(f"/staff/review/second-opinions/{pair.id}")
    given = client.post(
        f"/staff/review/second-opinions/{pair.id}", {"verdict": "different", "reason": "I am sure"}
    )

    for answer in (shown, given):
        assert answer.status_code == 403
        assert "hoever decided a pair may not settle the disagreement about it" in answer.content.decode()
        assert "one house" not in answer.content.decode()
    assert not Decision.objects.filter(settles=True).exists()
    assert Event.objects.filter(kind="access.refused").count() == 2


def test_a_word_without_reason_and_not_sure_are_told_at_the_form(disagreed, client_of):
    pair, _ = disagreed
    client = client_of("senior_clerk")

    answer = client.post(f"/staff/review/second-opinions/{pair.id}", {"verdict": "not_sure", "reason": " "})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter what settles it" in page
    assert "<title>Error: " in page
    assert not Decision.objects.filter(settles=True).exists()


def test_clerks_are_refused_with_the_reason(disagreed, client_of):
    pair, _ = disagreed
    client = client_of("clerk")

    for answer in (
        client.get("/staff/review/second-opinions"),
        client.get(f"/staff/review/second-opinions/{pair.id}"),
        client.post(f"/staff/review/second-opinions/{pair.id}", {"verdict": "same", "reason": "so"}),
    ):
        assert answer.status_code == 403
        assert "Settle pairs on which clerks disagree" in answer.content.decode()
        assert "one house" not in answer.content.decode()


def test_an_unsure_clerk_asks_for_a_second_opinion_and_the_settled_pair_is_closed(joined, client_of):
    project, _, _ = joined
    pair = ReviewPair.objects.filter(project=project).first()
    clerk = staff("clerk")
    decision = review.decide_pair(by=acting(clerk), pair=pair, verdict="not_sure")
    assert Event.objects.filter(kind="pair.second_opinion_asked").count() == 1
    review.give_second_opinion(by=acting(staff("senior_clerk")), pair=pair, verdict="same", reason="so")
    client = client_of(user=clerk)

    page = client.get(f"/staff/review/pairs/{pair.id}").content.decode()
    undone = client.post(f"/staff/review/decisions/{decision.id}/undo")

    assert "A second opinion has settled this pair since" in page
    assert undone.status_code == 403
    assert "second opinion has settled this pair" in undone.content.decode()


def test_no_disagreement_says_so_and_where_to_go(joined, client_of):
    page = client_of("senior_clerk").get("/staff/review/second-opinions").content.decode()

    assert "No pair waits for a second opinion." in page
    assert "/staff/review" in page


def test_who_settled_may_take_it_back(disagreed, client_of):
    pair, _ = disagreed
    client = client_of("senior_clerk")
    client.post(f"/staff/review/second-opinions/{pair.id}", {"verdict": "same", "reason": "so"})
    decision = Decision.objects.get(settles=True)

    client.post(f"/staff/review/decisions/{decision.id}/undo")

    pair.refresh_from_db()
    assert pair.state == PairState.DISAGREED
