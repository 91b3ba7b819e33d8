"""From a comment to an answer in a real browser, without JavaScript: three people, one case, one reply."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from support.browser import open_page

pytestmark = [pytest.mark.web, pytest.mark.needs_chromium, pytest.mark.sqlite_only]
ADDRESS = "somebody@example.test"


def press(page, name):
    """A button, and the page that it leads to."""
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def follow(page, name):
    page.get_by_role("main").get_by_role("link", name=name).first.click()


def test_a_comment_is_answered_by_a_case(browser, site):
    made = site.call("support.full_cases:live_comment")

    def as_who(who, **options):
        return open_page(browser, site.url, staff_cookie=made[who], javascript=False, **options)

    with as_who("moderator") as page:
        page.goto(f"/staff/feedback/responses/{made['response']}")
        follow(page, "Make a case of this comment")
        page.get_by_label("A new case").check()
        page.get_by_label("What is it about, in a few words?").fill("A permit that has not come")
        page.get_by_label("Which team deals with it?").select_option("Permits")
        press(page, "Continue")
        assert page.get_by_role("heading", level=1).inner_text().endswith(": A permit that has not come")
        assert "Due in 5 working days" in page.content()
        assert ADDRESS not in page.content()

    with as_who("caseworker") as page, as_who("second") as other:
        for each in (page, other):
            each.goto("/staff/cases?whose=team")
            each.get_by_role("table").get_by_role("link").filter(has_text="1").first.click()
        press(page, "Take the case")
        expect(page.get_by_text("is yours")).to_be_visible()
        press(other, "Take the case")
        expect(other.get_by_text("A colleague has this case")).to_be_visible()

        follow(page, "Let it wait for somebody else")
        page.get_by_label("What does the case wait for?").fill("The depot looks for it")
        press(page, "Stop the clock")
        expect(page.get_by_text("The clock has stood still since")).to_be_visible()
        press(page, "Start the clock again")
        press(page, "Reply")
        page.get_by_label("Your reply").fill("It went out today.\n\nWe are sorry that it took so long.")
        press(page, "Look at it")
        expect(page.get_by_text("Our answer to what you told us")).to_be_visible()
        assert ADDRESS not in page.content()
        press(page, "Send it now")
        expect(page.get_by_text("Waiting to be sent")).to_be_visible()

        assert site.call("support.full_cases:send_replies") == ["sent"]
        page.reload()
        expect(page.get_by_role("heading", name="Reply sent")).to_be_visible()
        follow(page, "Close it")
        page.get_by_label("Put right").check()
        press(page, "Close it")
        expect(page.get_by_text("is closed").first).to_be_visible()

    sent = [json.loads(file.read_text()) for file in (site.folder / "site" / "outbox").glob("*.json")]
    assert [
        message["body"].startswith("It went out today.") for message in sent if message["to"] == ADDRESS
    ] == [True]
