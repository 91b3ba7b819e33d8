"""Files of responses: looked at, agreed to, taken in; masked as they are kept, nothing lost."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from joinedup_web.audit.models import Event
from joinedup_web.feedback import import_job, intake_files
from joinedup_web.feedback.models import Channel, Comment, Form, FormState, Import, JobState, Response
from support.feedback_forms import service, version
from support.web_people import organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
NUMBER = "07700 900123"


def client_of(role: str, where=None) -> Client:
    client, place = Client(), where or organisation()
    sign_in(client, staff(role, where=place), where=place)
    return client


def export_csv(rows: int = 12) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Response ID", "Submitted", "1: Your name", "2: Do you agree?", "3: Why?"])
    for number in range(rows):
        why = f"Because the road {number} floods, ring me on {NUMBER}" if number % 2 else ""
        writer.writerow([f"ANON-{number}", "03/02/2026 14:05", "Jo", "Yes" if number % 3 else "No", why])
    writer.writerow(["ANON-EMPTY", "03/02/2026 14:05", "", "", ""])
    return out.getvalue().encode()


def bring(
    client: Client,
    content: bytes,
    *,
    file: str = "consultation.csv",
    into: str = "new",
    name: str = "Flood plan",
):
    data = {"into": into, "name": name, "file": SimpleUploadedFile(file, content)}
    return client.post(reverse("feedback:new_import", args=[service().id]), data)


def work(of: Import) -> Import:
    import_job.work_on_import.func(str(of.id))
    of.refresh_from_db()
    return of


def chosen(of: Import) -> dict[str, str]:
    """The form of columns as it stands."""
    page = {}
    for column in of.mapping["columns"]:
        role = column["role"]
        if role != "question":
            page[f"c{column['place']}"] = role
        else:
            page[f"c{column['place']}"] = (
                column["kind"] if of.mapping["makes_form"] else f"to:{column['key']}"
            )
    return page


def taken_in(client: Client, content: bytes, **told: str) -> Import:
    assert bring(client, content, **told).status_code == 302
    of = work(Import.objects.order_by("-asked_at").first())
    answer = client.post(reverse("feedback:confirm_import", args=[of.id]), chosen(of))
    assert answer.status_code == 302, answer.content.decode()
    return work(of)


def test_a_consultation_becomes_a_form_and_its_rows_responses():
    client = client_of("analyst")

    of = taken_in(client, export_csv())

    assert of.state == JobState.DONE
    assert of.layout == "citizen_space"
    assert {name: of.counts[name] for name in ("rows", "kept", "before", "aside")} == {
        **{"rows": 13, "kept": 12, "before": 0},
        "aside": 1,
    }
    assert Response.objects.filter(channel=Channel.IMPORT).count() == 12
    form = Form.objects.get(name="Flood plan")
    assert form.state == FormState.CLOSED
    comments = Comment.objects.filter(question="3_why") | Comment.objects.filter(question="q_3_why")
    assert comments.count() == 6
    assert not any(NUMBER in comment.text for comment in Comment.objects.all())
    assert Response.objects.earliest("received_at").received_at.isoformat() == "2026-02-03T14:05:00+00:00"
    page = client.get(reverse("feedback:import", args=[of.id])).content.decode()
    assert "Rows kept aside" in page


def test_what_was_kept_aside_can_be_had_and_says_nothing_of_anybody():
    client = client_of("analyst")
    of = taken_in(client, export_csv())

    answer = client.get(reverse("feedback:import_aside", args=[of.id]))

    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["row"], row["reason"]) for row in rows] == [("13", "no answer to any question")]
    assert Event.objects.filter(kind="table.exported").get().fields["table"] == "import_aside"


def test_a_longer_export_of_the_same_survey_adds_what_is_new():
    client = client_of("analyst")
    taken_in(client, export_csv(6))
    form = Form.objects.get(name="Flood plan")

    of = taken_in(client, export_csv(9), into=str(form.id))

    assert {name: of.counts[name] for name in ("kept", "before")} == {"kept": 3, "before": 6}
    assert Response.objects.count() == 9


def test_an_import_that_broke_off_goes_on_and_keeps_no_row_twice(monkeypatch):
    client = client_of("analyst")
    bring(client, export_csv())
    of = work(Import.objects.get())
    client.post(reverse("feedback:confirm_import", args=[of.id]), chosen(of))
    whole = import_job.receive
    times = iter(range(100))

    def breaks_off(**told):
        if next(times) == 5:
            raise import_job.Stopped
        return whole(**told)

    monkeypatch.setattr(import_job, "receive", breaks_off)
    assert work(of).state == JobState.WAITING
    assert Response.objects.count() == 5

    of = work(of)

    assert of.state == JobState.DONE
    assert Response.objects.count() == 12


def test_the_file_lies_sealed_and_goes_when_it_is_taken_in():
    client = client_of("analyst")
    bring(client, export_csv())
    of = Import.objects.get()
    kept = b"".join(path.read_bytes() for path in intake_files.folder(of).iterdir())
    assert b"ANON-1" not in kept
    assert b"900123" not in kept

    of = work(of)
    client.post(reverse("feedback:confirm_import", args=[of.id]), chosen(of))
    work(of)

    assert [path.name for path in intake_files.folder(of).iterdir()] == ["aside.csv"]


def test_a_column_can_be_left_out_and_one_must_stay():
    client = client_of("analyst")
    bring(client, export_csv())
    of = work(Import.objects.get())
    nothing = dict.fromkeys(chosen(of), "leave_out")

    answer = client.post(reverse("feedback:confirm_import", args=[of.id]), nothing)

    assert answer.status_code == 422
    assert "at least one column" in answer.content.decode()
    of.refresh_from_db()
    assert not of.is_confirmed


def test_a_file_without_a_day_warns_that_all_will_be_dated_today():
    client = client_of("analyst")
    warning = "No column says when responses came: all will be dated today"
    bring(client, export_csv())
    dated = work(Import.objects.get())
    bring(client, export_csv().replace(b"Submitted", b"Seen by us"), file="undated.csv", name="Another")
    undated = work(Import.objects.exclude(id=dated.id).get())

    assert warning not in client.get(reverse("feedback:import", args=[dated.id])).content.decode()
    assert warning in client.get(reverse("feedback:import", args=[undated.id])).content.decode()


def test_two_columns_cannot_both_be_the_responses_number():
    client = client_of("analyst")
    bring(client, export_csv())
    of = work(Import.objects.get())

    answer = client.post(
        reverse("feedback:confirm_import", args=[of.id]), {**chosen(of), "c2": "response_id"}
    )

    assert answer.status_code == 422
    assert "is that already" in answer.content.decode()


def test_a_file_that_is_no_table_says_so_and_is_gone():
    client = client_of("analyst")
    bring(client, b"\x00\x01\x02 not a workbook", file="broken.xlsx")

    of = work(Import.objects.get())

    assert of.state == JobState.FAILED
    assert of.problem["mend"]
    assert not intake_files.folder(of).exists()
    assert Event.objects.get(kind="import.failed").fields["fault"] in ("source", "limit")
    assert "could not be taken in" in client.get(reverse("feedback:import", args=[of.id])).content.decode()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("notes.docx", b"x", "Choose a spreadsheet"), ("empty.csv", b"", "The file is empty")],
)
def test_what_cannot_be_taken_is_said_at_once(name, content, says):
    answer = bring(client_of("analyst"), content, file=name)

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Import.objects.exists()


def test_a_new_form_needs_a_name_of_its_own():
    client = client_of("analyst")
    version(name="Flood plan")

    for given, says in (("", "Enter a name"), ("Flood plan", "choose another name")):
        answer = client.post(
            reverse("feedback:new_import", args=[service().id]),
            {"into": "new", "name": given, "file": SimpleUploadedFile("a.csv", export_csv())},
        )
        assert answer.status_code == 422
        assert says in answer.content.decode()
    assert not Import.objects.exists()


def test_a_file_nobody_agreed_to_goes_after_a_week():
    bring(client_of("analyst"), export_csv())
    of = work(Import.objects.get())

    assert import_job.let_unconfirmed_go(on=timezone.now()) == 0
    assert import_job.let_unconfirmed_go(on=timezone.now() + timedelta(days=8)) == 1
    of.refresh_from_db()
    assert of.state == JobState.FAILED
    assert not intake_files.folder(of).exists()


def test_a_file_can_be_taken_back_with_the_form_that_it_would_have_made():
    client = client_of("analyst")
    bring(client, export_csv())
    of = work(Import.objects.get())
    place = intake_files.folder(of)

    client.post(reverse("feedback:drop_import", args=[of.id]))

    assert not Import.objects.exists()
    assert not Form.objects.filter(name="Flood plan").exists()
    assert not place.exists()


def test_an_import_of_a_lost_worker_is_taken_up():
    bring(client_of("analyst"), export_csv())
    long_ago = timezone.now() - timedelta(hours=1)
    Import.objects.update(state=JobState.RUNNING, heartbeat_at=long_ago, asked_at=long_ago)

    assert import_job.take_up_abandoned() == 1
    assert Import.objects.get().state == JobState.WAITING


def test_a_leader_may_not_and_another_organisation_finds_nothing():
    assert client_of("leader").get(reverse("feedback:imports", args=[service().id])).status_code == 403
    bring(client_of("analyst"), export_csv())
    of = Import.objects.get()
    south = client_of("analyst", organisation("Southshire Council"))
    for name in ("import", "import_aside"):
        assert south.get(reverse(f"feedback:{name}", args=[of.id])).status_code == 404
    assert south.post(reverse("feedback:drop_import", args=[of.id])).status_code == 404
    assert south.get(reverse("feedback:imports", args=[service().id])).status_code == 404
    assert Import.objects.count() == 1
