"""Errors help: what happened, what to do, whom to ask; in the page's language; JSON under /api/; no inside shown."""

from __future__ import annotations

import pytest
from django.db import connection
from django.http import HttpResponse, HttpResponseNotAllowed
from django.test import Client
from django.test.utils import CaptureQueriesContext

from joinedup_web.design.errors import PAGES, error_answer, errors_as_pages, fault
from joinedup_web.gate.decide import GateDecision, Refused

pytestmark = [pytest.mark.web, pytest.mark.django_db, pytest.mark.urls("support.design_pages")]


@pytest.mark.parametrize("status", sorted(PAGES))
@pytest.mark.parametrize("path", ["/x", "/staff/x"])
def test_every_error_says_what_to_do_and_whom_to_ask(rf, status, path):
    answer = error_answer(rf.get(path), status)
    page = answer.content.decode()

    assert answer.status_code == status
    assert PAGES[status].heading in page
    assert all(sentence in page for sentence in PAGES[status].advice)
    assert "If you need help" in page


@pytest.mark.parametrize("status", sorted(PAGES))
def test_programs_get_json(rf, status):
    answer = error_answer(rf.get("/api/x"), status)

    assert answer["Content-Type"] == "application/json"
    assert PAGES[status].code in answer.content.decode()


def test_a_page_that_is_not_there_is_told_in_welsh(client):
    answer = client.get("/dim-yma?lang=cy")

    assert answer.status_code == 404
    assert "Heb ddod o hyd i’r dudalen" in answer.content.decode()


def test_a_fault_shows_nothing_of_its_inside(client):
    client.raise_request_exception = False

    answer = client.get("/try/fault")
    page = answer.content.decode()

    assert answer.status_code == 500
    assert "Sorry, there is a problem with the service" in page
    for inside in ("Traceback", "RuntimeError", "Ethel", "design_pages"):
        assert inside not in page


def test_a_fault_under_the_api_is_json(client):
    client.raise_request_exception = False

    answer = client.get("/api/try/fault")

    assert answer.json() == {
        "error": "fault",
        "what": "Sorry, there is a problem with the service",
        "status": 500,
    }


def test_the_page_of_a_fault_asks_no_database(rf):
    with CaptureQueriesContext(connection) as queries:
        answer = fault(rf.get("/staff/anything"))

    assert answer.status_code == 500
    assert len(queries) == 0


def test_a_fault_in_the_templates_is_still_a_page(rf, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("joinedup_web.design.errors.page", broken)

    page = fault(rf.get("/")).content.decode()

    assert "<h1>Sorry, there is a problem with the service</h1>" in page


def test_a_form_without_its_token_says_that_nothing_changed():
    answer = Client(enforce_csrf_checks=True).post("/try/form", {"name": "Ada"})

    assert answer.status_code == 403
    assert "Nothing was changed." in answer.content.decode()


def test_a_bare_405_becomes_a_page_and_keeps_what_is_allowed(client):
    answer = client.post("/privacy")

    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD"
    assert "This page cannot be used that way" in answer.content.decode()


def test_an_error_that_a_view_has_filled_is_left_alone(rf):
    own = HttpResponse("own words", status=429)

    assert errors_as_pages(lambda request: own)(rf.get("/")) is own
    assert errors_as_pages(lambda request: HttpResponseNotAllowed(["GET"]))(rf.get("/")).content != b""


def test_a_refusal_gives_its_reasons(rf):
    from joinedup_web.design.errors import refused_page

    decision = GateDecision(False, "no_permission", ("no role of yours allows: <See> sources",))
    page = refused_page(rf.get("/staff/x"), Refused(decision, permission="source.view")).content.decode()

    assert "No role of yours allows: &lt;See&gt; sources." in page
