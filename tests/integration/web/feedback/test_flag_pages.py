"""People who may be in danger: the list, one flag, and what is done about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.feedback.models import Flag, FlagKind
from support.feedback_things import HARMED, PERSONAL, flagged, said, watched_service
from support.web_people import organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture
def moderator(client):
    user = staff("moderator", email="mo@example.test")
    sign_in(client, user)
    return user


def page(client, name, *args):
    return client.get(reverse(f"feedback:{name}", args=args))


def send(client, name, flag, **told):
    return client.post(reverse(f"feedback:{name}", args=[flag.id]), told)


def test_flags_to_acknowledge_come_first_and_none_of_the_words_is_in_the_list(client, moderator):
    service = watched_service()
    closed, in_hand, waiting = (flagged(HARMED, of=service) for _ in range(3))
    now = timezone.now()
    Flag.objects.filter(id=closed.id).update(acknowledged_at=now, closed_at=now, outcome="contacted")
    Flag.objects.filter(id=in_hand.id).update(acknowledged_at=now)

    answer = page(client, "flags")

    text = answer.content.decode()
    places = [text.index(str(each.id)) for each in (waiting, in_hand, closed)]
    assert places == sorted(places)
    assert "stepdad" not in text
    assert "Somebody may be at risk of harm" in text


def test_an_empty_list_says_that_nobody_was_found_to_be_in_danger(client, moderator):
    assert "Nobody who wrote to you was found to be in danger" in page(client, "flags").content.decode()


def test_the_list_is_narrowed_and_downloaded_with_an_event(client, moderator):
    flagged(HARMED)
    flagged()

    answer = client.get(reverse("feedback:flags"), {"kind": "threat_to_life", "format": "csv"})

    rows = b"".join(answer.streaming_content).decode().splitlines()
    assert len(rows) == 2
    assert "Somebody’s life may be in danger" in rows[1]
    event = Event.objects.get(kind="table.exported")
    assert event.fields == {"table": "flags", "rows": 1, "filtered": True}


def test_a_flag_shows_the_words_masked_and_by_when_it_must_be_acknowledged(client, moderator):
    flag = flagged(f"{HARMED} {PERSONAL}", of=watched_service())

    text = page(client, "flag", flag.id).content.decode()

    assert "[national insurance number]" in text
    assert "QQ 12 34 56 C" not in text
    assert "abuse by somebody close" in text.lower()
    assert "the deputy is told, and then everybody who may act" in text


def test_acknowledging_stops_the_clock_for_everybody(client, moderator):
    flag = flagged()

    answer = client.post(reverse("feedback:acknowledge_flag", args=[flag.id]), follow=True)

    flag.refresh_from_db()
    assert flag.acknowledged_by_id == moderator.id
    assert "You have this in hand" in answer.content.decode()
    assert Event.objects.get(kind="flag.acknowledged").fields["late"] is False


def test_a_second_acknowledgement_is_told_of_the_first_and_changes_nothing(client, moderator):
    flag = flagged()
    first = staff("moderator", email="first@example.test")
    Flag.objects.filter(id=flag.id).update(acknowledged_by=first, acknowledged_at=timezone.now())

    answer = client.post(reverse("feedback:acknowledge_flag", args=[flag.id]), follow=True)

    flag.refresh_from_db()
    assert flag.acknowledged_by_id == first.id
    assert "A colleague acknowledged this flag in the meantime" in answer.content.decode()


def test_it_is_closed_with_what_came_of_it_and_opened_again(client, moderator):
    flag = flagged()

    closed = send(client, "close_flag", flag, outcome="emergency_services", note="Told the police")

    flag.refresh_from_db()
    assert closed.status_code == 302
    assert (flag.outcome, flag.note, flag.closed_by_id) == (
        "emergency_services",
        "Told the police",
        moderator.id,
    )
    assert flag.acknowledged_by_id == moderator.id
    send(client, "reopen_flag", flag)
    flag.refresh_from_db()
    assert (flag.closed_at, flag.acknowledged_at, flag.told_at) == (None, None, flag.told_at)
    assert flag.due_at > timezone.now()


def test_closing_asks_what_came_of_it_and_what_was_done(client, moderator):
    flag = flagged()

    answer = send(client, "close_flag", flag)

    flag.refresh_from_db()
    assert answer.status_code == 422
    assert flag.closed_at is None
    assert "Select what came of it" in answer.content.decode()
    assert "Enter what was done" in answer.content.decode()


def test_a_note_is_kept_while_the_flag_is_open_and_refused_once_it_is_closed(client, moderator):
    flag = flagged()

    send(client, "note_on_flag", flag, note="Rang, no answer")
    send(client, "close_flag", flag, outcome="contacted", note="Rang again and spoke to them")
    late = send(client, "note_on_flag", flag, note="One more thing")

    flag.refresh_from_db()
    assert flag.note == "Rang again and spoke to them"
    assert late.status_code == 422
    assert "this flag is closed; open it again first" in late.content.decode().lower()


def test_a_risk_of_harm_that_becomes_a_threat_to_life_must_be_acknowledged_again(client, moderator):
    flag = flagged(HARMED)
    send(client, "acknowledge_flag", flag)

    send(client, "change_flag", flag, kind="threat_to_life")

    flag.refresh_from_db()
    assert flag.kind == FlagKind.THREAT_TO_LIFE
    assert flag.acknowledged_at is None


def test_a_caseworker_acknowledges_but_is_not_offered_to_look_under_the_masks(client):
    sign_in(client, staff("caseworker"))
    flag = flagged()

    text = page(client, "flag", flag.id).content.decode()

    assert "Acknowledge: I have this in hand" in text
    assert "See what is masked" not in text


def test_another_organisations_flag_is_not_found_and_stays_as_it_is(client, moderator):
    elsewhere = watched_service("Bin collections", where=organisation("Southshire Council"))
    flag = flagged(of=elsewhere)

    answers = [
        page(client, "flag", flag.id),
        send(client, "acknowledge_flag", flag),
        send(client, "close_flag", flag, outcome="no_danger", note="x"),
    ]

    flag.refresh_from_db()
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert flag.acknowledged_at is None
    assert "Bin collections" not in page(client, "flags").content.decode()


def test_every_page_of_those_who_may_act_says_that_somebody_may_be_in_danger(client, moderator):
    flag = flagged()

    home = client.get("/staff/").content.decode()

    assert "Somebody may be in danger" in home
    assert reverse("feedback:flag", args=[flag.id]) in home
    assert "1 flag waiting" in home
    send(client, "acknowledge_flag", flag)
    assert "Somebody may be in danger" not in client.get("/staff/").content.decode()


def test_the_notice_counts_several_and_says_when_it_is_late(client, moderator):
    flags = [flagged(), flagged(HARMED)]
    Flag.objects.filter(id=flags[0].id).update(due_at=timezone.now() - timedelta(minutes=5))

    home = client.get("/staff/").content.decode()

    assert "2 comments say that people may be in danger" in home
    assert "It should have been acknowledged by" in home


def test_nobody_else_is_told_on_their_pages(client):
    flagged()
    sign_in(client, staff("leader"))

    assert "Somebody may be in danger" not in client.get("/staff/").content.decode()


def test_what_no_model_can_read_waits_for_a_person_without_an_alarm(client, moderator):
    said("Mi ne povas pagi la imposton kaj neniu respondas al miaj leteroj pri tio")
    flag = Flag.objects.get()

    assert flag.kind == FlagKind.UNREADABLE
    assert "Somebody may be in danger" not in client.get("/staff/").content.decode()
    assert "If nobody has read it by" in page(client, "flag", flag.id).content.decode()
