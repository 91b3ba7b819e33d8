"""A form's questions are added, changed, moved and removed; each change leaves the old form as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from joinedup.feedback import (
    FormDefinition,
    FormError,
    Kind,
    Question,
    Quota,
    Words,
    definition_from,
    editing,
)
from joinedup.feedback.templates import templates

SURVEY = templates()["survey"].definition
SATISFACTION = templates()["satisfaction"].definition


def keys(form: FormDefinition) -> list[list[str]]:
    return [[each.key for each in page.questions] for page in form.pages]


def text(key: str) -> Question:
    return Question(key, Kind.TEXT, Words("Say more"))


@pytest.mark.parametrize(
    ("words", "taken", "key"),
    [
        ("How was it?", [], "how_was_it"),
        ("How was it?", ["how_was_it", "how_was_it_2"], "how_was_it_3"),
        ("1 to 5?", [], "question_1_to_5"),
        ("ŵŷ", [], "wy"),
        ("???", [], "question"),
        ("x" * 200, [], "x" * 50),
    ],
)
def test_a_key_is_made_from_words(words, taken, key):
    assert editing.key_for(words, taken) == key


def test_a_question_is_added_to_a_page_or_to_a_new_one():
    assert keys(editing.add_question(SATISFACTION, text("more"), page=0)) == [
        ["satisfaction", "improve", "may_quote", "more"]
    ]
    assert keys(editing.add_question(SATISFACTION, text("more"), page=1))[1] == ["more"]
    assert keys(SATISFACTION) == [["satisfaction", "improve", "may_quote"]]
    with pytest.raises(FormError, match="same key") as told:
        editing.add_question(SATISFACTION, text("improve"), page=0)
    assert told.value.part == "key"


def test_a_changed_question_stands_where_it_stood():
    before = SURVEY.question("ways")
    after = editing.replace_question(SURVEY, replace(before, words=Words("By which way?")))

    assert keys(after) == keys(SURVEY)
    assert after.question("ways").words.en == "By which way?"


def test_quotas_of_answers_that_are_gone_go_with_them():
    before = SURVEY.question("ways")
    form = editing.with_quota(SURVEY, Quota("ways", "post", 5))
    form = editing.with_quota(form, Quota("ways", "online", 9))

    after = editing.replace_question(form, replace(before, options=before.options[:2]))

    assert [each.value for each in after.quotas] == ["online"]


def test_an_answer_on_which_another_question_depends_stays():
    condition = definition_from(SURVEY.as_dict()).question("why_not").show_if
    more = replace(text("more"), show_if=replace(condition, question="ways", values=("post",)))
    form = editing.add_question(SURVEY, more, page=9)
    before = form.question("ways")

    with pytest.raises(FormError, match="no such answer") as told:
        editing.replace_question(form, replace(before, options=before.options[:2]))

    assert (told.value.where, told.value.part) == ("question more", "show_if")


def test_a_question_goes_with_its_quotas_and_its_empty_page():
    form = editing.with_quota(SURVEY, Quota("ways", "post", 5))

    assert keys(editing.remove_question(form, "why_not")) == [
        ["used_lately"],
        ["satisfaction", "ways"],
        ["improve", "may_quote"],
    ]
    assert editing.remove_question(form, "ways").quotas == ()


def test_a_question_on_which_another_depends_is_not_removed():
    with pytest.raises(FormError, match="satisfaction is shown by the answer to it"):
        editing.remove_question(SURVEY, "used_lately")


def test_the_last_question_is_not_removed():
    one = FormDefinition((replace(SATISFACTION.pages[0], questions=(text("more"),)),))

    with pytest.raises(FormError, match="nothing to ask"):
        editing.remove_question(one, "more")


def test_a_question_moves_within_its_page_and_over_its_edge():
    down = editing.move_question(SURVEY, "improve", up=False)
    assert keys(down)[3] == ["may_quote", "improve"]
    up = editing.move_question(SURVEY, "improve", up=True)
    assert keys(up)[2:] == [["why_not", "improve"], ["may_quote"]]
    joined = editing.move_question(SURVEY, "why_not", up=False)
    assert keys(joined)[2:] == [["why_not", "improve", "may_quote"]]
    assert editing.move_question(SURVEY, "used_lately", up=True) == SURVEY
    assert editing.move_question(SURVEY, "may_quote", up=False) == SURVEY


def test_a_question_does_not_move_before_one_that_it_depends_on():
    joined = editing.move_question(SURVEY, "satisfaction", up=True)
    assert keys(joined)[0] == ["used_lately", "satisfaction"]

    with pytest.raises(FormError, match="not asked before it") as told:
        editing.move_question(joined, "satisfaction", up=True)

    assert told.value.part == "show_if"


def test_moving_up_and_down_again_changes_nothing_within_a_page():
    moved = editing.move_question(SATISFACTION, "improve", up=True)

    assert editing.move_question(moved, "improve", up=False) == SATISFACTION


def test_a_page_is_parted_at_a_question():
    parted = editing.split_page(SATISFACTION, "improve")

    assert keys(parted) == [["satisfaction"], ["improve", "may_quote"]]
    assert editing.split_page(SATISFACTION, "satisfaction") == SATISFACTION


def test_headings_the_end_and_quotas_are_changed():
    form = editing.with_heading(SURVEY, 1, Words("Your visit", "Eich ymweliad"))
    form = editing.with_end(form, check=False, next_steps=Words("Thank you"))
    form = editing.with_quota(editing.with_quota(form, Quota("ways", "post", 5)), Quota("ways", "post", 7))

    assert form.pages[1].heading.cy == "Eich ymweliad"
    assert (form.check, form.next_steps.en) == (False, "Thank you")
    assert form.quotas == (Quota("ways", "post", 7),)
    assert editing.without_quota(form, "ways", "post").quotas == ()
    with pytest.raises(FormError, match="no such answer"):
        editing.with_quota(form, Quota("ways", "pigeon", 5))
    with pytest.raises(FormError, match="not from a list"):
        editing.with_quota(form, Quota("improve", "x", 5))


def test_answers_keep_their_values_and_new_ones_get_their_own():
    made = editing.options_from(
        [("post", "By letter", ""), ("", "Post", "Post"), ("", "", ""), ("", "Post!", "")]
    )

    assert [each.value for each in made] == ["post", "post_2", "post_3"]


def test_differences_are_told():
    after = editing.remove_question(SURVEY, "why_not")
    after = editing.add_question(after, text("more"), page=0)
    after = editing.replace_question(after, replace(after.question("improve"), is_required=True))
    found = editing.differences(SURVEY, after)

    assert (found.added, found.removed, found.changed) == (("more",), ("why_not",), ("improve",))
    assert (found.is_moved, found.is_other) == (False, False)
    assert not editing.differences(SURVEY, SURVEY)
    assert editing.differences(SURVEY, editing.move_question(SURVEY, "may_quote", up=True)).is_moved
    assert editing.differences(SURVEY, editing.with_heading(SURVEY, 0, Words("Hello"))).is_other


def test_what_is_stored_is_what_was_edited():
    form = editing.with_quota(editing.split_page(SURVEY, "ways"), Quota("ways", "post", 5))

    assert definition_from(form.as_dict()) == form
