"""The pictures in docs/screenshots: all there, small, and true to the pages, which still have the headings noted.

JOINEDUP_TEST_SCREENSHOTS=write makes them anew. Pixels are not compared: they differ from machine to machine.
"""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path

import pytest

from support.browser import MOBILE, open_page
from support.capability import ROOT
from support.demonstration_site import running_demonstration
from support.page_checks import faults_of
from support.screenshots import LARGEST, PEOPLE, PICTURES, index_of, picture_of, write

pytestmark = [pytest.mark.web, pytest.mark.sqlite_only]
FOLDER = ROOT / "docs" / "screenshots"
WRITES = os.environ.get("JOINEDUP_TEST_SCREENSHOTS") == "write"


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    with running_demonstration(tmp_path_factory.mktemp("demonstration"), people=PEOPLE) as url:
        yield url


@pytest.mark.skipif(WRITES, reason="they are being made")
@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_each_picture_is_there_and_small(picture):
    png = (FOLDER / f"{picture.name}.png").read_bytes()

    width, _ = struct.unpack(">II", png[16:24])  # of the first chunk, IHDR
    assert width == picture.window[0]
    assert len(png) < LARGEST


@pytest.mark.skipif(WRITES, reason="they are being made")
def test_no_picture_is_left_over_and_documents_show_those_that_are_there():
    names = {picture.name for picture in PICTURES}
    assert {file.stem for file in FOLDER.glob("*.png")} == names
    for document in ("README.md", "docs/explanation/the-website.md"):
        shown = re.findall(r"\]\([^)]*screenshots/([\w-]+)\.png\)", Path(ROOT / document).read_text("utf-8"))
        assert shown, document
        assert set(shown) <= names, document


@pytest.mark.slow
@pytest.mark.needs_chromium
def test_pages_still_are_what_their_pictures_show(browser, demonstration):
    made = {picture.name: picture_of(browser, demonstration, picture) for picture in PICTURES}
    if WRITES:
        write(FOLDER, made)
    headings = {name: told for name, (told, _) in made.items()}
    assert (FOLDER / "index.md").read_text("utf-8") == index_of(headings)


@pytest.mark.slow
@pytest.mark.needs_chromium
@pytest.mark.needs_axe
def test_pages_of_the_demonstration_have_nothing_to_mend(browser, demonstration, axe):
    found = {}
    for viewport in (None, MOBILE):
        with open_page(browser, demonstration, viewport=viewport) as page:
            for address in ("/", "/demonstration/", "/staff/sign-in", "/account/sign-in/start"):
                page.goto(address)
                found[address] = faults_of(page, axe)
            page.locator("form:has(input[name=person]) button").first.click()
            page.goto("/account/identity/start")
            found["proving"] = faults_of(page, axe)
    assert {address: told for address, told in found.items() if told} == {}
