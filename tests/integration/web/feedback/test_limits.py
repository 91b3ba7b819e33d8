"""What a form takes: between its dates, up to its quotas, and once for each invitation, however many come at a time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from joinedup.feedback import AnswersError
from joinedup_web.audit.models import Event
from joinedup_web.feedback.limits import NotTaken
from joinedup_web.feedback.models import Channel, FormState, Invitation, Response, ResponseState
from support.feedback_forms import point, received, version
from support.public_feedback import invited
from support.web_deeds import all_of

pytestmark = [pytest.mark.web, pytest.mark.django_db(transaction=True)]
QUOTA: dict[str, Any] = {
    "pages": [
        {
            "questions": [
                {
                    "key": "region__of",  # underscores that a look into JSON could mistake
                    "kind": "choice",
                    "required": True,
                    "words": {"en": "Where do you live?"},
                    "options": [
                        {"value": "north", "words": {"en": "North"}},
                        {"value": "south", "words": {"en": "South"}},
                    ],
                },
                {
                    "key": "uses",
                    "kind": "choices",
                    "words": {"en": "What do you use?"},
                    "options": [
                        {"value": "bus", "words": {"en": "Bus"}},
                        {"value": "tram", "words": {"en": "Tram"}},
                    ],
                },
            ]
        }
    ],
    "quotas": [
        {"question": "region__of", "value": "north", "most": 2},
        {"question": "uses", "value": "tram", "most": 1},
    ],
}
NORTH, SOUTH = {"region__of": "north"}, {"region__of": "south"}


def refusal(of: Any, answers: dict[str, Any], **given: Any) -> str:
    """Why an answer was not taken."""
    with pytest.raises(NotTaken) as refused:
        received(of, answers, **given)
    return refused.value.reason


def outcomes(calls: list[Any]) -> Counter[str]:
    """Do all at a time, and count how they ended."""

    def one(call: Any) -> str:
        try:
            call()
        except NotTaken as refused:
            return refused.reason
        finally:
            connection.close()
        return "kept"

    return Counter(all_of(*(lambda call=call: one(call) for call in calls)))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"state": FormState.CLOSED}, "closed"),
        ({"state": FormState.DRAFT}, "not_yet"),
        ({"opens_at": timedelta(hours=1)}, "not_yet"),
        ({"closes_at": timedelta(hours=-1)}, "closed"),
        ({"closes_at": timedelta(hours=1), "opens_at": timedelta(hours=-1)}, ""),
    ],
    ids=["closed", "draft", "early", "late", "between"],
)
def test_a_form_takes_answers_while_it_is_open(change, reason):
    now = timezone.now()
    of = version(
        **{key: now + value if isinstance(value, timedelta) else value for key, value in change.items()}
    )

    if not reason:
        received(of, {"satisfaction": "4"})
        return
    assert refusal(of, {"satisfaction": "4"}) == reason
    assert not Response.objects.exists()
    assert not Event.objects.filter(kind="response.received").exists()


def test_a_closed_point_and_a_closed_service_take_none():
    of = version()
    here = point(of)
    here.is_open = False
    here.save()

    assert refusal(of, {"satisfaction": "4"}, point=here) == "closed"
    received(of, {"satisfaction": "4"})  # the form itself is open
    of.form.service.is_active = False
    of.form.service.save()
    assert refusal(of, {"satisfaction": "4"}) == "closed"


@pytest.mark.parametrize("channel", [Channel.IMPORT, Channel.PAPER, Channel.FACE_TO_FACE])
def test_what_was_answered_elsewhere_is_brought_in_after_the_form_closed(channel):
    of = version(state=FormState.CLOSED)

    assert received(of, {"satisfaction": "4"}, channel=channel).id == Response.objects.get().id


def test_a_full_quota_takes_no_more_of_that_answer():
    of = version(QUOTA)
    received(of, NORTH)
    received(of, NORTH)

    assert refusal(of, NORTH) == "full"
    received(of, SOUTH)
    received(of, {**SOUTH, "uses": ["bus", "tram"]})
    assert refusal(of, {**SOUTH, "uses": ["tram"]}) == "full"
    assert Response.objects.count() == 4


def test_what_moderators_hid_takes_no_place():
    of = version(QUOTA)
    hidden = received(of, NORTH)
    received(of, NORTH)
    Response.objects.filter(id=hidden.id).update(state=ResponseState.HIDDEN)

    received(of, NORTH)
    assert refusal(of, NORTH) == "full"


def test_of_many_who_come_for_the_last_places_no_more_get_one_than_there_are():
    of = version(QUOTA)

    told = outcomes([lambda: received(of, NORTH) for _ in range(6)])

    assert told == {"kept": 2, "full": 4}
    assert Response.objects.count() == 2
    assert Event.objects.filter(kind="response.received").count() == 2


@pytest.mark.parametrize("one_answer_each", [True, False], ids=["invited alone", "everybody"])
def test_an_invitation_is_used_once_however_often_it_is_sent_at_a_time(one_answer_each):
    of = version(one_answer_each=one_answer_each)
    invited(of.form, "secret")

    told = outcomes([lambda: received(of, {"satisfaction": "4"}, invitation="secret") for _ in range(5)])

    assert told == {"kept": 1, "used": 4}
    assert Response.objects.count() == 1


def test_the_same_answer_sent_again_is_no_second_use():
    of = version(one_answer_each=True)
    invited(of.form, "secret")
    first = received(of, {"satisfaction": "4"}, invitation="secret")

    again = received(of, {"satisfaction": "4"}, invitation="secret", submission=first.submission)

    assert again.id == first.id


def test_a_form_with_one_answer_each_takes_none_without_an_invitation_of_its_own():
    of, other = version(one_answer_each=True), version(name="Other", one_answer_each=True)
    invited(other.form, "of another form")

    assert refusal(of, {"satisfaction": "4"}) == "invitation"
    assert refusal(of, {"satisfaction": "4"}, invitation="no such") == "invitation"
    assert refusal(of, {"satisfaction": "4"}, invitation="of another form") == "invitation"
    assert not Invitation.objects.exclude(used_on=None).exists()


def test_an_answer_that_is_not_taken_uses_no_invitation_up():
    of = version(QUOTA, one_answer_each=True)
    for token in ("a", "b", "c"):
        invited(of.form, token)
    received(of, NORTH, invitation="a")
    received(of, NORTH, invitation="b")

    assert refusal(of, NORTH, invitation="c") == "full"
    with pytest.raises(AnswersError):
        received(of, {}, invitation="c")
    received(of, SOUTH, invitation="c")


def test_nothing_ties_an_answer_to_its_invitation():
    of = version(one_answer_each=True)
    used = invited(of.form, "secret")

    kept = received(of, {"satisfaction": "4"}, invitation="secret")

    row = Invitation.objects.get(id=used.id)
    assert row.used_on == timezone.localdate(kept.received_at)
    told = {
        **Response.objects.filter(id=kept.id).values()[0],
        **Event.objects.get(kind="response.received").fields,
    }
    assert row.token_digest not in str(told)
    assert not {f.related_model for f in Response._meta.get_fields() if f.is_relation} & {Invitation}
