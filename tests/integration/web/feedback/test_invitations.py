"""Invitations: sent once each, used once each, and nothing that says who answered what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from joinedup.errors import ServiceError
from joinedup_web.audit.models import Event
from joinedup_web.feedback import invitation_job
from joinedup_web.feedback.models import FormState, Invitation, InvitationBatch, JobState, Response
from support.feedback_forms import version
from support.web_people import organisation, sign_in, staff

pytestmark = [pytest.mark.web, pytest.mark.django_db]
PEOPLE = "ann@example.com\n\nBEN@example.com,\nann@example.com\n"


class Outbox:
    """Keeps messages instead of sending them. fails: to whom none can be sent."""

    def __init__(self) -> None:
        self.messages = []
        self.fails = ""

    def send(self, message) -> None:
        if message.to == self.fails:
            raise ServiceError(what="no such address", mend="check it")
        self.messages.append(message)


@pytest.fixture
def outbox(monkeypatch):
    box = Outbox()
    monkeypatch.setattr(invitation_job, "notifier", lambda: box)
    return box


@pytest.fixture
def asked():
    return version(name="Survey", one_answer_each=True)


def client_of(role: str, where=None) -> Client:
    client, place = Client(), where or organisation()
    sign_in(client, staff(role, where=place), where=place)
    return client


def invited(client: Client, form, people: str = PEOPLE, **told):
    address = reverse("feedback:new_invitations", args=[form.id])
    return client.post(address, {"channel": "email", "language": "en", "people": people, **told})


def sent(outbox=None) -> InvitationBatch:
    batch = InvitationBatch.objects.latest("asked_at")
    invitation_job.send_batch.func(str(batch.id))
    batch.refresh_from_db()
    return batch


def test_each_is_invited_once_by_a_link_of_their_own_and_no_address_stays(asked, outbox):
    client = client_of("service_manager")

    assert invited(client, asked.form).status_code == 302
    kept = " ".join(str(each) for each in Invitation.objects.values_list("to_sealed", "token_sealed"))
    assert "example.com" not in kept
    batch = sent()

    assert sorted(message.to for message in outbox.messages) == ["BEN@example.com", "ann@example.com"]
    links = {message.personalisation["link"] for message in outbox.messages}
    assert len(links) == 2
    assert batch.state == JobState.DONE
    assert set(Invitation.objects.values_list("to_sealed", "token_sealed", "state")) == {("", "", "sent")}
    assert Event.objects.get(kind="invitations.asked").fields["people"] == 2
    assert Event.objects.get(kind="invitations.sent").fields["sent"] == 2


def test_the_link_opens_the_form_and_can_be_used_once(asked, outbox):
    invited(client_of("service_manager"), asked.form, "ann@example.com")
    sent()
    path = "/" + outbox.messages[0].personalisation["link"].split("/", 3)[3]

    page = Client().get(path, follow=True)

    assert page.status_code == 200
    assert "How could we improve this service?" in page.content.decode()
    assert Invitation.objects.get().used_on is None
    assert not Response.objects.exists()


def test_none_goes_twice_though_the_job_runs_twice(asked, outbox):
    invited(client_of("service_manager"), asked.form)
    sent()
    InvitationBatch.objects.update(state=JobState.RUNNING)
    sent()

    assert len(outbox.messages) == 2


def test_one_that_may_have_gone_when_the_worker_stopped_is_not_sent_again(asked, outbox):
    invited(client_of("service_manager"), asked.form)
    first = Invitation.objects.order_by("id").first()
    Invitation.objects.filter(id=first.id).update(state="sending")

    batch = sent()

    assert len(outbox.messages) == 1
    assert batch.counts["unknown"] == 1
    first.refresh_from_db()
    assert (first.state, first.to_sealed) == ("unknown", "")


def test_one_that_cannot_be_sent_is_counted_and_the_others_go(asked, outbox):
    outbox.fails = "ann@example.com"
    client = client_of("service_manager")
    invited(client, asked.form)

    batch = sent()

    assert (batch.counts["sent"], batch.counts["failed"]) == (1, 1)
    page = client.get(reverse("feedback:invitations", args=[asked.form.id])).content.decode()
    assert "ann@example.com" not in page


def test_welsh_invitations_are_in_welsh_and_lead_to_the_welsh_form(asked, outbox):
    invited(client_of("service_manager"), asked.form, "07700 900123", channel="sms", language="cy")
    sent()

    (message,) = outbox.messages
    assert message.template == "feedback_invitation_sms"
    assert message.language.value == "cy"
    assert message.personalisation["link"].endswith("?lang=cy")


def test_lines_that_are_no_address_are_named_by_number_and_nobody_is_invited(asked):
    answer = invited(client_of("service_manager"), asked.form, "ann@example.com\nnot one\n07700 900123")

    assert answer.status_code == 422
    assert "Lines 2, 3: not an email address" in answer.content.decode()
    assert not InvitationBatch.objects.exists()


def test_nobody_is_invited_to_a_closed_form(asked):
    asked.form.state = FormState.CLOSED
    asked.form.save()

    answer = invited(client_of("service_manager"), asked.form)

    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_what_was_not_sent_yet_can_be_taken_back(asked, outbox):
    client = client_of("service_manager")
    invited(client, asked.form)
    batch = InvitationBatch.objects.get()

    client.post(reverse("feedback:stop_invitations", args=[batch.id]))
    sent()

    assert outbox.messages == []
    assert Event.objects.get(kind="invitations.stopped").fields["people"] == 2
    assert set(Invitation.objects.values_list("state", "to_sealed")) == {("stopped", "")}


def test_a_batch_of_a_lost_worker_is_taken_up(asked):
    invited(client_of("service_manager"), asked.form)
    long_ago = timezone.now() - timedelta(hours=1)
    InvitationBatch.objects.update(state=JobState.RUNNING, heartbeat_at=long_ago)

    assert invitation_job.take_up_abandoned() == 1


def test_others_may_not_and_another_organisation_finds_nothing(asked):
    assert invited(client_of("analyst"), asked.form).status_code == 403
    south = client_of("service_manager", organisation("Southshire Council"))
    assert invited(south, asked.form).status_code == 404
    assert not Invitation.objects.exists()
