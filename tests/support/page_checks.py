"""What every page must be: named, in its language, narrow enough for a telephone, with nothing for axe to mend."""

from __future__ import annotations

from playwright.sync_api import Page

from support.browser import axe_findings, scrolls_sideways

NARROW = {"width": 320, "height": 700}
SERVICE = " – Joinedup"
GREETING = ("Start", "Good to see you")
"""The staff home greets, and its title is what the page is."""


def faults_of(
    page: Page, axe: str, *, language: str = "en", error: bool = False, narrow: bool = True
) -> list[str]:
    """What is wrong with the page that is open; empty for a good one.

    error: whether its title must begin by saying that something was wrong. narrow: look at 320 px, too.
    """
    page.wait_for_selector("html[data-started]", timeout=10_000)
    found = [*_names(page, error=error, language=language), *axe_findings(page, axe)]
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
            h1: [...document.querySelectorAll("h1")].map(h => h.textContent.replace(/\\s+/g, " ").trim())})"""
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
    if not _same(named, heading) and not (named == GREETING[0] and heading.startswith(GREETING[1])):
        found.append(f"the title {named!r} is not what the page says of itself: {heading!r}")
    return found


def _same(title: str, heading: str) -> bool:
    """A title names its page in the heading's words; either may say more."""
    title, heading = title.casefold(), heading.casefold()
    return bool(title) and (title in heading or heading in title)


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
