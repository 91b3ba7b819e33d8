"""A Chromium and a live site for each file that asks for one."""

from __future__ import annotations

import pytest

from support.live_site import prepared_folder, running_site


@pytest.fixture(scope="module")
def browser():
    """The system's Chromium. Tests that ask carry @pytest.mark.needs_chromium.

    It ends with the file: while Playwright runs, its loop stands in the way of a second one and of Django's database.
    """
    from playwright.sync_api import sync_playwright

    from support.browser import open_browser

    with sync_playwright() as play:
        opened = open_browser(play)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def site_template(tmp_path_factory):
    """A folder with a migrated database and nobody in it."""
    return prepared_folder(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module")
def site(site_template, tmp_path_factory):
    """A live site of this file's own."""
    with running_site(site_template, tmp_path_factory.mktemp("site")) as running:
        yield running
