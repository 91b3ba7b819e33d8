"""A demonstration shows its way in wherever somebody may look for it; elsewhere there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from joinedup.settings import Mode
from joinedup_web.demonstration.people import BODIES, WORKERS
from support.page_globals import page_globals
from support.pages import heading, words

pytestmark = [pytest.mark.web, pytest.mark.django_db]
WAY_IN = 'href="/demonstration/"'


@pytest.fixture
def demonstration(settings):
    # The globals are made from the settings when first asked for, so they are asked for first.
    with page_globals(is_demonstration=True):
        settings.JOINEDUP = replace(settings.JOINEDUP, mode=Mode.DEMONSTRATION)
        yield


@pytest.mark.parametrize("address", ["/", "/?lang=cy", "/staff/sign-in"])
def test_a_demonstration_leads_to_its_accounts(client, demonstration, address):
    assert WAY_IN in client.get(address).content.decode()


@pytest.mark.parametrize("address", ["/", "/staff/sign-in"])
def test_elsewhere_nothing_leads_there(client, address):
    assert WAY_IN not in client.get(address).content.decode()
    assert client.get("/demonstration/").status_code == 404


def test_everybody_of_the_demonstration_is_offered(client, demonstration):
    page = client.get("/demonstration/")

    assert heading(page) == "Try the demonstration"
    assert "Alpha This is a new service and still being built." in words(page)
    for worker in WORKERS:
        assert f"Sign in as {worker.name}" in words(page)
    for body in BODIES:
        assert body.name in words(page)
