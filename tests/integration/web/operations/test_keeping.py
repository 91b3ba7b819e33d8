"""What was kept long enough goes, what is held stays, and an erased person is nowhere any more."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from joinedup.errors import UsageError
from joinedup_web.audit import subjects
from joinedup_web.audit.models import Event
from joinedup_web.gate.decide import Refused
from joinedup_web.linkage import actions, files, jobs
from joinedup_web.linkage.models import ReviewPair, Run, Source, SourceState
from joinedup_web.operations import keeping
from joinedup_web.operations.models import Erasure, ErasureState
from support.web_people import acting, organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
MARK = "Zebulon"


def a_list(source: str) -> bytes:
    first = ["Anna", "Ben", "Carys", "Dai", "Eleri", "Farah", "George", "Harriet", "Imran", "Jane"]
    last = [
        "Morgan",
        "Okafor",
        "Patel",
        "Quinn",
        "Roberts",
        "Sanders",
        "Thomas",
        "Underhill",
        "Vaughan",
        "Walker",
    ]
    lines = ["record_id,first_name,surname,date_of_birth,postcode"]
    for i in range(300):
        forename = MARK if i == 7 else first[i % 10]
        born = f"{1950 + i % 47}-{1 + i % 12:02d}-{1 + (i * 7) % 28:02d}"
        lines.append(f"{source}{i:04d},{forename},{last[(i // 10) % 10]},{born},SW{1 + i % 9}A {1 + i % 8}AB")
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture
def project():
    analyst = acting(staff("analyst"))
    made = actions.create_project(by=analyst, name="Residents", purpose="Find people twice")
    sources = []
    for name in ("council", "clinic"):
        upload = SimpleUploadedFile(f"{name}.csv", a_list(name))
        source = actions.upload_source(by=analyst, project=made, upload=upload)
        jobs.measure_source.func(str(source.id))
        source.refresh_from_db()
        sources.append(source)
    run = actions.queue_run(by=analyst, project=made, sources=sources, kind="link", settings={})
    jobs.run_linkage.func(str(run.id))
    return made


def everything_on_disk(project) -> str:
    told = []
    for path in files.project_folder(project).rglob("*"):
        if path.suffix == ".parquet":
            told.append(json.dumps(pq.read_table(path).to_pylist(), default=str))
        elif path.is_file() and path.suffix in {".csv", ".json", ".jsonl", ".toml", ".md", ".html"}:
            told.append(path.read_text("utf-8"))
    return "\n".join(told).lower()


def test_an_erased_person_is_in_no_file_and_no_row(project):
    asker, approver = acting(staff("adviser")), acting(staff("asset_owner"))
    records = [("council", "council0007"), ("clinic", "clinic0007")]
    assert MARK.lower() in everything_on_disk(project)
    subject = "\x1f".join(
        (str(project.id), "council", "council0007")
    )  # as records.py names who was looked up
    assert subjects.token_of("record", subject)
    erasure = keeping.ask_erasure(by=asker, project=project, records=records)

    keeping.decide_erasure(by=approver, erasure=erasure, is_approved=True)
    keeping.carry_out_later.func(str(erasure.id))

    erasure.refresh_from_db()
    assert erasure.state == ErasureState.DONE
    assert erasure.records == []
    assert erasure.removed >= 4
    assert MARK.lower() not in everything_on_disk(project)
    assert "council0007" not in everything_on_disk(project)
    for pair in ReviewPair.objects.filter(project=project):
        assert MARK not in json.dumps(pair.values)
    for source in project.sources.exclude(state=SourceState.REMOVED):
        assert source.rows_good == 299
    kinds = list(Event.objects.order_by("number").values_list("kind", flat=True))
    assert kinds[-3:] == ["erasure.asked", "erasure.decided", "erasure.carried_out"]
    assert subjects.known_token("record", subject) is None
    ledger = (Path(settings.SITE_DIR) / keeping.LEDGER).read_text()
    assert "0007" not in ledger.replace(str(project.id), "")


def test_a_run_over_an_erased_source_works_and_knows_nothing_of_the_person(project):
    keeping.erase_at_once(by=keeping.SYSTEM, project=project, records=[("council", "council0007")])
    analyst = acting(staff("analyst"))
    sources = list(project.sources.exclude(state=SourceState.REMOVED))

    run = actions.queue_run(by=analyst, project=project, sources=sources, kind="link", settings={})
    jobs.run_linkage.func(str(run.id))

    run.refresh_from_db()
    assert run.state == "finished", run.problem
    assert run.headline["records"] == 599


def test_what_was_erased_is_erased_again_after_a_restore(project):
    council = project.sources.get(name="council")
    kept = files.source_file(council).read_bytes()
    before = {name: getattr(council, name) for name in ("file_name", "format", "read", "tables", "rows_good")}
    keeping.erase_at_once(by=keeping.SYSTEM, project=project, records=[("council", "council0007")])
    # The restored backup is older than the erasure: its file and row are as they were.
    council.refresh_from_db()
    files.source_file(council).unlink()
    Source.objects.filter(id=council.id).update(**before)
    council.refresh_from_db()
    files.source_file(council).write_bytes(kept)

    removed = keeping.erase_again(Path(settings.SITE_DIR) / keeping.LEDGER)

    assert removed >= 1
    council.refresh_from_db()
    assert "council0007" not in json.dumps(pq.read_table(files.source_file(council)).to_pylist())


@pytest.mark.parametrize(
    ("records", "what", "where"),
    [
        ([("nosuch", "1")], "no source of that name", "record 1"),
        ([("council", "NOPE")], "1 of 1 records were not found", "record 1 (council)"),
        (
            [("council", "council0007"), ("clinic", "NOPE")],
            "1 of 2 records were not found",
            "record 2 (clinic)",
        ),
        ([("council", "council0007"), ("nosuch", "1")], "no source of that name", "record 2"),
    ],
)
def test_the_command_line_erases_nothing_where_a_record_is_not_there(project, records, what, where):
    ledger = Path(settings.SITE_DIR) / keeping.LEDGER
    noted = ledger.read_bytes() if ledger.exists() else b""
    with pytest.raises(UsageError) as refused:
        keeping.erase_at_once(by=keeping.SYSTEM, project=project, records=records)

    assert what in refused.value.what
    assert refused.value.where == where
    assert "NOPE" not in str(refused.value)
    if "nosuch" in str(records):
        assert refused.value.mend == "name one of clinic, council"
    assert not Erasure.objects.exists()
    assert (ledger.read_bytes() if ledger.exists() else b"") == noted
    assert "council0007" in everything_on_disk(project)


def test_what_only_results_still_know_is_found_and_erased(project):
    Source.objects.filter(name="council").update(state=SourceState.REMOVED)

    removed = keeping.erase_at_once(by=keeping.SYSTEM, project=project, records=[("council", "council0007")])

    assert removed >= 1


def test_a_row_of_a_source_without_ids_is_found_by_its_number(project):
    Source.objects.filter(name="council").update(id_column=None)

    assert keeping.erase_at_once(by=keeping.SYSTEM, project=project, records=[("council", "8")]) == 1
    with pytest.raises(UsageError, match="not found"):
        keeping.erase_at_once(by=keeping.SYSTEM, project=project, records=[("council", "301")])


def test_nobody_approves_what_they_asked_for(project):
    both = acting(staff("adviser", "asset_owner"))
    erasure = keeping.ask_erasure(by=both, project=project, records=[("council", "council0001")])

    with pytest.raises(Refused, match="may not approve"):
        keeping.decide_erasure(by=both, erasure=erasure, is_approved=True)

    erasure.refresh_from_db()
    assert erasure.state == ErasureState.ASKED


def test_a_hold_refuses_an_erasure_and_says_what_it_keeps(project):
    adviser, owner = acting(staff("adviser")), acting(staff("asset_owner"))
    keeping.place_hold(by=adviser, store="sources", project=project, why="Case 12")
    erasure = keeping.ask_erasure(by=adviser, project=project, records=[("council", "council0001")])

    with pytest.raises(Refused, match="legal hold keeps uploaded sources"):
        keeping.decide_erasure(by=owner, erasure=erasure, is_approved=True)

    assert "council0001" in everything_on_disk(project)


@pytest.mark.django_db(transaction=True)
def test_what_was_kept_long_enough_goes_and_what_is_held_stays(project):
    adviser = acting(staff("adviser"))
    later = timezone.now() + timedelta(days=400)
    hold = keeping.place_hold(by=adviser, store="results", project=None, why="Case 12")

    gone = keeping.apply_retention(on=later)

    assert gone["sources"] == 2
    assert gone["results"] == 0
    run = Run.objects.get(project=project)
    assert files.results(run).exists()
    assert not files.source_file(project.sources.first()).exists()
    keeping.lift_hold(by=adviser, hold=hold)
    assert keeping.apply_retention(on=later)["results"] == 1
    assert not files.run_folder(run).exists()
    events = Event.objects.filter(kind="retention.applied").order_by("number")
    assert [event.fields["held"] for event in events if event.fields["store"] == "results"] == [1, 0]


def test_nothing_goes_before_its_time(project):
    assert set(keeping.apply_retention(on=timezone.now() + timedelta(days=100)).values()) == {0}


def test_pages_show_one_organisation_its_own(client, project):
    adviser = staff("adviser")
    keeping.place_hold(by=acting(adviser), store="sources", project=project, why="Case marked-hold")
    erasure = keeping.ask_erasure(by=acting(adviser), project=project, records=[("council", "council0003")])
    elsewhere = organisation("Southshire")
    sign_in(client, staff("adviser", where=elsewhere), elsewhere)

    assert b"marked-hold" not in client.get("/staff/retention/holds").content
    assert client.get(f"/staff/retention/erasures/{erasure.id}").status_code == 404
    sign_in(client, staff("asset_owner", where=elsewhere), elsewhere)
    decided = client.post(f"/staff/retention/erasures/{erasure.id}/decision", {"decision": "approve"})
    assert decided.status_code == 404
    assert Erasure.objects.get(id=erasure.id).state == ErasureState.ASKED


def test_an_adviser_asks_and_an_owner_approves_in_the_pages(client, project):
    sign_in(client, staff("adviser"))
    assert client.get("/staff/retention").status_code == 200
    wrong = client.post("/staff/retention/erasures/new", {"project": project.id, "records": "council"})
    assert b"Line 1 has no record id" in wrong.content
    asked = client.post(
        "/staff/retention/erasures/new", {"project": project.id, "records": "council council0002"}
    )
    erasure = Erasure.objects.get()
    assert asked["Location"] == f"/staff/retention/erasures/{erasure.id}"
    assert b"somebody else must approve" in client.get(asked["Location"]).content

    sign_in(client, staff("asset_owner"))
    page = client.get(asked["Location"]).content.decode()
    assert "council0002" in page
    assert f'action="{asked["Location"]}/decision"' in page
    client.post(f"{asked['Location']}/decision", {"decision": "approve"})

    erasure.refresh_from_db()
    assert erasure.state == ErasureState.APPROVED


def test_a_citizen_who_left_stays_deleted_after_a_restore():
    from joinedup_web.identity.models import Citizen, DeletedCitizen
    from joinedup_web.identity.sealing import digest_of

    now = timezone.now()
    citizen = Citizen.objects.create(created_at=now, last_signed_in_at=now)
    DeletedCitizen.objects.create(digest=digest_of(str(citizen.id)), at=now)
    assert keeping.carry_to_ledger() == 1
    assert keeping.carry_to_ledger() == 0
    DeletedCitizen.objects.all().delete()  # the restored backup knows nothing of it, and has the account again

    assert keeping.erase_again(Path(settings.SITE_DIR) / keeping.LEDGER) == 1

    assert not Citizen.objects.filter(id=citizen.id).exists()


def test_who_approves_an_erasure_proved_lately_who_they_are(client, project):
    erasure = keeping.ask_erasure(
        by=acting(staff("adviser")), project=project, records=[("council", "council0003")]
    )
    sign_in(client, staff("asset_owner"), at=timezone.now() - timedelta(hours=1))
    page = f"/staff/retention/erasures/{erasure.id}"

    late = client.post(
        f"{page}/decision", {"decision": "approve"}, headers={"referer": f"http://testserver{page}"}
    )

    assert late["Location"] == f"/staff/confirm?next={quote(page, safe='')}"
    assert Erasure.objects.get(id=erasure.id).state == ErasureState.ASKED
    elsewhere = client.post(f"{page}/decision", {}, headers={"referer": "https://other.example/staff/x"})
    assert elsewhere["Location"] == "/staff/confirm?next=%2Fstaff%2F"
