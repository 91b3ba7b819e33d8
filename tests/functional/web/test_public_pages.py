"""Public pages in a real browser: nothing for axe to mend, by keyboard alone, without JavaScript, on a phone."""

from __future__ import annotations

import pytest

from support.browser import (
    DESKTOP,
    MOBILE,
    activate,
    axe_findings,
    focused,
    open_page,
    scrolls_sideways,
    tab_to,
)

pytestmark = [pytest.mark.web, pytest.mark.needs_chromium]

PAGES = ["/", "/accessibility", "/privacy", "/cookies"]
SIZES = {"desktop": DESKTOP, "mobile": MOBILE, "narrow": {"width": 320, "height": 640}}


@pytest.mark.needs_axe
@pytest.mark.parametrize("language", ["en", "cy"])
@pytest.mark.parametrize("size", ["desktop", "mobile"])
def test_axe_finds_nothing_to_mend(browser, site, axe, size, language):
    with open_page(browser, site.url, viewport=SIZES[size]) as page:
        found = {}
        for address in PAGES:
            page.goto(f"{address}?lang={language}")
            page.wait_for_selector("html[data-started]")
            found[address] = axe_findings(page, axe)
    assert {address: told for address, told in found.items() if told} == {}


@pytest.mark.needs_axe
def test_axe_finds_nothing_to_mend_on_error_pages(browser, site, axe):
    with open_page(browser, site.url, allow=("404", "500")) as page:
        for address in ("/not-here", "/staff/not-here", "/not-here?lang=cy", "/try/fault"):
            page.goto(address)
            assert axe_findings(page, axe) == [], address


@pytest.mark.parametrize("address", PAGES)
def test_a_narrow_screen_needs_no_sideways_scrolling(browser, site, address):
    with open_page(browser, site.url, viewport=SIZES["narrow"]) as page:
        page.goto(address)
        assert not scrolls_sideways(page)


def test_the_keyboard_skips_to_the_content(browser, site):
    with open_page(browser, site.url) as page:
        page.goto("/privacy")
        page.keyboard.press("Tab")
        assert focused(page) == "a Skip to main content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main-content"


@pytest.mark.parametrize("javascript", [True, False])
def test_the_language_is_chosen_by_keyboard_and_stays(browser, site, javascript):
    with open_page(browser, site.url, javascript=javascript) as page:
        page.goto("/privacy")
        if javascript:
            activate(page, "Cymraeg")
        else:
            page.get_by_role("link", name="Cymraeg").press("Enter")
        page.get_by_role("heading", level=1, name="Hysbysiad preifatrwydd").wait_for()
        page.get_by_role("link", name="Cwcis").click()
        page.get_by_role("heading", level=1, name="Cwcis").wait_for()


def test_every_public_page_is_reached_from_the_start_without_javascript(browser, site):
    with open_page(browser, site.url, javascript=False) as page:
        for name, heading in (
            ("Accessibility statement", "Accessibility statement for Joinedup"),
            ("Privacy", "Privacy notice"),
            ("Cookies", "Cookies"),
        ):
            page.goto("/")
            page.get_by_role("contentinfo").get_by_role("link", name=name).click()
            assert page.get_by_role("heading", level=1).inner_text() == heading


def test_the_page_stands_in_landmarks(browser, site):
    with open_page(browser, site.url) as page:
        page.goto("/")
        for role in ("banner", "main", "contentinfo"):
            assert page.get_by_role(role).count() == 1
        tab_to(page, "Sign in as staff")
