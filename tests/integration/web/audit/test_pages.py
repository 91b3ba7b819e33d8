"""The audit record's pages: what each person sees of it, and what nobody else's they do."""

from __future__ import annotations

import io
import json
import statistics
import time
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from joinedup.audit import verify_export
from joinedup_web.accounts.models import Organisation
from joinedup_web.audit import checkpoints, jobs, names, sequencer, subjects
from joinedup_web.audit.deed import action
from joinedup_web.audit.models import Event, VerificationRun
from support.web_deeds import administrator, kinds, rename, some_deeds
from support.web_people import organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]

EVENTS = "/staff/audit"


@pytest.fixture
def auditor(client):
    sign_in(client, staff("auditor"))
    return client


@pytest.fixture
def platform(client):
    sign_in(client, staff("platform_administrator"))
    return client


def sealed_deeds(count: int = 2, where: str = "Northshire Council") -> list[Event]:
    by = administrator(where)
    for _ in range(count):
        rename(by=by, place=by.organisation_id, name=where)
    sequencer.sequence_all()
    checkpoints.sign_if_due(at_once=True)
    return list(Event.objects.filter(organisation=by.organisation_id).order_by("number"))


def text_of(answer) -> str:
    assert answer.status_code == 200, answer
    return answer.content.decode() if not answer.streaming else b"".join(answer.streaming_content).decode()


def test_an_auditor_sees_the_organisations_events_the_newest_first(auditor):
    sealed_deeds(2)

    page = text_of(auditor.get(EVENTS))

    assert page.count("What is held about an organisation was changed.") == 2
    assert "2 events" in page


def test_nothing_of_another_organisation_is_seen_in_any_way(auditor):
    (theirs, *_) = sealed_deeds(2, where="Secret Agency")
    sealed_deeds(1)

    for address in (EVENTS, f"{EVENTS}?format=csv", f"{EVENTS}?organisation={theirs.organisation}"):
        page = text_of(auditor.get(address))
        assert theirs.event_id not in page
        assert theirs.actor not in page
    assert auditor.get(f"{EVENTS}/events/{theirs.event_id}").status_code == 404
    assert auditor.get(f"{EVENTS}/events/{theirs.event_id}/proof").status_code == 404


def test_a_platform_role_sees_every_organisations_events(platform):
    (theirs, *_) = sealed_deeds(1, where="Another Agency")

    assert f"{EVENTS}/events/{theirs.event_id}" in text_of(platform.get(EVENTS))
    assert platform.get(f"{EVENTS}/events/{theirs.event_id}").status_code == 200


def test_who_may_not_read_the_record_is_refused_with_one_event(client):
    sign_in(client, staff("clerk"))

    answer = client.get(EVENTS)

    assert answer.status_code == 403
    assert kinds() == ["access.refused"]


def test_events_are_filtered_by_kind_day_and_actor(auditor):
    (event, *_) = sealed_deeds(2)
    tomorrow = (timezone.localtime() + timedelta(days=1)).date()

    assert "2 events" in text_of(auditor.get(f"{EVENTS}?kind=organisation.changed"))
    assert "2 events" in text_of(auditor.get(f"{EVENTS}?about=accounts"))
    assert "Nothing matches" in text_of(auditor.get(f"{EVENTS}?about=clients"))
    assert "Nothing matches" in text_of(auditor.get(f"{EVENTS}?at_from={tomorrow}"))
    assert "2 events" in text_of(auditor.get(f"{EVENTS}?actor={event.actor}"))
    assert "event" in text_of(auditor.get(f"{EVENTS}?actor=t_nobody"))


def test_the_table_as_csv_is_itself_recorded(auditor):
    sealed_deeds(2)

    lines = text_of(auditor.get(f"{EVENTS}?format=csv")).strip().splitlines()

    assert len(lines) == 3
    event = Event.objects.order_by("-number").first()
    assert event is not None
    assert (event.kind, event.fields) == (
        "table.exported",
        {"filtered": False, "rows": 2, "table": "audit_events"},
    )


def test_an_empty_record_says_what_to_expect(auditor):
    assert "Nothing has been recorded yet" in text_of(auditor.get(EVENTS))
    assert "No checkpoint has been signed yet" in text_of(auditor.get(f"{EVENTS}/checkpoints"))


def test_an_event_is_shown_with_its_fields_and_its_proof_as_a_file(auditor):
    (event, *_) = sealed_deeds(1)

    page = text_of(auditor.get(f"{EVENTS}/events/{event.event_id}"))
    answer = auditor.get(f"{EVENTS}/events/{event.event_id}/proof")

    assert "In the signed record" in page
    assert "Subject organisation" in page
    proof = json.loads(answer.content)
    assert json.loads(proof["event"])["event_id"] == event.event_id
    assert "attachment" in answer["Content-Disposition"]


def test_an_event_without_a_checkpoint_says_when_its_proof_comes(auditor):
    by = administrator()
    rename(by=by, place=by.organisation_id, name="Northshire Council")
    event = Event.objects.get(kind="organisation.changed")

    assert "within two seconds" in text_of(auditor.get(f"{EVENTS}/events/{event.event_id}"))
    sequencer.sequence_all()
    assert "next checkpoint" in text_of(auditor.get(f"{EVENTS}/events/{event.event_id}"))
    assert auditor.get(f"{EVENTS}/events/{event.event_id}/proof").status_code == 302


def test_staff_are_named_where_a_room_above_knows_them(auditor, monkeypatch):
    by = administrator()
    rename(by=by, place=by.organisation_id, name="Northshire Council")
    monkeypatch.setattr(names, "_staff", lambda where: [(by.id, "Ada Okafor")])

    assert "Ada Okafor" in text_of(auditor.get(EVENTS))
    subjects.forget("staff", by.id)
    assert "Ada Okafor" not in text_of(auditor.get(EVENTS))


def test_an_alarm_stands_above_the_list(auditor):
    @action("organisation.change")
    def open_glass(deed):
        deed.record(
            "break_glass.opened", grant="a" * 32, reason="exercise", until=timezone.now() + timedelta(hours=1)
        )

    open_glass(by=administrator())

    page = text_of(auditor.get(EVENTS))
    assert "Alarms of the last 7 days" in page
    assert page.index("Alarms of the last") < page.index("Every deed in the service")


def test_another_organisations_alarm_is_not_shown(auditor):
    @action("organisation.change")
    def open_glass(deed):
        deed.record(
            "break_glass.opened", grant="a" * 32, reason="exercise", until=timezone.now() + timedelta(hours=1)
        )

    open_glass(by=administrator("Secret Agency"))

    assert "Alarms" not in text_of(auditor.get(EVENTS))


def test_a_verification_is_asked_for_and_its_result_shown(auditor):
    sealed_deeds(2)

    assert auditor.post(f"{EVENTS}/checkpoints/verify").status_code == 302
    assert "Running" in text_of(auditor.get(f"{EVENTS}/checkpoints"))
    sequencer.sequence_all()
    jobs.verify_record.call(str(VerificationRun.objects.get().id))

    assert "Holds" in text_of(auditor.get(f"{EVENTS}/checkpoints"))
    assert kinds()[-2:] == ["audit.verification_asked", "audit.verified"]


def test_consistency_of_a_checkpoint_with_the_newest_is_proved(auditor):
    sealed_deeds(2)
    sealed_deeds(3)

    proof = json.loads(auditor.get(f"{EVENTS}/checkpoints/2/consistency").content)

    assert (proof["first_size"], proof["second_size"]) == (2, 6)
    assert auditor.get(f"{EVENTS}/checkpoints/3/consistency").status_code == 404


def test_an_auditor_carries_away_the_organisations_events_alone(auditor, tmp_path):
    (theirs, *_) = sealed_deeds(2, where="Secret Agency")
    own = sealed_deeds(3)

    assert auditor.get(f"{EVENTS}/export").status_code == 200
    answer = auditor.post(f"{EVENTS}/export")

    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        lines = [json.loads(line) for line in archive.read("audit-events/events.jsonl").splitlines()]
        archive.extractall(tmp_path)
    report = verify_export(tmp_path / "audit-events")
    assert (report.ok, report.events, report.is_excerpt) == (True, 3, True), report.problems
    assert report.organisation == str(own[0].organisation)
    assert [json.loads(line["event"])["event_id"] for line in lines] == [event.event_id for event in own]
    assert theirs.event_id not in json.dumps(lines)
    exported = Event.objects.get(kind="audit.exported")
    assert (exported.fields["first"], exported.fields["events"]) == (lines[0]["sequence"], 3)


def test_a_platform_role_carries_away_all_of_it_and_it_verifies(platform, tmp_path):
    sealed_deeds(2, where="Another Agency")
    sealed_deeds(3)

    answer = platform.post(f"{EVENTS}/export")

    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        archive.extractall(tmp_path)
    report = verify_export(tmp_path / "audit-record")
    assert (report.ok, report.events) == (True, 6)


def test_an_export_of_nothing_says_so_and_records_nothing(auditor):
    answer = auditor.post(f"{EVENTS}/export", follow=True)

    assert "No checkpoint has been signed yet" in text_of(answer)
    assert kinds() == []


@pytest.mark.parametrize("path", ["", "/checkpoints", "/events/{event}", "/export"])
def test_a_page_takes_at_most_twelve_queries(platform, path):
    (event, *_) = sealed_deeds(30)
    address = EVENTS + path.format(event=event.event_id)
    platform.get(address)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert platform.get(address).status_code == 200

    assert len(asked) <= 12, [query["sql"][:100] for query in asked]


@pytest.mark.slow
def test_a_hundred_thousand_events_are_listed_within_150_ms(auditor):
    many_events(100_000)
    day = timezone.localtime().date()
    addresses = [
        EVENTS,
        f"{EVENTS}?page=20",
        f"{EVENTS}?kind=organisation.changed&page=3",
        f"{EVENTS}?about=clients&about=sign_in&page=2",
        f"{EVENTS}?actor_kind=staff&at_from={day}&sort=at",
    ]
    for address in addresses:
        auditor.get(address)
        assert min(p95_of(lambda address=address: auditor.get(address)) for _ in range(3)) < 0.150, address


def p95_of(call) -> float:
    """Seconds that 20 calls took, at the 95th percentile. The best of a few tells of us and not of our neighbours.

    SQLite works in this thread, so its processor time is all there is; PostgreSQL's is another process's.
    """
    clock = time.thread_time if connection.vendor == "sqlite" else time.perf_counter
    took = []
    for _ in range(20):
        started = clock()
        assert call().status_code == 200
        took.append(clock() - started)
    return statistics.quantiles(took, n=20)[-1]


def many_events(count: int) -> None:
    """As many events of two organisations as a busy year has, written without their deeds."""
    others = Organisation.objects.create(name="Other", kind="agency")
    some_deeds(1)
    places = [organisation().id, others.id]
    now = timezone.now()
    Event.objects.bulk_create(
        [
            Event(
                event_id=f"{number:032x}",
                kind=("organisation.changed", "sign_in.succeeded", "role.granted")[number % 3],
                at=now - timedelta(seconds=count - number),
                actor_kind="staff",
                actor=f"t_{number % 100:032x}",
                organisation=places[number % 10 == 0],
                fields={},
                writer="a" * 32,
                writer_serial=number + 1,
                writer_previous="0" * 64,
            )
            for number in range(count)
        ],
        batch_size=5000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the server does by itself before long
