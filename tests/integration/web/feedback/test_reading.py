"""Comments are read in the background: what the models say is kept, and what they cannot read goes to people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.casework.models import Team
from joinedup_web.feedback.models import (
    Comment,
    Flag,
    FlagKind,
    Reading,
    RouteSuggestion,
    Tag,
    TagAssignment,
)
from joinedup_web.feedback.reader.engine import ChildEngine, Stopped
from joinedup_web.feedback.reader.models import Models
from joinedup_web.feedback.reading_job import Reader, order_of
from joinedup_web.text.models import FeatureSwitch, ModelUse
from support.comments_read import PAYING, STAFF, WELSH, EngineHere, commented
from support.feedback_forms import received, service, version
from support.web_people import organisation

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def read_all(engine: EngineHere | ChildEngine) -> int:
    reader, read = Reader(engine), 0
    while number := reader.round():
        read += number
    return read


def switched_off(feature: str) -> None:
    FeatureSwitch.objects.create(
        organisation=organisation(), feature=feature, is_on=False, reason="not evaluated yet"
    )


def tag(name: str, description: str = "") -> Tag:
    return Tag.objects.create(service=service(), name=name, description=description)


def team(name: str, purpose: str) -> Team:
    return Team.objects.create(organisation=organisation(), name=name, purpose=purpose)


def test_comments_are_read_and_each_use_of_a_model_is_kept():
    commented(version(), [*PAYING, *STAFF])

    read_all(EngineHere())

    assert not Comment.objects.filter(read_at=None).exists()
    assert set(Comment.objects.values_list("sentiment", flat=True)) <= {"negative", "neutral", "positive"}
    use = ModelUse.objects.get(feature="sentiment")
    assert (use.items, use.outcome) == (12, "done")
    assert set(Comment.objects.values_list("sentiment_by", flat=True)) == {use.version}
    assert Event.objects.get(kind="reading.done").fields["comments"] == 12
    assert Reading.objects.get().read == 12


def test_the_models_are_told_how_satisfied_the_person_said_they_were():
    of = version()
    received(of, {"satisfaction": "2", "improve": STAFF[0]})
    received(of, {"satisfaction": "5", "improve": STAFF[1]})

    order = order_of(organisation().id, list(Comment.objects.select_related("response")))

    assert dict(zip(order["texts"], order["satisfaction"], strict=True)) == {STAFF[0]: 2, STAFF[1]: 5}


def test_what_is_switched_off_is_not_asked_of_the_models():
    commented(version(), PAYING)
    tag("Paying"), tag("Parking")
    switched_off("sentiment"), switched_off("tag")
    engine = EngineHere()

    read_all(engine)

    order = engine.orders[0]
    assert (order["sentiment"], order["tag"]) == (False, None)
    assert set(Comment.objects.values_list("sentiment", flat=True)) == {""}
    assert not TagAssignment.objects.exists()
    assert not ModelUse.objects.exists()


def test_a_text_that_no_model_reads_is_never_guessed_at():
    commented(version(), WELSH, language="cy", is_readable=False)
    tag("Paying", "Paying by card"), tag("Staff", "Staff on the telephone")
    engine = EngineHere()

    read_all(engine)

    assert engine.orders == []
    for comment in Comment.objects.all():
        assert comment.read_at is not None
        assert (comment.sentiment, comment.doubt) == ("", None)
    assert Event.objects.get(kind="reading.done").fields["for_people"] == 2


def test_with_languages_switched_off_every_comment_is_for_people():
    commented(version(), PAYING[:2])
    switched_off("language")
    engine = EngineHere()

    read_all(engine)

    assert engine.orders == []
    assert Comment.objects.filter(is_readable=False).count() == 2
    assert Flag.objects.filter(kind=FlagKind.UNREADABLE).count() == 2


def test_tags_and_teams_are_suggested_from_their_descriptions_to_begin_with():
    commented(version(), ["I could not pay by card because the payment page was broken", "Meh"])
    paying = tag("Paying", "The payment page, paying by card")
    tag("Parking", "Parking bays on the street")
    web = team("Payments", "The payment page, paying by card")
    team("Streets", "Parking bays on the street")

    read_all(EngineHere())

    suggested = TagAssignment.objects.get()
    assert (suggested.tag, suggested.fate) == (paying, "suggested")
    routes = {each.comment.text[:3]: each.suggested for each in RouteSuggestion.objects.all()}
    assert routes == {"I c": web, "Meh": None}
    fields = Event.objects.get(kind="reading.done").fields
    assert (fields["routes"], fields["abstained"]) == (1, 1)


@pytest.mark.parametrize("alone", [False, True], ids=["with meaning", "by words alone"])
def test_a_text_that_is_like_no_description_gets_no_suggestion(alone):
    commented(version(), ["The payment page would not take my card", "So it goes"])
    (
        tag("Paying", "The payment page, paying by card"),
        tag("Parking", "Parking bays"),
        tag("Staff", "Rude staff"),
    )
    engine = EngineHere()
    if alone:
        engine.models = Models(None)

    read_all(engine)

    assert [each.comment.text[:11] for each in TagAssignment.objects.all()] == ["The payment"]


def test_a_second_look_raises_a_flag_once():
    commented(version(), PAYING[:1])
    finding = {
        "sentiment": None,
        "tag": None,
        "route": None,
        "danger": [[["safeguarding", ["reads like messages from people in danger"]]]],
        "doubt": [None],
        "models": {"danger": ["second look for danger", "1"]},
        "seconds": {},
    }

    read_all(EngineHere(answers=[{"finished": finding}]))
    Comment.objects.update(read_at=None)
    read_all(EngineHere(answers=[{"finished": finding}]))

    assert [flag.kind for flag in Flag.objects.all()] == [FlagKind.SAFEGUARDING]


def test_a_text_that_ends_the_models_goes_to_people_and_the_others_are_read():
    commented(version(), [*PAYING, "POISON"])
    engine = EngineHere(spoils="POISON")

    read_all(engine)

    assert not Comment.objects.filter(read_at=None).exists()
    assert [each.text for each in Comment.objects.filter(is_readable=False)] == ["POISON"]
    assert Comment.objects.exclude(sentiment="").count() == len(PAYING)


def test_models_that_are_not_there_are_told_and_nothing_is_lost():
    commented(version(), PAYING)
    problem = {"what": "the model is spoilt", "where": "", "mend": "set it up again", "error": "ModelError"}

    read_all(EngineHere(answers=[{"problem": problem}]))

    assert Comment.objects.filter(read_at=None).count() == len(PAYING)
    assert Reading.objects.get().problem == {
        "what": "the model is spoilt",
        "where": "",
        "mend": "set it up again",
    }


def test_a_worker_that_leaves_keeps_nothing_half_and_the_next_goes_on():
    commented(version(), PAYING)

    with pytest.raises(Stopped):
        read_all(EngineHere(stops_at=1))

    assert Comment.objects.filter(read_at=None).count() == len(PAYING)
    assert read_all(EngineHere()) == len(PAYING)


def test_a_claim_of_a_worker_that_was_lost_is_taken_over():
    commented(version(), PAYING)
    Reading.objects.create(organisation=organisation(), heartbeat_at=timezone.now())

    assert read_all(EngineHere()) == 0
    Reading.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=10))
    assert read_all(EngineHere()) == len(PAYING)


def test_what_another_worker_kept_in_the_meantime_stays():
    made = commented(version(), PAYING)

    class Slow(EngineHere):
        def ask(self, order, *, on_progress=None):
            Comment.objects.filter(id=made[0].id).update(read_at=timezone.now(), sentiment="neutral")
            return super().ask(order, on_progress=on_progress)

    read_all(Slow())

    assert Comment.objects.get(id=made[0].id).sentiment == "neutral"
    assert Event.objects.get(kind="reading.done").fields["comments"] == len(PAYING) - 1


def test_hidden_responses_are_not_read():
    commented(version(), PAYING, state="hidden")

    assert read_all(EngineHere()) == 0


def test_a_process_of_its_own_reads_what_was_received():
    received(
        version(), {"satisfaction": "1", "improve": "Staff were rude and I waited three weeks for a reply"}
    )
    engine = ChildEngine()
    try:
        assert read_all(engine) == 1
    finally:
        engine.close()

    assert Comment.objects.get().sentiment == "negative"


def test_a_process_that_was_killed_is_begun_again_and_nothing_is_lost():
    commented(version(), PAYING[:2])
    engine = ChildEngine()
    try:
        assert Reader(engine).round() == 2
        assert engine._child is not None
        engine._child.kill()
        engine._child.wait()
        commented(version(name="Other"), STAFF[:2])
        assert read_all(engine) == 2
    finally:
        engine.close()

    assert not Comment.objects.filter(sentiment="").exists()
