"""The public says what it thinks, in a real browser: from a QR code, in Welsh, without JavaScript; by keyboard; and by
the button on another website's page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from support.browser import DESKTOP, MOBILE, axe_findings, focused, open_page, scrolls_sideways, tab_to
from support.page_checks import faults_of

pytestmark = [pytest.mark.web, pytest.mark.needs_chromium, pytest.mark.sqlite_only]
ELSEWHERE = ("elsewhere:",)


@pytest.fixture(scope="module")
def asked(site):
    return site.call("support.public_feedback:walk_things")


def test_a_citizen_scans_a_code_and_answers_in_welsh_without_javascript(browser, site, asked):
    before = len(site.call("support.public_feedback:kept"))
    with open_page(browser, site.url, javascript=False, viewport=MOBILE) as page:
        page.goto(f"/f/{asked['short']}")
        assert page.get_by_role("heading", level=1).inner_text() == "Give feedback on this service"
        page.get_by_label("How could we improve this service?").fill("Llai o gwestiynau")
        page.get_by_role("button", name="Cymraeg").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Rhowch adborth ar y gwasanaeth hwn"
        assert page.get_by_label("Sut gallem ni wella’r gwasanaeth hwn?").input_value() == "Llai o gwestiynau"
        page.get_by_role("button", name="Anfon").click()
        assert page.title().startswith("Gwall: ")
        page.get_by_role("link", name="Atebwch y cwestiwn").click()
        page.get_by_label("Bodlon", exact=True).check()
        page.get_by_role("button", name="Anfon").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Diolch"
        assert "Trwyddedau parcio" in page.get_by_role("main").inner_text()
        expect(page.get_by_role("link", name="0808 164 0123")).to_be_visible()
        assert not scrolls_sideways(page)
        assert page.context.cookies() == []
    (last,) = site.call("support.public_feedback:kept")[before:]
    assert last["language"] == "cy"
    assert last["channel"] == "qr"
    assert last["answers"] == {"satisfaction": 4, "improve": "Llai o gwestiynau"}


def test_a_form_of_many_pages_is_gone_through_by_keyboard_back_and_to_the_check(browser, site, asked):
    with open_page(browser, site.url) as page:
        page.goto(f"/f/{asked['long']}")
        page.get_by_label("I do not understand something").check()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        message = page.get_by_label("Tell us what happened")
        message.fill("What does “resident” mean?")
        tab_to(page, "Back", backwards=True)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.get_by_label("I do not understand something").is_checked()
        page.get_by_role("button", name="Continue", exact=True).click()
        assert message.input_value() == "What does “resident” mean?"
        page.get_by_role("button", name="Continue", exact=True).click()
        page.get_by_label("Yes", exact=True).check()
        page.get_by_role("button", name="Continue", exact=True).click()
        page.get_by_label("What is your email address?").fill("ann@example.com")
        with page.expect_navigation():
            page.keyboard.press("Enter")  # goes on, and not to the other language
        assert page.get_by_role("heading", level=1).inner_text() == "Check your answers"
        page.get_by_role("button", name="Change Do you want an answer?").click()
        page.get_by_label("No", exact=True).check()
        page.get_by_role("button", name="Continue", exact=True).click()
        assert page.get_by_role("heading", level=1).inner_text() == "Check your answers"
        assert "ann@example.com" not in page.get_by_role("main").inner_text()
        page.get_by_role("button", name="Send").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Thank you"
        assert "01632 960 001" in page.get_by_role("main").inner_text()


@pytest.mark.needs_axe
@pytest.mark.parametrize("language", ["en", "cy"])
def test_axe_finds_nothing_to_mend_on_any_step(browser, site, axe, asked, language):
    query = "?lang=cy" if language == "cy" else ""
    faults = {}
    with open_page(browser, site.url, allow=("400",)) as page:
        page.goto(f"/feedback/{asked['slug']}{query}")
        faults["service"] = faults_of(page, axe, language=language)
        page.goto(f"/feedback/{asked['slug']}/{asked['short']}{query}")
        faults["short"] = faults_of(page, axe, language=language)
        page.locator("main form button[type=submit]").last.click()
        faults["short with errors"] = faults_of(page, axe, language=language, error=True)
        page.goto(f"/feedback/{asked['slug']}/{asked['long']}{query}")
        for step in ("need", "message", "wants", "check"):
            faults[step] = faults_of(page, axe, language=language)
            if step in {"need", "wants"}:
                page.locator("input[type=radio]").last.check()
            if step == "message":
                page.locator("textarea").fill("Something")
            page.locator("main form button[type=submit]").last.click()
        faults["thanks"] = faults_of(page, axe, language=language)
        page.goto(f"/feedback/{asked['slug']}/{asked['short']}{query}")
        page.evaluate("document.querySelector('input[name=state]').value = 'spoilt'")
        page.locator("main form button[type=submit]").last.click()
        faults["spoilt"] = faults_of(page, axe, language=language)
    assert {step: told for step, told in faults.items() if told} == {}


@contextmanager
def another_website(script: str, *, language: str = "en", policy: str = "") -> Iterator[str]:
    """A page of another origin with the button on it."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = (
                f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Council</title>'
                f'<link rel="icon" href="data:,"></head><body><main><h1>Your permit is on its way</h1>'
                f'<p>It will be with you in five days.</p><p id="here">{script}</p></main></body></html>'
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def tag(site, code, more=""):
    """The line that another website puts on its pages."""
    return f'<script src="{site.url}/feedback.js" data-point="{code}" {more} async></script>'


@pytest.mark.needs_axe
@pytest.mark.parametrize("size", ["desktop", "mobile"])
def test_the_button_opens_a_dialog_that_the_keyboard_can_use(browser, site, axe, asked, size):
    before = len(site.call("support.public_feedback:kept"))
    policy = f"default-src 'self'; img-src data:; script-src {site.url} 'unsafe-eval'; connect-src {site.url}"
    with (
        another_website(tag(site, asked["button"]), policy=policy) as url,
        open_page(
            browser,
            url,
            viewport={"desktop": DESKTOP, "mobile": MOBILE}[size],
            allow=(*ELSEWHERE, "422"),
        ) as page,
    ):
        page.goto("/")
        button = page.get_by_role("button", name="Give feedback on this service")
        button.wait_for()
        assert axe_findings(page, axe) == []
        tab_to(page, "Give feedback")
        page.keyboard.press("Space")
        dialog = page.get_by_role("dialog")  # its name follows its heading
        page.get_by_role("dialog", name="Give feedback on this service").wait_for()
        assert axe_findings(page, axe) == []
        assert not scrolls_sideways(page)
        page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
        assert focused(page) == "button Give feedback on this service"
        page.keyboard.press("Enter")
        dialog.get_by_role("button", name="Send").click()
        dialog.get_by_role("alert").wait_for()
        assert axe_findings(page, axe) == []
        dialog.get_by_role("link", name="Answer the question").click()
        page.keyboard.press("Space")
        dialog.get_by_label("How could we improve this service?").fill("Say when it is posted")
        dialog.get_by_role("button", name="Send").press("Enter")
        dialog.get_by_role("heading", name="Thank you").wait_for()
        expect(dialog.get_by_role("link", name="116 123")).to_be_visible()
        assert axe_findings(page, axe) == []
        dialog.get_by_role("button", name="Close").click()
        assert focused(page) == "button Give feedback on this service"
        assert page.context.cookies() == []
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    (last,) = site.call("support.public_feedback:kept")[before:]
    assert last["channel"] == "script"
    assert last["answers"] == {"satisfaction": 5, "improve": "Say when it is posted"}


def test_the_button_speaks_welsh_on_a_welsh_page(browser, site, asked):
    with (
        another_website(tag(site, asked["button"], "data-kind=help"), language="cy") as url,
        open_page(browser, url, allow=ELSEWHERE) as page,
    ):
        page.goto("/")
        page.get_by_role("button", name="Cael help gyda’r gwasanaeth hwn").click()
        dialog = page.get_by_role("dialog", name="Rhowch adborth ar y gwasanaeth hwn")
        dialog.wait_for()
        expect(dialog.get_by_role("group", name="Yn gyffredinol")).to_be_visible()


def test_a_long_form_opens_as_its_page(browser, site, asked):
    with another_website(tag(site, asked["long"])) as url, open_page(browser, url, allow=ELSEWHERE) as page:
        page.goto("/")
        page.get_by_role("button", name="Give feedback on this service").click()
        page.wait_for_url(f"{site.url}/feedback/parking-permits/{asked['long']}")


def test_the_form_stands_in_the_page_where_that_is_asked_for(browser, site, asked):
    with (
        another_website(tag(site, asked["button"], 'data-inline data-into="here" data-lang="cy"')) as url,
        open_page(browser, url, allow=ELSEWHERE) as page,
    ):
        page.goto("/")
        page.get_by_role("region", name="Rhowch adborth ar y gwasanaeth hwn").wait_for()
        page.get_by_label("Bodlon iawn").check()
        page.get_by_role("button", name="Anfon").click()
        page.get_by_role("heading", name="Diolch").wait_for()


def test_whatever_fails_a_plain_link_stays(browser, site, asked):
    """The server answers nothing to the script; the link still leads to the form."""
    with (
        another_website(tag(site, asked["button"])) as url,
        open_page(browser, url, allow=(*ELSEWHERE, "failed:", "ERR_FAILED", "net::")) as page,
    ):
        page.route("**/ask*", lambda route: route.abort())
        page.goto("/")
        page.get_by_role("button", name="Give feedback on this service").click()
        page.wait_for_url(f"{site.url}/feedback/parking-permits/{asked['button']}")
        assert page.get_by_role("heading", level=1).inner_text() == "Give feedback on this service"


def test_what_was_typed_stays_when_sending_fails(browser, site, asked):
    with (
        another_website(tag(site, asked["button"])) as url,
        open_page(browser, url, allow=(*ELSEWHERE, "failed:", "ERR_FAILED", "net::")) as page,
    ):
        page.goto("/")
        page.get_by_role("button", name="Give feedback on this service").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("How could we improve this service?").fill("Still here")
        page.route("**/ask*", lambda route: route.abort())
        dialog.get_by_role("button", name="Send").click()
        dialog.get_by_role("alert").get_by_text("could not be sent").wait_for()
        assert dialog.get_by_label("How could we improve this service?").input_value() == "Still here"
        expect(dialog.get_by_role("link", name="Use the page of this form instead")).to_be_visible()
