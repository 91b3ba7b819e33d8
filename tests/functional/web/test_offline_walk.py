"""Asking face to face without a network: a file opened from disk, locked answers, a file back, all masked."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from support.browser import DESKTOP, axe_findings, open_page

pytestmark = [pytest.mark.web, pytest.mark.needs_chromium, pytest.mark.sqlite_only]
SAID = "Ring me on 07700 900123 about the long wait"


@pytest.fixture(scope="module")
def story(site):
    return site.call("support.feedback_story:begin")


def test_answers_are_locked_on_the_device_and_open_on_the_site_alone(browser, site, story, axe, tmp_path):
    form = site.call("support.feedback_story:form_of", slug=story["slug"])
    with open_page(browser, site.url, staff_cookie=story["cookies"]["service_manager"]) as page:
        answer = page.request.get(f"/staff/feedback/forms/{form}/offline/page")
        assert "attachment" in answer.headers["content-disposition"]
        (tmp_path / "page.html").write_bytes(answer.body())
    taken, faults = _asked((tmp_path / "page.html"), browser, axe, tmp_path)

    assert faults == []
    assert len(json.loads(taken)["responses"]) == 2
    assert "900123" not in taken
    assert "wait" not in taken

    (tmp_path / "answers.json").write_text(taken)
    with open_page(browser, site.url, staff_cookie=story["cookies"]["service_manager"]) as page:
        for _ in range(2):  # brought twice, kept once
            page.goto(f"/staff/feedback/forms/{form}/offline")
            page.get_by_label("File of the page").set_input_files(tmp_path / "answers.json")
            page.get_by_role("button", name="Bring them in").click()
            site.call("support.feedback_story:take_in_all")
        page.reload()
        assert re.search(r"There already\s+2\b", page.get_by_role("main").inner_text())

    kept = site.call("support.feedback_story:kept")
    assert [each["channel"] for each in kept] == ["face_to_face", "face_to_face"]
    assert [each["language"] for each in kept] == ["en", "cy"]
    assert "900123" not in kept[0]["texts"][0]
    assert "long wait" in kept[0]["texts"][0]


def _asked(file: Path, browser, axe, folder: Path) -> tuple[str, list]:
    """Ask two people on a device without network; the file that is taken away, and what axe found."""
    context = browser.new_context(viewport=DESKTOP, offline=True, accept_downloads=True)
    try:
        page = context.new_page()
        page.goto(file.as_uri())
        faults = axe_findings(page, axe)
        page.get_by_role("button", name="Save this answer").click()
        assert "Answer this question" in page.inner_text("main")
        faults += axe_findings(page, axe)
        page.get_by_label("Dissatisfied", exact=True).check()
        page.get_by_label("How could we improve this service?").fill(SAID)
        page.get_by_role("button", name="Save this answer").click()
        page.get_by_text("Saved and locked. 1 answer waits on this device.").wait_for()
        assert not page.get_by_label("Dissatisfied", exact=True).is_checked()
        page.get_by_role("button", name="Cymraeg").click()
        page.get_by_label("Bodlon iawn", exact=True).check()
        page.get_by_role("button", name="Cadw’r ateb hwn").click()
        page.get_by_text("2 ateb yn aros ar y ddyfais hon.").first.wait_for()
        kept = page.evaluate("JSON.stringify(localStorage)")
        assert "900123" not in kept
        page.reload()
        with page.expect_download() as download:
            page.get_by_role("button", name="Take the answers away").click()
        download.value.save_as(folder / "taken.json")
        page.get_by_role("button", name="Remove them from this device").click()
        page.get_by_role("button", name="Yes, remove them").click()
        assert page.evaluate("localStorage.length") == 0
        return (folder / "taken.json").read_text(), faults
    finally:
        context.close()
