"""What is particular to each sender: what arrives, and what is tried again when something fails."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import hmac
import json
import ssl
from datetime import UTC, datetime

import pytest

from joinedup.errors import ServiceError, UsageError
from joinedup.ports.clock import SetClock
from joinedup.ports.http import HttpAnswer, RecordedHttp
from joinedup.ports.notify import Channel, InMemorySentRecord, Language, Message, NotifyError
from joinedup.ports.notify_govuk import GovukNotifier
from joinedup.ports.notify_outbox import OutboxNotifier
from joinedup.ports.notify_smtp import SmtpNotifier, SmtpServer
from joinedup.ports.notify_templates import own_templates
from support.mail_server import mail_server

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
SERVICE, SECRET = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
URL = "https://api.notifications.service.gov.uk/v2/notifications"
ASK = ("GET", f"{URL}?reference=r-1")
TEMPLATES = own_templates()
IDS = {(each.name, each.language): f"{each.name}-{each.language.value}" for each in TEMPLATES}
TAKEN = HttpAnswer(201, body=b'{"id": "n-1"}')
KNOWN = HttpAnswer(200, body=b'{"notifications": [{"id": "n-0", "reference": "r-1"}]}')
UNKNOWN = HttpAnswer(200, body=b'{"notifications": []}')
CODE = Message("security_code", "07700 900123", {"code": "12345", "service": "Joinedup"}, "r-1")
CHANGED = Message(
    "sign_in_changed",
    "Ann.7f3a@Example.com",
    {
        "service": "Joinedup",
        "name": "Ann",
        "when": "1 May",
        "change": "A new key\nBcc: x@y.z",
        "contact": "us",
    },
    "r-1",
    language=Language.WELSH,
)


def refusal(status: int, kind: str) -> HttpAnswer:
    errors = [{"error": kind, "message": "phone_number +447700900123 is wrong"}]
    return HttpAnswer(status, body=json.dumps({"errors": errors}).encode())


def notify(*answers, asked=(UNKNOWN,)) -> tuple[GovukNotifier, RecordedHttp, list[float]]:
    pauses: list[float] = []
    http = RecordedHttp({("POST", f"{URL}/sms"): answers, ("POST", f"{URL}/email"): answers, ASK: asked})
    made = GovukNotifier(
        f"joinedup_test-{SERVICE}-{SECRET}",
        TEMPLATES,
        template_ids=IDS,
        http=http,
        clock=SetClock(NOW),
        sent=InMemorySentRecord(),
        pause=pauses.append,
    )
    return made, http, pauses


def mailer(server, pauses: list[float], **changes) -> SmtpNotifier:
    options = {"port": server.port, "user": "u", "password": "p", **changes}
    place = SmtpServer("127.0.0.1", "Joinedup <no-reply@example.gov.uk>", **options)
    clock, sent = SetClock(NOW), InMemorySentRecord()
    return SmtpNotifier(place, TEMPLATES, clock=clock, sent=sent, tls=server.trust, pause=pauses.append)


def test_notify_is_sent_its_template_and_only_the_gaps_it_has():
    sender, http, _ = notify(TAKEN)

    receipt = sender.send(
        Message("security_code", "07700 900123", {**CODE.personalisation, "more": "x"}, "r-1")
    )

    assert receipt.provider_id == "n-1"
    assert json.loads(http.sent[0].body) == {
        "phone_number": "+447700900123",
        "template_id": "security_code-en",
        "personalisation": {"code": "12345", "service": "Joinedup"},
        "reference": "r-1",
    }


def test_notify_is_shown_a_token_signed_with_the_secret_half_of_the_key():
    sender, http, _ = notify(TAKEN)
    sender.send(CODE)

    token = http.sent[0].headers["authorization"].removeprefix("Bearer ")
    head, claims, signature = token.split(".")
    expected = hmac.new(SECRET.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "==")[:32] == expected
    assert json.loads(base64.urlsafe_b64decode(head + "==")) == {"typ": "JWT", "alg": "HS256"}
    # 1 May 2026, 09:00 UTC
    assert json.loads(base64.urlsafe_b64decode(claims + "==")) == {"iss": SERVICE, "iat": 1777626000}


def test_a_rate_limit_is_waited_out_a_daily_limit_is_not():
    sender, http, pauses = notify(refusal(429, "RateLimitError"), refusal(429, "RateLimitError"), TAKEN)
    assert sender.send(CODE).provider_id == "n-1"
    assert pauses == [1.0, 2.0]

    sender, http, pauses = notify(refusal(429, "TooManyRequestsError"))
    with pytest.raises(NotifyError, match="429 TooManyRequestsError") as refused:
        sender.send(CODE)
    assert (len(http.sent), pauses, refused.value.may_have_gone) == (1, [], False)


@pytest.mark.parametrize("failed", [ServiceError(what="no answer in time"), HttpAnswer(500), HttpAnswer(503)])
def test_after_a_try_that_may_have_gone_notify_is_asked_and_nothing_is_sent_twice(failed):
    sender, http, _ = notify(failed, TAKEN, asked=[KNOWN])
    assert sender.send(CODE).provider_id == "n-0"
    assert [each.method for each in http.sent] == ["POST", "GET"]

    sender, http, _ = notify(failed, TAKEN, asked=[UNKNOWN])
    with pytest.raises(NotifyError, match="did not say whether") as refused:
        sender.send(CODE)
    assert (refused.value.may_have_gone, refused.value.may_try_again) == (True, False)
    assert [each.method for each in http.sent] == ["POST", "GET"]


def test_a_second_try_asks_first():
    again = Message(CODE.template, CODE.to, CODE.personalisation, "r-1", again=True)

    sender, http, _ = notify(TAKEN, asked=[KNOWN])
    assert sender.send(again).provider_id == "n-0"
    assert [each.method for each in http.sent] == ["GET"]

    sender, http, _ = notify(TAKEN, asked=[UNKNOWN])
    assert sender.send(again).provider_id == "n-1"
    sender, http, _ = notify(TAKEN, asked=[HttpAnswer(403)])
    with pytest.raises(NotifyError, match="cannot be asked"):
        sender.send(again)
    assert [each.method for each in http.sent] == ["GET"]


def test_notifys_refusal_is_told_without_its_words():
    sender, http, _ = notify(refusal(400, "ValidationError"))

    with pytest.raises(NotifyError) as refused:
        sender.send(CODE)

    assert "status 400 ValidationError" in str(refused.value)
    assert "900123" not in str(refused.value)
    assert len(http.sent) == 1


@pytest.mark.parametrize("key", ["", "short", f"name-{SERVICE}", f"{SECRET[:-1]}x-{SERVICE}-{SECRET[:-1]}"])
def test_a_cut_api_key_is_refused_and_not_shown(key):
    with pytest.raises(UsageError) as refused:
        GovukNotifier(
            key,
            TEMPLATES,
            template_ids=IDS,
            http=RecordedHttp({}),
            clock=SetClock(NOW),
            sent=InMemorySentRecord(),
        )
    assert SECRET[:-1] not in str(refused.value)


def test_a_template_without_an_id_is_noticed_at_the_start():
    with pytest.raises(UsageError, match="without an id at Notify: security_code"):
        GovukNotifier(
            f"x-{SERVICE}-{SECRET}",
            TEMPLATES,
            template_ids={key: value for key, value in IDS.items() if key[0] != "security_code"},
            http=RecordedHttp({}),
            clock=SetClock(NOW),
            sent=InMemorySentRecord(),
        )


def test_a_mail_arrives_whole_and_says_that_nobody_need_answer(tmp_path):
    with mail_server(tmp_path) as server:
        receipt = mailer(server, []).send(CHANGED)

    (text,) = server.mails
    mail = email.message_from_string(text, policy=email.policy.default)
    assert server.logins == 1
    assert mail["To"] == "Ann.7f3a@example.com"
    assert mail["Subject"] == "Mae'r ffordd rydych yn mewngofnodi i Joinedup wedi newid"
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "cy")
    assert mail["Message-ID"] == receipt.provider_id
    assert mail["Message-ID"].endswith("@example.gov.uk>")
    assert "Bcc" not in mail
    assert "Ar 1 May newidiodd hyn: A new key\nBcc: x@y.z" in mail.get_content().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("verb", "answers", "mails", "waited"),
    [
        ("RCPT", ["451 later"], 1, [1.0]),
        (".", ["451 later", "452 later"], 1, [1.0, 2.0]),
        ("AUTH", ["454 later"], 1, [1.0]),
        ("QUIT", ["drop"], 1, []),
    ],
)
def test_what_passes_is_tried_again(tmp_path, verb, answers, mails, waited):
    pauses: list[float] = []
    with mail_server(tmp_path) as server:
        server.answers[verb] = answers
        mailer(server, pauses).send(CHANGED)

    assert (len(server.mails), pauses) == (mails, waited)


@pytest.mark.parametrize(
    ("verb", "answer", "told", "may_have_gone"),
    [
        ("RCPT", "550 no <Ann.7f3a@example.com> here", "SMTPRecipientsRefused 550", False),
        (".", "554 <Ann.7f3a@example.com> smells of spam", "SMTPDataError 554", False),
        (".", "drop", "left without saying", True),
        ("AUTH", "535 wrong password", "SMTPAuthenticationError 535", False),
    ],
)
def test_what_lasts_or_is_not_known_is_not_tried_again(tmp_path, verb, answer, told, may_have_gone):
    pauses: list[float] = []
    with mail_server(tmp_path) as server:
        server.answers[verb] = [answer]
        with pytest.raises(NotifyError, match=told) as refused:
            mailer(server, pauses).send(CHANGED)

    assert (pauses, refused.value.may_have_gone, refused.value.may_try_again) == ([], may_have_gone, False)
    chain = refused.value.__context__ or refused.value.__cause__
    assert "7f3a" not in str(refused.value)
    assert chain is None  # a traceback would print the library's error, which holds the address


def test_without_tls_nothing_is_sent(tmp_path):
    with mail_server(tmp_path, with_tls=False) as server:
        with pytest.raises(NotifyError, match="SMTPNotSupportedError"):
            mailer(server, []).send(CHANGED)
        assert (server.mails, server.logins) == ([], 0)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path):
    with mail_server(tmp_path) as server:
        server.trust = ssl.create_default_context()
        with pytest.raises(NotifyError, match="SSLCertVerificationError"):
            mailer(server, []).send(CHANGED)
        assert server.mails == []


def test_a_mail_server_sends_no_text_messages(tmp_path):
    with mail_server(tmp_path) as server, pytest.raises(UsageError, match="no text messages"):
        mailer(server, []).send(CODE)


def test_the_outbox_is_private_and_shared_by_processes(tmp_path):
    mine, theirs = (
        OutboxNotifier(TEMPLATES, clock=SetClock(NOW), directory=tmp_path / "out") for _ in range(2)
    )
    mine.send(CODE)
    theirs.send(CODE)
    theirs.send(CHANGED)  # the same reference: it was used

    (kept,) = mine.messages()
    assert (kept.to, kept.channel, kept.body) == (
        "+447700900123",
        Channel.SMS.value,
        "12345 is your Joinedup security code. Do not share it with anyone.\n",
    )
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in (tmp_path / "out").iterdir()] == [0o600]
