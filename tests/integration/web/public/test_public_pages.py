"""The public pages: what they promise is so, in both languages, for anybody."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.robotparser import RobotFileParser

import pytest
from django.utils import timezone

from joinedup.settings import Mode, SecurityContact
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


def robots_of(client) -> RobotFileParser:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    reader = RobotFileParser()
    reader.parse(answer.content.decode().splitlines())
    return reader


def test_search_engines_may_read_the_public_pages_alone(client):
    reader = robots_of(client)

    for open_to_all in (
        "/",
        "/privacy",
        "/feedback/parking-permits/you-said-we-did",
        "/feedback/parking/bdfhk2",
    ):
        assert reader.can_fetch("any", open_to_all)
    for closed in ("/staff/", "/staff/sign-in", "/account/sign-in", "/api/docs", "/metrics", "/health/live"):
        assert not reader.can_fetch("any", closed)


def test_search_engines_read_nothing_of_a_demonstration(client, settings):
    settings.JOINEDUP = replace(settings.JOINEDUP, mode=Mode.DEMONSTRATION)

    assert not robots_of(client).can_fetch("any", "/privacy")


def test_nobody_is_invented_for_faults_of_security(client, settings):
    assert settings.JOINEDUP.security_contact is None
    assert client.get("/.well-known/security.txt").status_code == 404


def test_whoever_finds_a_fault_of_security_learns_whom_to_tell(client, settings):
    until = datetime(2999, 6, 30, 23, 59, 59, tzinfo=UTC)
    told = SecurityContact(("mailto:security@example.gov.uk", "https://example.gov.uk/report"), until)
    settings.JOINEDUP = replace(settings.JOINEDUP, security_contact=told, url="https://joined.example.gov.uk")

    answer = client.get("/.well-known/security.txt")

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().splitlines() == [
        "Contact: mailto:security@example.gov.uk",
        "Contact: https://example.gov.uk/report",
        "Expires: 2999-06-30T23:59:59Z",
        "Preferred-Languages: en, cy",
        "Canonical: https://joined.example.gov.uk/.well-known/security.txt",
    ]
    assert not answer.cookies


def test_a_contact_whose_day_has_passed_is_named_no_more(client, settings):
    told = SecurityContact(("mailto:security@example.gov.uk",), timezone.now() - timedelta(seconds=1))
    settings.JOINEDUP = replace(settings.JOINEDUP, security_contact=told)

    assert client.get("/.well-known/security.txt").status_code == 404
