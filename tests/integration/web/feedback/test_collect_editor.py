"""The editor: questions are added, changed, moved, removed, shown by conditions; the draft is seen and published."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from joinedup_web.feedback.models import FormVersion
from support.collect_pages import draft, draft_of, keys_of, page, send
from support.web_people import sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture
def manager(client):
    user = staff("service_manager")
    sign_in(client, user)
    return user


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
    send(client, "move_question", form.id, "satisfaction", revision="1", to="up")
    before = keys_of(form)
    assert before[0] == ["used_lately", "satisfaction"]

    there = reverse("feedback:move_question", args=[form.id, "satisfaction"])
    answer = client.post(there, {"revision": "2", "to": "up"}, follow=True)

    text = answer.content.decode()
    assert "Nothing was changed: it depends on used_lately, which is not asked before it" in text
    assert keys_of(form) == before


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
