"""The frame: landmarks, languages, who is signed in, no inline style or script, brand only where allowed."""

from __future__ import annotations

import re

import pytest

from joinedup_web.design import environment
from support.page_globals import page_globals

pytestmark = [pytest.mark.web, pytest.mark.django_db, pytest.mark.urls("support.design_pages")]

PAGES = [
    "/",
    "/accessibility",
    "/privacy",
    "/cookies",
    "/try/form",
    "/try/list",
    "/try/table",
    "/try/parts",
    "/nowhere",
]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_one_heading_one_main_and_nothing_inline(client, address):
    page = client.get(address).content.decode()

    assert page.count("<h1") == 1
    assert page.count("<main") == 1
    assert " style=" not in page
    assert not re.search(r"<[^>]+ on[a-z]+=", page)
    for script in re.findall(r"<script[^>]*>", page):
        assert 'nonce="' in script


def test_each_answer_has_a_nonce_of_its_own_and_no_unsafe_source(client):
    first, second = client.get("/"), client.get("/")
    policy = first["Content-Security-Policy"]

    nonce = re.search(r"'nonce-([^']+)'", policy)

    assert nonce
    assert f'nonce="{nonce[1]}"' in first.content.decode()
    assert nonce[1] not in second["Content-Security-Policy"]
    assert "unsafe" not in policy


def test_without_a_crown_neither_logo_nor_font_of_govuk_is_used(client):
    page = client.get("/").content.decode()

    assert "govuk-frontend.unbranded.min.css" in page
    assert "crown" not in page.lower()
    assert "govuk-logo" not in page


def test_with_a_crown_both_are(client):
    with page_globals(crown=True):
        page = client.get("/").content.decode()

    assert "govuk-frontend.min.css" in page
    assert "Crown copyright" in page


def test_the_language_switch_keeps_what_was_asked(client):
    page = client.get("/try/list?q=a%26b&page=2").content.decode()

    assert 'href="/try/list?q=a%26b&amp;page=2&amp;lang=cy" hreflang="cy"' in page


def test_staff_pages_are_in_english_and_offer_no_language(client):
    page = client.get("/staff/sign-in?lang=cy").content.decode()

    assert '<html lang="en"' in page
    assert "Cymraeg" not in page


def test_macros_find_their_words(client):
    assert environment.address("public:privacy") == "/privacy"
