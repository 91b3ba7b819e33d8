"""What Django's own loggers write of a request: what happened and in which view, never its address or headers."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import Client

from joinedup_web.operations.logs import JsonFormatter

pytestmark = [pytest.mark.web, pytest.mark.django_db]
MARKED = "Marked-Value"


@pytest.fixture
def lines():
    """Every line that a site would write of what Django says about requests."""
    written: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Keeping()
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("django")
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


def first(lines: list[str]) -> dict[str, object]:
    assert all(MARKED not in line for line in lines)
    return json.loads(lines[0])


def test_an_unknown_address_is_not_written_down(client, lines):
    client.get(f"/{MARKED}%20Smith?name={MARKED}")

    told = first(lines)
    assert (told["logger"], told["message"]) == ("django.request", "Not Found")
    assert (told["status"], told["view"]) == (404, "none")


def test_a_token_in_an_address_is_not_written_down(client, lines):
    client.options(f"/staff/recover/{MARKED}")

    told = first(lines)
    assert (told["message"], told["status"]) == ("Method Not Allowed", 405)
    assert told["view"] == "accounts:recover_link"


def test_a_host_that_is_not_ours_is_not_written_down(client, lines):
    client.get("/", headers={"host": f"{MARKED}.example"})

    told = first(lines)
    assert (told["logger"], told["status"]) == ("django.security.DisallowedHost", 400)
    assert told["message"] == "Bad Request"


def test_a_form_from_elsewhere_is_written_down_without_its_origin(lines):
    strict = Client(enforce_csrf_checks=True, headers={"origin": f"https://{MARKED}.example"})
    strict.post(f"/staff/recover/{MARKED}")

    told = first(lines)
    assert (told["logger"], told["message"], told["status"]) == ("django.security.csrf", "Forbidden", 403)


def test_our_own_words_stay_as_they_are():
    record = logging.LogRecord("joinedup.linkage", logging.INFO, "x.py", 1, "scored", (), None)

    assert json.loads(JsonFormatter().format(record))["message"] == "scored"
