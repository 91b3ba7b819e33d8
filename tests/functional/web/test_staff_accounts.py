"""Staff accounts in real Chromium: by keyboard and without JavaScript, with passkeys, and pages for everybody."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import expect

from support.browser import MOBILE, axe_findings, open_page, scrolls_sideways, tab_to
from support.live_site import running_site
from support.staff_accounts import PASSWORD

pytestmark = [pytest.mark.web, pytest.mark.needs_chromium]
SAMPLE = ("home", "account", "staff", "person", "review", "emergency")


@pytest.fixture(scope="module")
def county(site):
    return site.call("support.staff_live:county")


def code_now(secret: str) -> str:
    return pyotp.TOTP(secret).now()


def follow(page, words: str) -> None:
    """Go to something by Tab, press it, and wait for the page that it leads to."""
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def fill(page, words: str, text: str) -> None:
    tab_to(page, words)
    page.keyboard.type(text)


def heading(page) -> str:
    return page.locator("h1").inner_text()


def set_up_app(page) -> str:
    """Type in the first code of a new app, and keep the recovery codes; returns the secret."""
    secret = page.locator(".app-id").inner_text().replace(" ", "")
    fill(page, "Security code", code_now(secret))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert heading(page) == "Get your recovery codes"
    follow(page, "Show my recovery codes")
    codes = page.locator(".app-codes li").all_inner_texts()
    assert len(codes) == 10
    follow(page, "I have kept them: continue")
    return secret


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_from_the_invitation_to_work_and_back_by_keyboard_alone(browser, site, county, javascript):
    link = site.call("support.staff_live:invitation")
    with open_page(browser, site.url, javascript=javascript) as page:
        page.goto(link)
        assert heading(page) == "Set up your account"
        assert link.rsplit("/", 1)[1] not in page.url, "the token is not in the address any more"
        fill(page, "New password", PASSWORD)
        follow(page, "Continue")
        follow(page, "Set up an app")
        secret = set_up_app(page)
        assert heading(page) == "Start"
        expect(page.get_by_text("Good to see you, Hana Novak")).to_be_visible()
        follow(page, "Sign out")
        assert heading(page) == "Sign in"

        email = site.call("support.staff_live:newest_email")
        fill(page, "Email address", email)
        fill(page, "Password", PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert heading(page) == "Check that it is you"
        fill(page, "Security code", pyotp.TOTP(secret).at(datetime.now(UTC), counter_offset=1))
        with page.expect_navigation():
            page.keyboard.press("Enter")

        assert heading(page) == "Start"
        expect(page.get_by_text("Good to see you, Hana Novak")).to_be_visible()


def test_an_error_is_told_at_the_top_and_beside_its_field(browser, site):
    with open_page(browser, site.url, javascript=False) as page:
        page.goto("/staff/sign-in")
        follow(page, "Continue")

        assert page.title().startswith("Error: Sign in")
        assert "Enter your email address" in page.locator(".govuk-error-summary").inner_text()
        assert page.locator("#id_email-error").count() == 1


def test_inviting_reviewing_and_closing_without_javascript(browser, site, county):
    with open_page(browser, site.url, javascript=False, staff_cookie=county["administrator"]) as page:
        page.goto("/staff/")
        follow(page, "Invite a colleague")
        fill(page, "Work email address", "irene@example.test")
        fill(page, "Full name", "Irene Baker")
        tab_to(page, "Review clerk")
        page.keyboard.press("Space")
        follow(page, "Send the invitation")
        assert "/staff/invitation/" in page.locator(".app-id").inner_text()

        page.goto(county["pages"]["review"])
        before = page.get_by_role("button", name=re.compile("^Keep")).count()
        follow(page, "Keep Review clerk of Bea Lindqvist")
        assert page.get_by_role("button", name=re.compile("^Keep")).count() == before - 1

        page.goto(county["pages"]["emergency"])
        follow(page, "Close it now")
        assert "has been closed" in page.locator(".govuk-notification-banner--success").inner_text()


def test_a_session_left_alone_warns_and_can_be_kept(browser, site, county):
    with open_page(browser, site.url, staff_cookie=county["administrator"]) as page:
        page.clock.install()
        page.goto("/staff/account")
        page.clock.fast_forward("24:50")
        assert page.get_by_role("alert").count() == 0
        page.clock.fast_forward("00:20")
        page.get_by_text("You will be signed out in 5 minutes").wait_for()
        page.get_by_role("button", name="Stay signed in").click()
        page.get_by_role("alert").wait_for(state="detached")
        page.clock.fast_forward("25:10")
        page.get_by_text("You will be signed out in 5 minutes").wait_for()
        page.clock.fast_forward("05:10")

        page.get_by_text("You have been signed out").wait_for()


@pytest.mark.needs_axe
@pytest.mark.parametrize("name", SAMPLE)
def test_main_pages_are_for_everybody(browser, site, county, axe, name):
    for viewport in (None, MOBILE):
        with open_page(browser, site.url, staff_cookie=county["administrator"], viewport=viewport) as page:
            page.goto(county["pages"][name])

            assert axe_findings(page, axe) == []
            assert not scrolls_sideways(page)


@pytest.mark.slow
@pytest.mark.needs_axe
def test_every_page_is_for_everybody(browser, site, county, axe):
    platform = ["/staff/", "/staff/organisations", "/staff/organisations/new", "/staff/invitations/new"]
    strangers = ["/staff/sign-in", "/staff/sign-in/lost", county["invitation"], "/staff/invitation/unknown"]
    of_whom = [
        (county["administrator"], county["pages"].values()),
        (county["platform"], platform),
        ("", strangers),
    ]
    for cookie, pages in of_whom:
        with open_page(browser, site.url, staff_cookie=cookie, allow=("404", "410")) as page:
            for path in pages:
                page.goto(path)

                assert axe_findings(page, axe) == [], path
                assert not scrolls_sideways(page), path


@pytest.mark.slow
@pytest.mark.needs_axe
def test_forms_with_errors_are_for_everybody(browser, site, county, axe):
    forms = ("invite", "grant", "add-role", "break-glass", "name-officer", "close", "recovery", "emergency")
    for name in forms:
        with open_page(browser, site.url, staff_cookie=county["administrator"]) as page:
            page.goto(county["pages"][name])
            page.locator("main form .govuk-button").first.click()
            page.wait_for_load_state()

            assert axe_findings(page, axe) == [], name


def test_a_passkey_is_set_up_and_signs_in(browser, site_template, tmp_path):
    """Chromium's own virtual authenticator; passkeys need a name, so the site is reached as localhost."""
    with running_site(site_template, tmp_path / "named", name="localhost") as named:
        county = named.call("support.staff_live:county")
        with open_page(browser, named.url, staff_cookie=county["administrator"]) as page:
            device = page.context.new_cdp_session(page)
            device.send("WebAuthn.enable")
            options = {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
            device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
            page.goto("/staff/account")
            follow(page, "Add a passkey")
            fill(page, "Name of this passkey", "work laptop")
            follow(page, "Set up a passkey")
            page.get_by_text("Your passkey has been added").wait_for()
            assert page.get_by_role("rowheader", name="work laptop").count() == 1
            follow(page, "Sign out")
            page.wait_for_url("**/staff/sign-in")
            follow(page, "Sign in with a passkey")

            page.get_by_text("Good to see you, Ada Okafor").wait_for()
