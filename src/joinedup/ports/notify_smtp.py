"""E-mail through a mail server, under TLS always.

SMTP cannot be asked whether it has a message. So a try is repeated only where the server has surely
not taken it; and every try of one reference bears the same Message-ID, by which mail systems and
people can tell a repeat.
"""

from __future__ import annotations

import hashlib
import logging
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from joinedup.errors import UsageError
from joinedup.ports.clock import Clock
from joinedup.ports.notify import Channel, Message, NotifyError, Receipt, SentRecord, delivery_address
from joinedup.ports.notify_templates import FilledTemplate, Template, Templates

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SmtpServer:
    """host, port: where. sender: the From address. user, password: both or none.

    implicit_tls: TLS from the first byte (port 465), else STARTTLS, without which nothing is sent.
    """

    host: str
    sender: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    implicit_tls: bool = False
    timeout_seconds: float = 10


class SmtpNotifier:
    """Sends e-mail. tls: the certificates to trust; the system's unless given."""

    def __init__(
        self,
        server: SmtpServer,
        templates: Templates,
        *,
        clock: Clock,
        sent: SentRecord,
        tls: ssl.SSLContext | None = None,
        tries: int = 3,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._server, self._templates, self._clock, self._sent = server, templates, clock, sent
        self._tls = tls or ssl.create_default_context()
        self._tries, self._pause = tries, pause

    def send(self, message: Message) -> Receipt:
        """Hand the e-mail to the server. NotifyError as the port says."""
        template = self._templates.of(message)
        if template.channel is not Channel.EMAIL:
            raise UsageError(
                what="a mail server sends no text messages", where=message.place, mend="use GOV.UK Notify"
            )
        to = delivery_address(message.to, channel=Channel.EMAIL, where=message.place)
        filled = template.fill(message.personalisation, where=message.place)
        earlier = self._sent.find(message.reference)
        if earlier is not None:
            return earlier
        mail = self._mail(message, template, filled, to=to)
        for attempt in range(1, self._tries + 1):
            failed = self._try(mail, where=message.place)
            if failed is None:
                break
            # Raised here and not where it was caught: the library's own error holds the address.
            if not failed.may_try_again or attempt == self._tries:
                raise failed
            self._pause(2.0 ** (attempt - 1))
        receipt = Receipt(
            reference=message.reference,
            channel=Channel.EMAIL,
            provider_id=str(mail["Message-ID"]),
            sent=self._clock.now(),
        )
        self._sent.keep(receipt)
        return receipt

    def _mail(self, message: Message, template: Template, filled: FilledTemplate, *, to: str) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = self._server.sender, to, filled.subject
        mail["Date"] = format_datetime(self._clock.now())
        digest = hashlib.sha256(message.reference.encode()).hexdigest()[:32]
        mail["Message-ID"] = f"<{digest}@{self._server.sender.rpartition('@')[2].rstrip('>')}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
        mail.set_content(filled.body)
        mail["Content-Language"] = template.language.value  # after the content, which clears its like
        return mail

    def _try(self, mail: EmailMessage, *, where: str) -> NotifyError | None:
        try:
            connection = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            return _not_connected(error, where=where)
        try:
            connection.send_message(mail)
        except (OSError, smtplib.SMTPException) as error:
            connection.close()
            return _not_taken(error, where=where)
        try:
            connection.quit()
        except (OSError, smtplib.SMTPException) as error:
            log.info("the mail server took the message and left rudely: %s", type(error).__name__)
        return None

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.implicit_tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.timeout_seconds, context=self._tls
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)
        try:
            if not server.implicit_tls:
                connection.starttls(context=self._tls)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


def _not_connected(error: Exception, *, where: str) -> NotifyError:
    code = _code(error)
    lasting = isinstance(error, smtplib.SMTPNotSupportedError | ssl.SSLError) or 500 <= code < 600
    return NotifyError(
        what=f"the mail server was not reached safely ({_named(error, code)}), so nothing was sent",
        where=where,
        mend="check its address, certificate, STARTTLS and account",
        may_try_again=not lasting,
    )


def _not_taken(error: Exception, *, where: str) -> NotifyError:
    code = _code(error)
    if code == 0:  # the line broke: the server may have taken it before
        return NotifyError(
            what=f"the mail server left without saying whether it took the message ({type(error).__name__})",
            where=where,
            mend="look in the server's log for the Message-ID before trying again",
            may_have_gone=True,
        )
    return NotifyError(
        what=f"the mail server refused the message ({_named(error, code)})",
        where=where,
        mend="try again later" if code < 500 else "check the sender and the recipient's address",
        may_try_again=code < 500,
    )


def _code(error: Exception) -> int:
    """The server's three digits (RFC 5321, 4.2.1); 0 where it said nothing."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((int(answer[0]) for answer in error.recipients.values()), default=0)
    return int(error.smtp_code) if isinstance(error, smtplib.SMTPResponseException) else 0


def _named(error: Exception, code: int) -> str:
    # Its words are left out: servers repeat the address in them.
    return f"{type(error).__name__} {code}" if code else type(error).__name__
