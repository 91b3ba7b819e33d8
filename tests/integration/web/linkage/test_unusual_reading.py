"""Whoever opens the records of unusually many people is let go on, and auditors are told, once a day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from joinedup_web.audit.models import Event
from joinedup_web.linkage import reading
from support.pages import words
from support.web_people import organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
KIND = "record.read_unusually"


@pytest.fixture
def people(joined, client_of, settings):
    """A caseworker who has said why, and the addresses of many people; two a day are usual."""
    settings.JOINEDUP = replace(settings.JOINEDUP, records_a_day=2)
    project, _, _ = joined
    client = client_of("caseworker")
    client.post(f"/staff/people/purpose/{project.id}", {"purpose": "casework", "reference": "HB-2026-0142"})
    page = client.get("/staff/people").content.decode()
    return client, list(dict.fromkeys(re.findall(r'href="(/staff/people/P\d+)"', page)))


def test_one_too_many_raises_the_alarm_once_and_every_record_is_still_shown(people):
    client, addresses = people

    shown = [client.get(address).status_code for address in addresses[:4]]

    assert shown == [200] * 4
    assert [event.fields for event in Event.objects.filter(kind=KIND)] == [{"people": 3, "hours": 24}]
    viewed = Event.objects.filter(kind="record.viewed").order_by("number")
    assert Event.objects.get(kind=KIND).actor == viewed[2].actor
    assert Event.objects.get(kind=KIND).organisation == organisation().id


def test_the_same_people_again_and_again_are_not_many(people):
    client, addresses = people

    for address in addresses[:2] * 3:
        client.get(address)

    assert not Event.objects.filter(kind=KIND).exists()


def test_what_was_read_the_day_before_does_not_count(people, monkeypatch):
    client, addresses = people
    client.get(addresses[0])
    client.get(addresses[1])
    monkeypatch.setattr(reading, "WINDOW", timedelta(0))

    client.get(addresses[2])

    assert not Event.objects.filter(kind=KIND).exists()


def test_colleagues_are_counted_apart(people, joined, client_of):
    client, addresses = people
    project, _, _ = joined
    client.get(addresses[0])
    client.get(addresses[1])
    sign_in(client, staff("caseworker"))
    client.post(f"/staff/people/purpose/{project.id}", {"purpose": "casework", "reference": "HB-2026-0143"})

    client.get(addresses[2])

    assert not Event.objects.filter(kind=KIND).exists()


def test_the_auditors_home_tells_and_leads_to_it(people, client_of):
    client, addresses = people
    auditor = client_of("auditor")
    assert "Look into unusual reading" not in words(auditor.get("/staff/"))
    for address in addresses[:3]:
        client.get(address)

    home = words(auditor.get("/staff/"))

    assert "Look into unusual reading" in home
    assert "1 alarm of the last 7 days" in home
    assert "opened the records of unusually many people" in words(auditor.get("/staff/audit"))


def test_another_organisations_auditor_is_told_nothing(people, client):
    reader, addresses = people
    for address in addresses[:3]:
        reader.get(address)
    elsewhere = organisation("Southshire Council")
    sign_in(client, staff("auditor", where=elsewhere), elsewhere)

    assert "unusual" not in words(client.get("/staff/"))
