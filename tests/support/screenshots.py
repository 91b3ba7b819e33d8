"""Pictures of the demonstration's main pages for the documents: how to come to each, as whom, and how large."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from support.browser import open_page

DESKTOP, MOBILE = (1280, 900), (390, 844)
LARGEST = 150_000
COLOURS = 128
PEOPLE = 5_000
PERSON = re.compile(r"Person P\d+")  # whose number is another one whenever the linkage gets better
DAY = re.compile(r"^\d{1,2} [A-Z][a-z]+ \d{4}$")  # what was done was done some weeks ago, whenever that is


@dataclass(frozen=True)
class Picture:
    """name: of the file. what: for the list. worker: who is signed in, by e-mail; empty for nobody.

    go: how to come to the page from /staff/ or /. height: in CSS pixels, where the window's is not right. otherwise:
    who is there where it is no member of staff.
    """

    name: str
    what: str
    go: Callable[[Page], None]
    worker: str = ""
    window: tuple[int, int] = DESKTOP
    height: int = 0
    otherwise: str = "Nobody"


def at(address: str) -> Callable[[Page], None]:
    return lambda page: page.goto(address) and None


def _through(*links: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto(links[0])
        for link in links[1:]:
            page.get_by_role("main").get_by_role("link", name=link).first.click()

    return go


def _pair(page: Page) -> None:
    page.goto("/staff/review")
    page.get_by_role("main").get_by_role("button", name="Review").or_(
        page.get_by_role("main").get_by_role("link", name="Review")
    ).first.click()
    page.get_by_role("table").first.wait_for()


def _people(page: Page) -> None:
    page.goto("/staff/people")
    if page.get_by_label("Work on this person").count():
        page.get_by_label("Work on this person").check()
        page.get_by_label("Number of the case").fill("HB-2026-0142")
        page.get_by_role("button", name="Continue").click()
    for _ in range(60):  # the list of people is made in the background when somebody first asks for it
        if page.get_by_role("table").count():
            return
        page.wait_for_timeout(1000)
        page.goto("/staff/people")
    told = page.get_by_role("main").inner_text()[:400]
    raise AssertionError(f"the people were not listed in a minute: {page.url}, {told}")


def _record(page: Page) -> None:
    _people(page)
    page.goto("/staff/people?sort=-records&doubtful=False")
    page.get_by_role("table").first.get_by_role("link", name="P0").first.click()


def _read(*links: str) -> Callable[[Page], None]:
    """A page about a service whose comments were read, and their themes drafted, in the background."""

    def go(page: Page) -> None:
        _through("/staff/feedback", "Parking permits", "What people wrote")(page)
        for _ in range(120):
            told = page.get_by_role("main").inner_text()
            if "to look at" in told and re.search(r"Waiting to be read\s+0\b", told):
                return _through("/staff/feedback", "Parking permits", *links)(page)
            page.wait_for_timeout(1000)
            page.reload()
        raise AssertionError("the comments were not read in two minutes")

    return go


def _charts(page: Page) -> None:
    RUN(page)
    page.get_by_role("heading", name="Pictures").evaluate("heading => heading.scrollIntoView()")


def _citizen(address: str) -> Callable[[Page], None]:
    """A member of the public of the demonstration, who has proved who they are."""

    def go(page: Page) -> None:
        page.goto("/account/sign-in/start")
        page.locator("form:has(input[name=person]) button").first.click()
        page.goto("/account/identity/start")
        page.get_by_role("button", name="Go through the checks").click()
        page.wait_for_url("**/account/")
        page.goto(address)

    return go


ANALYST, CLERK = "ana.lyst@fernshire.example", "clara.clark@fernshire.example"
CASEWORKER, AUDITOR = "casey.worker@fernshire.example", "audrey.itor@fernshire.example"
ADMINISTRATOR, MANAGER = "orla.admin@fernshire.example", "sara.vice@fernshire.example"
RUN = _through("/staff/linkage", "Run 1")
PICTURES = (
    Picture("start", "The start page", at("/")),
    Picture("start-welsh", "The start page in Welsh", at("/?lang=cy")),
    Picture("start-mobile", "The start page on a telephone", at("/"), window=MOBILE),
    Picture("demonstration", "The demonstration's accounts", at("/demonstration/"), height=1950),
    Picture("sign-in", "Staff sign in", at("/staff/sign-in")),
    Picture("staff-home", "An analyst's home", at("/staff/"), ANALYST),
    Picture("project", "A project", _through("/staff/projects", "Fernshire residents"), ANALYST, height=1000),
    Picture("sources", "Sources", at("/staff/sources"), ANALYST),
    Picture(
        "source", "A source and its quality", _through("/staff/sources", "council_tax"), ANALYST, height=1300
    ),
    Picture("run", "A linkage run’s result", RUN, ANALYST, height=1400),
    Picture("run-mobile", "A linkage run’s result on a telephone", RUN, ANALYST, window=MOBILE),
    Picture("run-charts", "The pictures of a linkage run", _charts, ANALYST, height=1000),
    Picture(
        "fairness",
        "Whom a linkage fails, by group",
        _through("/staff/linkage", "Run 1", "Who does the linkage fail?"),
        ANALYST,
        height=1900,
    ),
    Picture("pair", "Two records side by side", _pair, CLERK, height=1100),
    Picture("pair-mobile", "Two records on a telephone", _pair, CLERK, window=MOBILE, height=1000),
    Picture("people", "People who were joined", _people, CASEWORKER, height=1000),
    Picture("record", "One person’s joined record", _record, CASEWORKER, height=1300),
    Picture("account", "A citizen’s account", _citizen("/account/"), otherwise="A citizen"),
    Picture(
        "account-welsh", "A citizen’s account in Welsh", _citizen("/account/?lang=cy"), otherwise="A citizen"
    ),
    Picture(
        "account-mobile",
        "A citizen’s account on a telephone",
        _citizen("/account/"),
        otherwise="A citizen",
        window=MOBILE,
    ),
    Picture("colleagues", "Staff of an organisation", at("/staff/colleagues"), ADMINISTRATOR),
    Picture("audit", "The audit record", at("/staff/audit"), AUDITOR, height=1000),
    Picture(
        "feedback-form",
        "What a service asks, on a telephone",
        _through("/demonstration/", "Answer its form"),
        window=MOBILE,
        height=1000,
    ),
    Picture(
        "you-said-we-did",
        "What was said and done",
        at("/feedback/parking-permits/you-said-we-did"),
        height=1100,
    ),
    Picture(
        "comments", "What people wrote, read by models", _read("What people wrote"), MANAGER, height=1300
    ),
    Picture("dashboard", "How a service does", _read("Dashboard"), MANAGER, height=1600),
)


def picture_of(browser: Browser, url: str, picture: Picture) -> tuple[list[str], bytes]:
    """Come to a page; return its headings (of the first two levels) and what it looks like, as PNG."""
    width, height = picture.window
    viewport = {"width": width, "height": picture.height or height}
    with open_page(browser, url, viewport=viewport) as page:
        if picture.worker:
            sign_in(page, picture.worker)
        picture.go(page)
        page.wait_for_selector("html[data-started]")
        headings = page.locator("main h1, main h2").all_inner_texts()
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement.blur()")
        told = (PERSON.sub("Person …", " ".join(each.split())) for each in headings)
        return [DAY.sub("(a day)", each) for each in told], page.screenshot()


def sign_in(page: Page, worker: str) -> None:
    """Sign in on the demonstration's own page."""
    page.goto("/demonstration/")
    page.locator(f"form:has(input[value='{worker}']) button").click()
    page.wait_for_url("**/staff/")


def smaller(png: bytes) -> bytes:
    """The picture with few colours, for the repository."""
    from PIL import Image

    made = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(colors=COLOURS, dither=Image.Dither.NONE).save(
            made, "PNG", optimize=True
        )
    return made.getvalue()


def index_of(shown: dict[str, list[str]]) -> str:
    """The list of pictures: a line each, with page, role and headings. shown: headings by name."""
    lines = [
        "# Pictures of the website",
        "",
        f"Made by `tests/functional/web/test_screenshots.py` from a demonstration of {PEOPLE:,} people, none of whom "
        "exists. The test fails when a page no longer has these headings; `JOINEDUP_TEST_SCREENSHOTS=write` makes "
        "all anew.",
        "",
        "| picture | page | as | headings |",
        "|---|---|---|---|",
    ]
    for picture in PICTURES:
        who = picture.worker.partition("@")[0].replace(".", " ").title() or picture.otherwise
        headings = " · ".join(shown[picture.name])
        lines.append(f"| [{picture.name}]({picture.name}.png) | {picture.what} | {who} | {headings} |")
    return "\n".join(lines) + "\n"


def write(folder: Path, made: dict[str, tuple[list[str], bytes]]) -> None:
    """Write every picture and their list."""
    folder.mkdir(exist_ok=True)
    for name, (_, png) in made.items():
        (folder / f"{name}.png").write_bytes(smaller(png))
    (folder / "index.md").write_text(
        index_of({name: headings for name, (headings, _) in made.items()}), "utf-8"
    )
