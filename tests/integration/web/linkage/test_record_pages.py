"""One person's joined record: what it shows, that it is audited first, and who does not see it."""

from __future__ import annotations

import re

import pytest

from joinedup_web.audit.models import Event
from joinedup_web.audit.subjects import known_token
from joinedup_web.gate.decide import Refused
from joinedup_web.linkage import record_queries, records, review
from joinedup_web.linkage.models import Decision, ReviewPair, StatedPurpose
from support.joined_people import KNOWN, MARK
from support.web_people import acting, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


@pytest.fixture
def caseworker(joined, client_of):
    """Somebody who has said why, and the address of a person who is in both sources."""
    project, _, _ = joined
    client = client_of("caseworker")
    client.post(f"/staff/people/purpose/{project.id}", {"purpose": "casework", "reference": "HB-2026-0142"})
    page = client.post(
        "/staff/people/search", {"by": "identifier", "identifier": "C00000"}, follow=True
    ).content.decode()
    return client, re.search(r"/staff/people/P\d+", page).group(0)


def test_a_record_shows_each_value_with_its_source_and_rule_and_what_is_behind_it(caseworker):
    client, address = caseworker

    page = client.get(address).content.decode()

    assert "9 July 1931" in page  # the joined value
    assert "09/07/1931" in page  # as the council wrote it
    assert KNOWN[1].upper() in page
    assert "The only value that the records give" in page
    assert "C00000" in page
    assert "G00000" in page
    assert "Almost certainly the same person" in page
    assert "How each link was weighed" in page
    assert "You are looking at records for:" in page
    assert MARK not in re.search(r"<title>.*</title>", page).group(0)


def test_looking_is_recorded_with_subject_and_purpose_before_anything_is_shown(joined, caseworker):
    project, run, _ = joined
    client, address = caseworker

    client.get(address)

    event = Event.objects.get(kind="record.viewed")
    token = known_token("record", "\x1f".join((str(project.id), "council", "C00000")))
    assert event.fields == {
        "subject": token,
        "purpose": "record.casework",
        "statement": str(StatedPurpose.objects.get().id),
        "run": str(run.id),
    }


def test_a_refused_looking_shows_nothing(joined, caseworker, monkeypatch):
    client, address = caseworker
    monkeypatch.setattr(
        record_queries, "statement", lambda by, id: StatedPurpose.objects.select_related("project").get()
    )
    StatedPurpose.objects.update(until="2026-01-01T00:00:00Z")

    answer = client.get(address)

    assert answer.status_code == 403
    assert "ay first for which purpose you are looking at records" in answer.content.decode()
    assert MARK not in answer.content.decode()
    assert not Event.objects.filter(kind="record.viewed").exists()


def test_the_deed_itself_refuses_another_persons_purpose_and_another_organisation(joined, caseworker):
    _, run, _ = joined
    statement = StatedPurpose.objects.get()
    other = acting(staff("caseworker"))
    lookup = record_queries.lookup(other, run)

    with pytest.raises(Refused, match="say first for which purpose"):
        records.view_record(by=other, statement=statement, run=run, person=lookup.person(0))
    stranger = acting(staff("clerk"))
    with pytest.raises(Refused, match="no role of yours"):
        records.view_record(by=stranger, statement=statement, run=run, person=lookup.person(0))
    assert not Event.objects.filter(kind="record.viewed").exists()


def test_a_person_that_is_not_there_is_not_found(caseworker):
    client, _ = caseworker

    assert client.get("/staff/people/P999999").status_code == 404
    assert client.get("/staff/people/nobody").status_code == 404
    assert not Event.objects.filter(kind="record.viewed").exists()


def test_a_clerks_decision_is_told_as_a_reason(joined, caseworker):
    client, _ = caseworker
    project, _, _ = joined
    lookup = record_queries.lookup(acting(staff("caseworker")), joined[1])
    pair = next(
        pair
        for pair in ReviewPair.objects.filter(project=project)
        if lookup.find_identifier(pair.left_id) == lookup.find_identifier(pair.right_id)
    )
    review.decide_pair(by=acting(staff("clerk")), pair=pair, verdict="same")
    assert Decision.objects.count() == 1
    (number,) = lookup.find_identifier(pair.left_id)
    person = lookup.people["person_id"][number].as_py()

    page = client.get(f"/staff/people/{person}").content.decode()

    assert "Decided by a clerk" in page or "A clerk decided that" in page


def test_doubtful_people_are_told_to_be_checked(caseworker):
    client, _ = caseworker
    listed = client.get("/staff/people?doubtful=True").content.decode()
    client.post("/staff/people/search/clear")
    listed = client.get("/staff/people?doubtful=True").content.decode()
    address = re.search(r"/staff/people/P\d+", listed).group(0)

    page = client.get(address).content.decode()

    assert "Some of these records may be about somebody else." in page


def test_the_record_takes_a_settled_number_of_queries_and_is_not_kept_by_browsers(
    caseworker, django_assert_max_num_queries
):
    client, address = caseworker
    client.get(address)
    with django_assert_max_num_queries(22):
        answer = client.get(address)
    assert answer["Cache-Control"] == "no-store"
