"""Citizens in a real browser, in a demonstration: by keyboard, without JavaScript, in Welsh, and searched by axe.

One process of the site answers, so that its One Login client calls the very process that waits for it.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from support.browser import DESKTOP, MOBILE, activate, axe_findings, open_page, scrolls_sideways, tab_to
from support.live_site import running_site

pytestmark = [pytest.mark.web, pytest.mark.needs_chromium]
STATUS = ("status of 400", "status of 403", "status of 503", "400:", "403:", "503:")


@pytest.fixture(scope="module")
def site(site_template, tmp_path_factory):
    """A demonstration of this file's own."""
    with running_site(
        site_template, tmp_path_factory.mktemp("demonstration"), mode="demonstration"
    ) as running:
        yield running


def sign_in_as(page, name: str) -> None:
    page.goto("/account/sign-in/start")
    page.get_by_role("button", name=f"Sign in as {name}").click()
    page.wait_for_url("**/account/")


def test_a_citizen_does_everything_by_keyboard(browser, site):
    with open_page(browser, site.url) as page:
        page.goto("/")
        activate(page, "Sign in")
        page.wait_for_url("**/account/sign-in")
        activate(page, "Continue to GOV.UK One Login")
        page.wait_for_url("**/demonstration/one-login/authorize?*")
        activate(page, "Sign in as Bronwen Mair Pritchard")
        page.wait_for_url("**/account/")
        activate(page, "Prove who you are")
        page.wait_for_url("**/demonstration/one-login/authorize?*")
        activate(page, "Go through the checks")
        page.get_by_text("You have proved who you are").wait_for()
        expect(page.get_by_text("21 June 1984")).to_be_visible()
        expect(page.get_by_text("Nobody has used data about you through this account.")).to_be_visible()
        activate(page, "See all that you did here")
        page.get_by_role("heading", name="What you did here", level=1).wait_for()
        page.go_back()
        activate(page, "Sign out")
        page.get_by_role("heading", name="You have signed out", level=1).wait_for()
        page.goto("/account/")
        assert page.url.endswith("/account/sign-in?next=%2Faccount%2F")


def test_all_of_it_works_without_javascript(browser, site):
    with open_page(browser, site.url, javascript=False) as page:
        sign_in_as(page, "Marcus Adeyemi-Hughes")
        page.get_by_role("button", name="Prove who you are").click()
        page.get_by_role("button", name="Go through the checks").click()
        expect(page.get_by_text("Marcus Adeyemi", exact=True), "the earlier name").to_be_visible()
        page.get_by_role("link", name="Delete your account").click()
        page.get_by_role("button", name="Delete your account").click()
        expect(page.get_by_text("Your account has been deleted")).to_be_visible()
        sign_in_as(page, "Marcus Adeyemi-Hughes")
        expect(page.get_by_text("We do not know your name yet")).to_be_visible()


def test_what_goes_wrong_leads_on(browser, site):
    with open_page(browser, site.url, allow=STATUS) as page:
        sign_in_as(page, "Tomasz Zieliński")
        page.get_by_role("button", name="Prove who you are").click()
        page.get_by_role("button", name="Go through the checks").click()
        page.get_by_role("heading", name="GOV.UK One Login could not prove who you are").wait_for()
        expect(page.get_by_text("X", exact=True)).to_be_visible()
        page.get_by_role("link", name="Go back to your account").click()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Sign in again").click()
        page.get_by_role("button", name="Continue to GOV.UK One Login").click()
        page.get_by_role("button", name="Stop and go back").click()
        page.get_by_role("heading", name="You have not signed in").wait_for()
        page.get_by_role("button", name="Sign in again").click()
        page.get_by_role("button", name="Act as if One Login were not available").click()
        page.get_by_role("heading", name="Sorry, you cannot sign in at the moment").wait_for()


def test_it_is_welsh_all_the_way(browser, site):
    with open_page(browser, site.url) as page:
        page.goto("/account/sign-in")
        page.get_by_role("link", name="Cymraeg").click()
        page.get_by_role("button", name="Parhau i GOV.UK One Login").click()
        page.wait_for_url(re.compile("ui_locales=cy"))
        page.get_by_role("button", name="Sign in as Bronwen Mair Pritchard").click()
        page.get_by_role("heading", name="Eich cyfrif").wait_for()
        assert page.locator("html").get_attribute("lang") == "cy"
        page.get_by_role("button", name="Allgofnodi").click()
        page.get_by_role("heading", name="Rydych wedi allgofnodi").wait_for()


@pytest.mark.needs_axe
@pytest.mark.parametrize("size", ["desktop", "mobile"])
def test_axe_finds_nothing_to_mend(browser, site, axe, size, tmp_path):
    found = {}

    def look(page, name):
        page.wait_for_selector("html[data-started]")
        found[name] = axe_findings(page, axe)
        assert not scrolls_sideways(page), name
        page.screenshot(path=str(tmp_path / f"{name}-{size}.png"), full_page=True)

    with open_page(
        browser, site.url, viewport=DESKTOP if size == "desktop" else MOBILE, allow=STATUS
    ) as page:
        page.goto("/account/sign-in")
        look(page, "sign-in")
        page.goto("/account/sign-in/start")
        look(page, "provider")
        page.get_by_role("button", name="Sign in as Saoirse O'Malley").click()
        page.wait_for_url("**/account/")
        look(page, "account")
        page.goto("/account/identity/start")
        look(page, "provider-identity")
        page.get_by_role("button", name="Go through the checks").click()
        page.wait_for_url("**/account/")
        look(page, "account-proved")
        for name in ("activity", "delete"):
            page.goto(f"/account/{name}")
            look(page, name)
        page.goto("/account/return?state=x&code=y")
        look(page, "fault")
        page.goto("/account/")
        page.get_by_role("button", name="Sign out").click()
        look(page, "signed-out")
        page.goto("/api/docs")
        look(page, "api-docs")
        page.goto("/demonstration/")
        look(page, "demonstration")
    assert {name: told for name, told in found.items() if told} == {}


def test_the_demonstrations_way_in_leads_to_both_sides(browser, site):
    with open_page(browser, site.url) as page:
        page.goto("/demonstration/")
        tab_to(page, "Sign in as a member of the public")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Sign in with GOV.UK One Login").wait_for()
