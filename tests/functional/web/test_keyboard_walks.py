"""Main tasks of those who look after staff, evidence and keeping: by keyboard alone, without JavaScript.

The walks of the main job, of review, of citizens and of machine clients have files of their own; from an invitation
to the first day at work leads test_staff_accounts.py.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pyotp
import pytest

from support.browser import activate, focused, open_page, tab_to

pytestmark = [pytest.mark.web, pytest.mark.needs_chromium, pytest.mark.sqlite_only]


@pytest.fixture(scope="module")
def filled(site):
    return site.call("support.full_site:fill")


@pytest.fixture
def as_role(browser, site, filled):
    """A page without JavaScript, signed in as a role."""

    def opened(role, *, of="full"):
        cookie = filled["two_organisations"] if role == "two_organisations" else filled[of][role]
        return open_page(browser, site.url, javascript=False, staff_cookie=cookie)

    return opened


def heading(page) -> str:
    return page.locator("h1").inner_text()


def go(page, words) -> None:
    """Go to a link or a button by Tab, press it, and wait for the page it leads to."""
    tab_to(page, words)
    enter(page)


def enter(page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def fill(page, label, text) -> None:
    tab_to(page, label)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def choose(page, words) -> None:
    """Choose a radio: Tab leads to its group, arrows through it."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "radio":
            break
    page.keyboard.press("Space")
    for _ in range(30):
        if words in focused(page):
            assert page.evaluate("document.activeElement.checked")
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"no radio {words!r}; the last was {focused(page)!r}")


def notice(page) -> str:
    told = page.locator(".govuk-notification-banner--success")
    assert told.count() == 1, page.locator("main").inner_text()
    return told.inner_text()


def test_signing_in_with_password_and_code_and_out_again(browser, site, filled):
    with open_page(browser, site.url, javascript=False) as page:
        page.goto("/")
        go(page, "Sign in as staff")
        fill(page, "Email address", filled["email"])
        fill(page, "Password", filled["password"])
        enter(page)
        fill(page, "Security code", pyotp.TOTP(filled["secret"]).at(datetime.now(UTC)))
        enter(page)
        assert heading(page) == "Start"
        go(page, "Sign out")
        assert heading(page) == "Sign in"
        page.goto("/staff/sources")
        assert heading(page) == "Sign in", "the session is over"


def test_inviting_a_colleague(as_role):
    with as_role("organisation_administrator") as page:
        page.goto("/staff/")
        go(page, "Invite a colleague")
        fill(page, "Work email address", "irene@example.test")
        fill(page, "Full name", "Irene Baker")
        tab_to(page, "Review clerk")
        page.keyboard.press("Space")
        go(page, "Send the invitation")
        assert "/staff/invitation/" in page.locator(".app-id").inner_text()


def test_giving_a_role_and_ending_it(as_role):
    with as_role("organisation_administrator") as page:
        page.goto("/staff/colleagues")
        go(page, "Bea Lindqvist")
        go(page, "Give a role")
        choose(page, "Leader")
        go(page, "Give the role")
        assert "Leader" in page.get_by_role("table").first.inner_text()
        go(page, "End the role Leader")
        go(page, "End the role")
        assert "Leader" not in page.get_by_role("table").first.inner_text()


def test_reviewing_who_may_do_what(as_role):
    with as_role("organisation_administrator", of="empty") as page:
        page.goto("/staff/")
        go(page, "Staff")
        go(page, "Access reviews")
        go(page, "Begin a review")
        go(page, "Keep Review clerk of Bea Lindqvist")
        go(page, "End Leader of Gwen Parry")
        assert "2 of " in page.locator("main").inner_text()
        page.goto("/staff/colleagues")
        assert "Leader" not in page.get_by_role("row", name="Gwen Parry").inner_text()


def test_emergency_access_is_opened_and_closed(as_role):
    with as_role("organisation_administrator") as page:
        page.goto("/staff/emergency-access")
        go(page, "Open emergency access")
        choose(page, "Caseworker")
        choose(page, "Somebody's safety")
        fill(page, "What do you need to do", "A child may be at risk")
        go(page, "Open emergency access")
        assert heading(page) == "Emergency access of Ines Costa"
        go(page, "Close it now")
        assert "has been closed" in notice(page)


def test_an_organisation_is_added(as_role):
    with as_role("platform_administrator") as page:
        page.goto("/staff/organisations")
        go(page, "Add an organisation")
        fill(page, "Name", "Westshire Fire and Rescue")
        choose(page, "ouncil")
        fill(page, "GOV.UK address", "westshire-fire")
        enter(page)
        assert heading(page) == "Westshire Fire and Rescue"


def test_an_officer_is_named(as_role):
    with as_role("organisation_administrator") as page:
        page.goto("/staff/organisations")
        go(page, "Name an officer")
        choose(page, "Senior information risk owner")
        tab_to(page, "Who holds it")
        page.keyboard.type("Gwen")
        for part, value in (("Day", "5"), ("Month", "1"), ("Year", "2026")):
            fill(page, part, value)
        enter(page)
        assert "Gwen Parry" in page.get_by_role("table").first.inner_text()


def test_a_machine_client_is_registered(as_role):
    with as_role("organisation_administrator") as page:
        page.goto("/staff/clients")
        go(page, "Register a client")
        fill(page, "Name of the system", "Housing system")
        tab_to(page, "Read linkage runs")
        page.keyboard.press("Space")
        choose(page, "A secret that we make for it")
        go(page, "Register the client")
        assert heading(page) == "The secret of Housing system"
        go(page, "I have copied it")
        assert heading(page) == "Housing system"


def test_the_audit_record_is_filtered_and_exported(as_role):
    with as_role("auditor") as page:
        page.goto("/staff/audit")
        before = page.locator(".app-list__content").inner_text()
        tab_to(page, "Pairs reviewed")
        page.keyboard.press("Space")
        go(page, "Apply filters")
        assert "about=pairs" in page.url
        assert page.locator(".app-list__content").inner_text() != before
        with page.expect_download() as table:
            activate(page, "Download as CSV")
        assert table.value.suggested_filename == "audit-events.csv"
        go(page, "Export the record")
        with page.expect_download() as record:
            activate(page, "Export")
        assert record.value.suggested_filename == "joinedup-audit.zip"


def test_a_legal_hold_is_placed_and_lifted(as_role):
    with as_role("adviser") as page:
        page.goto("/staff/retention")
        go(page, "Place a legal hold")
        choose(page, "Uploaded sources")
        tab_to(page, "select Project")
        page.keyboard.type("Resi")
        fill(page, "Why it must be kept", "Case 99 of the county court")
        go(page, "Place the hold")
        assert "Nothing of it goes" in notice(page)
        assert "Case 99 of the county court" in page.locator("main").inner_text()
        go(page, "Lift this hold")
        go(page, "Lift the hold")
        assert "is lifted" in notice(page)


def test_an_erasure_is_asked_for_and_approved_by_somebody_else(as_role):
    with as_role("adviser") as page:
        page.goto("/staff/retention")
        go(page, "Ask for an erasure")
        tab_to(page, "select Project")
        page.keyboard.type("Resi")
        fill(page, "Records of the person", "people R00009")
        go(page, "Ask for the erasure")
        assert "Somebody else must approve it" in notice(page)
        there = page.url
        assert page.get_by_role("button", name="Approve and erase").count() == 0
    with as_role("asset_owner") as page:
        page.goto(there)
        go(page, "Approve and erase")
        assert "Approved" in notice(page)


def test_who_works_for_two_organisations_chooses_one(as_role):
    with as_role("two_organisations") as page:
        page.goto("/staff/")
        assert page.locator(".app-account__who strong").inner_text() == "Northshire Council"
        go(page, "Change organisation")
        choose(page, "Southshire Council")
        go(page, "Continue")
        assert page.locator(".app-account__who strong").inner_text() == "Southshire Council"
