"""A demonstration shows its way in wherever somebody may look for it; elsewhere there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from joinedup.errors import UsageError
from joinedup.settings import Mode
from joinedup_web.demonstration import prepare
from joinedup_web.demonstration.people import BODIES, WORKERS
from joinedup_web.gate.actor import SYSTEM
from joinedup_web.operations import serving
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


@pytest.fixture
def served(monkeypatch):
    """Where the site would have listened; nothing listens."""
    hosts = []
    monkeypatch.setattr(serving, "_answer", lambda **told: hosts.append(told["host"]))
    monkeypatch.setattr(serving, "migrate", list)
    monkeypatch.setattr(serving, "gather_assets", lambda: None)
    monkeypatch.setattr(prepare, "prepare", lambda **told: None)
    return hosts


def serve(host="127.0.0.1"):
    serving.serve(host=host, port=1, processes=1, with_worker=False, say=print)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "demo.example.gov.uk"])
def test_a_demonstration_listens_to_this_machine_alone(demonstration, served, host):
    with pytest.raises(UsageError, match="for this machine alone") as refused:
        serve(host)

    assert refused.value.where == f"--host {host}"
    assert served == []
    for own in ("127.0.0.1", "localhost", "::1"):
        serve(own)
    assert served == ["127.0.0.1", "localhost", "::1"]


def test_the_accounts_of_a_demonstration_are_not_served_in_production(settings, served):
    settings.JOINEDUP = replace(settings.JOINEDUP, mode=Mode.PRODUCTION)
    serve("0.0.0.0")
    prepare._make_people(by=SYSTEM)

    with pytest.raises(UsageError, match="holds a demonstration"):
        serve()
    with pytest.raises(UsageError, match="holds a demonstration"):
        serving.work(say=print)

    assert served == ["0.0.0.0"]
