"""However a form is edited, it can be asked, and what was not edited stays as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from joinedup.feedback import (
    FormDefinition,
    FormError,
    Kind,
    Question,
    Words,
    check_definition,
    definition_from,
    editing,
)
from joinedup.feedback.templates import templates

DEEDS = st.lists(
    st.tuples(st.sampled_from(("up", "down", "split", "remove", "add", "change")), st.integers(0, 30)),
    max_size=25,
)


def done(form: FormDefinition, deed: str, number: int) -> FormDefinition:
    """One deed on the question of a number; the form itself where it is refused."""
    key = form.questions[number % len(form.questions)].key
    try:
        if deed in {"up", "down"}:
            return editing.move_question(form, key, up=deed == "up")
        if deed == "split":
            return editing.split_page(form, key)
        if deed == "remove":
            return editing.remove_question(form, key)
        if deed == "add":
            taken = [each.key for each in form.questions]
            added = Question(editing.key_for("More?", taken), Kind.TEXT, Words("More?"))
            return editing.add_question(form, added, page=number % (len(form.pages) + 1))
        return editing.with_heading(form, number % len(form.pages), Words(f"Heading {number}"))
    except FormError:
        return form


@given(st.sampled_from(tuple(templates())), DEEDS)
def test_an_edited_form_can_always_be_asked_and_stored(template, deeds):
    form = templates()[template].definition

    for deed, number in deeds:
        form = done(form, deed, number)

    check_definition(form)
    assert definition_from(form.as_dict()) == form
    assert all(page.questions for page in form.pages)


@given(st.sampled_from(tuple(templates())), DEEDS)
def test_moving_and_parting_lose_no_question_and_change_none(template, deeds):
    before = templates()[template].definition
    form = before

    for deed, number in deeds:
        form = done(form, deed, number) if deed in {"up", "down", "split"} else form

    assert sorted(each.key for each in form.questions) == sorted(each.key for each in before.questions)
    assert all(form.question(each.key) == each for each in before.questions)


@given(st.sampled_from(tuple(templates())), DEEDS)
def test_differences_of_two_forms_are_none_where_they_are_the_same(template, deeds):
    before = templates()[template].definition
    form = before

    for deed, number in deeds:
        form = done(form, deed, number)

    found = editing.differences(before, form)
    assert set(found.added) == {each.key for each in form.questions} - {each.key for each in before.questions}
    if form == before:
        assert not found
