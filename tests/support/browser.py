"""Chromium for the tests of pages: watched for complaints, searched by axe, driven by keyboard, with or without
JavaScript.

    with open_page(browser, url) as page:      # what the console says, and what fails to load, fails the test
        page.goto(...)
        assert axe_findings(page, axe) == []
        tab_to(page, "link", "Privacy")
        page.keyboard.press("Enter")
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    Request,
    Response,
)

from support.capability import chromium_program

SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
DESKTOP = {"width": 1280, "height": 900}
MOBILE = {"width": 375, "height": 740}


@dataclass(frozen=True)
class Upstream:
    """A finding that is a fault of a component we use: the rule, what its HTML holds, and why it must wait."""

    rule: str
    holds: str
    why: str


UPSTREAM = (
    Upstream(
        rule="label-content-name-mismatch",
        holds="govuk-file-upload-button",
        why="govuk-frontend names the button of its enhanced file upload by label, state and words together; "
        "our forms leave that enhancement off, and pages that turn it on have this finding",
    ),
)


@dataclass
class Complaints:
    """What a page complained about while it was open. allowed: parts of complaints that the test expects.

    A form that is shown again for what was sent answers 422, of which the console complains each time: that is heard
    for nothing where the page itself was the answer (reshown), and counts where a script asked for something.
    """

    heard: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    reshown: set[str] = field(default_factory=set)
    of_422: list[tuple[str, str]] = field(default_factory=list)

    def listen(self, page: Page, url: str) -> None:
        """Hear what the console says above idle advice, what fails to load, and what goes to another site."""

        def said(message: ConsoleMessage) -> None:
            if "status of 422" in message.text:
                self.of_422.append((message.location["url"], f"{message.type}: {message.text}"))
            elif message.type not in {"verbose", "debug"}:
                self.heard.append(f"{message.type}: {message.text}")

        def failed(asked: Request) -> None:
            if "ERR_ABORTED" not in (asked.failure or ""):  # left unfinished by going to another page
                self.heard.append(f"failed: {asked.url} {asked.failure}")

        def answered(answer: Response) -> None:
            if answer.status == 422 and answer.request.is_navigation_request():
                self.reshown.add(answer.url)
            elif answer.status >= 400:
                self.heard.append(f"{answer.status}: {answer.url}")

        def asked_for(asked: Request) -> None:
            if url and not asked.url.startswith((url, "data:")):
                self.heard.append(f"elsewhere: {asked.url}")

        page.on("console", said)
        page.on("pageerror", lambda problem: self.heard.append(f"error: {problem}"))
        page.on("requestfailed", failed)
        page.on("response", answered)
        page.on("request", asked_for)

    def left(self) -> list[str]:
        heard = [*self.heard, *(said for url, said in self.of_422 if url not in self.reshown)]
        return [said for said in heard if not any(part in said for part in self.allowed)]


def _until_loaded(click: Callable[..., None]) -> Callable[..., None]:
    """A click is over when the page it led to has loaded. Playwright's own is over when that page begins, so on a
    busy machine what a test asks next is asked of half a page."""

    @wraps(click)
    def clicked(place: Locator, **how: Any) -> None:
        click(place, **how)
        if not place.page.is_closed():
            place.page.wait_for_load_state()

    return clicked


Locator.click = _until_loaded(Locator.click)  # type: ignore[method-assign]  # for every test, at its one door


def open_browser(play: Playwright) -> Browser:
    """The system's Chromium. Its processes end with `close()` or with the block of sync_playwright."""
    return play.chromium.launch(executable_path=str(chromium_program()), args=list(SWITCHES))


@contextmanager
def open_page(
    browser: Browser,
    url: str = "",
    *,
    viewport: dict[str, int] | None = None,
    javascript: bool = True,
    staff_cookie: str = "",
    citizen_cookie: str = "",
    allow: tuple[str, ...] = (),
) -> Iterator[Page]:
    """A page in a context of its own; at the end what was complained about fails the test.

    url: the site's address, so that page.goto("/privacy") is enough. staff_cookie, citizen_cookie: sessions to be
    signed in by.
    allow: parts of complaints to pass over (an answer of 404 that the test asked for is one).
    """
    context: BrowserContext = browser.new_context(
        base_url=url or None,
        viewport=viewport or DESKTOP,  # type: ignore[arg-type]
        java_script_enabled=javascript,
        reduced_motion="reduce",
        locale="en-GB",
    )
    host = url.split("//")[-1].split(":")[0]
    for name, value, path in (
        ("joinedup_staff", staff_cookie, "/staff/"),
        ("joinedup_public", citizen_cookie, "/"),
    ):
        if value:
            context.add_cookies([{"name": name, "value": value, "domain": host, "path": path}])
    page = context.new_page()
    complaints = Complaints(allowed=list(allow))
    complaints.listen(page, url)
    try:
        yield page
        if complaints.left():
            raise AssertionError("the page complained:\n" + "\n".join(complaints.left()))
    finally:
        context.close()


def axe_findings(page: Page, axe: str) -> list[str]:
    """What axe finds to mend, as "rule: HTML"; empty for a good page. Upstream's faults are left out (UPSTREAM)."""
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate("tags => axe.run(document, {runOnly: tags})", list(AXE_TAGS))
    told = [(rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]]
    return [f"{rule}: {html[:160]}" for rule, html in told if not _is_upstream(rule, html)]


def scrolls_sideways(page: Page) -> bool:
    """Whether the page itself is wider than its window; parts that scroll on their own do not count."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def focused(page: Page) -> str:
    """What has the focus, as "role name" in short: its tag or role, and its words."""
    return str(
        page.evaluate(
            """() => { const e = document.activeElement; if (!e || e === document.body) return "";
            const name = e.getAttribute("aria-label") || (e.labels && e.labels[0] && e.labels[0].textContent)
              || e.textContent || e.value || "";
            return (e.getAttribute("role") || e.tagName.toLowerCase()) + " " + name.replace(/\\s+/g, " ").trim(); }"""
        )
    )


def tab_to(page: Page, words: str, *, limit: int = 80, backwards: bool = False) -> None:
    """Press Tab until what has the focus holds these words. Fails with the way that was gone."""
    gone = []
    for _ in range(limit):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        here = focused(page)
        gone.append(here)
        if words in here:
            assert focus_is_seen(page), f"the focus on {here!r} cannot be seen"
            return
    raise AssertionError(f"the keyboard does not reach {words!r}; it went: {gone[:25]}")


def focus_is_seen(page: Page) -> bool:
    """Whether the focused element lies in the window and looks otherwise than without the focus."""
    return bool(
        page.evaluate(
            """() => { const e = document.activeElement; const box = e.getBoundingClientRect();
            const near = e.closest(".govuk-radios__item, .govuk-checkboxes__item");
            if (near) return true;  // these show the focus on their label
            if (box.width === 0 || box.height === 0) return false;
            if (box.bottom < 0 || box.top > window.innerHeight) return false;
            const s = getComputedStyle(e);
            return s.outlineStyle !== "none" || s.boxShadow !== "none" || s.backgroundColor === "rgb(255, 221, 0)"; }"""
        )
    )


def activate(page: Page, words: str, *, key: str = "Enter", limit: int = 80) -> None:
    """Go to something by Tab and press it."""
    tab_to(page, words, limit=limit)
    page.keyboard.press(key)


def _is_upstream(rule: str, html: str) -> bool:
    return any(known.rule == rule and known.holds in html for known in UPSTREAM)
