"""The public pages: what they promise is so, in both languages, for anybody."""

from __future__ import annotations

import re

import pytest

from joinedup_web.public.cookies import cookies
from support.page_globals import page_globals
from support.web_people import sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]

PAGES = ["/", "/accessibility", "/privacy", "/cookies"]


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("language", ["en", "cy"])
def test_each_page_is_in_its_language(client, address, language):
    answer = client.get(address, {"lang": language})
    page = answer.content.decode()

    assert answer.status_code == 200
    assert answer["Content-Language"] == language
    assert f'<html lang="{language}"' in page
    assert ("Preifatrwydd" in page) is (language == "cy")


@pytest.mark.parametrize("address", PAGES)
def test_reading_sets_no_cookie(client, address):
    assert not client.get(address).cookies


def test_a_chosen_language_stays(client):
    client.get("/?lang=cy")

    assert "Datganiad hygyrchedd" in client.get("/accessibility").content.decode()


def test_every_cookie_that_is_set_is_listed(client):
    names = {cookie.name for cookie in cookies()}
    client.get("/?lang=cy")
    client.get("/staff/sign-in")
    sign_in(client, staff("analyst"))
    client.get("/staff/")

    assert set(client.cookies) <= names
    assert names == {"joinedup_public", "joinedup_staff", "joinedup_csrf", "joinedup_language"}


def test_the_list_names_cookies_as_they_are_called_over_https(settings):
    settings.SESSION_COOKIE_SECURE = True

    assert [cookie.name for cookie in cookies()][:2] == [
        "__Host-joinedup_public",
        "__Host-joinedup_staff",
    ]


def test_the_start_page_is_honest_about_what_is_not_there_yet(client):
    page = client.get("/").content.decode()

    assert "still being built" in page
    assert "cannot see who used your data yet" in page
    assert 'href="/staff/sign-in"' in page


def test_the_statement_has_the_parts_that_the_regulations_ask_for(client):
    page = client.get("/accessibility").content.decode()
    headings = re.findall(r"<h[123][^>]*>([^<]+)</h", page)

    for part in ("Compliance status", "Content that is not accessible", "Enforcement procedure"):
        assert part in headings
    assert "partially compliant" in page
    assert "23 November 2026" in page


def test_dates_are_written_in_welsh(client):
    assert "23 Tachwedd 2026" in client.get("/accessibility?lang=cy").content.decode()


def test_a_contact_is_given_where_the_deployment_has_one(client):
    with page_globals(contact="help@example.gov.uk"):
        page = client.get("/privacy").content.decode()

    assert 'href="mailto:help@example.gov.uk"' in page
