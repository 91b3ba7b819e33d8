"""Looking people up: a purpose first, a list without names, searches that leave no trace of what was typed."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.gate.decide import Refused
from joinedup_web.linkage import files, review_jobs, sampling
from joinedup_web.linkage.models import Project, StatedPurpose
from support.joined_people import KNOWN, MARK, take_in

pytestmark = [pytest.mark.web, pytest.mark.django_db]
BORN = {"born-day": "9", "born-month": "7", "born-year": "1931"}


def state(client, project, purpose="casework", reference="HB-2026-0142"):
    return client.post(
        f"/staff/people/purpose/{project.id}", {"purpose": purpose, "reference": reference}, follow=True
    )


def test_nobody_sees_the_list_before_they_have_said_why(joined, client_of):
    project, _, _ = joined
    client = client_of("caseworker")

    answer = client.get("/staff/people", follow=True)

    assert answer.redirect_chain[-1][0] == f"/staff/people/purpose/{project.id}"
    page = answer.content.decode()
    assert "Say why you need to look at records" in page
    assert "P000001" not in page
    for address in ("/staff/people/P000001", "/staff/people?format=csv"):
        assert client.get(address).status_code == 302
    assert client.post("/staff/people/search", {"identifier": "C00000"}).status_code == 302
    assert not Event.objects.filter(kind__startswith="record.").exists()


def test_a_stated_purpose_opens_the_list_and_is_shown_on_it(joined, client_of):
    project, _, _ = joined
    client = client_of("caseworker")

    page = state(client, project).content.decode()

    assert "You are looking at records for: <strong>Work on this person’s case</strong>" in page
    assert "HB-2026-0142" in page
    assert "P000001" in page
    assert MARK not in page  # no names without opening
    event = Event.objects.get(kind="record.purpose_stated")
    statement = StatedPurpose.objects.get()
    assert event.fields == {
        "statement": str(statement.id), "project": str(project.id), "purpose": "record.casework"
    }  # fmt: skip
    assert "HB-2026-0142" not in str(event.fields)


@pytest.mark.parametrize(
    ("purpose", "reference", "words"),
    [
        ("", "HB-1", "Select why you need to look at records"),
        ("casework", "", "Enter the number of the case"),
        ("casework", "Ethel Quill", "Enter the number of the case, like HB-2026-0142"),
        ("fraud", "HB-1", "Select a valid choice"),  # not a purpose that this project allows
    ],
)
def test_a_purpose_that_is_not_allowed_or_not_told_opens_nothing(
    joined, client_of, purpose, reference, words
):
    project, _, _ = joined
    client = client_of("caseworker")

    answer = state(client, project, purpose, reference)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not StatedPurpose.objects.exists()
    assert client.get("/staff/people").status_code == 302


def test_after_a_quarter_of_an_hour_the_purpose_is_asked_again(joined, client_of):
    project, _, _ = joined
    client = client_of("caseworker")
    state(client, project)
    StatedPurpose.objects.update(until=timezone.now() - timedelta(seconds=1))

    answer = client.get("/staff/people", follow=True)

    assert "Your purpose held for a quarter of an hour." in answer.content.decode()
    assert "P000001" not in answer.content.decode()


def test_finishing_ends_it_at_once(joined, client_of):
    project, _, _ = joined
    client = client_of("caseworker")
    state(client, project)

    client.post("/staff/people/finish")

    assert client.get("/staff/people").status_code == 302
    assert StatedPurpose.objects.get().ended_at is not None
    assert Event.objects.filter(kind="record.purpose_ended").count() == 1


def test_the_list_is_filtered_by_size_source_and_doubt(joined, client_of):
    project, _, _ = joined
    client = client_of("caseworker")
    state(client, project)

    pairs = client.get("/staff/people?size=2&source=surgery").content.decode()
    alone = client.get("/staff/people?size=1&source=surgery").content.decode()
    doubtful = client.get("/staff/people?doubtful=True").content.decode()

    assert "Council, Surgery" in pairs
    assert ">Council</td>" not in pairs
    assert "Council, Surgery" not in alone
    assert "Doubtful" in doubtful
    assert "over 99.9%" not in doubtful


def test_a_person_is_found_by_any_identifier_and_by_name_and_birthday_in_any_spelling(joined, client_of):
    project, _, _ = joined
    client = client_of("caseworker")
    state(client, project)
    found = set()
    for asked in (
        {"by": "identifier", "identifier": "C00000"},
        {"by": "identifier", "identifier": " +44 7700 900123 "},
        {"by": "name", "surname": KNOWN[1].upper(), "first_name": "", **BORN},
        {"by": "name", "surname": f" {KNOWN[1]}", "first_name": "ethel", **BORN},
    ):
        answer = client.post("/staff/people/search", asked, follow=True)
        page = answer.content.decode()
        assert answer.redirect_chain[-1][0] == "/staff/people"
        assert "1 person found" in page
        assert MARK not in page
        found |= set(re.findall(r"/staff/people/(P\d+)", page))
    assert len(found) == 1

    nobody = client.post("/staff/people/search", {"by": "identifier", "identifier": "nothing"}, follow=True)
    assert "Nobody was found." in nobody.content.decode()
    everybody = client.post("/staff/people/search/clear", follow=True).content.decode()
    assert "found by" not in everybody
    searched = [event.fields for event in Event.objects.filter(kind="record.searched").order_by("number")]
    assert [each["found"] for each in searched] == [1, 1, 1, 1, 0]
    assert [each["by"] for each in searched[1:3]] == ["identifier", "name"]


def test_what_is_missing_in_a_search_is_told_at_its_field(joined, client_of):
    project, _, _ = joined
    client = client_of("caseworker")
    state(client, project)

    empty = client.post("/staff/people/search", {"by": "identifier", "identifier": ""})
    undated = client.post("/staff/people/search", {"by": "name", "surname": "Smith", "born-day": "9"})

    assert empty.status_code == undated.status_code == 422
    assert "Enter an identifier" in empty.content.decode()
    assert "Date of birth must include a month and year" in undated.content.decode()
    assert not Event.objects.filter(kind="record.searched").exists()


def test_what_was_searched_for_is_in_no_address_log_or_event(joined, client_of, caplog):
    project, _, _ = joined
    client = client_of("caseworker")
    state(client, project)
    with caplog.at_level(logging.DEBUG):
        answer = client.post(
            "/staff/people/search",
            {"by": "name", "surname": KNOWN[1], "first_name": "Ethel", **BORN},
            follow=True,
        )
        person = re.search(r"/staff/people/(P\d+)", answer.content.decode()).group(0)
        client.get(person)
    said = caplog.text + " ".join(address for address, _ in answer.redirect_chain)
    said += " ".join(str(event.fields) for event in Event.objects.all())
    for word in (MARK, "Ethel", "1931", "07700900123", "HB-2026-0142"):
        assert word not in said


@pytest.mark.parametrize("role", ["clerk", "senior_clerk", "analyst", "adviser", "leader", "auditor"])
def test_who_may_not_see_records_is_refused_with_the_reason(joined, client_of, role):
    project, _, _ = joined
    client = client_of(role)

    for answer in (
        client.get("/staff/people"),
        client.get(f"/staff/people/purpose/{project.id}"),
        client.post(f"/staff/people/purpose/{project.id}", {"purpose": "casework", "reference": "HB-1"}),
        client.get("/staff/people/P000001"),
        client.post("/staff/people/search", {"identifier": "C00000"}),
    ):
        assert answer.status_code == 403
        assert "See a person&#39;s joined record, for a stated purpose" in answer.content.decode()
        assert MARK not in answer.content.decode()


def test_another_organisation_sees_its_own_people_alone(joined, joined_work, client_of):
    project, _, _ = joined
    stranger = client_of("caseworker", where="Southshire")

    nothing = stranger.get("/staff/people", follow=True).content.decode()
    assert "There are no joined records yet." in nothing
    assert "Residents" not in nothing
    assert state(stranger, project).status_code == 404

    other, _, _ = take_in(joined_work, where="Southshire", name="Elsewhere")
    page = stranger.get("/staff/people", follow=True).content.decode()
    assert "Elsewhere" in page
    assert "Residents" not in page
    state(stranger, other)
    assert StatedPurpose.objects.get().project_id == other.id


def test_a_purpose_stated_by_somebody_else_opens_nothing(joined, client_of):
    project, _, _ = joined
    one, other = client_of("caseworker"), client_of("caseworker")
    state(one, project)
    session = other.session
    session["record_purpose"] = str(StatedPurpose.objects.get().id)
    session.save()
    other.cookies["joinedup_staff"] = other.cookies["joinedup_staff"].value

    assert other.get("/staff/people/P000001").status_code == 302
    assert not Event.objects.filter(kind="record.viewed").exists()


def test_people_not_listed_yet_are_asked_for_and_come(joined, client_of, in_this_process, monkeypatch):
    import shutil

    project, run, _ = joined
    shutil.rmtree(files.results(run) / "index")
    client = client_of("caseworker")

    page = state(client, project).content.decode()

    assert "are being listed" in page
    assert (files.results(run) / "index.asked").exists()
    review_jobs.list_people.func(str(run.id))
    assert "P000001" in client.get("/staff/people").content.decode()
    assert Event.objects.get(kind="people.listed").fields["run"] == str(run.id)


def test_a_source_that_is_gone_says_why_nobody_can_be_listed(joined, client_of):
    import shutil

    project, run, _ = joined
    shutil.rmtree(files.results(run) / "index")
    shutil.rmtree(files.source_folder(project.sources.first()))

    review_jobs.list_people.func(str(run.id))

    page = state(client_of("caseworker"), project).content.decode()
    assert "cannot be listed" in page
    assert str(files.project_folder(project)) not in page


def test_the_list_as_csv_is_audited_and_holds_no_names(joined, client_of):
    project, _, _ = joined
    client = client_of("caseworker")
    state(client, project)

    table = b"".join(client.get("/staff/people?size=2&format=csv")).decode()

    assert table.startswith("Person,Records,Sources")
    assert MARK not in table
    assert Event.objects.get(kind="table.exported").fields["filtered"] is True


def test_the_list_takes_at_most_twelve_queries(joined, client_of, django_assert_max_num_queries):
    project, _, _ = joined
    client = client_of("caseworker")
    state(client, project)
    for address in ("/staff/people", "/staff/people?size=2&source=surgery&sort=-records&page=2"):
        with django_assert_max_num_queries(12):
            client.get(address)


def test_who_answers_for_the_data_settles_the_purposes(joined, client_of):
    project, _, _ = joined
    owner = client_of("asset_owner")
    address = f"/staff/projects/{project.id}/purposes"
    assert "Work on this person’s case" in owner.get(address).content.decode()

    assert owner.post(address, {}).status_code == 422
    owner.post(address, {"purposes": ["fraud", "safeguarding"]})

    assert Project.objects.get(id=project.id).record_purposes == ["safeguarding", "fraud"]
    assert Event.objects.get(kind="project.purposes_changed").fields["purposes"] == ["fraud", "safeguarding"]
    client = client_of("caseworker")
    assert state(client, project, "casework").status_code == 422
    assert state(client, project, "fraud").status_code == 200
    assert client.get(address).status_code == 403
    assert client_of("asset_owner", where="Southshire").get(address).status_code == 404


def test_a_run_whose_results_were_removed_is_passed_over(joined, client_of):
    _, run, analyst = joined
    run.results_gone_at = timezone.now()
    run.save()

    page = client_of("caseworker").get("/staff/people", follow=True).content.decode()

    assert "There are no joined records yet." in page
    with pytest.raises(Refused, match="no longer kept"):
        sampling.ask_for_sample(by=analyst, run=run, size=50)
