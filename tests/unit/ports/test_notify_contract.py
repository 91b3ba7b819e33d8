"""What every sender of messages promises, asked of each: the outbox is held to the same as the real ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from joinedup.errors import UsageError
from joinedup.ports.clock import SetClock
from joinedup.ports.http import HttpAnswer, RecordedHttp
from joinedup.ports.notify import Channel, InMemorySentRecord, Language, Message, Notifier
from joinedup.ports.notify_govuk import GovukNotifier
from joinedup.ports.notify_outbox import OutboxNotifier
from joinedup.ports.notify_smtp import SmtpNotifier, SmtpServer
from joinedup.ports.notify_templates import templates_from_toml
from support.mail_server import mail_server

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
TEMPLATES = templates_from_toml(
    """
    [greeting]
    channel = "email"
    en = { subject = "Hello ((name))", body = "Dear ((name)), see ((link))" }
    cy = { subject = "Helo ((name))", body = "Annwyl ((name)), gweler ((link))" }
    """,
    where="here",
)
KEY = "test-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"
EMAIL = "https://api.notifications.service.gov.uk/v2/notifications/email"
MARKED = "marked.7f3a@example.com"


class Sending:
    """A notifier, and how many messages have really left it."""

    def __init__(self, notifier: Notifier, count: Callable[[], int]) -> None:
        self.notifier, self.count = notifier, count


@pytest.fixture(params=["outbox", "outbox in a directory", "mail server", "Notify"])
def sending(request, tmp_path):
    clock, sent = SetClock(NOW), InMemorySentRecord()
    if request.param.startswith("outbox"):
        directory = tmp_path / "outbox" if "directory" in request.param else None
        outbox = OutboxNotifier(TEMPLATES, clock=clock, directory=directory)
        yield Sending(outbox, lambda: len(outbox.messages()))
    elif request.param == "Notify":
        http = RecordedHttp({("POST", EMAIL): [HttpAnswer(201, body=json.dumps({"id": "n-1"}).encode())]})
        ids = {("greeting", language): f"id-{language.value}" for language in Language}
        notify = GovukNotifier(KEY, TEMPLATES, template_ids=ids, http=http, clock=clock, sent=sent)
        yield Sending(notify, lambda: len(http.sent))
    else:
        with mail_server(tmp_path) as server:
            place = SmtpServer("127.0.0.1", "no-reply@example.gov.uk", port=server.port)
            smtp = SmtpNotifier(place, TEMPLATES, clock=clock, sent=sent, tls=server.trust)
            yield Sending(smtp, lambda: len(server.mails))


def greeting(**changes) -> Message:
    told = {
        "template": "greeting",
        "to": MARKED,
        "personalisation": {"name": "Ann MARKED", "link": "https://x/MARKED"},
    }
    return Message(**{**told, "reference": "r-1", **changes})


def test_a_message_is_handed_over_with_a_receipt(sending):
    receipt = sending.notifier.send(greeting())

    assert (receipt.reference, receipt.channel, receipt.sent) == ("r-1", Channel.EMAIL, NOW)
    assert receipt.provider_id
    assert sending.count() == 1


def test_the_same_reference_leaves_once_and_gives_the_same_receipt(sending):
    first = sending.notifier.send(greeting())

    assert sending.notifier.send(greeting()) == first
    assert sending.count() == 1
    sending.notifier.send(greeting(reference="r-2"))
    assert sending.count() == 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"personalisation": {"name": "Ann MARKED"}}, "nothing fills link"),
        ({"personalisation": {"name": "Ann MARKED", "link": ""}}, "nothing fills link"),
        ({"template": "farewell"}, "no such template"),
        ({"to": "marked.7f3a.example.com"}, "not an e-mail address"),
    ],
)
def test_a_message_that_cannot_be_right_is_refused_and_nothing_leaves(sending, changes, told, caplog):
    with pytest.raises(UsageError) as refused:
        sending.notifier.send(greeting(**changes))

    assert told in str(refused.value)
    assert "r-1" in str(refused.value)
    assert "marked" not in (str(refused.value) + caplog.text).lower()
    assert sending.count() == 0


def test_nothing_of_the_person_is_logged(sending, caplog):
    caplog.set_level("DEBUG")

    sending.notifier.send(greeting())

    assert "marked" not in (caplog.text + repr(greeting())).lower()
