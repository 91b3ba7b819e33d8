"""What every answer tells the browser to do and not to do."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.http import HttpResponse
from django.test import Client

from joinedup_web.config.sessions import SplitSessionMiddleware
from support.web_people import organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db, pytest.mark.sqlite_only]


@pytest.fixture
def signed_in(client):
    sign_in(client, staff("analyst"), organisation())
    return client


@pytest.mark.parametrize(
    "address", ["/", "/staff/", "/staff/projects", "/staff/none", "/account/", "/api/v1/runs"]
)
def test_every_answer_is_held_to_this_site(signed_in, address):
    answer = signed_in.get(address)
    policy = answer["Content-Security-Policy"]

    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy or policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert (
        "charset=utf-8" in answer["Content-Type"]
        or "json" in answer["Content-Type"]
        or answer.status_code == 302
    )
    assert not {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(answer.headers)


def test_another_site_is_offered_no_answer(signed_in):
    answer = signed_in.get("/staff/projects", headers={"origin": "https://elsewhere.example"})

    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_methods_that_nobody_uses_do_nothing(signed_in, method):
    assert getattr(signed_in, method)("/health/live").status_code == 405


def test_a_form_from_elsewhere_is_refused():
    strict = Client(enforce_csrf_checks=True)
    sign_in(strict, staff("analyst"), organisation())

    assert strict.post("/staff/projects/new", {"name": "X", "purpose": "x"}).status_code == 403


@pytest.mark.parametrize("over_https", [False, True])
def test_a_host_that_is_not_ours_gets_nothing_but_a_page_under_our_policy(client, settings, over_https):
    settings.SECURE_SSL_REDIRECT = over_https  # then Django asks for the host earlier

    answer = client.get("/", headers={"host": "elsewhere.example"})

    assert answer.status_code == 400
    assert answer["X-Frame-Options"] == "DENY"
    (nonce,) = re.findall(r"script-src [^;]*'nonce-([^']+)'", answer["Content-Security-Policy"])
    used = re.findall(r"<script[^>]* nonce=\"([^\"]*)\"", answer.content.decode())
    assert set(used) == {nonce}
    assert "elsewhere.example" not in answer.content.decode()


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "10.0.0.7", "[::1]:8000", "web_1", "elsewhere.example"])
def test_probes_are_answered_by_whatever_name_they_call_us(client, settings, address, host):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, [r"^health/"]
    settings.ALLOWED_HOSTS = ["joinedup.example.gov.uk"]
    settings.JOINEDUP = replace(settings.JOINEDUP, url="https://joinedup.example.gov.uk")

    answer = client.get(address, headers={"host": host})

    assert answer.status_code in {200, 503}
    assert answer["Content-Type"] == "application/json"
    assert client.get("/", headers={"host": host}).status_code == 400


def test_no_browser_keeps_what_somebody_was_shown(signed_in):
    """Whoever sits there next and goes back gets the sign-in page, not a colleague's pair of records."""
    assert "no-store" in signed_in.get("/staff/projects")["Cache-Control"]
    assert "no-store" in signed_in.get("/staff/projects?format=csv")["Cache-Control"]
    assert "no-store" not in Client().get("/").get("Cache-Control", "")


def test_over_https_each_side_reads_its_own_cookie_alone(client, settings):
    settings.SESSION_COOKIE_SECURE = True
    sign_in(client, staff("analyst"), organisation())
    key = client.cookies.pop("joinedup_staff").value

    client.cookies["__Host-joinedup_staff"] = key
    assert client.get("/staff/", secure=True).status_code == 200
    assert client.get("/account/", secure=True).status_code == 302
    del client.cookies["__Host-joinedup_staff"]
    client.cookies["__Host-joinedup_public"] = key
    assert client.get("/staff/", secure=True).status_code == 302
    client.cookies["joinedup_staff"] = key  # what a neighbour under the same domain could plant
    assert client.get("/staff/", secure=True).status_code == 302


@pytest.mark.parametrize("side", ["staff", "public"])
def test_over_https_a_session_cookie_is_of_this_very_host_alone(client, settings, rf, side):
    settings.SESSION_COOKIE_SECURE = True
    request = rf.get("/staff/" if side == "staff" else "/", secure=True)

    def begins_a_session(asked):
        asked.session["something"] = "kept"
        return HttpResponse()

    answer = SplitSessionMiddleware(begins_a_session)(request)

    (cookie,) = answer.cookies.values()
    assert cookie.key == f"__Host-joinedup_{side}"
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
