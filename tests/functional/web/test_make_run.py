"""What `make run` does: a demonstration built in a folder that is named in short, taken in, and served."""

from __future__ import annotations

import http.cookiejar
import json
import re
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from support.demonstration_site import running_demonstration

pytestmark = [pytest.mark.web, pytest.mark.sqlite_only]
PEOPLE = 300


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The address of the running site, and what it has written."""
    place = tmp_path_factory.mktemp("clone")
    with running_demonstration(Path("workspace"), people=PEOPLE, inside=place) as url:
        yield url, place / "workspace" / "serve.log"


@pytest.fixture(scope="module")
def analyst(made) -> OpenerDirector:
    """A browser signed in as the analyst, by the page on which everybody of the demonstration is offered."""
    url, _ = made
    browser = build_opener(HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = text(browser, f"{url}/demonstration/")
    account = first(r'name="account" value="(ana\.lyst@[^"]+)"', page)
    token = first(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    browser.addheaders = [("Referer", f"{url}/demonstration/")]
    told = urlencode({"csrfmiddlewaretoken": token, "account": account}).encode()
    assert browser.open(url + first(r'<form[^>]* action="([^"]+)"', page), told).geturl() == f"{url}/staff/"
    return browser


def first(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    assert found is not None, pattern
    return found[1]


def text(browser: OpenerDirector, address: str) -> str:
    with browser.open(address) as answer:
        return str(answer.read().decode())


def test_it_is_ready_and_open_to_the_public(made):
    url, _ = made

    ready = json.loads(text(build_opener(), f"{url}/health/ready"))

    assert ready["ready"] is True
    assert "Joinedup" in text(build_opener(), f"{url}/")


def test_the_project_has_every_source_and_the_run(made, analyst):
    url, _ = made
    page = text(analyst, f"{url}/staff/projects")

    told = text(analyst, url + first(r'href="(/staff/projects/[0-9a-f-]{36})"', page))

    assert "Fernshire residents" in told
    assert all(
        name in told for name in ("council_tax", "gp_register", "school_census", "benefits", "housing")
    )
    assert re.search(r'href="/staff/linkage/[0-9a-f-]{36}"', told)
    assert "/evaluation" in told


def test_the_public_finds_what_was_done_and_the_analyst_what_was_said(made, analyst):
    url, _ = made
    way_in = text(build_opener(), f"{url}/demonstration/")

    done = text(build_opener(), url + first(r'href="(/feedback/[^"]*/you-said-we-did)"', way_in))
    services = text(analyst, f"{url}/staff/feedback")

    assert "refused photographs of your documents" in done
    assert "Parking permits" in services
    assert "Bus passes" in services


def test_every_page_that_the_pages_lead_the_analyst_to_is_there(made, analyst):
    url, _ = made
    seen, waiting, wrong = set(), ["/staff/"], {}
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        try:
            with analyst.open(url + address) as answer:
                page = answer.read().decode() if "html" in answer.headers["Content-Type"] else ""
                here = answer.geturl()
        except HTTPError as refused:
            wrong[address] = refused.code
            continue
        for link in re.findall(r'<a[^>]* href="([^"#]+)', page):
            further = urljoin(here, link.replace("&amp;", "&")).removeprefix(url)
            if further.startswith("/staff/") and not re.search(r"sort=|format=csv|page=|sign-out", further):
                waiting.append(further)
    assert len(seen) > 30
    assert wrong == {}


def test_the_website_speaks_of_its_own_pages(made, analyst):
    url, _ = made
    page = text(analyst, f"{url}/staff/linkage")

    told = text(analyst, url + first(r'href="(/staff/linkage/[0-9a-f-]{36})"', page))

    assert "joinedup sample" not in told
    assert "/evaluation" in told


def test_nothing_was_written_to_worry_about(made):
    _, log = made
    building, starts, serving = log.read_text("utf-8").partition("the website, which starts now")
    assert starts, building[-500:]
    written = serving.splitlines()
    assert [line for line in written if re.search("WARN|ERROR|Warning", line)] == []
