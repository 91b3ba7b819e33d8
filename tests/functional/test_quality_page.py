"""The quality page in a real browser: no accessibility violation, nothing loaded, readable at 320 pixels."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from joinedup.quality import profile, write_quality

pytestmark = pytest.mark.needs_chromium

SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quality")
    data = folder / "people.csv"
    rows = [
        f"{i},Smith{i % 7},198{i % 10}-01-0{i % 9 + 1},{'open' if i % 3 else 'closed'},{i * 1.5}"
        for i in range(60)
    ]
    data.write_text("record_id,surname,date_of_birth,status,amount\n" + "\n".join(rows) + "\n")
    rules = folder / "rules.toml"
    rules.write_text(
        '[[rule]]\nfield = "surname"\nmetric = "present"\ntarget = 1.0\n'
        '[[rule]]\nfield = "status"\nmetric = "one_of"\ntarget = 1.0\nwith = { values = ["open"] }\n'
    )
    for day in (1, 2):
        result = profile(data, rules=rules, on=date(2026, 5, day), history=folder / "out")
        write_quality(result, folder / "out", version="0")
    return folder / "out" / "quality.html"


@pytest.fixture(scope="module")
def browser(request):
    from playwright.sync_api import sync_playwright

    from support.capability import chromium_program

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=str(chromium_program()), args=SWITCHES)
        yield opened
        opened.close()


@pytest.mark.needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend(browser, page_file, axe, scheme):
    page = browser.new_page(color_scheme=scheme)
    page.goto(page_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate(axe)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", tags)
    page.close()
    assert [(v["id"], v["nodes"][0]["html"][:80]) for v in found["violations"]] == []


def test_nothing_is_loaded_and_nothing_complains(browser, page_file):
    page = browser.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(page_file.as_uri())
    page.close()
    assert asked == [page_file.as_uri()]
    assert said == []


def test_a_phone_shows_the_page_without_sideways_scrolling(browser, page_file):
    page = browser.new_page(viewport={"width": 320, "height": 640})
    page.goto(page_file.as_uri())
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert width == 320


def test_the_keyboard_reaches_content_and_data_without_javascript(browser, page_file):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_file.as_uri())
    page.keyboard.press("Tab")
    page.get_by_role("link", name="Skip to main content").press("Enter")
    assert page.url.endswith("#main")
    page.get_by_text("Data for this chart").first.click()
    expect(page.get_by_role("table", name="Measured share of each dimension")).to_be_visible()
    assert page.get_by_role("heading", level=1).count() == 1
    context.close()
