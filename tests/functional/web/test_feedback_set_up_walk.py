"""From nothing to a form that a citizen answers: set up on pages without JavaScript, each page with nothing to mend."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from support.browser import axe_findings, open_page
from support.page_checks import faults_of

pytestmark = [pytest.mark.web, pytest.mark.needs_chromium, pytest.mark.sqlite_only]


@pytest.fixture(scope="module")
def manager(site):
    return site.call("support.live_data:sign_in_as", roles=["service_manager"])


def press(page, name):
    page.get_by_role("main").get_by_role("button", name=name).last.click()


def follow(page, name):
    main = page.get_by_role("main")  # what looks like a button is one to those who do not see it
    main.get_by_role("link", name=name).or_(main.get_by_role("button", name=name)).first.click()


def questions_in_order(page):
    return [each.inner_text() for each in page.locator(".app-question strong").all()]


def test_a_service_is_set_up_and_answered_without_a_script(browser, site, manager):
    with open_page(browser, site.url, staff_cookie=manager["cookie"], javascript=False) as page:
        page.goto("/staff/feedback")
        follow(page, "Set up a service")
        page.get_by_label("Name of the service").fill("Garden waste")
        page.get_by_label("Name in Welsh").fill("Gwastraff gardd")
        page.get_by_label("Public address").fill("garden-waste")
        page.get_by_label("Duty person").select_option(index=1)
        press(page, "Set up the service")
        follow(page, "Add a form")
        page.get_by_label("Satisfaction").check()
        page.get_by_label("Name of the form").fill("After a collection")
        press(page, "Add the form")

        follow(page, "Edit the questions")
        follow(page, "Add a question to page 1")
        page.get_by_label("One answer from a list").check()
        press(page, "Continue")
        page.get_by_label("Question in English").fill("What did you put in the bin?")
        page.get_by_label("Question in Welsh").fill("Beth roesoch chi yn y bin?")
        page.get_by_label("Answer 1 in English").fill("Branches")
        page.get_by_label("Answer 1 in Welsh").fill("Canghennau")
        page.get_by_label("Answer 2 in English").fill("Grass")
        page.get_by_label("Answer 2 in Welsh").fill("Glaswellt")
        page.get_by_role("button", name="Move up answer 2").click()
        assert page.get_by_label("Answer 1 in English").input_value() == "Grass"
        press(page, "Add the question")
        page.get_by_role("button", name=re.compile(r"Move up\s*: What did you put")).click()
        assert questions_in_order(page)[2] == "What did you put in the bin?"

        follow(page, "Publish the questions")
        press(page, "Publish")
        follow(page, "Open the form")
        press(page, "Open the form")
        follow(page, "Make a link, QR code or button")
        page.get_by_label("Where is it?").fill("Sticker on the bin")
        page.get_by_label("They finished").check()
        page.get_by_label("QR code").check()
        press(page, "Make it")
        link = page.get_by_text(re.compile(r"/f/\w{6}$")).inner_text()
        follow(page, "Poster to print")
        expect(page.get_by_role("heading", name="Dywedwch wrthym am Gwastraff gardd")).to_be_visible()

    code = link.rsplit("/", 1)[1]
    with open_page(browser, site.url, javascript=False) as page:
        page.goto(f"/f/{code}?lang=cy")
        page.get_by_label("Bodlon", exact=True).check()
        page.get_by_label("Glaswellt").check()
        page.wait_for_timeout(3_500)  # whoever is quicker is taken for a program, and held back
        page.get_by_role("main").get_by_role("button", name="Anfon").click()
        assert "thanks" in page.url

    with open_page(browser, site.url, staff_cookie=manager["cookie"]) as page:
        page.goto("/staff/feedback")
        follow(page, "Garden waste")
        expect(page.get_by_text("1 response, 1 of them in the last 28 days.")).to_be_visible()


@pytest.mark.needs_axe
def test_pages_with_errors_have_nothing_to_mend(browser, site, manager, axe):
    with open_page(browser, site.url, staff_cookie=manager["cookie"], allow=("422",)) as page:
        page.goto("/staff/feedback/services/new")
        press(page, "Set up the service")
        expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
        assert faults_of(page, axe, error=True) == []
        page.get_by_role("link", name="Enter the name of the service").click()
        assert page.get_by_label("Name of the service").evaluate("it => it === document.activeElement")
        assert axe_findings(page, axe) == []
