"""The person index beside the rest: asked by machines, erased, let go in time, backed up, taken up again."""

from __future__ import annotations

import io
import json
import tarfile
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from joinedup.identity import digest
from joinedup.linkage.index import Ledger, check, ledger_path, open_index
from joinedup_web.audit.models import Event
from joinedup_web.identity.models import AccessToken, MachineClient, ProofKind
from joinedup_web.identity.sessions import client_actor
from joinedup_web.linkage.models import Project
from joinedup_web.operations import archive, keeping, preload
from joinedup_web.operations.stores import STORES
from joinedup_web.person_index import actions, jobs, queries
from joinedup_web.person_index.api import MatchesOut
from joinedup_web.person_index.files import index_folder
from joinedup_web.person_index.models import IndexChange, PersonIndex
from support.joined_people import KNOWN, MARK

pytestmark = [pytest.mark.web, pytest.mark.django_db]
ASKED = {
    "purpose": "casework",
    "reference": "HB-1",
    "details": {"first_name": KNOWN[0], "surname": KNOWN[1], "date_of_birth": KNOWN[2].isoformat()},
}


def machine(where, *scopes) -> Client:
    """A system of an organisation with a token for these scopes."""
    now = timezone.now()
    client = MachineClient.objects.create(
        organisation=where, name="Housing", proves_by=ProofKind.SECRET, scopes=list(scopes), registered_at=now
    )
    AccessToken.objects.create(
        digest=digest(f"token of {client.id}"),
        client_id=client.id,
        scopes=list(scopes),
        issued_at=now,
        expires_at=now + timedelta(minutes=10),
    )
    return Client(headers={"authorization": f"Bearer token of {client.id}"})


def ask(client, project, **told):
    body = json.dumps(ASKED | told)
    return client.post(f"/api/v1/projects/{project.id}/match", body, content_type="application/json")


def test_a_system_asks_for_a_purpose_and_learns_numbers_and_reasons_alone(indexed):
    index, project, _, _ = indexed
    client = machine(project.organisation, "people.match", "linkage.read")

    told = client.get(f"/api/v1/projects/{project.id}/index").json()
    answer = ask(client, project)

    assert (told["version"], told["people"]) == (1, index.people)
    assert told["fields"]["date_of_birth"] == "date_of_birth"
    assert "casework" in told["purposes"]
    (match,) = answer.json()["matches"]
    assert match["records"] == 2
    assert match["probability"] > 0.99
    assert sum(step["bits"] for step in match["steps"]) == pytest.approx(match["weight"])
    assert answer.json()["unused"] == {}
    assert MARK not in answer.content.decode()
    event = Event.objects.get(kind="record.matched")
    assert (event.fields["found"], event.fields["purpose"]) == (1, "record.casework")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"purpose": "fraud"}, "does not allow"),
        ({"reference": "Ethel Quill"}, "reference"),
        ({"details": {"shoe size": "7"}}, "details"),
        ({"details": {}}, "details"),
        ({"most": 0}, "most"),
    ],
)
def test_a_question_that_is_wrong_is_refused_and_told_why(indexed, told, words):
    _, project, _, _ = indexed
    answer = ask(machine(project.organisation, "people.match"), project, **told)
    assert answer.status_code == 400
    assert words in answer.json()["what"]
    assert not Event.objects.filter(kind="record.matched").exists()


def test_another_scope_or_organisation_learns_nothing(indexed):
    from support.web_people import organisation

    _, project, _, _ = indexed
    assert ask(machine(project.organisation, "linkage.read"), project).status_code == 403
    stranger = machine(organisation("Southshire Council"), "people.match", "linkage.read")
    assert ask(stranger, project).status_code == 404
    assert stranger.get(f"/api/v1/projects/{project.id}/index").status_code == 404


def test_the_answer_is_as_it_is_described_and_costs_two_queries(indexed, django_assert_max_num_queries):
    _, project, _, _ = indexed
    client = machine(project.organisation, "people.match")
    ask(client, project)

    with django_assert_max_num_queries(8) as captured:  # with savepoints, where a test has a transaction open
        told = ask(client, project).json()

    read = [each["sql"] for each in captured if each["sql"].startswith("SELECT")]
    assert len(read) == 2, "whose token, and which index"
    assert MatchesOut.model_validate(told).model_dump() == told


def test_a_client_that_is_withdrawn_is_out_at_its_next_question(indexed):
    _, project, _, _ = indexed
    client = machine(project.organisation, "people.match")
    assert ask(client, project).status_code == 200

    MachineClient.objects.update(withdrawn_at=timezone.now())
    assert ask(client, project).status_code == 401
    MachineClient.objects.update(withdrawn_at=None)
    assert ask(client, project).status_code == 200
    AccessToken.objects.update(scopes=["linkage.read"])
    assert ask(client, project).status_code == 403, "scopes are the token's own, as they are now"
    AccessToken.objects.update(scopes=["people.match"], expires_at=timezone.now())
    assert ask(client, project).status_code == 401, "a token that is over"
    AccessToken.objects.all().delete()
    assert ask(client, project).status_code == 401
    assert Event.objects.filter(kind="record.matched").count() == 2


def test_an_index_that_is_gone_or_has_no_version_cannot_be_asked(indexed):
    index, project, _, _ = indexed
    client = machine(project.organisation, "people.match")

    PersonIndex.objects.filter(id=index.id).update(gone_at=timezone.now())
    assert ask(client, project).status_code == 404
    PersonIndex.objects.filter(id=index.id).update(gone_at=None, version=None)
    assert ask(client, project).status_code == 404
    PersonIndex.objects.filter(id=index.id).update(version=1)
    Project.objects.filter(id=project.id).update(record_purposes=["fraud"])
    assert ask(client, project).status_code == 400, "the project's own purposes are read"
    assert ask(client, project, purpose="fraud").status_code == 200


def test_what_is_known_of_a_client_is_what_its_rows_say(indexed, rf):
    _, project, _, _ = indexed
    machine(project.organisation, "people.match", "linkage.read")
    row = AccessToken.objects.select_related("client__organisation").get()

    by = client_actor(
        rf.get("/api/v1/organisation", headers={"authorization": f"Bearer token of {row.client_id}"})
    )

    assert (by.id, by.organisation_id) == (row.client_id, project.organisation_id)
    assert (by.name, by.organisation_name) == ("Housing", "Northshire Council")
    assert by.scopes == {"people.match", "linkage.read"}
    assert by.permissions == {"record.view", "linkage.view"}
    assert by.authenticated_at == row.issued_at


def test_loading_for_a_fork_leaves_nothing_open(indexed, monkeypatch):
    frozen = []
    monkeypatch.setattr(preload, "connections", SimpleNamespace(close_all=lambda: frozen.append("closed")))
    monkeypatch.setattr(
        preload, "gc", SimpleNamespace(collect=lambda: 0, freeze=lambda: frozen.append("frozen"))
    )
    queries._open.clear()

    preload.load(processes=1)

    assert frozen == ["closed", "frozen"]
    assert not queries._open, "each process opens the index for itself"


def test_an_index_that_cannot_be_opened_does_not_keep_the_site_from_starting(indexed, monkeypatch, caplog):
    index, _, _, _ = indexed
    (index_folder(index) / "index.sqlite").write_bytes(b"not a ledger")
    monkeypatch.setattr(preload, "connections", SimpleNamespace(close_all=lambda: None))
    monkeypatch.setattr(preload, "gc", SimpleNamespace(collect=lambda: 0, freeze=lambda: None))

    preload.load(processes=1)

    assert "could not be opened" in caplog.text


def test_an_erasure_takes_the_person_out_of_the_index_files_and_all(indexed):
    index, project, _, _ = indexed
    folder = index_folder(index)
    with Ledger.open(ledger_path(folder), read_only=True) as ledger:
        assert ledger.person_of("council", "C00000") is not None

    removed = keeping.erase_from_project(project, [("council", "C00000"), ("surgery", "G00000")])

    assert removed >= 4  # of the sources, and of the index
    with open_index(folder) as opened:
        assert opened.match(ASKED["details"], least_probability=0.5) == ()
    octets = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    assert f"quill{MARK}".encode() not in octets.lower()
    index.refresh_from_db()
    assert index.records == 388
    assert check(folder, deep=True).problems == ()
    assert keeping.erase_from_project(project, [("council", "C00000")]) == 0, "done once, done"


def test_an_index_that_nothing_changes_is_let_go_in_time(indexed):
    index, project, _, analyst = indexed
    store, later = STORES["person_index"], timezone.now() + timedelta(days=400)
    assert list(store.due(project.organisation_id, later)) == [index]
    calls = []
    store.let_go(index, calls.append)
    for call in calls:
        call()

    assert not index_folder(index).exists()
    index.refresh_from_db()
    assert index.version is None
    assert not store.due(project.organisation_id, later).exists()
    change = actions.begin_index(by=analyst, project=project, run=index.run)
    jobs.change_index.func(str(change.id))
    assert PersonIndex.objects.get().version == 1, "it can begin again"


def test_a_change_whose_worker_was_lost_is_taken_up_again(indexed, monkeypatch):
    index, _, _, analyst = indexed
    change = actions.take_in_decisions(by=analyst, index=index)
    assert actions.start_change(change)
    assert not actions.start_change(change), "it is claimed once"
    old = timezone.now() - timedelta(minutes=5)
    IndexChange.objects.filter(id=change.id).update(heartbeat_at=old, asked_at=old)
    queued, task = [], jobs.change_index
    monkeypatch.setattr(jobs, "change_index", SimpleNamespace(enqueue=queued.append))

    assert jobs.take_up_abandoned() == 1

    assert queued == [str(change.id)]
    task.func(str(change.id))
    change.refresh_from_db()
    assert change.state == "done"


def test_a_backup_holds_the_index_as_its_last_version_left_it(indexed, tmp_path):
    index, _, _, _ = indexed
    folder, scratch = index_folder(index), tmp_path / "scratch"
    scratch.mkdir()
    out, manifest = io.BytesIO(), {"files": {}}
    with tarfile.open(fileobj=out, mode="w|") as tar:
        archive._add_index(tar, folder, "index", scratch, manifest)
    out.seek(0)
    with tarfile.open(fileobj=out) as tar:
        assert not [name for name in tar.getnames() if name.endswith(("-wal", "-shm", "lock"))]
        tar.extractall(tmp_path / "restored", filter="data")

    restored = tmp_path / "restored" / "index"

    assert check(restored, deep=True).problems == ()
    with open_index(restored) as opened:
        assert opened.match(ASKED["details"])[0].probability > 0.99
