"""Staff set a service up on pages: its forms, questions, links, QR codes and posters."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from joinedup_web.feedback.models import Channel, CollectionPoint, Form, FormState, FormVersion, Service
from support.feedback_forms import point, received, service, version
from support.web_people import organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture
def manager(client):
    user = staff("service_manager")
    sign_in(client, user)
    return user


def page(client: Any, name: str, *args: Any, query: str = "", **kwargs: Any) -> str:
    answer = client.get(reverse(f"feedback:{name}", args=args) + query, **kwargs)
    assert answer.status_code == 200, (name, answer.status_code)
    return re.sub(r"\s+", " ", answer.content.decode())


def send(client: Any, view: str, /, *args: Any, query: str = "", **data: Any) -> Any:
    return client.post(reverse(f"feedback:{view}", args=args) + query, data)


def draft_of(form: Form) -> dict[str, Any]:
    form.refresh_from_db()
    return form.draft


def keys_of(form: Form) -> list[list[str]]:
    return [[each["key"] for each in part["questions"]] for part in draft_of(form)["pages"]]


def draft(manager: Any, client: Any, template: str = "survey") -> Form:
    of = service(duty_person=manager)
    send(client, "new_form", of.id, template=template, name="How was it?")
    return Form.objects.get(service=of)


def test_nothing_is_there_yet_and_the_page_says_what_to_do(client, manager):
    text = page(client, "services")

    assert "No service asks for feedback yet" in text
    assert "Set up a service" in text


def test_who_may_not_set_services_up_is_not_offered_it(client):
    sign_in(client, staff("leader"))
    of = service()

    assert "Set up a service" not in page(client, "services")
    assert "Add a form" not in page(client, "service", of.id)
    assert client.get(reverse("feedback:new_service")).status_code == 403


def test_from_nothing_to_a_form_that_people_can_reach(client, manager):
    answer = send(
        client,
        "new_service",
        name="Parking permits",
        slug="parking-permits",
        duty_person=str(manager.id),
        deputy="",
        acknowledge_minutes="60",
        keep_original_days="30",
    )
    made = Service.objects.get()
    assert answer.url == reverse("feedback:service", args=[made.id])
    assert "Add a form next" in page(client, "service", made.id)
    send(client, "new_form", made.id, template="satisfaction", name="After an application")
    form = Form.objects.get()
    assert "Look the questions over, and publish them" in page(client, "service", made.id)
    assert "become version 1" in page(client, "publish", form.id)
    send(client, "publish", form.id, revision="1")
    assert FormVersion.objects.get().number == 1
    assert "No form takes answers" in page(client, "service", made.id)
    send(client, "open_form", form.id)
    form.refresh_from_db()
    assert form.state == FormState.OPEN
    assert "Nobody can reach a form yet" in page(client, "service", made.id)
    send(client, "new_point", form.id, label="Last page", ending="completed", channel="qr")
    point = CollectionPoint.objects.get()
    text = page(client, "point", point.id)
    assert f"/f/{point.code}" in text
    assert "Poster to print" in text
    assert "app-empty" not in page(client, "services")
    form_page = page(client, "form", form.id)
    assert "They were told they are not eligible" in form_page, "the ends that are not asked are named"


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": ""}, "id_name", "Enter the name of the service"),
        ({"name": "Bins"}, "id_name", "There is a service of that name already"),
        ({"slug": "bins"}, "id_slug", "That address is taken"),
        ({"slug": "Not an address"}, "id_slug", "Use small letters"),
        ({"duty_person": ""}, "id_duty_person", "Select the duty person"),
        ({"acknowledge_minutes": "1"}, "id_acknowledge_minutes", "Enter a number of minutes from 5 to 1440"),
        ({"keep_original_days": "x"}, "id_keep_original_days", "Enter a number of days from 1 to 365"),
    ],
)
def test_what_is_wrong_with_a_service_stands_beside_its_field(client, manager, wrong, field, words):
    service("Bins")
    given = {
        "name": "Parking permits",
        "slug": "parking-permits",
        "duty_person": str(manager.id),
        "acknowledge_minutes": "60",
        "keep_original_days": "30",
    }

    answer = send(client, "new_service", **{**given, **wrong})

    assert answer.status_code == 422
    text = answer.content.decode()
    assert f'href="#{field}"' in text
    assert words in text
    assert Service.objects.count() == 1


def test_the_deputy_is_somebody_else(client, manager):
    of = service()
    given = {"name": of.name, "slug": of.slug, "acknowledge_minutes": "60", "keep_original_days": "30"}

    answer = send(client, "change_service", of.id, duty_person=manager.id, deputy=manager.id, **given)

    assert 'href="#id_deputy"' in answer.content.decode()


def test_a_service_is_closed_and_opened_again(client, manager):
    of = service()

    assert "takes answers any more" in page(client, "service_state", of.id)
    send(client, "service_state", of.id)
    of.refresh_from_db()
    assert of.is_active is False
    send(client, "service_state", of.id)
    of.refresh_from_db()
    assert of.is_active is True


def test_who_cannot_be_on_duty_any_more_is_named(client, manager):
    leader = staff("leader")
    of = service(duty_person=leader)

    assert f"{leader.name} may not acknowledge flags any more" in page(client, "service", of.id)


def test_services_are_filtered_and_downloaded(client, manager):
    service("Parking permits")
    service("Bins", is_active=False)

    text = page(client, "services", query="?q=bins")
    assert "Bins" in text
    assert "Parking permits" not in text
    csv = b"".join(client.get(reverse("feedback:services") + "?format=csv").streaming_content).decode()
    assert csv.splitlines()[1].startswith("Bins,Closed")


def test_counts_of_a_point_are_its_own(client, manager):
    of = version(of=service(duty_person=manager))
    first, second = point(of, code="bdfhk2"), point(of, code="bdfhk3")
    for _ in range(2):
        received(of, {"satisfaction": "4"}, point=first)
    received(of, {"satisfaction": "4"}, point=second)

    assert "2, 2 of them in the last 28 days" in page(client, "point", first.id)
    assert "1, 1 of them in the last 28 days" in page(client, "point", second.id)
    assert "3 responses, 3 of them" in page(client, "service", of.form.service_id)


def test_a_question_with_answers_is_added_in_both_languages(client, manager):
    form = draft(manager, client, "satisfaction")
    assert "Several answers from a list" in page(client, "new_question", form.id, query="?page=1")

    answer = send(
        client,
        "new_question",
        form.id,
        query="?page=1&kind=choice",
        revision="1",
        words_en="How did you hear of it?",
        words_cy="Sut clywsoch chi?",
        option_0_en="From a friend",
        option_0_cy="Gan ffrind",
        option_1_en="By post",
        option_1_cy="",
        option_2_en="",
        option_2_cy="",
        do="save",
    )

    assert answer.status_code == 302, answer.content.decode()[:3000]
    made = draft_of(form)["pages"][0]["questions"][-1]
    assert made["key"] == "how_did_you_hear_of_it"
    assert made["options"] == [
        {"value": "from_a_friend", "words": {"en": "From a friend", "cy": "Gan ffrind"}},
        {"value": "by_post", "words": {"en": "By post"}},
    ]
    assert "Welsh is missing" in page(client, "questions", form.id)
    assert "Some words of these questions have no Welsh" in page(client, "publish", form.id)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"words_en": ""}, "id_words_en", "Enter the question in English"),
        ({"words_en": "x" * 501}, "id_words_en", "Use at most 500 characters"),
        ({"option_1_en": ""}, "id_option_0_en", "Enter at least 2 answers"),
        ({"option_1_en": "YES"}, "id_option_1_en", "Answer 2 is the same as answer 1"),
        ({"option_1_en": "", "option_1_cy": "Na"}, "id_option_1_en", "Enter answer 2 in English"),
        ({"hint_cy": "Awgrym"}, "id_hint_en", "English words are missing"),
    ],
)
def test_what_is_wrong_with_a_question_stands_beside_its_field(client, manager, given, field, words):
    form = draft(manager, client, "satisfaction")
    right = {
        "words_en": "Did it?",
        "option_0_en": "Yes",
        "option_0_cy": "",
        "option_1_en": "No",
        "option_1_cy": "",
    }

    answer = send(
        client, "new_question", form.id, query="?page=1&kind=choice", revision="1", **{**right, **given}
    )

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.content.decode()
    assert words in answer.content.decode()
    form.refresh_from_db()
    assert form.draft_revision == 1


def test_answers_are_put_in_another_order_before_they_are_kept(client, manager):
    form = draft(manager, client, "satisfaction")
    given = {
        "words_en": "Did it?",
        "is_required": "on",
        "option_0_en": "Yes",
        "option_0_cy": "",
        "option_1_en": "No",
        "option_1_cy": "",
    }

    text = send(
        client, "new_question", form.id, query="?kind=choice", revision="1", do="down-0", **given
    ).content.decode()

    assert re.search(r'id="id_option_0_en"[^>]*value="No"', text)
    assert re.search(r'id="id_option_1_en"[^>]*value="Yes"', text)
    assert "There is a problem" not in text
    assert "checked" in text
    more = send(
        client, "new_question", form.id, query="?kind=choice", revision="1", do="more", **given
    ).content.decode()
    assert 'id="id_option_4_en"' in more
    form.refresh_from_db()
    assert form.draft_revision == 1


def test_a_question_is_changed_and_keeps_its_key_and_the_values_of_its_answers(client, manager):
    form = draft(manager, client)

    answer = send(
        client,
        "question",
        form.id,
        "ways",
        revision="1",
        words_en="How did you reach us?",
        option_0_value="online",
        option_0_en="On this website",
        option_0_cy="Ar y wefan",
        option_1_value="made_up",
        option_1_en="By pigeon",
        option_1_cy="",
    )

    assert answer.status_code == 302
    made = next(q for part in draft_of(form)["pages"] for q in part["questions"] if q["key"] == "ways")
    assert made["words"] == {"en": "How did you reach us?"}
    assert [each["value"] for each in made["options"]] == ["online", "by_pigeon"]
    assert made["show_if"]["question"] == "used_lately"


def test_questions_are_moved_and_pages_parted(client, manager):
    form = draft(manager, client, "satisfaction")
    assert keys_of(form) == [["satisfaction", "improve", "may_quote"]]

    send(client, "move_question", form.id, "improve", revision="1", to="up")
    assert keys_of(form) == [["improve", "satisfaction", "may_quote"]]
    send(client, "move_question", form.id, "satisfaction", revision="2", to="page")
    assert keys_of(form) == [["improve"], ["satisfaction", "may_quote"]]
    send(client, "move_question", form.id, "improve", revision="3", to="down")
    assert keys_of(form) == [["improve", "satisfaction", "may_quote"]]


def test_a_move_that_would_break_a_condition_says_why_and_changes_nothing(client, manager):
    form = draft(manager, client)
    before = keys_of(form)

    answer = client.post(
        reverse("feedback:move_question", args=[form.id, "used_lately"]),
        {"revision": "1", "to": "down"},
        follow=True,
    )
    answer = client.post(
        reverse("feedback:move_question", args=[form.id, "satisfaction"]),
        {"revision": "2", "to": "up"},
        follow=True,
    )
    answer = client.post(
        reverse("feedback:move_question", args=[form.id, "satisfaction"]),
        {"revision": "3", "to": "up"},
        follow=True,
    )

    assert "Nothing was changed" in answer.content.decode()
    assert keys_of(form) != before
    assert keys_of(form)[0][0] == "used_lately"


def test_a_question_that_another_depends_on_is_not_removed(client, manager):
    form = draft(manager, client)
    assert "Remove this question?" in page(client, "remove_question", form.id, "why_not")

    send(client, "remove_question", form.id, "why_not", revision="1")
    assert "why_not" not in str(keys_of(form))
    answer = client.post(
        reverse("feedback:remove_question", args=[form.id, "used_lately"]), {"revision": "2"}, follow=True
    )

    assert "is shown by the answer to it" in answer.content.decode()
    assert "used_lately" in str(keys_of(form))


def test_when_a_question_is_shown_is_chosen_in_two_steps(client, manager):
    form = draft(manager, client, "satisfaction")
    assert "It depends on: Overall" in page(client, "question_shown", form.id, "improve")

    step = send(client, "question_shown", form.id, "improve", revision="1", on="satisfaction")
    assert step.url.endswith("?on=satisfaction")
    assert "Very dissatisfied" in page(client, "question_shown", form.id, "improve", query="?on=satisfaction")
    nothing = send(client, "question_shown", form.id, "improve", query="?on=satisfaction", revision="1")
    assert "Select at least one answer" in nothing.content.decode()
    send(
        client,
        "question_shown",
        form.id,
        "improve",
        query="?on=satisfaction",
        revision="1",
        values=["1", "2"],
    )
    made = draft_of(form)["pages"][0]["questions"][1]
    assert made["show_if"] == {"question": "satisfaction", "values": ["1", "2"]}
    text = page(client, "questions", form.id)
    assert "Shown only if" in text
    assert "Move it to a later page" in text
    send(client, "question_shown", form.id, "improve", revision="2", on="always")
    assert "show_if" not in draft_of(form)["pages"][0]["questions"][1]


def test_quotas_headings_and_the_end_are_changed(client, manager):
    form = draft(manager, client)

    send(client, "new_quota", form.id, revision="1", answer="used_lately:yes", most="200")
    send(client, "page_heading", form.id, 1, revision="2", heading_en="Before we begin", heading_cy="")
    send(client, "form_end", form.id, revision="3", next_steps_en="Thank you.", next_steps_cy="Diolch.")

    made = draft_of(form)
    assert made["quotas"] == [{"question": "used_lately", "value": "yes", "most": 200}]
    assert made["pages"][0]["heading"] == {"en": "Before we begin"}
    assert (made["check"], made["next_steps"]) == (False, {"en": "Thank you.", "cy": "Diolch."})
    assert "at most 200" in page(client, "questions", form.id)
    wrong = send(client, "new_quota", form.id, revision="4", answer="used_lately:yes", most="0")
    assert 'href="#id_most"' in wrong.content.decode()
    send(client, "remove_quota", form.id, revision="4", question="used_lately", value="yes")
    assert "quotas" not in draft_of(form)
    assert client.get(reverse("feedback:page_heading", args=[form.id, 99])).status_code == 404


def test_the_second_of_two_who_edit_at_a_time_is_told_and_loses_nothing(client, manager):
    form = draft(manager, client, "satisfaction")
    send(client, "page_heading", form.id, 1, revision="1", heading_en="Theirs")

    answer = send(client, "question", form.id, "improve", revision="1", words_en="Mine", longest="100")

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody else changed the questions meanwhile" in text
    assert ">Mine</textarea>" in text
    assert 'name="revision" value="2"' in text
    send(client, "question", form.id, "improve", revision="2", words_en="Mine", longest="100")
    made = draft_of(form)
    assert made["pages"][0]["heading"] == {"en": "Theirs"}
    assert made["pages"][0]["questions"][1]["words"] == {"en": "Mine"}
    stale = client.post(reverse("feedback:publish", args=[form.id]), {"revision": "1"}, follow=True)
    assert "Somebody else changed the questions meanwhile" in stale.content.decode()
    assert not FormVersion.objects.exists()


def test_the_preview_shows_the_draft_in_either_language(client, manager):
    form = draft(manager, client)

    english = page(client, "preview", form.id, query="?page=2")
    welsh = page(client, "preview", form.id, query="?page=2&in=cy")

    assert "Overall, how satisfied were you" in english
    assert "Shown only if" in english
    assert "Yn gyffredinol, pa mor fodlon" in welsh
    assert "Bodlon iawn" in welsh


def test_a_version_stays_what_it_was(client, manager):
    form = draft(manager, client, "satisfaction")
    send(client, "publish", form.id, revision="1")
    send(client, "question", form.id, "improve", revision="2", words_en="Say more", longest="100")

    assert "Changed: Say more" in page(client, "publish", form.id)
    assert "How could we improve this service?" in page(client, "version", form.id, 1)
    assert "Say more" in page(client, "preview", form.id)
    send(client, "drop_draft", form.id, revision="3")
    form.refresh_from_db()
    assert form.draft is None
    assert "Say more" not in page(client, "preview", form.id)
    assert client.get(reverse("feedback:version", args=[form.id, 2])).status_code == 404


def test_a_form_opens_between_two_days(client, manager):
    form = version(of=service(duty_person=manager), state=FormState.DRAFT).form
    days = {"opens_on-day": "1", "opens_on-month": "6", "opens_on-year": "2099"}
    days |= {"closes_on-day": "31", "closes_on-month": "5", "closes_on-year": "2099"}

    wrong = send(client, "open_form", form.id, **days)
    assert "must be the same as or after the first" in wrong.content.decode()
    past = {**days, "opens_on-year": "2019", "closes_on-year": "2020"}
    assert "must be today or in the future" in send(client, "open_form", form.id, **past).content.decode()
    send(client, "open_form", form.id, **{**days, "closes_on-month": "7"})
    form.refresh_from_db()

    assert form.opens_at.isoformat() == "2099-05-31T23:00:00+00:00", "midnight in London"
    assert form.closes_at.isoformat() == "2099-07-31T23:00:00+00:00", "the end of the last day"
    assert "Opens on 1 June 2099" in page(client, "form", form.id)
    send(client, "close_form", form.id)
    form.refresh_from_db()
    assert form.state == FormState.CLOSED


def test_a_form_without_a_duty_person_is_not_opened(client, manager):
    form = version(of=service(), state=FormState.DRAFT).form

    answer = send(client, "open_form", form.id)

    assert answer.status_code == 422
    assert "Name the service’s duty person first" in answer.content.decode()
    assert "nobody is on duty" in page(client, "form", form.id)


def test_a_form_is_renamed_and_put_to_invitations(client, manager):
    form = version(of=service(duty_person=manager)).form

    send(client, "change_form", form.id, name="Exit survey", one_answer_each="yes")

    form.refresh_from_db()
    assert (form.name, form.one_answer_each) == ("Exit survey", True)
    text = page(client, "form", form.id)
    assert "through invitations alone" in text
    assert "Make a link" not in text
    refused = send(client, "new_point", form.id, label="Desk", ending="anywhere", channel="web")
    assert refused.status_code == 422


def test_qr_codes_and_posters_are_of_qr_points_alone(client, manager):
    of = version(of=service(duty_person=manager))
    code, link = point(of, code="bdfhk2", channel=Channel.QR), point(of, code="bdfhk3", channel=Channel.WEB)

    svg = client.get(reverse("feedback:point_svg", args=[code.id]))
    png = client.get(reverse("feedback:point_png", args=[code.id]))

    assert svg["Content-Type"] == "image/svg+xml"
    assert b"<svg" in svg.content
    assert png.content.startswith(b"\x89PNG")
    poster = page(client, "poster", code.id)
    assert "Tell us about Parking permits" in poster
    assert 'lang="cy"' in poster
    assert "Parking permits (Cymraeg)" in poster
    for name in ("point_svg", "point_png", "poster"):
        assert client.get(reverse(f"feedback:{name}", args=[link.id])).status_code == 404


def test_the_line_for_another_website_names_the_point(client, manager):
    of = version(of=service(duty_person=manager))
    button = point(of, channel=Channel.SCRIPT)

    text = page(client, "point", button.id)

    assert f"/feedback.js&#34; data-point=&#34;{button.code}&#34; async" in text
    assert f"/f/{button.code}&#34;&gt;Give feedback on this service" in text
    assert "data-kind" not in text
    Form.objects.update(kind="help")
    assert "data-kind=&#34;help&#34;" in page(client, "point", button.id)


def test_a_point_is_closed_and_opened_again(client, manager):
    of = version(of=service(duty_person=manager))
    made = point(of)

    send(client, "point_state", made.id)
    made.refresh_from_db()
    assert made.is_open is False
    assert "Open it again" in page(client, "point", made.id)
    send(client, "point_state", made.id)
    made.refresh_from_db()
    assert made.is_open is True


def test_what_belongs_to_others_is_not_there(client, manager):
    place = organisation("Southshire Council")
    of = version(of=service("Theirs", where=place))
    theirs = point(of, channel=Channel.QR)
    addresses = [
        ("service", [of.form.service_id]),
        ("change_service", [of.form.service_id]),
        ("service_state", [of.form.service_id]),
        ("new_form", [of.form.service_id]),
        *(
            (name, [of.form_id])
            for name in ("form", "questions", "publish", "preview", "open_form", "new_point")
        ),
        ("question", [of.form_id, "improve"]),
        ("version", [of.form_id, 1]),
        *((name, [theirs.id]) for name in ("point", "poster", "point_svg")),
    ]

    for name, args in addresses:
        assert client.get(reverse(f"feedback:{name}", args=args)).status_code == 404, name
    for name, args in (
        ("service_state", [of.form.service_id]),
        ("close_form", [of.form_id]),
        ("point_state", [theirs.id]),
        ("move_question", [of.form_id, "improve"]),
    ):
        assert send(client, name, *args).status_code == 404, name
    assert "Theirs" not in page(client, "services")
    theirs.refresh_from_db()
    assert theirs.is_open
