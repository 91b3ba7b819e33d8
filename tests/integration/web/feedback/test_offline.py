"""The offline page's lock and the file that comes back: opened here alone, and what was changed is kept aside."""

from __future__ import annotations

import base64
import json
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from joinedup_web.audit.models import Event
from joinedup_web.feedback import import_job, intake_files
from joinedup_web.feedback.models import Channel, Import, JobState, Response
from joinedup_web.feedback.offline.locked import new_lock
from support.feedback_forms import version
from support.web_people import organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]


def client_of(role: str, where=None) -> Client:
    client, place = Client(), where or organisation()
    sign_in(client, staff(role, where=place), where=place)
    return client


def locked(lock: dict[str, str], answers: dict, *, at: str = "2026-03-01T10:00:00Z") -> dict[str, str]:
    """One answer as the page locks it, by another library than the page's."""
    own, iv, submission = AESGCM.generate_key(256), b"\x01" * 12, uuid4()
    plain = json.dumps({"at": at, "language": "en", "answers": answers}).encode()
    public = serialization.load_der_public_key(base64.b64decode(lock["public"]))
    oaep = padding.OAEP(mgf=padding.MGF1(algorithm=hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
    told = {
        "key": public.encrypt(own, oaep),
        "iv": iv,
        "data": AESGCM(own).encrypt(iv, plain, submission.hex.encode()),
    }
    return {
        "id": str(submission),
        **{name: base64.b64encode(value).decode() for name, value in told.items()},
    }


@pytest.fixture
def asked():
    return version()


@pytest.fixture
def lock(asked):
    return new_lock(asked.form_id, asked.number)


def file_of(of, lock, responses, **changed) -> bytes:
    document = {
        "joinedup_offline": 1,
        "form": str(of.form_id),
        "version": of.number,
        "key": lock["sealed"],
        "responses": responses,
        **changed,
    }
    return json.dumps(document).encode()


def bring(client, of, content: bytes):
    address = reverse("feedback:offline", args=[of.form_id])
    return client.post(address, {"file": SimpleUploadedFile("answers.json", content)})


def taken_in() -> Import:
    of = Import.objects.get()
    import_job.work_on_import.func(str(of.id))
    of.refresh_from_db()
    return of


GOOD = {"satisfaction": "2", "improve": "Ring me on 07700 900123"}


def test_answers_come_in_as_face_to_face_with_their_moment(asked, lock):
    answer = bring(client_of("analyst"), asked, file_of(asked, lock, [locked(lock, GOOD)]))

    of = taken_in()

    assert answer.headers["Location"] == reverse("feedback:import", args=[of.id])
    response = Response.objects.get()
    assert response.channel == Channel.FACE_TO_FACE
    assert response.received_at.isoformat() == "2026-03-01T10:00:00+00:00"
    assert "900123" not in response.comments.get().text
    assert not list(intake_files.folder(of).glob("file.*"))


@pytest.mark.parametrize("part", ["key", "iv", "data", "id"])
def test_an_answer_that_was_changed_is_kept_aside_and_the_others_come_in(asked, lock, part):
    changed = locked(lock, GOOD)
    changed[part] = str(uuid4()) if part == "id" else base64.b64encode(b"changed!").decode()
    content = file_of(asked, lock, [changed, locked(lock, GOOD), "no answer"])
    bring(client_of("analyst"), asked, content)

    of = taken_in()

    assert of.state == JobState.DONE
    assert {name: of.counts[name] for name in ("rows", "kept", "aside")} == {"rows": 3, "kept": 1, "aside": 2}
    assert "900123" not in intake_files.aside_file(of).read_text()


def test_answers_that_the_form_does_not_take_are_kept_aside(asked, lock):
    bring(client_of("analyst"), asked, file_of(asked, lock, [locked(lock, {"satisfaction": "9"})]))

    assert taken_in().counts["aside"] == 1
    assert not Response.objects.exists()


def test_another_forms_file_is_refused_and_so_is_what_is_no_such_file(asked, lock):
    client = client_of("analyst")
    other = version(name="Another")
    files = [
        file_of(asked, lock, [], form=str(other.form_id)),
        file_of(asked, lock, [], key=new_lock(other.form_id, 1)["sealed"]),
        file_of(asked, lock, [], version=7),
        b"{}",
        b"\xff\xfe",
        b'{"joinedup_offline": 1}',
    ]

    for content in files:
        answer = bring(client, asked, content)
        assert answer.status_code == 422
        assert "govuk-error-message" in answer.content.decode()
    assert not Import.objects.exists()


def test_a_page_is_of_its_organisation_alone_and_its_leaving_is_on_record(asked):
    address = reverse("feedback:offline_page", args=[asked.form_id])

    page = client_of("analyst").get(address)

    assert page.status_code == 200
    assert "BEGIN" not in page.content.decode()
    assert Event.objects.get(kind="form.taken_offline").fields == {"form": str(asked.form_id)}
    assert client_of("leader").get(address).status_code == 403
    assert client_of("analyst", organisation("Southshire Council")).get(address).status_code == 404
