"""Reviewing pairs and looking a person up in a real browser: by keyboard alone, with shortcuts, without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import TimeoutError, expect

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
QUESTION = "Are these the same person?"


@pytest.fixture(scope="module")
def made(site):
    """The project, and a session of each who works on it."""
    return site.call("support.joined_people:live_project", work=str(site.folder / "work"))


def as_who(browser, site, made, who, **options):
    return open_page(browser, site.url, staff_cookie=made[who], **options)


def pair_of(page):
    """The pair that the page is about."""
    page.wait_for_url("**/review/pairs/*")
    return page.url.rsplit("/", 1)[1]


def begin(page, made):
    page.goto("/staff/review")
    activate(page, "reviewing Residents")
    return pair_of(page)


def go(page, words, where):
    """Press what says these words until it has led there: a key that comes while a page is exchanged is lost."""
    for left in (2, 1, 0):
        activate(page, words)
        try:
            page.wait_for_url(where, timeout=12_000)
        except TimeoutError:
            if not left:
                raise
        else:
            return


def press(page, key):
    """A shortcut, and the page that it leads to."""
    with page.expect_navigation():
        page.keyboard.press(key)


def test_a_clerk_reviews_with_single_keys_and_takes_one_back(browser, site, made):
    with as_who(browser, site, made, "one") as page:
        first = begin(page, made)
        press(page, "s")
        expect(page.get_by_text("You decided “Same person” on the last pair.")).to_be_visible()
        second = pair_of(page)
        assert second != first

        press(page, "u")
        assert pair_of(page) == first
        press(page, "k")
        assert pair_of(page) != first
        press(page, "d")
        expect(page.get_by_text("You decided “Different people” on the last pair.")).to_be_visible()
        press(page, "n")
        expect(page.get_by_text("You decided “Not sure” on the last pair.")).to_be_visible()


def test_the_keys_do_nothing_in_a_field_with_control_or_when_switched_off(browser, site, made):
    with as_who(browser, site, made, "one") as page:
        here = begin(page, made)
        page.keyboard.press("Control+d")
        activate(page, "Add a reason")
        tab_to(page, "Reason")
        page.keyboard.type("sdnku seen")
        assert page.locator("#id_reason").input_value() == "sdnku seen"
        assert pair_of(page) == here

        activate(page, "Switch the shortcuts off")
        page.get_by_text("They are switched off.").wait_for()
        for key in "sdnku":
            page.keyboard.press(key)
        assert pair_of(page) == here
        assert page.locator("[aria-keyshortcuts]").count() == 0
        activate(page, "Switch the shortcuts on")
        page.get_by_text("They work while no field is in use.").wait_for()


def test_a_clerk_reviews_by_tab_and_enter_alone(browser, site, made):
    with as_who(browser, site, made, "other") as page:
        first = begin(page, made)
        activate(page, "Add a reason")
        tab_to(page, "Reason")
        page.keyboard.type("another birthday")
        activate(page, "Different people")
        page.get_by_text("You decided “Different people” on the last pair.").wait_for()
        assert pair_of(page) != first

        go(page, "Undo", f"**/{first}")
        go(page, "Skip", lambda url: not url.endswith(first))
        page.goto("/staff/review/decisions")
        expect(page.get_by_text("another birthday")).to_be_visible()
        expect(page.get_by_text("Taken back", exact=True).last).to_be_visible()


def test_everything_works_by_plain_forms_without_javascript(browser, site, made):
    with as_who(browser, site, made, "other", javascript=False) as page:
        first = begin(page, made)
        expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
        activate(page, "Not sure")
        page.get_by_text("You decided “Not sure” on the last pair.").wait_for()
        go(page, "Undo", f"**/{first}")
        go(page, "Not sure", lambda url: not url.endswith(first))
        second = pair_of(page)
        go(page, "Skip", lambda url: not url.endswith(second))
        page.keyboard.press("s")  # no script, no shortcut
        expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
    with as_who(browser, site, made, "senior", javascript=False) as page:
        page.goto("/staff/review")
        activate(page, "Second opinions")
        page.get_by_role("heading", name="Second opinions").wait_for()
        activate(page, "Council and")
        page.get_by_role("heading", name="What clerks decided").wait_for()
        tab_to(page, "Same person")
        page.keyboard.press("Space")
        tab_to(page, "Reason")
        page.keyboard.type("one household, one slip")
        activate(page, "Settle this pair")
        page.get_by_text("The pair is settled.").wait_for()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_caseworker_says_why_searches_opens_one_record_and_finishes(browser, site, made, javascript):
    with as_who(browser, site, made, "caseworker", javascript=javascript) as page:
        page.goto("/staff/people")
        tab_to(page, "Work on this person’s case")
        page.keyboard.press("Space")
        tab_to(page, "Number of the case")
        page.keyboard.type("HB-2026-0142")
        activate(page, "Continue")
        page.get_by_role("heading", name="People", exact=True).wait_for()
        tab_to(page, "Identifier")
        page.keyboard.type("C00000")
        activate(page, "Search by identifier")
        page.get_by_text("1 person found by identifier").wait_for()
        assert "C00000" not in page.url
        tab_to(page, "P0")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="The joined record").wait_for()
        expect(page.get_by_text("9 July 1931").first).to_be_visible()
        go(page, "Finish looking at records", "**/staff/")
        page.goto("/staff/people")
        expect(page.get_by_role("heading", name="Say why you need to look at records")).to_be_visible()


@pytest.mark.needs_axe
@pytest.mark.parametrize("size", ["desktop", "mobile"])
def test_axe_finds_nothing_to_mend_and_no_page_scrolls_sideways(browser, site, made, axe, size):
    viewport = {"desktop": DESKTOP, "mobile": MOBILE}[size]

    def looked_at(page):
        assert axe_findings(page, axe) == [], page.url
        assert not scrolls_sideways(page), page.url

    with as_who(browser, site, made, "senior", viewport=viewport, allow=("422",)) as page:
        for address in ("/staff/review", "/staff/review/decisions", "/staff/review/second-opinions"):
            page.goto(address)
            looked_at(page)
        page.goto(f"/staff/review/projects/{made['project']}/next")
        looked_at(page)
        page.keyboard.press("n")
        page.get_by_text("You decided “Not sure”").wait_for()
        looked_at(page)
        page.goto(f"/staff/projects/{made['project']}/evaluation")
        looked_at(page)
    with as_who(browser, site, made, "caseworker", viewport=viewport, allow=("422",)) as page:
        page.goto("/staff/people/purpose")
        looked_at(page)
        page.get_by_role("button", name="Continue").click()
        looked_at(page)  # with its errors
        page.get_by_label("Check how records were joined").check()
        page.get_by_label("Number of the case").fill("LQ-7")
        page.get_by_role("button", name="Continue").click()
        looked_at(page)
        page.goto("/staff/people?doubtful=True")
        looked_at(page)
        page.locator("main tbody a").first.click()
        looked_at(page)


def test_the_decision_is_in_reach_and_never_hides_what_has_the_focus(browser, site, made):
    with as_who(browser, site, made, "other", viewport={"width": 1280, "height": 620}) as page:
        begin(page, made)
        expect(page.get_by_role("button", name="Same person")).to_be_visible()
        for _ in range(40):
            page.keyboard.press("Tab")
            if focused(page).startswith(("body", "")) and not focused(page):
                break
            covered = page.evaluate(
                """() => { const e = document.activeElement, bar = document.querySelector(".app-decide");
                if (bar.contains(e)) return false;
                const box = e.getBoundingClientRect(), over = bar.getBoundingClientRect();
                return box.top >= over.top && box.bottom <= over.bottom; }"""
            )
            assert not covered, focused(page)
