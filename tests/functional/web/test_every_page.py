"""Every page that can be reached, as each role that may: populated, empty, with errors; nothing for axe to mend.

The fast tier looks at a sample. The slow one walks Django's addresses (support.sweep), so that a new page is looked
at without anybody adding it here; one that takes arguments must be made in support.full_site. It looks at each page as
the role that may do most there, and at each third as another too; with JOINEDUP_TEST_HEAVY=1 as each that may see it.
"""

from __future__ import annotations

import os
import re
import zlib

import pyotp
import pytest

from joinedup_web.gate.permissions import role_kinds
from support.browser import DESKTOP, MOBILE, open_page
from support.page_checks import faults_of
from support.staff_accounts import PASSWORD
from support.sweep import CITIZEN, NOBODY, listed_in_vain, pages_for, unaccounted

pytestmark = [pytest.mark.web, pytest.mark.needs_chromium, pytest.mark.needs_axe, pytest.mark.sqlite_only]
ROLES = tuple(role_kinds())
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
SAMPLE = (
    (NOBODY, ("/", "/staff/sign-in", "/account/sign-in")),
    (CITIZEN, ("/account/",)),
    ("analyst", ("/staff/", "/staff/sources", "linkage:run", "linkage:source")),
    ("clerk", ("linkage:pair",)),
    ("caseworker", ("/staff/people", "linkage:record")),
    ("auditor", ("/staff/audit", "/staff/account")),
    ("organisation_administrator", ("/staff/colleagues", "accounts:person")),
)


@pytest.fixture(scope="module")
def filled(site):
    return site.call("support.full_site:fill")


def signed_in(filled, role, *, empty=False):
    """What open_page needs to be signed in as a role."""
    if role == NOBODY:
        return {}
    if role == CITIZEN:
        return {"citizen_cookie": filled["citizen"]}
    if role == "caseworker" and not empty:
        return {"staff_cookie": filled["caseworker_with_purpose"]}
    return {"staff_cookie": filled["empty" if empty else "full"][role]}


def addresses_of(filled, role, wanted):
    """Addresses as they are, and the first page of each view that is named instead."""
    for each in wanted:
        if each.startswith("/"):
            yield each
        else:
            yield from [
                path for path in pages_for(role, filled["pages"]) if _is_of(path, filled["pages"][each][0])
            ]


def _is_of(path, arguments):
    ids = [str(value) for name, value in arguments.items() if name not in {"only", "query"}]
    return bool(ids) and path.endswith(ids[-1])


def shared_out(role, filled, *, empty=False):
    """The pages that are looked at as this role: all where JOINEDUP_TEST_HEAVY is set, else those where nobody who sees
    them may do more, and of the others some, the same in every run."""
    own = pages_for(role, filled["pages"], empty=empty)
    if role in (NOBODY, CITIZEN) or os.environ.get("JOINEDUP_TEST_HEAVY"):
        return own
    seers = {}
    for each in ROLES:
        for path in pages_for(each, filled["pages"], empty=empty):
            seers.setdefault(path, []).append(each)
    return [path for path in own if role in _looked_at_as(seers[path], UUIDS.sub("", path))]


def _looked_at_as(roles, path):
    first = max(roles, key=lambda role: len(role_kinds()[role].permissions))
    chance = zlib.crc32(path.encode())
    return {first, roles[chance // 3 % len(roles)]} if chance % 3 == 0 else {first}


def source_of(page, path):
    """A page's HTML as it is sent, without being shown: to see in a moment whether it is worth showing."""
    return page.context.request.get(path).text()


def look_at(page, axe, addresses, **how):
    """What is wrong with the pages at these addresses; the status must be as it should."""
    status, found = how.pop("status", 200), {}
    for address in addresses:
        answer = page.goto(address)
        told = [] if answer.status == status else [f"answers {answer.status}"]
        told += faults_of(page, axe, **how)
        if told:
            found[address] = told
    return found


@pytest.mark.parametrize("size", ["desktop", "mobile"])
@pytest.mark.parametrize(("role", "wanted"), SAMPLE, ids=[role for role, _ in SAMPLE])
def test_main_pages_have_nothing_to_mend(browser, site, filled, axe, role, wanted, size):
    viewport = DESKTOP if size == "desktop" else MOBILE
    with open_page(browser, site.url, viewport=viewport, **signed_in(filled, role)) as page:
        assert look_at(page, axe, addresses_of(filled, role, wanted)) == {}


def test_every_address_is_looked_at_or_told_why_not(filled):
    assert unaccounted(filled["pages"]) == [], (
        "make something for it in support.full_site, or tell why in support.sweep"
    )
    assert listed_in_vain() == []


@pytest.mark.slow
@pytest.mark.parametrize("role", [NOBODY, CITIZEN, *ROLES])
def test_every_page_has_nothing_to_mend(browser, site, filled, axe, role):
    with open_page(browser, site.url, **signed_in(filled, role)) as page:
        assert pages_for(role, filled["pages"])
        assert look_at(page, axe, shared_out(role, filled)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_new_organisation_has_nothing_to_mend(browser, site, filled, axe, role):
    with open_page(browser, site.url, **signed_in(filled, role, empty=True)) as page:
        assert look_at(page, axe, shared_out(role, filled, empty=True)) == {}


@pytest.mark.slow
def test_public_pages_in_welsh_have_nothing_to_mend(browser, site, filled, axe):
    for role in (NOBODY, CITIZEN):
        pages = [
            f"{path}?lang=cy"
            for path in pages_for(role, filled["pages"])
            if not path.startswith(("/staff", "/api"))
        ]
        with open_page(browser, site.url, **signed_in(filled, role)) as page:
            assert look_at(page, axe, pages, language="cy") == {}


@pytest.mark.slow
def test_lists_without_a_hit_have_nothing_to_mend(browser, site, filled, axe):
    seen = set()
    for role in ROLES:
        with open_page(browser, site.url, **signed_in(filled, role)) as page:
            for path in pages_for(role, filled["pages"]):
                if path in seen or "?" in path:
                    continue
                seen.add(path)
                source = source_of(page, path)
                if "app-list__filter" in source and 'name="q"' in source:
                    assert look_at(page, axe, [f"{path}?q=zzzzz+nobody"]) == {}
    assert seen


@pytest.mark.parametrize("size", ["desktop", "mobile"])
def test_error_pages_have_nothing_to_mend(browser, site, filled, axe, size):
    viewport = DESKTOP if size == "desktop" else MOBILE
    with open_page(browser, site.url, viewport=viewport, allow=("404", "500")) as page:
        found = look_at(page, axe, ["/not-here", "/staff/not-here"], status=404)
        found |= look_at(page, axe, ["/not-here?lang=cy"], status=404, language="cy")
        page.goto("/?lang=en")
        found |= look_at(page, axe, ["/try/fault"], status=500)
    for role, address in (("leader", "/staff/audit"), ("clerk", "/staff/people")):
        with open_page(
            browser, site.url, viewport=viewport, allow=("403",), **signed_in(filled, role)
        ) as page:
            found |= look_at(page, axe, [address], status=403)
    assert found == {}


@pytest.mark.slow
def test_pages_on_the_way_in_have_nothing_to_mend(browser, site, filled, axe):
    """From a link to set-up, and from a password to the second step."""
    found = {}

    def look(page):
        found[page.url.removeprefix(site.url)] = faults_of(page, axe)

    with open_page(browser, site.url) as page:
        page.goto(filled["pages"]["invitation link"][0]["address"])
        look(page)
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        look(page)
        page.goto("/staff/sign-in/set-up/app")
        look(page)
        secret = page.locator(".app-id").inner_text().replace(" ", "")
        page.get_by_label("Security code").fill(pyotp.TOTP(secret).now())
        page.get_by_role("button", name="Continue").click()
        look(page)
        page.get_by_role("button", name="Show my recovery codes").click()
        look(page)
    with open_page(browser, site.url) as page:
        page.goto("/staff/sign-in")
        page.get_by_label("Email address").fill(filled["email"])
        page.get_by_label("Password", exact=True).fill(filled["password"])
        page.get_by_role("button", name="Continue").click()
        look(page)
        page.goto("/staff/sign-in/recovery-code")
        look(page)
    with open_page(browser, site.url, **signed_in(filled, "analyst")) as page:
        page.goto("/staff/account/app/remove")
        look(page)
    assert {path: told for path, told in found.items() if told} == {}
    assert len(found) >= 7


EMPTY = """form => { for (const e of form.elements) {
    const isText = e.tagName === "TEXTAREA" || (e.tagName === "INPUT" && !["hidden", "file"].includes(e.type));
    if (e.type === "checkbox" || e.type === "radio") e.checked = false;
    else if (isText) e.value = "";
    else if (e.tagName === "SELECT") e.selectedIndex = 0; } }"""
ASKED = "main form[method=post]:not([data-passkey]):has(input:not([type=hidden]), select, textarea)"
MAY_BE_EMPTY = {
    "/run": "every choice of a run has a usual value",
    "/columns": "meanings that were found stay as they are",
    "/reading": "what was found out about the file stays",
    "/give": "a case may go to no team and to nobody",
    "/record/write": "what is left empty in a transparency record fills itself",
    "/check": "a comment may bear no tag and go to no team",
    "/pages/1": "a page of a form may have no heading",
    "/end": "a form may end without further words",
    "/masks": "where none is ticked, none is confirmed",
}
"""Ends of addresses whose forms may be sent with nothing filled in."""


@pytest.mark.slow
def test_forms_sent_empty_say_what_is_wrong_and_have_nothing_to_mend(browser, site, filled, axe):
    """Comes last: what may be sent empty is then kept so."""
    found, accepted, seen, refused = {}, [], set(), 0
    for role in ROLES:
        with open_page(browser, site.url, allow=("422",), **signed_in(filled, role)) as page:
            for path in pages_for(role, filled["pages"]):
                if path in seen:
                    continue
                seen.add(path)
                if 'method="post"' not in source_of(page, path).partition("<main")[2].partition("</main")[0]:
                    continue
                page.goto(path)
                form = page.locator(ASKED).first
                if not form.count():
                    continue
                form.evaluate(EMPTY)
                with page.expect_navigation():
                    form.evaluate("form => form.requestSubmit()")
                if not page.locator(".govuk-error-summary").count():
                    accepted.append(path)
                    continue
                refused += 1
                if told := faults_of(page, axe, error=True):
                    found[path] = told
    assert found == {}
    assert [path for path in accepted if not path.endswith(tuple(MAY_BE_EMPTY))] == []
    assert refused > 20
