"""The fairness report in a real browser: nothing for axe to mend in light or dark, nothing loaded, fit for a phone."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest

from joinedup.linkage import fairness_from_dict, fairness_html
from joinedup.linkage.fairness import assess
from joinedup.linkage.fairness_groups import Labels
from support.browser import axe_findings, open_browser, scrolls_sideways
from support.plain_runs import made_counts

pytestmark = pytest.mark.needs_chromium


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    rng = np.random.default_rng(1)
    area, small = rng.integers(0, 4, 4000), np.zeros(4000, np.int64)
    small[:7] = 1
    divided = [
        Labels("area", "Area", ("North", "East", "South", "West"), area, "said by the truth"),
        Labels("small", "Small group", ("Most", "Few"), small, "said by the truth"),
    ]
    found = assess(made_counts(people=4000, seed=1, worse=area == 2), divided, on=date(2026, 3, 31))
    again = fairness_from_dict(json.loads(json.dumps(found.as_dict())))
    path = tmp_path_factory.mktemp("fairness") / "fairness.html"
    path.write_text(fairness_html(again, generated_on=date(2026, 3, 31), version="0"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = open_browser(play)
        yield opened
        opened.close()


@pytest.mark.needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend(browser, page_file, axe, scheme):
    page = browser.new_page(color_scheme=scheme)
    page.goto(page_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert axe_findings(page, axe) == []
    page.close()


def test_every_picture_has_its_table_and_the_planted_group_is_named(browser, page_file):
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())

    assert page.get_by_role("heading", level=1).inner_text() == "Who does the linkage fail?"
    assert page.get_by_role("listitem").filter(has_text="Area, South: links are more often").count() >= 1
    assert page.locator("figure svg").count() == page.get_by_text("Data for this chart").count() == 2
    assert "Few" not in page.get_by_role("main").inner_text().split()  # seven people are not named
    assert asked == [page_file.as_uri()]
    page.close()


def test_a_phone_shows_the_page_without_sideways_scrolling(browser, page_file):
    page = browser.new_page(viewport={"width": 320, "height": 640})
    page.goto(page_file.as_uri())

    assert not scrolls_sideways(page)
    page.close()
