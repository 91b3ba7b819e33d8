"""What the whole of feedback is for, in a real browser with a real worker: a citizen scans a code and writes in Welsh
without JavaScript; the duty person sees the flag; an analyst signs themes off; the public reads what was done."""

from __future__ import annotations

import subprocess
import sys
import time
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest

from support.browser import MOBILE, axe_findings, open_page
from support.live_site import environment

pytestmark = [pytest.mark.web, pytest.mark.needs_chromium, pytest.mark.sqlite_only]
MOST_SECONDS = 180
IN_DANGER = "Rydw i eisiau lladd fy hun. Ffoniwch fi ar 07700 900123"


@pytest.fixture(scope="module")
def story(site):
    """Staff, a service, a form, a code; the worker reads and drafts as long as the file's tests run."""
    told = site.call("support.feedback_story:begin")
    with (site.folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "joinedup_web.operations.worker"],
            env=environment(site.folder, url=site.url),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield told
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def read_code(png: bytes) -> str:
    """What a telephone's camera reads in a QR code."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    found, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    return str(found)


def wait_for(look, told: str) -> None:
    """Until `look` says yes."""
    end = time.monotonic() + MOST_SECONDS
    while not look():
        assert time.monotonic() < end, told
        time.sleep(1)


def test_a_citizen_is_heard_from_the_code_to_what_was_done(browser, site, story, axe):
    cookies, service = story["cookies"], story["service"]
    faults: dict[str, object] = {}

    with open_page(browser, site.url, staff_cookie=cookies["service_manager"]) as page:
        png = page.request.get(f"/staff/feedback/points/{story['point']}/code.png").body()
    link = urlsplit(read_code(png))
    assert link.path.startswith("/f/")

    with open_page(browser, site.url, javascript=False, viewport=MOBILE) as page:
        page.goto(f"{link.path}?{link.query}" if link.query else link.path)
        page.get_by_role("button", name="Cymraeg").click()
        page.get_by_label("Anfodlon", exact=True).check()
        page.get_by_label("Sut gallem ni wella’r gwasanaeth hwn?").fill(IN_DANGER)
        page.get_by_role("button", name="Anfon").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Diolch"
        assert page.context.cookies() == []
    (first,) = site.call("support.feedback_story:kept")
    assert (first["language"], first["channel"], first["ending"]) == ("cy", "qr", "completed")
    assert "900123" not in first["texts"][0]

    with open_page(browser, site.url, staff_cookie=cookies["moderator"]) as page:
        page.goto("/staff/")
        page.get_by_role("link", name="danger").first.click()
        page.get_by_role("link", name="Somebody’s life may be in danger").first.click()
        assert "eisiau lladd fy hun" in page.get_by_role("main").inner_text()
        assert "900123" not in page.content()
        faults["flag"] = axe_findings(page, axe)
        page.get_by_role("button", name="Acknowledge: I have this in hand").click()
        assert "cknowledged" in page.get_by_role("main").inner_text()
    wait_for(lambda: site.call("support.feedback_story:how_far")["told"] >= 1, "the duty person was not told")

    site.call("support.feedback_story:more_comments", times=14)
    wait_for(lambda: site.call("support.feedback_story:how_far")["unread"] <= 1, "comments were not read")

    with open_page(browser, site.url, staff_cookie=cookies["analyst"]) as page:
        page.goto(f"/staff/feedback/services/{service}")
        page.get_by_role("link", name="What people wrote: tags, themes and trends").click()
        page.get_by_role("link", name="Themes", exact=False).first.click()
        page.get_by_role("link", name="Ask for themes").or_(
            page.get_by_role("button", name="Ask for themes")
        ).first.click()
        page.get_by_label("How could we improve this service?").check()
        page.get_by_role("button", name="Draft themes").click()
        page.get_by_role("heading", name="Themes", exact=True).wait_for(timeout=MOST_SECONDS * 1000)
        faults["themes"] = axe_findings(page, axe)
        keep = page.get_by_role("button", name="as it is")
        assert keep.count() >= 2
        for _ in range(keep.count()):
            with page.expect_navigation():
                keep.first.click()
        assert keep.count() == 0
        page.get_by_role("button", name="Sign the themes off").click()
        page.get_by_role("radio").last.check()
        page.get_by_role("button", name="Sign off").click()
        assert "igned off" in page.get_by_role("main").inner_text()

    with open_page(browser, site.url, staff_cookie=cookies["service_manager"]) as page:
        page.goto(f"/staff/feedback/services/{service}")
        page.get_by_role("link", name="You said, we did").click()
        page.get_by_role("button", name="Write what was said and done").click()
        page.get_by_label("What did people say?", exact=True).fill("The telephone line is always busy.")
        page.get_by_label("What did you do?", exact=True).fill("We put six more people on the line.")
        page.get_by_label("What did you do? In Welsh (optional)").fill("Rhoddwyd chwech o bobl ar y llinell.")
        page.get_by_label("What did people say? In Welsh (optional)").fill("Mae’r llinell yn brysur o hyd.")
        page.get_by_label("Day").fill("2")
        page.get_by_label("Month").fill("11")
        page.get_by_label("Year").fill("2026")
        page.get_by_role("button", name="Save the draft").click()
        page.get_by_role("button", name="Hand it in to be published").click()
        improvement = page.url

    with open_page(browser, site.url, staff_cookie=cookies["publisher"]) as page:
        page.goto(improvement)
        page.get_by_role("button", name="Look at it and publish").click()
        page.get_by_role("button", name="Publish it").click()

    with open_page(browser, site.url, javascript=False, viewport=MOBILE) as page:
        page.goto(f"/feedback/{story['slug']}")
        page.get_by_role("link", name="See what changed because of what people told us").click()
        assert "six more people" in page.get_by_role("main").inner_text()
        page.get_by_role("link", name="Cymraeg").first.click()
        assert "chwech o bobl" in page.get_by_role("main").inner_text()
    assert {where: found for where, found in faults.items() if found} == {}
