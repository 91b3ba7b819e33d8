"""Forms: each kind of field with its label, hint and error; errors lead to their fields; dates in three boxes."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from joinedup_web.design.fields import DatePartsField
from joinedup_web.design.form_fields import error_list
from support.design_pages import TryForm

pytestmark = [pytest.mark.web, pytest.mark.django_db, pytest.mark.urls("support.design_pages")]

GOOD = {
    "name": "Ada",
    "count": "3",
    "kind": "a",
    "way": "post",
    "roles": ["x"],
    "agree": "on",
    "born-day": "27",
    "born-month": "3",
    "born-year": "1985",
    "why": "Because",
    "password": "a long secret",
}


def test_every_line_of_the_error_summary_leads_to_a_control_on_the_page(client):
    page = client.post("/try/form", {}).content.decode()
    summary = page[page.index("govuk-error-summary") : page.index("<form")]

    targets = re.findall(r'href="#([^"]+)"', summary)

    assert len(targets) == 10
    assert [target for target in targets if f'id="{target}"' not in page] == []
    assert "<title>Error: Every kind of field" in page


def test_a_field_that_was_left_out_is_named(client):
    page = client.post("/try/form", {}).content.decode()

    for words in ("Enter full name", "Select way", "Select extract", "Tick the box: I have read it"):
        assert page.count(words) == 2, words  # once in the summary, once at the field
    assert "This field is required" not in page


def test_several_answers_are_boxes_and_one_is_radios(client):
    page = client.get("/try/form").content.decode()

    assert page.count('type="checkbox"') == 3
    assert page.count('type="radio"') == 2


def test_what_was_typed_stays_and_a_password_does_not(client):
    page = client.post("/try/form", GOOD | {"count": "many"}).content.decode()

    assert 'value="Ada"' in page
    assert re.search(r'value="post" checked', page)
    assert re.search(r'id="id_born-year"[^>]*value="1985"', page)
    assert "a long secret" not in page


def test_numbers_are_typed_as_text_with_a_numeric_keyboard(client):
    page = client.get("/try/form").content.decode()

    assert re.search(r'id="id_count"[^>]*type="text"[^>]*inputmode="numeric"', page)
    assert 'type="number"' not in page


def test_the_hint_is_said_with_the_field(client):
    page = client.get("/try/form").content.decode()

    assert 'aria-describedby="id_name-hint"' in page


def test_a_form_that_is_good_says_so_on_the_next_page(client):
    page = client.post("/try/form", GOOD | {"file": SimpleUploadedFile("a.csv", b"a,b")}).content.decode()

    assert "govuk-notification-banner--success" in page
    assert "It was kept" in page


def test_hidden_fields_stay_hidden(client):
    assert '<input type="hidden" name="token" value="kept">' in client.get("/try/form").content.decode()


@pytest.mark.parametrize(
    ("texts", "told", "parts"),
    [
        (["", "", ""], "Enter the date of birth", ("day", "month", "year")),
        (["27", "", "1985"], "The date of birth must include a month", ("month",)),
        (["", "", "1985"], "The date of birth must include a day and month", ("day", "month")),
        (["31", "2", "1985"], "The date of birth must be a real date", ("day", "month", "year")),
        (["1", "13", "1985"], "The date of birth must be a real date", ("day", "month", "year")),
        (["1", "1", "85"], "Year must include 4 numbers", ("year",)),
        (["x", "1", "1985"], "The date of birth must be a real date", ("day", "month", "year")),
    ],
)
def test_a_date_that_is_none_says_which_box(texts, told, parts):
    with pytest.raises(forms.ValidationError) as raised:
        DatePartsField(what="The date of birth").clean(texts)

    problem = raised.value.error_list[0]
    assert problem.message == told
    assert problem.params["parts"] == parts


@pytest.mark.parametrize("month", ["3", "03", "March", "mar"])
def test_months_are_numbers_or_names(month):
    assert DatePartsField(what="The day").clean(["27", month, "1985"]) == date(1985, 3, 27)


def test_the_first_box_at_fault_is_where_the_summary_leads():
    form = TryForm(GOOD | {"born-month": ""})

    lines = {line["text"]: line.get("href") for line in error_list(form)}

    assert lines["The date of birth must include a month"] == "#id_born-month"
