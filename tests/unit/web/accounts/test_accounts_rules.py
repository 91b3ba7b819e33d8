"""The rules of accounts that need no database: codes, delays, identifiers, networks, browsers, tasks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings as site
from django.test import RequestFactory

from joinedup_web.accounts import authenticator, home, passkeys, tokens, visitor
from joinedup_web.accounts.granting import apart
from joinedup_web.accounts.identifiers import SCHEMES
from joinedup_web.accounts.lockout import FREE_BY_ACCOUNT, delay_after
from joinedup_web.gate.actor import Actor, ActorKind

pytestmark = pytest.mark.web

# RFC 6238, appendix B, SHA-1: the secret is the ASCII text 12345678901234567890; eight digits there, the last six here.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_are_those_of_the_standard(seconds, code):
    at = datetime.fromtimestamp(seconds, UTC)

    assert authenticator.right_step(SECRET, code, at=at, after=0) == seconds // 30


def test_a_code_may_be_half_a_minute_out_and_no_more():
    for steps, taken in ((-2, False), (-1, True), (1, True), (2, False)):
        at = datetime.fromtimestamp(1111111109 + 30 * steps, UTC)
        assert (authenticator.right_step(SECRET, "081804", at=at, after=0) is not None) is taken


def test_a_code_is_taken_once_and_no_older_one_after_it():
    at = datetime.fromtimestamp(59, UTC)

    assert authenticator.right_step(SECRET, "287082", at=at, after=1) is None
    assert authenticator.right_step(SECRET, " 287 082 ", at=at, after=0) == 1


def test_the_qr_code_carries_no_style_and_no_script():
    picture = authenticator.qr_code_svg(SECRET, account="ada@example.test", issuer="Joinedup").decode()

    assert picture.startswith("<?xml")
    assert "style=" not in picture
    assert "<script" not in picture


def test_delays_double_up_to_an_hour():
    minutes = [delay_after(failures, free=FREE_BY_ACCOUNT) for failures in range(4, 13)]

    assert minutes[0] is None
    assert [delay // timedelta(minutes=1) for delay in minutes[1:]] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert delay_after(10**6, free=FREE_BY_ACCOUNT) == timedelta(hours=1)


def test_recovery_codes_are_read_as_people_write_them():
    code = "abcd-efgh-lo23-wxyz"

    for written in ("ABCD EFGH LO23 WXYZ", "abcdefgh1023wxyz", "abcd–efgh–lo23–wxyz"):
        assert tokens.recovery_digest(written) == tokens.recovery_digest(code)
    assert tokens.recovery_digest("abcd-efgh-lo23-wxya") != tokens.recovery_digest(code)
    codes = tokens.new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(len(each.replace("-", "")) == 16 for each in codes)


@pytest.mark.parametrize(
    ("field", "text", "read"),
    [
        ("govuk_slug", "HM-Land-Registry", "hm-land-registry"),
        ("govuk_slug", "-no", None),
        ("gss_code", "e06 000001", "E06000001"),
        ("gss_code", "K02000001", "K02000001"),
        ("gss_code", "X06000001", None),
        ("gss_code", "E0600001", None),
        ("ods_code", "rx1", "RX1"),
        ("ods_code", "A81001", "A81001"),
        ("ods_code", "123", None),
        ("ods_code", "TOOLONG", None),
        ("companies_house_number", "1234567", "01234567"),
        ("companies_house_number", "sc123456", "SC123456"),
        ("companies_house_number", "IP12345R", "IP12345R"),
        ("companies_house_number", "123456789", None),
        ("companies_house_number", "S1234567", None),
    ],
)
def test_identifiers_are_read_by_their_schemes(field, text, read):
    assert {scheme.field: scheme for scheme in SCHEMES}[field].read(text) == read


def test_permissions_that_may_never_be_held_together():
    assert apart({"pair.review", "pair.second_opinion"}) is None
    assert "watches the watchers" in str(apart({"audit.export", "record.view", "source.view"}))


def request(address: str = "192.0.2.1", *, forwarded: str = "", agent: str = ""):
    extra = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return RequestFactory().get("/", REMOTE_ADDR=address, HTTP_USER_AGENT=agent, **extra)


def test_one_network_is_one_sender():
    digest = visitor.address_digest

    assert digest(request("2001:db8:1:2::1")) == digest(request("2001:db8:1:2:ffff::9"))
    assert digest(request("2001:db8:1:2::1")) != digest(request("2001:db8:1:3::1"))
    assert digest(request("::ffff:192.0.2.1")) == digest(request("192.0.2.1"))
    assert digest(request("")) == digest(request("not an address"))


def test_a_forwarded_address_counts_only_as_far_as_our_own_proxies(settings):
    spoofed = request("10.0.0.1", forwarded="203.0.113.9, 198.51.100.7")
    assert visitor.address_digest(spoofed) == visitor.address_digest(request("10.0.0.1"))

    settings.JOINEDUP = replace(site.JOINEDUP, proxies=1)

    assert visitor.address_digest(spoofed) == visitor.address_digest(request("198.51.100.7"))


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("", "Unknown browser"),
    ],
)
def test_browsers_are_known_by_family_alone(agent, words):
    assert visitor.browser(request(agent=agent)) == words


@pytest.mark.parametrize(
    ("url", "possible"),
    [("http://127.0.0.1:8000", False), ("http://[::1]:8000", False), ("http://localhost:8000", True)],
)
def test_passkeys_need_a_name(settings, url, possible):
    settings.JOINEDUP = replace(site.JOINEDUP, url=url)

    assert passkeys.are_possible() is possible


def test_tasks_are_shown_to_those_who_may_and_where_something_waits(monkeypatch):
    monkeypatch.setattr(home, "_TASKS", {})
    make = lambda code, **more: home.register(  # noqa: E731
        home.Task(
            code, f"Do {code}", "x", more.pop("view", "accounts:home"), more.pop("permission", None), **more
        )
    )
    make("waits", count=lambda by: 3, counted=("pair", "pairs"), order=2)
    make("empty", count=lambda by: 0, only_waiting=True)
    make("idle", count=lambda by: 0)
    make("forbidden", permission="pair.review")
    make("absent", view="no_such:view")
    by = Actor(ActorKind.STAFF, id=uuid4(), organisation_id=uuid4())

    waiting, other = home.tasks_for(by)

    assert [(task.text, task.amount) for task in waiting] == [("Do waits", "3 pairs waiting")]
    assert [task.text for task in other] == ["Do idle"]
