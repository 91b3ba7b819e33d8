"""Machine clients' pages in a real browser: by keyboard, without JavaScript, and searched by axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from support.browser import DESKTOP, MOBILE, activate, axe_findings, open_page, scrolls_sideways, tab_to

pytestmark = [pytest.mark.web, pytest.mark.needs_chromium]


@pytest.fixture(scope="module")
def cookie(site):
    return site.call("support.live_data:sign_in_as", roles=["organisation_administrator"])["cookie"]


def register(page, name: str) -> None:
    page.goto("/staff/clients/new")
    page.get_by_label("Name of the system").fill(name)
    page.get_by_label("Read linkage runs and their figures").check()
    page.get_by_label("A secret that we make for it").check()
    page.get_by_role("button", name="Register the client").click()


def test_a_client_is_registered_by_keyboard(browser, site, cookie):
    with open_page(browser, site.url, staff_cookie=cookie) as page:
        page.goto("/staff/clients")
        activate(page, "Register a client")
        page.wait_for_url("**/staff/clients/new")
        tab_to(page, "Name of the system")
        page.keyboard.type("Housing by keyboard")
        tab_to(page, "Read linkage runs")
        page.keyboard.press("Space")
        tab_to(page, "A private key that only")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        activate(page, "Register the client")
        page.get_by_role("heading", name="The secret of Housing by keyboard").wait_for()
        expect(page.get_by_text("jus_")).to_be_visible()
        activate(page, "I have copied it")
        page.get_by_role("heading", name="Housing by keyboard").wait_for()


def test_it_works_without_javascript(browser, site, cookie):
    with open_page(browser, site.url, staff_cookie=cookie, javascript=False) as page:
        register(page, "Housing without scripts")
        page.get_by_role("button", name="I have copied it").click()
        page.get_by_role("button", name="Give it a new secret").click()
        page.get_by_role("button", name="Make the new secret").click()
        page.get_by_role("button", name="I have copied it").click()
        page.get_by_role("link", name="Withdraw the client").click()
        page.get_by_role("button", name="Withdraw the client").click()
        expect(page.get_by_text("Withdrawn", exact=True).first).to_be_visible()
        page.goto("/staff/clients/new")
        page.get_by_label("A private key that only the system has").check()
        page.get_by_label("Its public key").fill("hello")
        page.get_by_role("button", name="Register the client").click()
        expect(page.get_by_role("link", name="Enter the name of the system")).to_be_visible()
        expect(page.get_by_role("link", name="That is not a public key")).to_be_visible()


@pytest.mark.needs_axe
@pytest.mark.parametrize("size", ["desktop", "mobile"])
def test_axe_finds_nothing_to_mend(browser, site, cookie, axe, size, tmp_path):
    found = {}
    other = site.call(
        "support.live_data:sign_in_as", roles=["organisation_administrator"], where=f"Empty {size}"
    )

    def look(page, name):
        page.wait_for_selector("html[data-started]")
        found[name] = axe_findings(page, axe)
        assert not scrolls_sideways(page), name
        page.screenshot(path=str(tmp_path / f"{name}-{size}.png"), full_page=True)

    viewport = DESKTOP if size == "desktop" else MOBILE
    with open_page(browser, site.url, staff_cookie=other["cookie"], viewport=viewport) as page:
        page.goto("/staff/clients")
        look(page, "empty")
    with open_page(browser, site.url, staff_cookie=cookie, viewport=viewport) as page:
        page.goto("/staff/clients/new")
        look(page, "register")
        page.get_by_role("button", name="Register the client").click()
        page.get_by_role("alert").first.wait_for()
        look(page, "register-errors")
        register(page, f"System {size}")
        page.get_by_text("jus_").wait_for()
        look(page, "secret")
        page.get_by_role("button", name="I have copied it").click()
        look(page, "client")
        page.get_by_role("button", name="Give it a new secret").click()
        look(page, "rotate")
        page.goto("/staff/clients")
        look(page, "clients")
    assert {name: told for name, told in found.items() if told} == {}
