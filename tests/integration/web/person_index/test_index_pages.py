"""The person index in the website: begun from a run, fed, asked, corrected; every step audited and refused in turn."""

from __future__ import annotations

import pytest
from django.urls import reverse

from joinedup.linkage.index import Ledger, ledger_path
from joinedup_web.audit.models import Event
from joinedup_web.gate.decide import Refused
from joinedup_web.linkage.models import Decision, ReviewPair, Verdict
from joinedup_web.person_index import actions, jobs
from joinedup_web.person_index.files import index_folder
from joinedup_web.person_index.models import IndexChange, PersonIndex
from support.joined_people import KNOWN, MARK
from support.main_job import upload
from support.web_people import acting, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
DETAILS = {
    "first_name": KNOWN[0],
    "surname": KNOWN[1],
    "date_of_birth-day": "9",
    "date_of_birth-month": "7",
    "date_of_birth-year": "1931",
}


def state_purpose(client, project):
    address = reverse("linkage:purpose", args=[project.id])
    return client.post(address, {"purpose": "casework", "reference": "HB-2026-0142"})


def work(change=None):
    """Let the worker do what waits."""
    waiting = IndexChange.objects.get(state="waiting")
    jobs.change_index.func(str(waiting.id))
    waiting.refresh_from_db()
    return waiting


def test_an_index_begins_with_a_run_and_keeps_its_people(indexed, client_of):
    index, project, run, _ = indexed

    assert (index.version, index.records, index.people) == (1, 390, run.headline["people"])
    asked = Event.objects.get(kind="index.change_asked").fields
    done = Event.objects.get(kind="index.changed").fields
    assert (asked["change_kind"], done["records"], done["version"]) == ("build", 390, 1)
    page = client_of("analyst").get(reverse("index:overview", args=[project.id])).content.decode()
    assert "Bring in an extract" in page
    assert MARK not in page


def test_a_second_index_or_a_second_change_at_once_is_refused(indexed):
    index, project, run, analyst = indexed
    with pytest.raises(Refused, match="already"):
        actions.begin_index(by=analyst, project=project, run=run)
    actions.take_in_decisions(by=analyst, index=index)
    with pytest.raises(Refused, match="under way"):
        actions.take_in_decisions(by=analyst, index=index)


def test_a_newer_extract_is_brought_in_and_a_broken_one_leaves_the_index_as_it_was(indexed, client_of):
    index, project, _, analyst = indexed
    data = b"patient_id,family_name,given_name,birth_date,post_code,mobile\n"
    data += f"N00001,Quill{MARK},Ethel,1931-07-09,LS1 4AB,07700 900123\n".encode()
    newer = upload(analyst, project, name="surgery.csv", data=data)
    client = client_of("analyst")
    address = reverse("index:add", args=[project.id])

    assert client.post(address, {}).status_code == 422
    answer = client.post(address, {"source": str(newer.id), "complete": "no", "reason": "1 March"})
    assert answer.status_code == 302
    change = work()

    assert (change.state, change.counts["added"], change.version) == ("done", 1, 2)
    index.refresh_from_db()
    assert (index.version, index.records) == (2, 391)
    broken = upload(analyst, project, name="surgery.csv", data=b"who\nsomebody\n")
    actions.add_extract(by=analyst, index=index, source=broken, complete=False, reason="")
    change = work()
    assert change.state == "failed"
    assert change.problem["what"]
    assert PersonIndex.objects.get().version == 2
    page = client.get(reverse("index:overview", args=[project.id])).content.decode()
    assert change.problem["mend"][:20] in page
    assert Event.objects.filter(kind="index.change_failed").count() == 1


def test_a_file_that_stands_for_the_whole_source_removes_no_record_whose_row_could_not_be_read(
    indexed, client_of
):
    _, project, _, analyst = indexed
    data = b"patient_id,family_name,given_name,birth_date,post_code,mobile\n"
    data += b"N00001,Quill,Ethel,1931-07-09,LS1 4AB,07700 900123\nN00002,too,few\n"
    torn = upload(analyst, project, name="surgery.csv", data=data)
    client = client_of("analyst")

    told = {"source": str(torn.id), "complete": "yes"}
    answer = client.post(reverse("index:add", args=[project.id]), told)

    assert answer.status_code == 422
    assert "ome rows of this file could not be read" in answer.content.decode()
    assert not IndexChange.objects.filter(kind="add").exists()


def test_a_file_that_would_take_out_most_of_a_source_must_be_confirmed(indexed, client_of):
    index, project, _, analyst = indexed
    data = b"patient_id,family_name,given_name,birth_date,post_code,mobile\n"
    data += b"N00001,Quill,Ethel,1931-07-09,LS1 4AB,07700 900123\n"
    small = upload(analyst, project, name="surgery.csv", data=data)
    client = client_of("analyst")
    address = reverse("index:add", args=[project.id])
    told = {"source": str(small.id), "complete": "yes"}

    client.post(address, told)
    change = work()

    assert change.state == "failed"
    page = client.get(reverse("index:overview", args=[project.id])).content.decode()
    assert "this complete extract would remove" in page
    assert "if the source did shrink so much, confirm it" in page
    index.refresh_from_db()
    assert (index.version, index.records) == (1, 390)

    client.post(address, told | {"may_shrink": "on"})
    change = work()

    assert change.state == "done"
    assert change.counts["removed"] > 100


def test_somebody_is_known_by_misspelt_details_for_a_stated_purpose_alone(indexed, client_of):
    index, project, _, _ = indexed
    client = client_of("caseworker")
    address = reverse("index:match")
    assert "purpose" in client.post(address, DETAILS)["Location"]
    assert not Event.objects.filter(kind="record.matched").exists()
    state_purpose(client, project)

    page = client.post(address, DETAILS | {"surname": f"Quil{MARK}"}).content.decode()

    assert "1 person may be meant" in page
    assert "How the weight adds up" in page
    told = Event.objects.get(kind="record.matched").fields
    assert (told["found"], told["purpose"], told["index"]) == (1, "record.casework", str(index.id))
    assert MARK not in str(list(Event.objects.values_list("fields", flat=True)))
    odd = client.post(address, DETAILS | {"postcode": "NOT A CODE"}).content.decode()
    assert "Not used: postcode (" in odd
    nobody = client.post(address, {"first_name": "Zebedee", "surname": "Nobody"}).content.decode()
    assert "Nobody like this is known" in nobody
    assert client.post(address, {}).status_code == 422


def test_a_person_is_shown_with_history_today_and_on_an_earlier_day(indexed, client_of):
    _, project, _, _ = indexed
    client = client_of("caseworker")
    state_purpose(client, project)
    page = client.post(reverse("index:match"), DETAILS).content.decode()
    person = page.split("Open the record of person ")[0].rsplit("/staff/known/", 1)[1].split('"')[0]

    shown = client.get(reverse("index:person", args=[person]))

    page = shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert f"Quill{MARK}".upper() in page.upper()
    assert "Found for the first time" in page
    assert Event.objects.filter(kind="record.viewed").count() == 1
    before = client.get(
        reverse("index:person", args=[person]), {"on-day": "1", "on-month": "3", "on-year": "2020"}
    ).content.decode()
    assert "No record was of this person on that day" in before
    assert MARK not in before
    assert Event.objects.filter(kind="record.viewed").count() == 1, "nothing of anybody was shown"
    assert client.get(reverse("index:person", args=["P999999"])).status_code == 404


def test_strangers_and_those_without_the_permission_get_nothing(indexed, client_of):
    index, project, _, _ = indexed
    stranger = client_of("analyst", where="Southshire")
    for name in ("overview", "begin", "add", "events"):
        assert stranger.get(reverse(f"index:{name}", args=[project.id])).status_code == 404
    other = client_of("caseworker", where="Southshire")
    assert other.get(reverse("index:match")).status_code == 302
    clerk = client_of("clerk")
    assert clerk.get(reverse("index:add", args=[project.id])).status_code == 403
    assert clerk.post(reverse("index:undo", args=[project.id, 1]), {"reason": "x"}).status_code == 403
    with pytest.raises(Refused):
        actions.keep_match(by=acting(staff("clerk")), index=index, found=0, purpose="casework")


def test_clerks_decisions_are_obeyed_and_given_up_again(indexed, client_of):
    index, project, _, analyst = indexed
    pair = ReviewPair.objects.filter(project=project).order_by("-weight").first()
    clerk = staff("clerk")
    Decision.objects.create(pair=pair, verdict=Verdict.DIFFERENT, decided_by=clerk)
    actions.take_in_decisions(by=analyst, index=index)
    change = work()
    assert (change.state, change.counts["decided"]) == ("done", 1)
    Decision.objects.filter(pair=pair).update(undone_at=change.finished_at)
    actions.take_in_decisions(by=analyst, index=index)
    change = work()
    assert change.counts["withdrawn"] == 1
    actions.take_in_decisions(by=analyst, index=index)
    assert work().version is None, "nothing had to change"


def test_a_split_is_listed_told_and_undone(indexed, client_of):
    index, project, _, analyst = indexed
    people = {}
    with Ledger.open(ledger_path(index_folder(index)), read_only=True) as ledger:
        for pair in ReviewPair.objects.filter(project=project):
            left = ledger.person_of(pair.left_source, pair.left_id)
            if left == ledger.person_of(pair.right_source, pair.right_id):
                people[pair] = left
    if not people:
        pytest.skip("no pair under review is joined")
    pair = next(iter(people))
    Decision.objects.create(pair=pair, verdict=Verdict.DIFFERENT, decided_by=staff("clerk"))
    actions.take_in_decisions(by=analyst, index=index)
    change = work()
    assert change.counts["split"] == 1
    client = client_of("senior_clerk")
    page = client.get(reverse("index:events", args=[project.id])).content.decode()
    assert "Split" in page
    csv = client.get(reverse("index:events", args=[project.id]), {"format": "csv"})
    assert b"Split" in b"".join(csv.streaming_content if csv.streaming else [csv.content])
    event = client.get(reverse("index:event", args=[project.id, 1])).content.decode()
    assert "a decision by a member of staff" in event.lower()
    assert client.post(reverse("index:undo", args=[project.id, 1]), {"reason": ""}).status_code == 422
    assert client.get(reverse("index:event", args=[project.id, 99])).status_code == 404
