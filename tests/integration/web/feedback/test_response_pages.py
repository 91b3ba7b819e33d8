"""Responses: the list, its download, one response, hiding and blocking, letting through."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.feedback.actions.receive import Arrival
from joinedup_web.feedback.models import Block, Comment, Response, ResponseState
from support.feedback_forms import service, version
from support.feedback_things import HARMED, PERSONAL, comment_of, said
from support.web_people import organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
ABUSE = "You are all useless idiots and thieves, every one of you"


@pytest.fixture
def moderator(client):
    user = staff("moderator", email="mo@example.test")
    sign_in(client, user)
    return user


def listed(client, of, **asked):
    return client.get(reverse("feedback:responses", args=[of.id]), asked).content.decode()


def rows(client, of, **asked):
    answer = client.get(reverse("feedback:responses", args=[of.id]), {**asked, "format": "csv"})
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def open_page(client, response):
    return client.get(reverse("feedback:response", args=[response.id])).content.decode()


def send(client, name, thing, **told):
    return client.post(reverse(f"feedback:{name}", args=[thing.id]), told, follow=True)


def test_the_list_shows_what_people_wrote_masked(client, moderator):
    said(PERSONAL)

    text = listed(client, service())

    assert "[email address]" in text
    assert "jo.bloggs" not in text


def test_an_empty_list_says_so(client, moderator):
    assert "Nobody has answered a form of this service yet" in listed(client, service())


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"q": "map"}, {"map"}),
        ({"q": "MAP blank"}, set()),
        ({"channel": "qr"}, {"queue"}),
        ({"ending": "error"}, {"queue"}),
        ({"language": "cy"}, {"welsh"}),
        ({"language": "other"}, {"esperanto"}),
        ({"language": ["en", "cy"]}, {"map", "queue", "welsh"}),
        ({"sentiment": "negative"}, {"map"}),
        ({"masks": "yes"}, {"map"}),
        ({"masks": "no"}, {"queue", "welsh", "esperanto"}),
        ({"received_from": "1/1/2020", "received_to": "2/1/2020"}, set()),
    ],
)
def test_it_is_narrowed(client, moderator, asked, wanted):
    texts = {
        "map": "The map did not open at all",
        "queue": "The queue in the office was very long",
        "welsh": "Roedd y ffurflen yn anodd iawn i'w llenwi ar y ffôn",
        "esperanto": "Mi ne povas pagi la imposton kaj neniu respondas al miaj leteroj",
    }
    made = {name: said(text) for name, text in texts.items() if name != "queue"}
    made["queue"] = said(texts["queue"], channel="qr", ending="error")
    Comment.objects.filter(response=made["map"]).update(sentiment="negative")
    Response.objects.filter(id=made["map"].id).update(masks_confirmed_at=timezone.now())

    text = listed(client, service(), **asked)

    assert {name for name, response in made.items() if str(response.id) in text} == wanted


def test_a_form_can_be_chosen(client, moderator):
    one, two = said("The map did not open"), said("The letter came late", form="Letters")

    text = listed(client, service(), form=str(two.version.form_id))

    assert str(two.id) in text
    assert str(one.id) not in text


def test_a_download_holds_open_responses_and_words_whose_masks_were_checked(client, moderator):
    checked, unchecked = said("The map did not open"), said("The queue was long")
    held, hidden = said("Held words"), said("Hidden words")
    Response.objects.filter(id=checked.id).update(masks_confirmed_at=timezone.now())
    Response.objects.filter(id=held.id).update(state=ResponseState.HELD)
    Response.objects.filter(id=hidden.id).update(state=ResponseState.HIDDEN)

    found = rows(client, service())

    words = "How could we improve this service?"
    assert sorted((row["Masks"], row[words]) for row in found) == [
        ("Checked", "The map did not open"),
        ("Not checked yet", ""),
    ]
    assert {row["Overall, how satisfied were you with this service?"] for row in found} == {"Dissatisfied"}
    assert str(unchecked.id) not in str(found)
    event = Event.objects.get(kind="table.exported")
    assert event.fields == {"table": "responses", "rows": 2, "filtered": False}


def test_what_is_held_or_hidden_is_seen_by_moderators_alone(client):
    held = said("Buy our gold coins today at the best price")
    Response.objects.filter(id=held.id).update(state=ResponseState.HELD, held_reason="links")
    for role, seen in (("moderator", True), ("leader", False), ("adviser", True)):
        sign_in(client, staff(role))
        assert (str(held.id) in listed(client, service())) is seen
        there = client.get(reverse("feedback:response", args=[held.id]))
        assert there.status_code == (200 if seen else 404)


def test_a_response_shows_answers_in_words_and_what_may_be_done(client, moderator):
    response = said(PERSONAL, contact=("email", "jo@example.test"), may_publish=True)

    text = open_page(client, response)

    assert "Dissatisfied" in text
    assert '<mark class="app-mask">[email address]</mark>' in text
    assert "They left a way to be answered" in text
    assert "jo@example.test" not in text
    assert "Received: link or page" in text


def test_hiding_takes_it_out_of_the_lists_of_others_and_tells_why(client, moderator):
    response = said(ABUSE)

    send(client, "hide_response", response, reason="Abuse")

    response.refresh_from_db()
    assert (response.state, response.hidden_reason) == (ResponseState.HIDDEN, "Abuse")
    assert "Hidden: Abuse" in open_page(client, response)
    sign_in(client, staff("analyst"))
    assert str(response.id) not in listed(client, service())


def test_hiding_asks_why(client, moderator):
    response = said(ABUSE)

    answer = client.post(reverse("feedback:hide_response", args=[response.id]), {"block": "text"})

    response.refresh_from_db()
    assert answer.status_code == 422
    assert "Enter why it is hidden" in answer.content.decode()
    assert "Enter for how many days" in answer.content.decode()
    assert response.state == ResponseState.OPEN


def test_hiding_and_blocking_in_one_step_holds_back_the_same_words(client, moderator):
    response = said(ABUSE)

    send(client, "hide_response", response, reason="Abuse", block="text", days="30")
    again = said(f"  {ABUSE.upper()}!!")

    assert again.state == ResponseState.HELD
    assert "Held back: a moderator blocked these words" in open_page(client, again)
    assert Block.objects.get().held == 1
    page = client.get(reverse("feedback:blocks", args=[service().id])).content.decode()
    assert "In force" in page


def test_danger_in_what_is_held_back_is_flagged_all_the_same(client, moderator):
    response = said(HARMED)
    send(client, "hide_response", response, reason="Sent many times", block="text", days="1")

    again = said(HARMED)

    assert again.state == ResponseState.HELD
    assert comment_of(again).flags.count() == 1


def test_the_same_sender_is_held_back_where_they_are_known(client, moderator):
    arrival = {"arrival": Arrival(seconds=60, address="192.0.2.7")}
    response = said(ABUSE, **arrival)

    send(client, "hide_response", response, reason="Abuse", block="sender", days="7")

    assert said("The letter came much too late for me", **arrival).held_reason == "blocked_sender"
    other = Arrival(seconds=60, address="192.0.2.8")
    assert said("The letter was late, again, this year", arrival=other).state == ResponseState.OPEN


def test_where_there_is_nothing_to_tell_it_by_no_block_is_offered(client, moderator):
    page = client.get(reverse("feedback:hide_response", args=[said("no").id])).content.decode()

    assert "Hold back more of the same" not in page


def test_a_block_is_lifted(client, moderator):
    response = said(ABUSE)
    send(client, "hide_response", response, reason="Abuse", block="text", days="30")
    block = Block.objects.get()

    assert "is taken in again" in client.get(reverse("feedback:lift_block", args=[block.id])).content.decode()
    send(client, "lift_block", block)
    again = send(client, "lift_block", block).content.decode()

    assert said(ABUSE).state == ResponseState.OPEN
    assert "This block was lifted already" in again


def test_held_ones_are_let_through_and_hidden_ones_shown_again(client, moderator):
    held, hidden = said("The form was long"), said(ABUSE)
    Response.objects.filter(id=held.id).update(state=ResponseState.HELD, held_reason="too_quick")
    Response.objects.filter(id=hidden.id).update(state=ResponseState.HIDDEN, hidden_reason="Abuse")

    send(client, "let_through", held)
    send(client, "restore_response", hidden)

    assert set(Response.objects.values_list("state", flat=True)) == {ResponseState.OPEN}
    assert "Held back: it came sooner than anybody can read the form" in open_page(client, held)
    assert "let it be seen" in open_page(client, hidden)
    refused = send(client, "let_through", held).content.decode()
    assert "This response is not held back any more" in refused


def test_several_are_hidden_for_one_reason(client, moderator):
    chosen, other = [said(f"{ABUSE} {number}") for number in range(3)], said("The map did not open")
    body = {"chosen": [str(each.id) for each in chosen], "do": "hide"}
    there = reverse("feedback:moderate_many", args=[service().id])

    asked = client.post(there, body)
    assert "Hide 3 responses" in asked.content.decode()
    assert Response.objects.filter(state=ResponseState.HIDDEN).count() == 0
    done = client.post(there, {**body, "reason": "Abuse"}, follow=True)

    assert "3 responses are hidden." in done.content.decode()
    other.refresh_from_db()
    assert other.state == ResponseState.OPEN
    assert Event.objects.filter(kind="response.hidden").count() == 3


def test_several_need_a_reason_and_a_choice(client, moderator):
    response = said(ABUSE)
    there = reverse("feedback:moderate_many", args=[service().id])

    none = client.post(there, {"do": "hide"}, follow=True).content.decode()
    empty = client.post(there, {"do": "hide", "chosen": str(response.id), "reason": " "})

    assert "Select responses first" in none
    assert empty.status_code == 422
    assert "Enter why they are hidden" in empty.content.decode()


def test_several_held_ones_are_let_through(client, moderator):
    made = [said(f"The form was {word}") for word in ("long", "hard")]
    Response.objects.update(state=ResponseState.HELD)
    there = reverse("feedback:moderate_many", args=[service().id])

    client.post(there, {"do": "let_through", "chosen": [str(each.id) for each in made]})

    assert Response.objects.filter(state=ResponseState.OPEN).count() == 2


def test_ids_of_another_organisation_and_nonsense_are_left_alone(client, moderator):
    mine = said(ABUSE)
    theirs = said(ABUSE, of=service("Bins", where=organisation("Southshire Council")))
    there = reverse("feedback:moderate_many", args=[service().id])

    client.post(there, {"do": "hide", "reason": "x", "chosen": [str(theirs.id), "nonsense", str(mine.id)]})

    theirs.refresh_from_db()
    mine.refresh_from_db()
    assert (theirs.state, mine.state) == (ResponseState.OPEN, ResponseState.HIDDEN)


def test_another_organisations_responses_are_not_found(client, moderator):
    theirs = service("Bins", where=organisation("Southshire Council"))
    response = said(ABUSE, of=theirs)

    for name, thing in (
        ("responses", theirs),
        ("masks", theirs),
        ("blocks", theirs),
        ("response", response),
        ("hide_response", response),
        ("unmask", response),
        ("mask_missed", comment_of(response)),
        ("raise_flag", comment_of(response)),
    ):
        assert client.get(reverse(f"feedback:{name}", args=[thing.id])).status_code == 404, name


def test_an_analyst_reads_and_may_not_moderate(client):
    response = said(ABUSE)
    sign_in(client, staff("analyst"))

    text = open_page(client, response)

    assert "Hide it" not in text
    assert "See what is masked" not in text
    answer = client.post(reverse("feedback:hide_response", args=[response.id]), {"reason": "x"})
    assert answer.status_code == 403
    assert Response.objects.get().state == ResponseState.OPEN


def test_a_list_of_many_pages(client, moderator):
    made = version(of=service())
    for number in range(30):
        Response.objects.create(
            organisation=service().organisation,
            service=service(),
            version=made,
            channel="web",
            submission=f"00000000-0000-4000-8000-{number:012}",
        )

    assert "Showing 1 to 25 of 30 responses" in listed(client, service())
    assert "Showing 26 to 30 of 30 responses" in listed(client, service(), page="2")
