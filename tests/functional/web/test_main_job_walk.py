"""The whole main job in a real browser, by keyboard: a project, an upload, a correction, a run, its results.

Once with JavaScript and axe on every page that is passed, once without JavaScript. A real worker does the work.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError as BrowserTimeoutError

from support.browser import DESKTOP, MOBILE, activate, axe_findings, open_page, scrolls_sideways, tab_to
from support.live_site import environment
from support.main_job import people_csv

pytestmark = [pytest.mark.web, pytest.mark.needs_chromium]
MOST_SECONDS = 90


@pytest.fixture(scope="module", autouse=True)
def _worker(site):
    """The process that measures and links."""
    with (site.folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "joinedup_web.operations.worker"],
            env=environment(site.folder, url=site.url),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def cookie(site):
    return site.call("support.live_data:sign_in_as", roles=["analyst"])["cookie"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A good file, one that cannot be read, and one with rows that cannot."""
    place = tmp_path_factory.mktemp("files")
    (place / "council_tax.csv").write_bytes(people_csv(300) + b"one,two\n")
    (place / "broken.parquet").write_bytes(b"PAR1 no Parquet at all PAR1")
    return place


def wait_until(page, text, *, javascript):
    """Wait for words: the page follows by itself with JavaScript, and by its link without."""
    end = time.monotonic() + MOST_SECONDS
    if javascript:
        page.get_by_text(text, exact=False).first.wait_for(timeout=MOST_SECONDS * 1000)
        return
    while text not in page.content():
        assert time.monotonic() < end, page.content()[-3000:]
        time.sleep(0.5)
        page.get_by_role("link", name="See how far it is now").press("Enter")


def choose_file(page, label, path):
    """Go to a file field by Tab and open its chooser from the keyboard.

    On a loaded machine Chromium now and then passes a key over that comes right after a page; a person would go there
    and press it again.
    """
    tab_to(page, label)
    for attempt in range(5):
        try:
            with page.expect_file_chooser(timeout=10_000) as chooser:
                page.keyboard.press("Enter")
        except BrowserTimeoutError:
            if attempt == 4:
                raise
            page.keyboard.press("Shift+Tab")
            tab_to(page, label)
        else:
            chooser.value.set_files(path)
            return


def begin(page, name, purpose="Find people who are listed twice"):
    page.goto("/staff/projects")
    activate(page, "Begin a project")
    page.get_by_role("heading", level=1, name="Begin a project").wait_for()
    tab_to(page, "Name")
    page.keyboard.type(name)
    tab_to(page, "What are the sources joined for?")
    page.keyboard.type(purpose)
    activate(page, "Begin the project")
    page.get_by_role("heading", level=1, name=name).wait_for()


@pytest.mark.slow
@pytest.mark.needs_axe
@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_the_main_job_from_upload_to_download_by_keyboard(
    browser, site, cookie, files, axe, javascript, tmp_path
):
    found = {}
    with open_page(browser, site.url, javascript=javascript, staff_cookie=cookie) as page:

        def look(name):
            if javascript:
                page.wait_for_selector("html[data-started]")
                found[name] = axe_findings(page, axe)
            assert not scrolls_sideways(page), name

        begin(page, f"Residents {'with' if javascript else 'without'} script")
        look("new project")
        activate(page, "Upload a source")
        page.get_by_role("heading", level=1, name="Upload a source").wait_for()
        look("upload")
        choose_file(page, "File", files / "council_tax.csv")
        tab_to(page, "button Upload")
        page.keyboard.press("Enter")
        page.get_by_role("heading", level=1, name="council_tax").wait_for()
        wait_until(page, "Nobody has checked yet what the columns mean", javascript=javascript)
        look("quality")

        activate(page, "Check the columns")
        page.get_by_role("heading", level=1, name="Check what the columns of council_tax mean").wait_for()
        look("columns")
        tab_to(page, "Meaning of postcode")
        page.keyboard.type("Free")
        tab_to(page, "The columns are right")
        page.keyboard.press("Enter")
        page.get_by_text("What the columns of council_tax mean is checked and kept").wait_for()
        look("project")

        activate(page, "Start a run")
        page.get_by_role("heading", level=1, name="Start a run").wait_for()
        look("start")
        assert page.get_by_role("radio", name="Within one source").is_checked()
        activate(page, "Start the run")
        page.get_by_role("heading", level=1, name="Run 1").wait_for()
        wait_until(page, "How sure we are", javascript=javascript)
        look("result")

        tab_to(page, "CSV: People", limit=200)
        with page.expect_download() as taken:
            page.keyboard.press("Enter")
        kept = Path(tmp_path) / taken.value.suggested_filename
        taken.value.save_as(kept)
        rows = list(csv.DictReader(kept.open(encoding="utf-8")))
        assert len(rows) == 375
        assert 280 <= len({row["person_id"] for row in rows}) <= 310

        activate(page, "Run again with changed settings", limit=200)
        page.get_by_role("heading", level=1, name="Run again with changed settings").wait_for()
        tab_to(page, "Link pairs from which probability?")
        page.keyboard.type("99.9")
        activate(page, "Start the run")
        page.get_by_role("heading", level=1, name="Run 2").wait_for()
        wait_until(page, "How sure we are", javascript=javascript)
        activate(page, "Compare with run 1")
        page.get_by_role("heading", level=1, name="Compare two runs").wait_for()
        page.get_by_role("cell", name="probability 99.9%").wait_for()
        page.get_by_role("row", name="Records that both runs have 375").wait_for()
        look("comparison")
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.needs_axe
@pytest.mark.parametrize("size", [pytest.param("desktop", marks=pytest.mark.slow), "mobile"])
def test_pages_of_the_main_job_have_nothing_for_axe_to_mend(browser, site, cookie, files, axe, size):
    """In their empty, error, failed and waiting states, which the walk does not pass."""
    found = {}
    with open_page(
        browser, site.url, viewport=DESKTOP if size == "desktop" else MOBILE, staff_cookie=cookie
    ) as page:

        def look(name):
            page.wait_for_selector("html[data-started]")
            found[name] = axe_findings(page, axe)
            assert not scrolls_sideways(page), name

        begin(page, f"States on a {size}")
        project = page.url
        for address in ("/run", "/compare", "/upload"):
            page.goto(f"{project}{address}")
            look(f"empty {address}")
        page.get_by_role("button", name="Upload", exact=True).click()
        page.get_by_role("alert").wait_for()
        look("upload, error")
        page.get_by_label("File", exact=True).set_input_files(files / "broken.parquet")
        page.get_by_role("button", name="Upload", exact=True).click()
        page.get_by_role("heading", level=1, name="broken").wait_for()
        wait_until(page, "What was wrong", javascript=True)
        look("source, failed")
        source = page.url
        for address in ("/reading", "/replace", "/remove"):
            page.goto(f"{source}{address}")
            look(address)
        page.goto("/staff/projects/new")
        page.get_by_role("button", name="Begin the project").click()
        page.get_by_role("alert").wait_for()
        look("new project, error")
        for address in (
            "/staff/projects",
            "/staff/sources",
            "/staff/linkage",
            "/staff/linkage?q=nothing+at+all",
        ):
            page.goto(address)
            look(address)
    assert {name: told for name, told in found.items() if told} == {}
