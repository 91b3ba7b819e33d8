"""What every page must be: named, in its language, narrow enough for a telephone, with nothing for axe to mend."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page

from support.browser import axe_findings, scrolls_sideways
from support.table_downloads import table_faults

NARROW = {"width": 320, "height": 700}
SERVICE = " – Joinedup"
FURTHER = (" (page ", " (tudalen ", " of ")
"""How a title may go on after the heading's words: which page of a list, or of which project."""


def faults_of(
    page: Page, axe: str, *, language: str = "en", error: bool = False, narrow: bool = True
) -> list[str]:
    """What is wrong with the page that is open; empty for a good one.

    error: whether its title must begin by saying that something was wrong. narrow: look at 320 px, too.
    """
    page.wait_for_selector("html[data-started]", timeout=10_000)
    found = [*_names(page, error=error, language=language), *axe_findings(page, axe)]
    if not error:  # what answers a form has no address to be downloaded from
        found += table_faults(page.content(), urlsplit(page.url).path)
    if narrow:
        wide = page.viewport_size
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        if scrolls_sideways(page):
            found.append(f"scrolls sideways at 320 px: {_widest(page)}")
        page.set_viewport_size(wide)  # type: ignore[arg-type]
    return found


def _names(page: Page, *, error: bool, language: str) -> list[str]:
    told = page.evaluate(
        """() => ({title: document.title, lang: document.documentElement.lang,
            h1: [...document.querySelectorAll("h1")].map(h => { const own = h.cloneNode(true);
                own.querySelectorAll("[class*=govuk-caption]").forEach(c => c.remove());
                return own.textContent.replace(/\\s+/g, " ").trim(); })})"""
    )
    found = []
    if len(told["h1"]) != 1:
        return [f"{len(told['h1'])} h1: {told['h1']}"]
    title, heading = told["title"], told["h1"][0]
    if told["lang"] != language:
        found.append(f"lang is {told['lang']!r}")
    if not title.endswith(SERVICE):
        found.append(f"the title {title!r} does not name the service")
    begins = {"en": "Error: ", "cy": "Gwall: "}[language]
    if title.startswith(begins) != error:
        found.append(f"the title {title!r} should {'' if error else 'not '}begin with {begins!r}")
    named = title.removeprefix(begins).removesuffix(SERVICE).strip()
    if not _same(named, heading):
        found.append(f"the title {named!r} is not what the page says of itself: {heading!r}")
    return found


def _same(title: str, heading: str) -> bool:
    """A title is the heading, to the letter; it may go on to say which page, or whose, and never says less."""
    if title == heading:
        return bool(title)
    goes_on = title.startswith(heading) and title[len(heading) :].startswith(FURTHER)
    return bool(heading) and (goes_on or (heading.endswith("?") and title.startswith(f"{heading} ")))


def _widest(page: Page) -> str:
    """The deepest element that reaches beyond the window, for the one who mends it."""
    return str(
        page.evaluate(
            """() => { const w = document.documentElement.clientWidth;
            const out = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > w + 1
              && !e.closest(".app-scroll"));
            const last = out[out.length - 1]; return last ? last.outerHTML.slice(0, 160) : "?"; }"""
        )
    )
