"""Every part of the design in a real browser: lists, forms and pictures; axe, keyboard, without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from support.browser import DESKTOP, MOBILE, activate, axe_findings, open_page, scrolls_sideways, tab_to

pytestmark = [pytest.mark.web, pytest.mark.needs_chromium]


@pytest.fixture(scope="module", autouse=True)
def _people(site):
    site.call("support.live_data:people", number=120)


@pytest.mark.needs_axe
@pytest.mark.parametrize("size", ["desktop", "mobile"])
def test_axe_finds_nothing_to_mend(browser, site, axe, size):
    addresses = [
        "/try/parts",
        "/try/form",
        "/try/list",
        "/try/list?q=person&is_active=True&created_from=x&page=2",
        "/try/list?q=zebra",
        "/try/table?sort=-rows",
    ]
    found = {}
    with open_page(browser, site.url, viewport=DESKTOP if size == "desktop" else MOBILE) as page:
        for address in addresses:
            page.goto(address)
            page.wait_for_selector("html[data-started]")
            found[address] = axe_findings(page, axe)
            assert not scrolls_sideways(page), address
        page.goto("/try/form")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("alert").wait_for()
        found["errors"] = axe_findings(page, axe)
    assert {address: told for address, told in found.items() if told} == {}


def test_the_keyboard_sorts_pages_and_filters(browser, site):
    with open_page(browser, site.url) as page:
        page.goto("/try/list")
        activate(page, "Name")
        page.wait_for_url("**/try/list?sort=name")
        assert page.get_by_role("columnheader", name="Name").get_attribute("aria-sort") == "ascending"
        activate(page, "Page 2")
        page.wait_for_url("**/try/list?sort=name&page=2")
        tab_to(page, "Search")
        page.keyboard.type("person00001")
        page.keyboard.press("Enter")
        page.wait_for_url("**/try/list?sort=name&q=person00001*")
        page.get_by_text("10 accounts").wait_for()
        activate(page, "Remove filter Search: person00001")
        page.wait_for_url("**/try/list?sort=name")


def test_the_list_works_without_javascript(browser, site):
    with open_page(browser, site.url, javascript=False) as page:
        page.goto("/try/list")
        page.get_by_label("Disabled").check()
        page.get_by_role("button", name="Apply filters").click()
        expect(page.get_by_text("12 accounts")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download as CSV").click()
        assert download.value.suggested_filename == "accounts.csv"


def test_on_a_phone_the_filters_fold_away_and_come_back(browser, site):
    with open_page(browser, site.url, viewport=MOBILE) as page:
        page.goto("/try/list")
        page.wait_for_selector("html[data-started]")
        expect(page.get_by_label("Search")).not_to_be_visible()
        page.get_by_role("button", name="Show filters").click()
        expect(page.get_by_label("Search")).to_be_visible()


def test_an_error_leads_to_its_field(browser, site):
    with open_page(browser, site.url) as page:
        page.goto("/try/form")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("alert").get_by_role("link", name="Enter the date of birth").click()
        assert page.evaluate("document.activeElement.id") == "id_born-day"


def test_progress_follows_the_job(browser, site):
    with open_page(browser, site.url) as page:
        page.goto("/try/parts")
        page.get_by_text("7 of 10 stages done").wait_for()
        assert page.locator("progress").evaluate("bar => bar.value") == 7
    with open_page(browser, site.url, javascript=False) as page:
        page.goto("/try/parts")
        page.get_by_role("link", name="See how far it is now").click()
        expect(page.get_by_text("3 of 10 stages done")).to_be_visible()


@pytest.mark.needs_axe
def test_axe_would_find_a_fault(browser, site, axe):
    with open_page(browser, site.url) as page:
        page.goto("/try/parts")
        page.evaluate("document.querySelector('main').append(document.createElement('button'))")
        assert [told.split(":")[0] for told in axe_findings(page, axe)] == ["button-name"]
